"""The incident table: candidate tiles of each hop in, alerts for the desks out.

Theory of operation. A hop goes through fixed stages: levels of the active tiles and groups of
raised ones (`sight`), which incident lives in which group (`join`, `reside`), and last what each
desk has to be told (`tell`, `compose`). Between hops, desk actions meet the books of their desks
(`answer`). Nothing else changes the state, and the state is all there is: after `load(dump())`
every later byte is the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from alerts import answer, hold, join, reside, saved, summary
from alerts.action import Reply
from alerts.compose import Circumstances
from alerts.desk import DESKS, Desk
from alerts.hold import ActiveTiles
from alerts.incident import Incident, unpack_tiles
from alerts.lifecycle import End, Event
from alerts.message import Alert
from alerts.sight import Sight
from alerts.speak import Crier
from alerts.tell import Change
from alerts.view import HopView

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.action import DeskAction
    from alerts.ground import Ground
    from alerts.spec import AlertSpec

__all__ = ["Alert", "HopView", "IncidentTable"]

LAST_IDS_MAX: Final = 10
"""Alert ids of each desk that the heartbeat names: a receiver finds its own gap by them."""

_CHANGES: Final = {
    Event.ACKED: Change.ACKNOWLEDGED,
    Event.ACKED_LOWER: Change.ACKNOWLEDGED,
    Event.CLOSED: Change.CLOSED,
    Event.JUDGED: Change.OUTCOME,
}
"""What the message about an accepted desk action says has changed."""


class IncidentTable:
    """Active tiles and incidents of one city; driven hop by hop, knows no clock and no files."""

    def __init__(self, spec: AlertSpec, ground: Ground) -> None:
        """Start with no active tile and no incident."""
        self._spec = spec
        self._ground = ground
        self._sight = Sight(spec, ground)
        self._crier = Crier(spec, ground)
        self._at: Circumstances | None = None
        self._active = ActiveTiles.empty()
        self._open: dict[str, Incident] = {}
        self._ended: dict[str, Incident] = {}
        self._last_ids: dict[Desk, list[str]] = {desk: [] for desk in DESKS}

    def hop(self, view: HopView) -> list[Alert]:
        """Take in one hop; return alerts, the worst incident first, ended ones last.

        Hops must ascend; one that does not is a bug of the host (AssertionError).
        """
        at = self._arrive(view)
        if not (len(view.candidates) or len(self._active) or self._open):
            return []
        occupancy = self._sight.occupancy(self._active, view)
        rows = self._sight.levels(self._active, view, occupancy)
        if len(rows) == 0 and not self._open:
            return []
        rows, expired = self._expire(rows, at)
        self._active = rows.take(hold.alive(self._spec, rows))
        ended, returned = self._settle(rows, occupancy, at)
        ended.update(dict.fromkeys(expired, End.EXPIRED))
        self._draw_last(ended, rows, occupancy, hop_s=at.hop_s)
        last = [alert for one in self._end(ended, at) for alert in self._crier.bury(one, at)]
        news = self._crier.tell(self._open.values(), returned=returned, at=at)
        return self._sent([*news, *last])

    def act(self, action: DeskAction, *, moment_ms: int) -> tuple[list[Alert], Reply]:
        """Let a desk act at this moment of the log; every action is answered, none raises."""
        incident = self._open.get(action.incident) or self._ended.get(action.incident)
        accepted, why, event = answer.weigh(incident, action)
        alerts: list[Alert] = []
        revision = 0
        if incident is not None:
            book = incident.books[action.desk]
            if event is not None and self._at is not None:
                answer.mark(incident, action, moment_ms=moment_ms)
                at = replace(self._at, decided_ms=moment_ms)
                told = {action.desk: (event, (_CHANGES[event],))}
                alerts = self._sent(self._crier.speak(incident, told, at))
            revision = book.revision
        reply = Reply(
            incident=action.incident,
            desk=action.desk,
            action=action.action,
            accepted=accepted,
            why=why,
            revision=revision,
        )
        return alerts, reply

    # -- what others may see ---------------------------------------------------------------

    def active_tiles(self) -> NDArray[np.int32]:
        """Return global indexes of the tiles that have state, ascending."""
        return self._active.tile.copy()

    def levels(self) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
        """Return the active tiles, ascending, and the level of each."""
        return self._active.tile.copy(), self._active.level.copy()

    def open_incidents(self) -> summary.OpenIncidents:
        """Return counts of open incidents, for the heartbeat."""
        return summary.open_incidents(self._open.values())

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
            active=saved.pack(self._active),
            incidents=self._known(),
            last_ids=self._last_ids,
        )
        return saved.encode(state)

    def load(self, data: bytes) -> None:
        """Take up a dumped state; raises `alerts.saved.StateError` and then changes nothing."""
        state = saved.decode(data)
        active = saved.unpack(state.active, tiles=len(self._ground.tile_ids))
        for one in state.incidents:
            saved.settle(one.picture, self._ground)
        self._at = state.at
        self._active = active
        self._open = {one.id: one for one in state.incidents if one.end is None}
        self._ended = {one.id: one for one in state.incidents if one.end is not None}
        self._last_ids = {desk: state.last_ids.get(desk, []) for desk in DESKS}

    def _known(self) -> list[Incident]:
        both = (*self._open.values(), *self._ended.values())
        return sorted(both, key=lambda one: one.seniority)

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
            settings_hash=view.settings_hash,
            feeds=view.feeds,
        )
        old_ms = view.hop_ms - self._spec.keep_s * 1000
        if any(one.ended_ms < old_ms for one in self._ended.values()):
            self._ended = {key: one for key, one in self._ended.items() if one.ended_ms >= old_ms}
        return self._at

    def _expire(self, rows: ActiveTiles, at: Circumstances) -> tuple[ActiveTiles, list[str]]:
        """Let go of incidents whose every tile is blind since long ago, and of their tiles."""
        old = rows.seen_ms <= at.hop_ms - self._spec.expire_s * 1000
        if not old.any():
            return rows, []
        known = rows.tile[~old]
        gone = [
            (key, tiles)
            for key, incident in self._open.items()
            if not np.isin(tiles := unpack_tiles(incident.tiles), known).any()
        ]
        for _, tiles in gone:
            rows = rows.take(~np.isin(rows.tile, tiles))
        return rows, [key for key, _ in gone]

    def _settle(
        self, rows: ActiveTiles, occupancy: NDArray[np.float64], at: Circumstances
    ) -> tuple[dict[str, End], set[str]]:
        """Give every group of raised tiles its incident; return who ended and who returned."""
        raised = rows.take(rows.level > 0)
        group, groups = self._sight.groups(raised)
        pictures = self._sight.draw(raised, group, groups, occupancy, hop_s=at.hop_s)
        fates = join.assign(
            raised.tile,
            group,
            [one.people or 0.0 for one in pictures],
            open_now=self._open.values(),
            ended=self._returnable(at),
        )
        ended = dict.fromkeys(self._open, End.RESOLVED)
        returned = {fate.returns.id for fate in fates if fate.returns is not None}
        for key in sorted(returned):
            reside.reopen(self._ended[key], hop_ms=at.hop_ms)
            self._open[key] = self._ended.pop(key)
        parts = _parts(raised.tile, group, groups)
        residents = [
            reside.move_in(self._ground, fate, drawn, tiles, hop_ms=at.hop_ms)
            for fate, drawn, tiles in zip(fates, pictures, parts, strict=True)
        ]
        for fate, resident in zip(fates, residents, strict=True):
            self._open[resident.id] = resident
            ended.pop(resident.id, None)
            ended.update({loser.id: End.MERGED for loser in fate.merged})
        touched = self._sight.neighbours(raised, group, groups)
        for resident, others in zip(residents, touched, strict=True):
            resident.related = sorted(residents[other].id for other in others)
        return ended, returned

    def _returnable(self, at: Circumstances) -> list[Incident]:
        """Return ended incidents that a crowd on their tiles would reopen."""
        since_ms = at.hop_ms - self._spec.reopen_s * 1000
        return [
            one
            for one in self._ended.values()
            if one.end is not End.MERGED and one.ended_ms >= since_ms
        ]

    def _draw_last(
        self,
        ended: dict[str, End],
        rows: ActiveTiles,
        occupancy: NDArray[np.float64],
        *,
        hop_s: int,
    ) -> None:
        """Show resolved incidents as they are now: their last message must not tell old figures."""
        over = [self._open[key] for key, end in ended.items() if end is End.RESOLVED]
        if not over:
            return
        owner = np.full(len(rows), -1, np.int64)
        for number, incident in enumerate(over):
            owner[np.isin(rows.tile, unpack_tiles(incident.tiles))] = number
        left = owner >= 0
        drawn = self._sight.draw(rows.take(left), owner[left], len(over), occupancy, hop_s=hop_s)
        for incident, picture in zip(over, drawn, strict=True):
            picture.level = incident.level
            incident.picture = picture

    def _end(self, ended: dict[str, End], at: Circumstances) -> list[Incident]:
        """Move incidents over to the ended ones; return them, senior first."""
        over = sorted((self._open.pop(key) for key in ended), key=lambda one: one.seniority)
        for incident in over:
            incident.end, incident.ended_ms = ended[incident.id], at.hop_ms
            self._ended[incident.id] = incident
        return over

    def _sent(self, alerts: list[Alert]) -> list[Alert]:
        for alert in alerts:
            ids = self._last_ids[alert.desk]
            self._last_ids[alert.desk] = [*ids, alert.id][-LAST_IDS_MAX:]
        return alerts


def _parts(
    tiles: NDArray[np.int32], group: NDArray[np.int64], groups: int
) -> list[NDArray[np.int32]]:
    """Return the tiles of each group, ascending."""
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=groups))
    return np.split(tiles[order], ends[:-1]) if groups else []
