"""The ground alerts stand on: tiles, sites, places and the unit of counts; it never changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from alerts.moment import utc_clock

if TYPE_CHECKING:
    from alerts.planned import Plan
    from geo.duty import Duty

__all__ = ["Ground", "Outline", "Site", "Unit"]

Ring = list[tuple[float, float]]
"""One closed ring of (longitude, latitude) pairs, first = last."""

Outline = Callable[[NDArray[np.int32]], list[Ring] | None]
"""Global tile indexes to the rings around them, at most 200 points in all; None = no geometry."""

Unit = Literal["people", "activity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A named place with ground of its own.

    capacity: people it was found fit to hold; None = not surveyed.
    access_risk: rescue cannot count on reaching it; fire then hears one level earlier.
    hazards: the kinds of that risk, sorted, as far as somebody named them.
    rungs: people per m2 of levels 1 to 4 here; None = the city's.
    tiles: how many tiles it covers.
    """

    name: str
    capacity: float | None = None
    access_risk: bool = False
    hazards: tuple[str, ...] = ()
    rungs: tuple[float, float, float, float] | None = None
    tiles: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Everything static about the tiles, in global tile order; arrays have shape (tiles,).

    row, col: int32, -1 where the tiling has none. walkable_m2: float64.
    area: int32, police area of each tile; an incident never crosses one. duty: who answers for
    each tile; None = nobody said, the default desks do.
    site: int32, index into `sites`, -1 = none. names: place name of a tile, if it has one.
    outline: polygon of tiles for people to see; None for identity tilings. side_m: of a tile.
    assumed: bool, where walkable area is not measured but a share of the ground, `assumed_share`
    (None = not one and the same); None = nobody said.
    unit: `people`, or `activity` (a scaled proxy: no ladder, never rounded, no privacy floor).
    floor: counts of people below this are not told more closely; 0 = no floor.
    expansion: people one counted device stands for, where it is one number, and the date it is of.
    clock: epoch ms to the time of day that headlines show, in the city's own zone.
    plans: licensed events on its sites.
    """

    tile_ids: tuple[str, ...]
    row: NDArray[np.int32]
    col: NDArray[np.int32]
    walkable_m2: NDArray[np.float64]
    area: NDArray[np.int32]
    site: NDArray[np.int32]
    sites: tuple[Site, ...] = ()
    names: tuple[str | None, ...] = ()
    outline: Outline | None = None
    unit: Unit = "people"
    floor: int = 20
    duty: Duty | None = None
    side_m: float | None = None
    assumed: NDArray[np.bool_] | None = None
    assumed_share: float | None = None
    expansion: float | None = None
    expansion_date: str | None = None
    clock: Callable[[int], str] = utc_clock
    plans: tuple[Plan, ...] = ()

    def __post_init__(self) -> None:
        """Columns of unequal length are our own mistake."""
        tiles = len(self.tile_ids)
        duty = self.duty
        answers = (duty.police_of, duty.fire_of, duty.post_of) if duty else ()
        columns = (self.row, self.col, self.walkable_m2, self.area, self.site, *answers)
        if any(column.shape != (tiles,) for column in columns):
            shapes = [column.shape for column in columns]
            message = f"ground of {tiles} tiles has columns of shapes {shapes}"
            raise ValueError(message)
        if self.names and len(self.names) != tiles:
            message = f"ground of {tiles} tiles has {len(self.names)} names"
            raise ValueError(message)

    def place(self, tile: int) -> tuple[str, bool]:
        """Return what people call this tile, and whether that is a name (not just an id)."""
        site = int(self.site[tile])
        if site >= 0:
            return self.sites[site].name, True
        name = self.names[tile] if self.names else None
        return (name, True) if name else (self.tile_ids[tile], False)
