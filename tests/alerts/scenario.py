"""Timetables for incident tables: at minute 10 push, by minute 15 want."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alerts.action import Action, DeskAction
from alerts.candidate import Candidates
from alerts.desk import Desk
from alerts.ground import Ground, Site
from alerts.spec import AlertSpec
from alerts.table import HopView, IncidentTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alerts.action import Reply
    from alerts.ground import Outline, Unit
    from alerts.message import Alert

START_MS = 1_385_204_400_000  # 2013-11-23T11:00:00Z
MINUTE_MS = 60_000
BEAT_MS = 10_000
AREA_M2 = 1000.0


def grid(
    rows: int,
    cols: int,
    *,
    sites: Sequence[Site] = (),
    site_of: Mapping[int, int] | None = None,
    area_of: Mapping[int, int] | None = None,
    unit: Unit = "people",
    floor: int = 20,
    outline: Outline | None = None,
) -> Ground:
    """Return a full grid of tiles of 1,000 m2, ids like `r0c1`."""
    size = rows * cols
    site, area = np.full(size, -1, np.int32), np.zeros(size, np.int32)
    for tile, number in (site_of or {}).items():
        site[tile] = number
    for tile, number in (area_of or {}).items():
        area[tile] = number
    row, col = np.divmod(np.arange(size, dtype=np.int32), np.int32(cols))
    return Ground(
        tile_ids=tuple(f"r{r}c{c}" for r, c in zip(row.tolist(), col.tolist(), strict=True)),
        row=row,
        col=col,
        walkable_m2=np.full(size, AREA_M2),
        area=area,
        site=site,
        sites=tuple(sites),
        unit=unit,
        floor=floor,
        outline=outline,
    )


def crowd(
    density: Mapping[int, float], *, expected: float = 100.0, **columns: Mapping[int, float]
) -> Candidates:
    """Return candidates by people per m2 (newest = rolling); other columns by tile."""
    tiles = sorted(density)
    dense = np.array([density[tile] for tile in tiles], np.float32)
    people = dense * np.float32(AREA_M2)
    given = {
        name: np.array([by_tile.get(tile, np.nan) for tile in tiles], np.float32)
        for name, by_tile in columns.items()
    }
    plain = {
        "people": people,
        "low": people,
        "high": people,
        "density": dense,
        "rolling": dense,
        "expected": np.full(len(tiles), expected, np.float32),
        "spread": np.full(len(tiles), 10.0, np.float32),
        "score": np.zeros(len(tiles), np.float32),
        "slope_per_min": np.zeros(len(tiles), np.float32),
        "present_ratio": np.ones(len(tiles), np.float32),
        "sightings": np.full(len(tiles), 7, np.int32),
    }
    return Candidates.of(tile=np.array(tiles, np.int32), **(plain | given))


class Scenario:
    """One table, driven by minutes since the start; hops of five minutes unless said otherwise."""

    def __init__(
        self,
        ground: Ground,
        spec: AlertSpec | None = None,
        *,
        hop_min: int = 5,
        h: float = 3.0,
        drop_h: float = np.inf,
        rings: bool = False,
    ) -> None:
        """Begin a day; rings: what nobody answers in time is told before each hop, as live."""
        self.rings = rings
        self.ground = ground
        self.spec = spec or AlertSpec()
        self.hop_min = hop_min
        self.h, self.drop_h = h, drop_h
        self.table = IncidentTable(self.spec, ground)
        self.minute = 0
        self.sent: list[Alert] = []

    def hop(
        self,
        density: Mapping[int, float] | Candidates | None = None,
        *,
        blind: Sequence[int] = (),
        anomaly_held: bool = False,
        drop_held: bool = False,
        feeds: tuple[tuple[str, str], ...] = (("cmcc", "ok"),),
    ) -> list[Alert]:
        """Close the next hop and return its alerts."""
        self.minute += self.hop_min
        seen = density if isinstance(density, Candidates) else crowd(density or {})
        hop_ms = START_MS + self.minute * MINUTE_MS
        early = self.remind(hop_ms + 90_000) if self.rings else []
        view = HopView(
            hop_ms=hop_ms,
            decided_ms=hop_ms + 90_000,
            hop_s=self.hop_min * 60,
            candidates=seen,
            blind=np.array(blind, np.int32),
            threshold=self.h,
            settings_hash="settings",
            feeds=feeds,
            anomaly_held=anomaly_held,
            drop_threshold=self.drop_h,
            drop_held=drop_held,
        )
        alerts = self.table.hop(view)
        self.sent += alerts
        return early + alerts

    def remind(self, before_ms: int) -> list[Alert]:
        """Let everything be told that is due before this moment, beat by beat."""
        told: list[Alert] = []
        while (due_ms := self.table.due_ms()) is not None:
            beat_ms = -(-due_ms // BEAT_MS) * BEAT_MS
            if beat_ms >= before_ms:
                break
            told += self.table.remind(moment_ms=beat_ms)
        self.sent += told
        return told

    def until(
        self, minute: int, density: Mapping[int, float] | None = None, *, blind: Sequence[int] = ()
    ) -> list[Alert]:
        """Close hops up to this minute, all alike; return all their alerts."""
        alerts: list[Alert] = []
        while self.minute < minute:
            alerts += self.hop(density, blind=blind)
        return alerts

    @property
    def now_ms(self) -> int:
        """Half a minute after the newest hop was decided: when desks act."""
        return START_MS + self.minute * MINUTE_MS + 120_000

    def act(
        self,
        action: Action,
        incident: str,
        *,
        level: int,
        desk: Desk = Desk.POLICE,
        revision: int | None = None,
        **more: object,
    ) -> tuple[list[Alert], Reply]:
        """Let a desk act half a minute after the newest hop was decided.

        revision: the first one, unless said. more: other fields of the action.
        """
        deed = DeskAction(
            incident=incident,
            desk=desk,
            action=action,
            revision_seen=1 if revision is None else revision,
            level_seen=level,
            **{"by": "officer 7", **more},  # type: ignore[arg-type]  # fields of the action
        )
        alerts, reply = self.table.act(deed, moment_ms=self.now_ms)
        self.sent += alerts
        return alerts, reply


def told(alerts: Sequence[Alert]) -> list[tuple[str, str, int]]:
    """Return alerts in short: (desk, kind, level)."""
    return [(str(alert.desk), str(alert.kind), alert.data.level) for alert in alerts]
