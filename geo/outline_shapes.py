"""The outline and the middle of tiles that came as polygons of their own (identity tiling).

As `geo/outline.py` does for squares: the outline errs outwards, and has few enough points for an
alert. Shapes are grown a little, so that neighbours whose borders were drawn twice still join,
then simplified; if too many points are left, their bounding boxes are grown by a sixteenth of a
tile, then by twice as much, and so on.
"""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.outline import POINTS_MAX
from geo.plane import DEGREE_DECIMALS

# Degrees; a metre or so, as borders are drawn.
GROWN_DEG: Final = 1e-5
# Of a tile's side: growth at which coarsening begins.
COARSE_RATIO: Final = 1 / 16
UNIT: Final = 10**DEGREE_DECIMALS


def outline_around(shapes: NDArray[np.object_]) -> list[list[list[float]]]:
    """Rings around (Multi)Polygons in lon/lat, shape (tiles,); wound and nested as RFC 7946 says.

    At most `POINTS_MAX` points, closing points included. No tiles, no rings.

    >>> outline_around(np.array([shapely.box(0, 0, 1, 1)]))
    [[[-1e-05, -1e-05], [1.00001, -1e-05], [1.00001, 1.00001], [-1e-05, 1.00001], [-1e-05, -1e-05]]]
    """
    if not shapes.size:
        return []
    parts = _parts(shapes, GROWN_DEG)
    # Too many points: what is drawn coarsely needs no fine corners to begin with.
    boxes = np.asarray(shapely.box(*shapely.bounds(shapes).T), dtype=np.object_)
    grown_deg = float(np.sqrt(np.median(shapely.area(boxes)))) * COARSE_RATIO
    while shapely.get_num_coordinates(parts).sum() > POINTS_MAX:
        parts = _parts(boxes, grown_deg)
        grown_deg *= 2
    rings = shapely.get_rings(shapely.orient_polygons(parts))
    return [shapely.get_coordinates(ring).tolist() for ring in rings]


def middle_of(shapes: NDArray[np.object_]) -> tuple[float, float]:
    """Lon/lat of the mean of the shapes' centres; at least one shape."""
    # Integer sums are exact in any order; one division each follows.
    whole = np.rint(middles_of(shapes) * UNIT).astype(np.int64).sum(axis=0).tolist()
    lon, lat = (round(axis / len(shapes) / UNIT, DEGREE_DECIMALS) for axis in whole)
    return lon, lat


def middles_of(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Lon/lat of the centroid of each shape; shape (tiles, 2)."""
    points = shapely.get_coordinates(shapely.centroid(shapes))
    return np.asarray(np.round(points, DEGREE_DECIMALS), np.float64)


def _parts(shapes: NDArray[np.object_], grown_deg: float) -> NDArray[np.object_]:
    """Polygons around the shapes, grown and simplified by so much; first points canonical."""
    grown = shapely.buffer(shapes, grown_deg, join_style="mitre")
    joined = shapely.simplify(shapely.normalize(shapely.union_all(grown)), grown_deg / 2)
    rounded = shapely.set_precision(joined, 1.0 / UNIT)
    return np.atleast_1d(shapely.get_parts(shapely.normalize(rounded)))
