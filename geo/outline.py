"""The outline of a set of tiles in lon/lat, as a desk's map wants it (RFC 7946).

Tiles are grown by a hundredth of their side before they are joined, so that tiles which meet at
a corner only make one valid polygon instead of two that touch. If the outline has too many
points, tiles are taken together in groups of 2 x 2, 4 x 4 and so on: fewer points, still valid,
and still nobody left outside.
"""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.plane import to_globe

# DESIGN 6: an alert carries a polygon of at most this many points, closing points included.
POINTS_MAX: Final = 200
# Work in hundredths of a tile: integers, so that joined sides meet exactly.
STEP: Final = 100
GROWN: Final = 1


def outline_of(
    row: NDArray[np.int32], col: NDArray[np.int32], *, side_m: float, projection: str
) -> list[list[list[float]]]:
    """Rings around the tiles at these rows and columns (relative to the plane's origin).

    row, col: shape (tiles,). Each outer ring (counter-clockwise) is followed by its holes
    (clockwise); every ring repeats its first point at the end. No tiles, no rings.
    """
    if not row.size:
        return []
    group = 1
    parts = _parts(row, col, group)
    while shapely.get_num_coordinates(parts).sum() > POINTS_MAX:
        group *= 2
        parts = _parts(row, col, group)
    rings = shapely.get_rings(parts)
    return [_degrees(ring, side_m / STEP, projection) for ring in rings]


def centroid_of(
    row: NDArray[np.int32], col: NDArray[np.int32], *, side_m: float, projection: str
) -> tuple[float, float]:
    """Lon/lat of the mean of the tiles' centres; at least one tile."""
    # Integer sums are exact in any order; one division each follows.
    middle = [(int(axis.sum()) / axis.size + 0.5) * side_m for axis in (col, row)]
    lon, lat = to_globe(projection, np.array([middle]))[0].tolist()
    return lon, lat


def centres_of(
    row: NDArray[np.int32], col: NDArray[np.int32], *, side_m: float, projection: str
) -> NDArray[np.float64]:
    """Lon/lat of the centre of each tile; shape (tiles, 2)."""
    middle = np.column_stack((col, row)).astype(np.float64) + 0.5
    return to_globe(projection, middle * side_m)


def _parts(row: NDArray[np.int32], col: NDArray[np.int32], group: int) -> NDArray[np.object_]:
    """Polygons around the tiles, in hundredths of a tile; first ring and first point canonical."""
    south, west = row.astype(np.int64) // group, col.astype(np.int64) // group
    place = np.unique(np.column_stack((south, west)), axis=0)
    # Tiles side by side in one row become one box: far fewer shapes to join.
    starts = np.ones(len(place), np.bool_)
    starts[1:] = (np.diff(place[:, 0]) != 0) | (np.diff(place[:, 1]) != 1)
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(place)) - 1
    size = group * STEP
    boxes = shapely.box(
        place[first, 1] * size - GROWN,
        place[first, 0] * size - GROWN,
        (place[last, 1] + 1) * size + GROWN,
        (place[first, 0] + 1) * size + GROWN,
    )
    # Normalised rings start at a true corner, which is what lets `simplify` drop every point
    # that lies in the middle of a side.
    joined = shapely.simplify(shapely.normalize(shapely.union_all(boxes)), 0.0)
    return np.atleast_1d(shapely.get_parts(shapely.orient_polygons(joined)))


def _degrees(ring: shapely.LinearRing, step_m: float, projection: str) -> list[list[float]]:
    """Points of a ring in lon/lat degrees."""
    points: list[list[float]] = to_globe(
        projection, shapely.get_coordinates(ring) * step_m
    ).tolist()
    return points
