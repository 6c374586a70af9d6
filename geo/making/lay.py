"""Lay areas on the tiles: which part of each tile's ground lies under which area.

Any tiles will do, squares or polygons. An area with a hundred thousand corners is first cut into
windows of some 16 x 16 tiles, or every tile on its rim would look at all of its corners.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo.making.cut import MEETING_M2_MIN, overlaid
from geo.readonly import read_only

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Laid", "lay"]

# Of a window, in tiles.
WINDOW_SIDE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Laid:
    """Parts of tiles under areas, sorted by (tile, area); all arrays have shape (parts,).

    tile, area: indices. shape: the part, (Multi)Polygon in the plane. part_m2: its area, at least
    what two drawings of one line may differ by.
    """

    tile: NDArray[np.int64]
    area: NDArray[np.int64]
    shape: NDArray[np.object_]
    part_m2: NDArray[np.float64]


def lay(areas: NDArray[np.object_], ground: NDArray[np.object_]) -> Laid:
    """Lay areas, shape (areas,), on the ground of tiles, shape (tiles,); plane polygons, valid.

    >>> tiles = shapely.box(np.arange(3.0) * 10, 0, np.arange(1, 4.0) * 10, 10)
    >>> found = lay(np.array([shapely.box(-5, 0, 14, 10)]), tiles)
    >>> found.tile, found.part_m2
    (array([0, 1]), array([100.,  40.]))
    """
    if not areas.size or not ground.size:
        area, tile = np.zeros((2, 0), np.int64)
    else:
        area, tile = shapely.STRtree(ground).query(areas, predicate="intersects")
    order = np.lexsort((area, tile))
    area, tile = area[order].astype(np.int64), tile[order].astype(np.int64)
    shapely.prepare(areas)
    shape = ground[tile]
    rim = np.flatnonzero(~shapely.contains_properly(areas[area], shape))
    shape[rim] = _cut(areas, area[rim], shape[rim])
    part_m2 = shapely.area(shape)
    met = part_m2 >= MEETING_M2_MIN
    return Laid(
        tile=read_only(tile[met]),
        area=read_only(area[met]),
        shape=read_only(shape[met]),
        part_m2=read_only(part_m2[met]),
    )


def _cut(
    areas: NDArray[np.object_], area: NDArray[np.int64], shape: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Cut shapes down to what lies under their areas; area: index for each shape."""
    if not shape.size:
        return shape
    bounds = shapely.bounds(shape)
    side_m = float(np.median(np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])))
    place = np.floor(bounds[:, :2] / (side_m * WINDOW_SIDE)).astype(np.int64)
    key = np.column_stack((area, place))
    first, window = np.unique(key, axis=0, return_index=True, return_inverse=True)[1:]
    window = window.ravel()
    low, high = np.full((2, first.size, 2), np.inf)
    np.minimum.at(low, window, bounds[:, :2])
    np.minimum.at(high, window, -bounds[:, 2:])
    boxes = shapely.box(*low.T, *-high.T)
    parts = overlaid(shapely.intersection, areas[area[first]], boxes)
    return overlaid(shapely.intersection, parts[window], shape)
