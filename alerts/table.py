"""The incident table: candidate tiles of each hop in, alerts for the desks out.

Theory of operation. A hop goes through fixed stages: on the `track` of each direction levels of
the active tiles and groups of raised ones (`sight`), which incident lives in which group (`join`,
`reside`), and last what each desk has to be told (`tell`, `compose`). Between hops, desk actions
meet the books of their desks (`answer`). Nothing else changes the state, and the state is all
there is: after `load(dump())` every later byte is the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from alerts import saved, summary
from alerts.answer import answered, mark, weigh
from alerts.compose import Circumstances
from alerts.desk import DESKS, Desk
from alerts.direction import Direction
from alerts.message import Alert
from alerts.sight import Sight
from alerts.telling import Telling
from alerts.track import Track
from alerts.view import HopView

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.action import DeskAction, Reply
    from alerts.ground import Ground
    from alerts.incident import Incident
    from alerts.spec import AlertSpec
    from alerts.system import HeldNow

__all__ = ["Alert", "HopView", "IncidentTable"]


class IncidentTable:
    """Active tiles and incidents of one city; driven hop by hop, knows no clock and no files."""

    def __init__(self, spec: AlertSpec, ground: Ground) -> None:
        """Start with no active tile and no incident."""
        self._spec = spec
        self._ground = ground
        self._sight = Sight(spec, ground)
        self._telling = Telling(spec, ground)
        self._at: Circumstances | None = None
        self._rise, self._drop = (
            Track(spec, ground, self._sight, direction=direction) for direction in Direction
        )
        self._tracks = (self._rise, self._drop)

    def hop(self, view: HopView) -> list[Alert]:
        """Take in one hop; return alerts, the worst incident first, ended ones last.

        Hops must ascend; one that does not is a bug of the host (AssertionError).
        """
        at = self._arrive(view)
        if not (len(view.candidates) or any(len(t.active) or t.open for t in self._tracks)):
            return []
        occupancy = self._sight.occupancy(self._rise.active, view)
        over = [one for track in self._tracks for one in track.hop(view, occupancy, at)]
        return self._telling.hop(
            self._open(), over, at, whole=lambda: self._rise.whole(occupancy, hop_s=at.hop_s)
        )

    def act(self, action: DeskAction, *, moment_ms: int) -> tuple[list[Alert], Reply]:
        """Let a desk act at this moment of the log; every action is answered, none raises."""
        incident = self._find(action.incident)
        accepted, why, event = weigh(self._spec, incident, action, moment_ms=moment_ms)
        alerts: list[Alert] = []
        if incident is not None and event is not None and self._at is not None:
            mark(incident, action, moment_ms=moment_ms)
            at = replace(self._at, decided_ms=moment_ms)
            alerts = self._telling.answer(incident, action, event, self._open(), at=at)
        reply = answered(incident, action, accepted=accepted, why=why, moment_ms=moment_ms)
        return alerts, reply

    def due_ms(self) -> int | None:
        """Return the moment at which something is due if no desk acts before; None = nothing is.

        A deadline that was passed while a hop was long in coming is due when that was decided.
        """
        due_ms = self._telling.due_ms()
        return None if due_ms is None or self._at is None else max(due_ms, self._at.moment_ms)

    def remind(self, *, moment_ms: int) -> list[Alert]:
        """Tell desks what nobody did by this moment of the log, and which holds are over."""
        if self._at is None:
            return []
        return self._telling.remind(self._open(), moment_ms=moment_ms, at=self._at)

    # -- what others may see ---------------------------------------------------------------

    def active_tiles(self) -> NDArray[np.int32]:
        """Return global indexes of the tiles that have state, ascending."""
        return self.levels()[0]

    def levels(self) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
        """Return the active tiles, ascending, and the level of each: the higher of both tracks."""
        rise, drop = (track.active for track in self._tracks)
        tile = np.union1d(rise.tile, drop.tile)
        level = np.zeros(tile.size, np.int8)
        for one in (rise, drop):
            at = np.searchsorted(tile, one.tile)
            level[at] = np.maximum(level[at], one.level)
        return tile, level

    def open_incidents(self) -> summary.OpenIncidents:
        """Return counts of open incidents, for the heartbeat."""
        return summary.open_incidents(self._open())

    def last_ids(self, desk: Desk) -> tuple[str, ...]:
        """Return the newest ten alert ids of a desk, oldest first."""
        return tuple(self._telling.last_ids[desk])

    def episodes(self) -> tuple[summary.Episode, ...]:
        """Return open and recently ended incidents (for `keep_s`), by the time they opened."""
        return tuple(summary.episode(one) for one in self._known())

    def held(self) -> tuple[summary.HeldAlert, ...]:
        """Return alerts that were not sent, with the reason; they stay visible here."""
        return summary.held_alerts(self._known())

    def holding(self) -> list[HeldNow]:
        """Return what keeps something quiet now: who asked for it, why, and until when."""
        telling = self._telling
        held = summary.holding(self._open(), telling.silences, telling.flood.city)
        return [*held, *summary.to_be_ended(telling.leaving)]

    # -- saved state -----------------------------------------------------------------------

    def dump(self) -> bytes:
        """Return all state, schema version first; equal states give equal bytes."""
        state = saved.Saved(
            version=saved.SCHEMA_VERSION,
            at=self._at,
            active=saved.pack(self._rise.active),
            left=saved.pack(self._drop.active),
            incidents=self._known(),
            last_ids=self._telling.last_ids,
            silences=self._telling.silences,
            flood=self._telling.flood,
        )
        return saved.encode(state)

    def load(self, data: bytes) -> None:
        """Take up a dumped state; raises `alerts.saved.StateError` and then changes nothing."""
        state = saved.decode(data)
        tiles = len(self._ground.tile_ids)
        active = [saved.unpack(one, tiles=tiles) for one in (state.active, state.left)]
        for one in state.incidents:
            saved.settle(one.picture, self._ground)
        self._at = state.at
        for track, rows, direction in zip(self._tracks, active, Direction, strict=True):
            mine = [one for one in state.incidents if one.direction is direction]
            track.active = rows
            track.open = {one.id: one for one in mine if one.end is None}
            track.ended = {one.id: one for one in mine if one.end is not None}
        telling = self._telling
        telling.last_ids = {desk: state.last_ids.get(desk, []) for desk in DESKS}
        telling.silences, telling.flood = state.silences, state.flood
        telling.leaving = [one for track in self._tracks for one in track.ended.values()]
        telling.look_ahead(self._open())

    def _known(self) -> list[Incident]:
        every = (*self._open(), *(one for track in self._tracks for one in track.ended.values()))
        return sorted(every, key=lambda one: one.seniority)

    def _open(self) -> list[Incident]:
        return [one for track in self._tracks for one in track.open.values()]

    def _find(self, incident: str) -> Incident | None:
        for track in self._tracks:
            found = track.open.get(incident) or track.ended.get(incident)
            if found is not None:
                return found
        return next((one for one in self._telling.cities() if one.id == incident), None)

    # -- stages of a hop -------------------------------------------------------------------

    def _arrive(self, view: HopView) -> Circumstances:
        """Note the hop, and forget ended incidents that nobody can reopen or judge any more."""
        if self._at is not None and view.hop_ms <= self._at.hop_ms:
            message = f"hop {view.hop_ms} came after hop {self._at.hop_ms}"
            raise AssertionError(message)
        self._at = Circumstances(
            hop_ms=view.hop_ms,
            hop_s=view.hop_s,
            decided_ms=view.decided_ms,
            threshold=float(view.threshold),
            near_threshold=float(view.near_threshold),
            drop_threshold=float(view.drop_threshold),
            drop_held=view.drop_held,
            settings_hash=view.settings_hash,
            feeds=view.feeds,
        )
        for track in self._tracks:
            track.forget(view.hop_ms - self._spec.keep_s * 1000)
        self._telling.begin(self._open(), self._at)
        return self._at
