"""What both tilings come to: a grid, its ground, and the cells laid on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import shapely
    from numpy.typing import NDArray

    from geo.grid import Grid
    from geo.making.assign import Tiles
    from geo.making.coverages import Covered

__all__ = ["LaidOut"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LaidOut:
    """A city before anybody answers for it; arrays of shape (tiles,) in the order of the grid.

    projection: of the plane; None if nothing has a place. boundary: in the plane. tiles: to lay
    areas on; None without places. ground_m2: NaN where unknown. assumed: see `City`. cells: of
    the whole city. covered: by (valid_from, feed).
    """

    grid: Grid
    projection: str | None
    boundary: shapely.Geometry | None
    tiles: Tiles | None
    ground_m2: NDArray[np.float64]
    assumed: NDArray[np.bool_]
    cells: tuple[str, ...]
    covered: tuple[Covered, ...]
