"""One direction of the unusual, hop by hop: its active tiles, and how its incidents come and go.

Rises and drops have a track each, and neither knows of the other: a tile that people fled from
may be on both, and what happens on the one never keeps, lowers or ends what stands on the other.
What desks are told of it is for the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alerts import hold, join, reside
from alerts.direction import Direction
from alerts.hold import ActiveTiles
from alerts.incident import unpack_tiles
from alerts.lifecycle import End

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.compose import Circumstances
    from alerts.ground import Ground
    from alerts.incident import Incident, Picture
    from alerts.sight import Sight
    from alerts.spec import AlertSpec
    from alerts.view import HopView

__all__ = ["Track"]


class Track:
    """Active tiles, open incidents and those that ended lately, of one direction.

    open, ended: by id. Driven by the table, hop by hop.
    """

    def __init__(
        self, spec: AlertSpec, ground: Ground, sight: Sight, *, direction: Direction
    ) -> None:
        """Start with no active tile and no incident."""
        self._spec, self._ground, self._sight = spec, ground, sight
        self._direction = direction
        self.active = ActiveTiles.empty()
        self.open: dict[str, Incident] = {}
        self.ended: dict[str, Incident] = {}

    def forget(self, old_ms: int) -> None:
        """Forget incidents that ended before: nobody can reopen or judge them any more.

        One whose end a desk was not told yet stays.
        """
        if any(one.ended_ms < old_ms for one in self.ended.values()):
            self.ended = {
                key: one
                for key, one in self.ended.items()
                if one.ended_ms >= old_ms or one.awaits_end
            }

    def hop(
        self, view: HopView, occupancy: NDArray[np.float64], at: Circumstances
    ) -> list[Incident]:
        """Take in one hop; return the incidents that ended, senior first."""
        rows = self._levels(view, occupancy)
        if len(rows) == 0 and not self.open:
            return []
        rows, expired = self._expire(rows, at)
        self.active = rows.take(hold.alive(self._spec, rows))
        ended = self._settle(rows, occupancy, at)
        ended.update(dict.fromkeys(expired, End.EXPIRED))
        self._draw_last(ended, rows, occupancy, hop_s=at.hop_s)
        return self._end(ended, at)

    def whole(
        self, occupancy: NDArray[np.float64], *, hop_s: int
    ) -> tuple[Picture, NDArray[np.int32]]:
        """Return one picture of all raised tiles, and these; there must be one at least."""
        raised = self.active.take(self.active.level > 0)
        group = np.zeros(len(raised), np.int64)
        (picture,) = self._sight.draw(
            raised, group, 1, occupancy, hop_s=hop_s, direction=self._direction
        )
        return picture, raised.tile

    def _levels(self, view: HopView, occupancy: NDArray[np.float64]) -> ActiveTiles:
        if self._direction is Direction.DROP:
            return self._sight.left(self.active, view)
        return self._sight.levels(self.active, view, occupancy)

    def _expire(self, rows: ActiveTiles, at: Circumstances) -> tuple[ActiveTiles, list[str]]:
        """Let go of incidents whose every tile is blind since long ago, and of their tiles."""
        old = rows.seen_ms <= at.hop_ms - self._spec.expire_s * 1000
        if not old.any():
            return rows, []
        known = rows.tile[~old]
        gone = [
            (key, tiles)
            for key, incident in self.open.items()
            if not np.isin(tiles := unpack_tiles(incident.tiles), known).any()
        ]
        for _, tiles in gone:
            rows = rows.take(~np.isin(rows.tile, tiles))
        return rows, [key for key, _ in gone]

    def _settle(
        self, rows: ActiveTiles, occupancy: NDArray[np.float64], at: Circumstances
    ) -> dict[str, End]:
        """Give every group of raised tiles its incident; return who ended."""
        raised = rows.take(rows.level > 0)
        group, groups = self._sight.groups(raised)
        pictures = self._sight.draw(
            raised, group, groups, occupancy, hop_s=at.hop_s, direction=self._direction
        )
        fates = join.assign(
            raised.tile,
            group,
            [one.people or 0.0 for one in pictures],
            open_now=self.open.values(),
            ended=self._returnable(at),
        )
        ended = dict.fromkeys(self.open, End.RESOLVED)
        for key in sorted(fate.returns.id for fate in fates if fate.returns is not None):
            reside.reopen(self.ended[key], hop_ms=at.hop_ms)
            self.open[key] = self.ended.pop(key)
        parts = _parts(raised.tile, group, groups)
        residents = [
            reside.move_in(
                self._ground, fate, drawn, tiles, hop_ms=at.hop_ms, direction=self._direction
            )
            for fate, drawn, tiles in zip(fates, pictures, parts, strict=True)
        ]
        for fate, resident in zip(fates, residents, strict=True):
            self.open[resident.id] = resident
            ended.pop(resident.id, None)
            ended.update({loser.id: End.MERGED for loser in fate.merged})
        touched = self._sight.neighbours(raised, group, groups)
        for resident, others in zip(residents, touched, strict=True):
            resident.related = sorted(residents[other].id for other in others)
        return ended

    def _returnable(self, at: Circumstances) -> list[Incident]:
        """Return ended incidents that would be reopened by what is raised on their tiles."""
        since_ms = at.hop_ms - self._spec.reopen_s * 1000
        return [
            one
            for one in self.ended.values()
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
        over = [self.open[key] for key, end in ended.items() if end is End.RESOLVED]
        if not over:
            return
        owner = np.full(len(rows), -1, np.int64)
        for number, incident in enumerate(over):
            owner[np.isin(rows.tile, unpack_tiles(incident.tiles))] = number
        left = owner >= 0
        drawn = self._sight.draw(
            rows.take(left),
            owner[left],
            len(over),
            occupancy,
            hop_s=hop_s,
            direction=self._direction,
        )
        for incident, picture in zip(over, drawn, strict=True):
            picture.level = incident.level
            incident.picture = picture

    def _end(self, ended: dict[str, End], at: Circumstances) -> list[Incident]:
        """Move incidents over to the ended ones; return them, senior first."""
        over = sorted((self.open.pop(key) for key in ended), key=lambda one: one.seniority)
        for incident in over:
            incident.end, incident.ended_ms = ended[incident.id], at.hop_ms
            self.ended[incident.id] = incident
        return over


def _parts(
    tiles: NDArray[np.int32], group: NDArray[np.int64], groups: int
) -> list[NDArray[np.int32]]:
    """Return the tiles of each group, ascending."""
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=groups))
    return np.split(tiles[order], ends[:-1]) if groups else []
