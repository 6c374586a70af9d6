"""The cells of a city as their file gives them: footprints on the ground, or tiles of their own.

Both kinds list their cells sorted by id, so the order of the file decides nothing.
Coordinates are WGS 84 degrees.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Squares:
    """Cells that already come on squares: each is its own tile (identity tiling).

    cells: ids, sorted. area_m2: walkable area, shape (cells,). row, col: int32, -1 where the
    file names none. names: what people call the place, or None. shapes: (Multi)Polygons in
    lon/lat, shape (cells,), or None where nobody drew them.
    """

    cells: tuple[str, ...]
    area_m2: NDArray[np.float64]
    row: NDArray[np.int32]
    col: NDArray[np.int32]
    names: tuple[str | None, ...]
    shapes: NDArray[np.object_] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Footprints:
    """Cells with a footprint: a polygon, or a site with a disc, a sector or nothing but its place.

    cells: ids, sorted. shapes: shapely Points (sites) or (Multi)Polygons, lon/lat degrees, shape
    (cells,). radius_m: of the disc or sector; NaN where the shape is a polygon, and of a *bare
    point*, whose footprint is what lies nearer to it than to the others. azimuth_deg, beam_deg:
    where a sector looks, clockwise from north, 0 to 360, and how wide, above 0 to 360; NaN where
    it is no sector. All shape (cells,).
    repaired: one line for each outline that was mended, in the order of the cells; empty for a
    plain cells file, which is refused instead.
    """

    cells: tuple[str, ...]
    shapes: NDArray[np.object_]
    radius_m: NDArray[np.float64]
    azimuth_deg: NDArray[np.float64]
    beam_deg: NDArray[np.float64]
    repaired: tuple[str, ...] = ()


Register: TypeAlias = Squares | Footprints
