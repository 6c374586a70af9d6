"""The incident table: candidate tiles of each hop in, alerts for the desks out.

Theory of operation. A hop goes through fixed stages: on the `track` of each direction levels of
the active tiles and groups of raised ones (`sight`), which incident lives in which group (`join`,
`reside`), and last what each desk has to be told (`tell`, `compose`). Between hops, desk actions
meet the books of their desks (`answer`). Nothing else changes the state, and the state is all
there is: after `load(dump())` every later byte is the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from alerts import ring, saved, summary
from alerts.answer import answered, mark, weigh
from alerts.compose import Circumstances
from alerts.desk import DESKS, Desk
from alerts.direction import Direction
from alerts.lifecycle import Event
from alerts.message import Alert
from alerts.quiet import let_ring, silenced
from alerts.sight import Sight
from alerts.speak import Crier
from alerts.tell import Change
from alerts.track import Track
from alerts.view import HopView

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.action import DeskAction, Reply
    from alerts.ground import Ground
    from alerts.incident import Incident
    from alerts.quiet import Quiet
    from alerts.spec import AlertSpec

__all__ = ["Alert", "HopView", "IncidentTable"]

LAST_IDS_MAX: Final = 10
"""Alert ids of each desk that the heartbeat names: a receiver finds its own gap by them."""

_CHANGES: Final = {
    Event.ACKED: Change.ACKNOWLEDGED,
    Event.CONFIRMED: Change.CONFIRMED,
    Event.COMMENTED: Change.COMMENT,
    Event.HANDED_UP: Change.HANDED_UP,
    Event.SHELVED: Change.SHELVED,
    Event.UNSHELVED: Change.HOLD_ENDED,
    Event.SILENCED: Change.SILENCED,
    Event.CLOSED: Change.CLOSED,
    Event.REVIVED: Change.REOPENED,
    Event.JUDGED: Change.OUTCOME,
    Event.OVERDUE: Change.OVERDUE,
    Event.LAPSED: Change.ACK_EXPIRED,
}
"""What the message about a desk action, or about the lack of one, says has changed."""


class IncidentTable:
    """Active tiles and incidents of one city; driven hop by hop, knows no clock and no files."""

    def __init__(self, spec: AlertSpec, ground: Ground) -> None:
        """Start with no active tile and no incident."""
        self._spec = spec
        self._ground = ground
        self._sight = Sight(spec, ground)
        self._crier = Crier(spec, ground)
        self._at: Circumstances | None = None
        self._rise, self._drop = (
            Track(spec, ground, self._sight, direction=direction) for direction in Direction
        )
        self._tracks = (self._rise, self._drop)
        self._last_ids: dict[Desk, list[str]] = {desk: [] for desk in DESKS}
        self._silences: list[Quiet] = []
        self._due_ms: int | None = None

    def hop(self, view: HopView) -> list[Alert]:
        """Take in one hop; return alerts, the worst incident first, ended ones last.

        Hops must ascend; one that does not is a bug of the host (AssertionError).
        """
        at = self._arrive(view)
        if not (len(view.candidates) or any(len(t.active) or t.open for t in self._tracks)):
            return []
        occupancy = self._sight.occupancy(self._rise.active, view)
        over = [one for track in self._tracks for one in track.hop(view, occupancy, at)]
        last = [alert for one in over for alert in self._crier.bury(one, at)]
        news = self._crier.tell(self._open(), silences=self._silences, at=at)
        return self._sent([*news, *last])

    def act(self, action: DeskAction, *, moment_ms: int) -> tuple[list[Alert], Reply]:
        """Let a desk act at this moment of the log; every action is answered, none raises."""
        incident = self._find(action.incident)
        accepted, why, event = weigh(self._spec, incident, action, moment_ms=moment_ms)
        alerts: list[Alert] = []
        if incident is not None and event is not None and self._at is not None:
            mark(incident, action, moment_ms=moment_ms)
            if event is Event.SILENCED:
                self._silences = silenced(
                    self._ground, self._silences, incident, action, moment_ms=moment_ms
                )
            told = self._speak(incident, action.desk, event, moment_ms=moment_ms)
            alerts = self._sent(told)
        reply = answered(incident, action, accepted=accepted, why=why, moment_ms=moment_ms)
        return alerts, reply

    def due_ms(self) -> int | None:
        """Return the moment at which something is due if no desk acts before; None = nothing is.

        A deadline that was passed while a hop was long in coming is due when that was decided.
        """
        if self._due_ms is None or self._at is None:
            return None
        return max(self._due_ms, self._at.moment_ms)

    def remind(self, *, moment_ms: int) -> list[Alert]:
        """Tell desks what is due by now: an alert nobody answered, an old answer, a hold's end."""
        coming = ring.all_due(self._spec, self._open(), self._silences)
        due = [one for one in coming if one[0] <= moment_ms]
        due.sort(key=lambda one: (one[0], one[1].seniority, DESKS.index(one[2])))
        return self._sent(
            [
                alert
                for _, incident, desk, event in due
                for alert in self._speak(incident, desk, event, moment_ms=moment_ms)
            ]
        )

    def _speak(
        self, incident: Incident, desk: Desk, event: Event, *, moment_ms: int
    ) -> list[Alert]:
        """Tell a desk what a person did, or nobody did, between two hops."""
        if self._at is None:
            message = f"{incident.id} is older than the first hop"
            raise AssertionError(message)
        told = {desk: (event, (_CHANGES[event],))}
        at = replace(self._at, decided_ms=moment_ms)
        return self._crier.speak(incident, told, at, silences=self._silences)

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
        return tuple(self._last_ids[desk])

    def episodes(self) -> tuple[summary.Episode, ...]:
        """Return open and recently ended incidents (for `keep_s`), by the time they opened."""
        return tuple(summary.episode(one) for one in self._known())

    def held(self) -> tuple[summary.HeldAlert, ...]:
        """Return alerts that were not sent, with the reason; they stay visible here."""
        return summary.held_alerts(self._known())

    # -- saved state -----------------------------------------------------------------------

    def dump(self) -> bytes:
        """Return all state, schema version first; equal states give equal bytes."""
        state = saved.Saved(
            version=saved.SCHEMA_VERSION,
            at=self._at,
            active=saved.pack(self._rise.active),
            left=saved.pack(self._drop.active),
            incidents=self._known(),
            last_ids=self._last_ids,
            silences=self._silences,
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
        self._last_ids = {desk: state.last_ids.get(desk, []) for desk in DESKS}
        self._silences = state.silences
        self._look_ahead()

    def _known(self) -> list[Incident]:
        every = (*self._open(), *(one for track in self._tracks for one in track.ended.values()))
        return sorted(every, key=lambda one: one.seniority)

    def _open(self) -> list[Incident]:
        return [one for track in self._tracks for one in track.open.values()]

    def _find(self, incident: str) -> Incident | None:
        found = (one.get(incident) for track in self._tracks for one in (track.open, track.ended))
        return next((one for one in found if one is not None), None)

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
        self._silences = let_ring(self._silences, self._open(), now_ms=self._at.moment_ms)
        return self._at

    def _look_ahead(self) -> None:
        """Find when the next thing is due, once for all records until something changes."""
        due = ring.all_due(self._spec, self._open(), self._silences)
        self._due_ms = min((when_ms for when_ms, *_ in due), default=None)

    def _sent(self, alerts: list[Alert]) -> list[Alert]:
        self._look_ahead()
        for alert in alerts:
            ids = self._last_ids[alert.desk]
            self._last_ids[alert.desk] = [*ids, alert.id][-LAST_IDS_MAX:]
        return alerts
