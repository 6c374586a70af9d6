"""From one hop to groups of raised tiles with their pictures: the numeric half of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alerts import cluster, hold, leaving, picture
from alerts.ahead import by_forecast, horizon_min
from alerts.direction import Direction
from alerts.hold import ActiveTiles, Hop
from alerts.levels import (
    BLIND,
    NOTHING_UNUSUAL,
    Judged,
    Limits,
    judge,
    people_on_sites,
    rungs,
)
from alerts.next_rung import minutes_to_rung
from alerts.planned import is_acting, verdicts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.ground import Ground
    from alerts.incident import Picture
    from alerts.spec import AlertSpec
    from alerts.view import HopView

    Float = NDArray[np.float64]
    Index = NDArray[np.int64]

__all__ = ["Sight"]


class Sight:
    """Spec and ground, made ready for one pass over the active tiles a hop; keeps no state."""

    def __init__(self, spec: AlertSpec, ground: Ground) -> None:
        """Lay out what never changes: rungs of each site, which sites were surveyed, areas."""
        self._spec = spec
        self._ground = ground
        self._ladder = rungs(spec, ground)
        self._capacity = np.array(
            [np.nan if site.capacity is None else site.capacity for site in ground.sites]
        )
        self._surveyed = np.array([site.capacity is not None for site in ground.sites], np.bool_)
        self._has_areas = bool((ground.area != ground.area[:1]).any())

    def occupancy(self, active: ActiveTiles, view: HopView) -> Float:
        """Return people over capacity of each site, NaN where no capacity is known, and people.

        Row 0 as counted, by which levels are judged; row 1 as told. Rows 2 and 3 likewise people,
        of which plans ask. Counted are the site's candidates (its other tiles hold few) and, as
        they were last seen, active tiles that are
        dark now: nobody left because we cannot see them.
        """
        plans = is_acting(self._ground, view.hop_ms)
        if not (self._surveyed.any() or plans):
            return np.full((4, self._surveyed.size), np.nan)
        seen = view.candidates
        known = ~np.isnan(seen.people)
        tile = seen.tile[known]
        dark = np.isin(active.tile, view.blind) & ~np.isin(active.tile, tile)
        on = np.concatenate([tile, active.tile[dark]])
        counted = np.concatenate([seen.people[known], active.figure("people")[dark]])
        told = np.concatenate([seen.told_people[known], active.figure("told_people")[dark]])
        people = [people_on_sites(self._ground, on, one) for one in (counted, told)]
        return np.stack([*(one / self._capacity for one in people), *people])

    def levels(self, active: ActiveTiles, view: HopView, occupancy: Float) -> ActiveTiles:
        """Return active tiles after this hop, with those that lost their level at it."""
        limits = Limits(own=view.threshold, near=view.near_threshold)
        rising = NOTHING_UNUSUAL if view.anomaly_held else limits
        asked = self._judge(view, occupancy, limits=rising, scale=1.0)
        if len(active) == 0 and not asked.level.any():
            return active
        kept = asked
        if len(active):
            low = self._spec.lower_ratio
            kept = self._judge(view, occupancy, limits=limits, scale=low)
        return self._advance(active, view, asked=asked, kept=kept)

    def left(self, active: ActiveTiles, view: HopView) -> ActiveTiles:
        """Return likewise the tiles that people left; active: those of drops."""
        seen, threshold = view.candidates, view.drop_threshold
        rising = np.inf if view.drop_held else threshold
        asked = leaving.asked(self._spec, seen, threshold=rising)
        if len(active) == 0 and not asked.level.any():
            return active
        kept = leaving.kept(self._spec, seen, threshold=threshold)
        return self._advance(active, view, asked=asked, kept=kept)

    def _advance(
        self, active: ActiveTiles, view: HopView, *, asked: Judged, kept: Judged
    ) -> ActiveTiles:
        hop = Hop(hop_ms=view.hop_ms, hop_s=view.hop_s, dark=self._dark(view.blind))
        return hold.advance(self._spec, active, view.candidates, asked=asked, kept=kept, hop=hop)

    def groups(self, raised: ActiveTiles, *, across: bool = False) -> tuple[Index, int]:
        """Return the group of each raised tile; across: as if there were no police areas."""
        row, col = self._ground.row[raised.tile], self._ground.col[raised.tile]
        area = np.zeros_like(row) if across else self._ground.area[raised.tile]
        return cluster.components(row, col, area)

    def neighbours(self, raised: ActiveTiles, group: Index, groups: int) -> list[list[int]]:
        """Return, for each group, those it touches across the border of a police area."""
        if not self._has_areas or groups < 2:  # noqa: PLR2004 - one group has no neighbour
            return [[] for _ in range(groups)]
        wide, number = self.groups(raised, across=True)
        parts = [np.unique(group[wide == at]).tolist() for at in range(number)]
        found: list[list[int]] = [[] for _ in range(groups)]
        for part in parts:
            for one in part:
                found[one] = [other for other in part if other != one]
        return found

    def draw(
        self,
        rows: ActiveTiles,
        group: Index,
        groups: int,
        occupancy: Float,
        *,
        hop_s: int,
        direction: Direction = Direction.RISE,
    ) -> list[Picture]:
        """Return the picture of each group of rows; hop_s: length of a hop."""
        next_rung = picture.NextRung.never(len(rows))
        if self._ground.unit == "people" and len(rows) and direction is Direction.RISE:
            next_rung = self._next_rung(rows, hop_s=hop_s)
        return picture.draw(
            self._ground,
            rows,
            group,
            groups,
            next_rung=next_rung,
            occupancy=occupancy,
            direction=direction,
        )

    def _next_rung(self, rows: ActiveTiles, *, hop_s: int) -> picture.NextRung:
        """Return when each row reaches the rung above its level, and how likely it does."""
        ladder = self._ladder[rows.tile]
        minutes = minutes_to_rung(
            ladder,
            rows.level,
            density=rows.figure("told_people") / self._ground.walkable_m2[rows.tile],
            slope_per_min=rows.figure("told_slope_per_min"),
            walkable_m2=self._ground.walkable_m2[rows.tile],
        )
        minutes[(rows.why & BLIND) > 0] = np.inf  # nobody knows how it goes on there
        minutes, likely = by_forecast(
            self._ground, rows, ladder, minutes, horizon=horizon_min(hop_s)
        )
        return picture.NextRung(minutes=minutes, likely=likely)

    def _judge(self, view: HopView, occupancy: Float, *, limits: Limits, scale: float) -> Judged:
        seen = view.candidates
        site, plan = self._ground.site[seen.tile], None
        if is_acting(self._ground, view.hop_ms):
            plan = verdicts(self._ground, occupancy[2], hop_ms=view.hop_ms, scale=scale)[site]
        return judge(
            self._spec,
            self._ground,
            seen,
            ladder=self._ladder[seen.tile],
            occupancy=np.append(occupancy[0], np.nan)[site],
            limits=limits,
            scale=scale,
            plan=plan,
        )

    def _dark(self, blind: NDArray[np.int32]) -> NDArray[np.bool_] | None:
        """Return which tiles cannot be seen; None = all can."""
        if blind.size == 0:
            return None
        dark = np.zeros(len(self._ground.tile_ids), np.bool_)
        dark[blind] = True
        return dark
