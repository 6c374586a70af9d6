"""Which part of a footprint lies beyond the boundary: people who are counted and on no tile."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import tile_span
from geo.making.cut import MEETING_M2_MIN, halved, in_order, overlaid, united


def outside_of(
    shapes: NDArray[np.object_],
    *,
    side_m: float,
    boundary: shapely.Geometry | None,
    excluded: NDArray[np.object_],
) -> NDArray[np.float64]:
    """Part of each footprint, without the excluded layers, beyond the boundary; shape (cells,).

    shapes: valid (Multi)Polygons in the plane. excluded: the same, in any order and overlapping
    as they like. Nothing is outside where there is no boundary, or no more than two drawings of
    one line may differ by.
    """
    out = np.zeros(len(shapes))
    if boundary is None:
        return out
    shapely.prepare(boundary)
    rim = np.flatnonzero(~shapely.covers(boundary, shapes) & ~shapely.is_empty(shapes))
    if not rim.size:
        return out
    within = _reach(shapes[rim], side_m)
    free = shapes[rim]
    if excluded.size:
        sea, _ = halved(in_order(excluded), side_m=side_m, within=within)
        free = overlaid(shapely.difference, free, _covered(free, sea))
    land, _ = halved(in_order(np.array([boundary])), side_m=side_m, within=within)
    free_m2 = shapely.area(free)
    beyond_m2 = free_m2 - shapely.area(_covered(free, land))
    beyond = beyond_m2 >= MEETING_M2_MIN
    out[rim[beyond]] = beyond_m2[beyond] / free_m2[beyond]
    return out


def _reach(shapes: NDArray[np.object_], side_m: float) -> NDArray[np.int64]:
    """First row and column, last row and column of all the shapes together."""
    span = tile_span(shapes, side_m)
    return np.concatenate((span[:, :2].min(axis=0), span[:, 2:].max(axis=0)))


def _covered(shapes: NDArray[np.object_], layer: NDArray[np.object_]) -> NDArray[np.object_]:
    """Cut each shape down to what lies under a layer of pieces, which may overlap."""
    shape, piece = shapely.STRtree(layer).query(shapes, predicate="intersects")
    order = np.lexsort((piece, shape))
    shape, piece = shape[order], piece[order]
    parts = overlaid(shapely.intersection, shapes[shape], layer[piece])
    return united(parts, shape, len(shapes))
