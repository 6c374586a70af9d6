"""The rules of the levels for any tile at any hop, judged as the incident stage judges there."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from alerts import saved
from alerts.candidate import Candidates
from alerts.hold import ActiveTiles
from alerts.levels import Limits, rungs
from alerts.planned import is_acting, verdicts
from alerts.shortfall import Standing, rules
from alerts.sight import Sight
from alerts.view import HopView
from detectors.forecast import Ahead
from stream.ground import alert_spec, build_ground
from stream.hop_record import closed_records
from stream.incident_state import join
from stream.wire import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from alerts.shortfall import Rule
    from geo.city import City
    from stream.block_state import BlockState, HopSeen
    from stream.incident import IncidentMachine
    from stream.incident_state import HopJoined
    from stream.settings import Settings

__all__ = ["Bench", "HopBench", "best_rule", "row_of", "rows_of"]

_NO_ORIGIN: Final = Origin(0, 0, 0, 0)


class Bench:
    """What of the rules never changes in a run, and the active tiles of the newest hop.

    `sit` must be called for every hop, in order: an occupancy counts tiles that were active one
    hop ago and are dark now.
    """

    def __init__(self, settings: Settings, city: City) -> None:
        """Lay out spec and ground."""
        self.spec, self.ground = alert_spec(settings, city), build_ground(settings, city)
        self.hop_ms = settings.hop_ms
        self.ladder = rungs(self.spec, self.ground)
        self._sight = Sight(self.spec, self.ground)
        self._asks_sites = bool(self.ground.plans) or any(
            site.capacity is not None for site in self.ground.sites
        )
        self._table: saved.Saved | None = None

    @property
    def active(self) -> ActiveTiles:
        """The active tiles of rises after the newest hop; unpacked when somebody asks."""
        return self._unpacked([] if self._table is None else self._table.active)

    @property
    def left(self) -> ActiveTiles:
        """Likewise those of drops."""
        return self._unpacked([] if self._table is None else self._table.left)

    def _unpacked(self, columns: list[bytes]) -> ActiveTiles:
        if not columns:
            return ActiveTiles.empty()
        return saved.unpack(columns, tiles=len(self.ground.tile_ids))

    def sit(self, hop: HopJoined, machine: IncidentMachine) -> HopBench:
        """Return how tiles are judged at a hop that was just decided."""
        table = saved.decode(machine.table.dump())
        assert table.at is not None, "a hop was decided"
        counted = self._counted(hop)
        self._table = table
        return HopBench(self, table, counted)

    def _counted(self, hop: HopJoined) -> NDArray[np.float64]:
        """Return occupancy of, and people on, each site as this hop was judged by them."""
        if not self._asks_sites:
            return np.full((2, len(self.ground.sites)), np.nan)
        view = HopView(
            hop_ms=hop.hop_ms,
            decided_ms=hop.decided_ms,
            hop_s=self.hop_ms // 1000,
            candidates=hop.candidates,
            blind=hop.blind,
            threshold=0.0,
            settings_hash="",
        )
        occupancy, _, people, _ = self._sight.occupancy(self.active, view)
        return np.stack([occupancy, people])


class HopBench:
    """One hop. table: the incident table after it. limits: scores of the budget at it."""

    def __init__(self, bench: Bench, table: saved.Saved, counted: NDArray[np.float64]) -> None:
        """Take what the hop was judged by."""
        assert table.at is not None, "a hop was decided"
        self.table = table
        self.limits = Limits(
            own=table.at.threshold, near=table.at.near_threshold, drop=table.at.drop_threshold
        )
        self._drop_held = table.at.drop_held
        self._bench, self._occupancy = bench, np.append(counted[0], np.nan)
        self._people = counted[1]

    def occupancy(self, tile: int) -> float:
        """Return the occupancy of a tile's site, NaN where no capacity is known."""
        return float(self._occupancy[self._bench.ground.site[tile]])

    def _plan(self, tile: int, scale: float) -> int:
        """Return how the tile's site stands to its plan; 0 = no event."""
        ground, at = self._bench.ground, self.table.at
        if at is None or not is_acting(ground, at.hop_ms):
            return 0
        found = verdicts(ground, self._people, hop_ms=at.hop_ms, scale=scale)
        return int(found[ground.site[tile]])

    def rules(self, row: Candidates, *, lower: bool = False) -> tuple[Rule, ...]:
        """Return the rules for the one tile of a row; lower: by which a level is kept."""
        tile, bench = int(row.tile[0]), self._bench
        at = Standing(
            ladder=bench.ladder[tile],
            occupancy=self.occupancy(tile),
            limits=self.limits,
            scale=bench.spec.lower_ratio if lower else 1.0,
            keeps=lower,
            drop_held=self._drop_held,
            plan=self._plan(tile, bench.spec.lower_ratio if lower else 1.0),
        )
        return rules(bench.spec, bench.ground, row, at)


def rows_of(state: BlockState, seen: HopSeen, tiles: NDArray[np.int32]) -> Candidates:
    """Return the rows of some city-wide tiles, ascending, as the incident stage would get them.

    It gets those of candidates only; what it would make of the others is the question here.
    """
    mine = np.isin(state.layout.tile, tiles)
    whole = state.outlook.whole(seen.verdict)
    ahead = Ahead(people=whole.people[:, mine], low=whole.low[:, mine], high=whole.high[:, mine])
    parts = list(closed_records(state, replace(seen, candidate=mine, ahead=ahead), _NO_ORIGIN))
    return join(parts, feeds=len(state.spec.feeds)).candidates


def row_of(rows: Candidates, at: int) -> Candidates:
    """Return one row alone."""
    one = slice(at, at + 1)
    return Candidates(**{field.name: getattr(rows, field.name)[one] for field in fields(rows)})


def best_rule(found: Iterable[Rule]) -> Rule:
    """Return the rule that asks for most, or else the one nearest to asking for anything."""
    return max(found, key=lambda rule: (rule.level if rule.met else 0, rule.share))
