"""Outlines that cross themselves made valid, and a line that says so.

Drawing programs let a ring cross or touch itself; nothing can be cut or measured by such a one.
Mending keeps the ground that the ring goes around, in whatever direction (each loop of a figure
of eight), and loses only what has no area. GEOS has the same in `make_valid`, but of a ring that
runs back along itself, as a spike does, it may lose the whole ground (GEOS 3.14).
"""

from collections.abc import Sequence
from math import inf
from typing import Final

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.geojson import Area, OutlineError

__all__ = ["mended", "report_line", "valid_again", "what_is_wrong"]

# A slip of the hand crosses a few times; each piece is looked at against the whole ring.
FACES_MAX: Final = 2_000
KM2: Final = 1e6
_GLOBE: Final = pyproj.Geod(ellps="WGS84")


def what_is_wrong(shape: Area) -> str:
    """Say what is wrong with an outline and where; empty if it is valid.

    >>> what_is_wrong(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]))
    'Self-intersection near 1 1'
    """
    if shape.is_valid:
        return ""
    what, _, place = shapely.is_valid_reason(shape).partition("[")
    return f"{what} near {place.rstrip(']')}" if place else what


def mended(shape: Area) -> Area:
    """Return a valid outline of the same ground; raises `OutlineError` if it has none.

    >>> mended(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])).area
    2.0
    """
    whole = shape if shape.is_valid else _ground(shape, FACES_MAX)
    if not whole.area > 0:
        raise OutlineError("covers no ground", "redraw its outline, or take it out")
    return whole


def valid_again(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the shapes, outlines that are not valid mended; shape (n,).

    For outlines whose points were moved: two that lay on one line may cross afterwards. What is
    left without ground becomes empty.
    """
    made = shapes.copy()
    for index in np.flatnonzero(~shapely.is_valid(shapes)).tolist():
        made[index] = _ground(made[index], inf)
    return made


def _ground(shape: Area, faces_max: float) -> Area:
    """Return what the outer rings go around, less what their holes do; raises `OutlineError`."""
    parts = []
    for part in shapely.get_parts(shape):
        outer, *holes = [_inside(ring, faces_max) for ring in shapely.get_rings(part)]
        parts.append(shapely.difference(outer, _joined(holes)))
    return _joined(parts)


def _inside(ring: shapely.LinearRing, faces_max: float) -> Area:
    """Return the faces of the plane around which a ring turns; raises `OutlineError`."""
    points = shapely.get_coordinates(ring)
    # Noded: cut at every crossing, what is drawn twice kept once.
    lines = shapely.union_all(np.array([shapely.linestrings(points)]))
    faces = shapely.get_parts(shapely.polygonize([lines]))
    if len(faces) > faces_max:
        says = f"crosses itself into more than {faces_max} pieces"
        raise OutlineError(says, "simplify or redraw its outline")
    kept = [
        face for face, point in zip(faces, _points_in(faces), strict=True) if _turns(points, *point)
    ]
    return _joined(kept)


def _joined(parts: Sequence[BaseGeometry]) -> Area:
    """Join outlines; nothing of nothing is an empty outline, where GEOS has another kind."""
    whole = shapely.union_all(parts)
    return whole if isinstance(whole, Area) else shapely.Polygon()


def _points_in(faces: NDArray[np.object_]) -> list[list[float]]:
    """One point inside each face."""
    inner: list[list[float]] = shapely.get_coordinates(shapely.point_on_surface(faces)).tolist()
    return inner


def _turns(points: NDArray[np.float64], x: float, y: float) -> int:
    """Count how often a closed ring goes around a place: sides passing east of it, signed."""
    (x1, y1), (x2, y2) = points[:-1].T, points[1:].T
    left = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
    up = (y1 <= y) & (y2 > y) & (left > 0)
    down = (y1 > y) & (y2 <= y) & (left < 0)
    return int(np.count_nonzero(up)) - int(np.count_nonzero(down))


def report_line(where: str, wrong: str, shape: shapely.Geometry) -> str:
    """Say what was mended, and how much ground it has now. shape: mended, lon/lat degrees.

    >>> report_line("feature 1", "Self-intersection near 1 1", shapely.box(9.0, 45.0, 9.1, 45.1))
    'feature 1: Self-intersection near 1 1; mended, now 87.5 km2'
    """
    # The sign of an area is the turn of its ring: they must all turn the same way.
    area_m2 = _GLOBE.geometry_area_perimeter(shapely.orient_polygons(shape))[0]
    # Rounded to what a reader needs, and so that no last bit of a sine shows.
    size = f"{area_m2:.0f} m2" if area_m2 < KM2 else f"{area_m2 / KM2:.3g} km2"
    return f"{where}: {wrong}; mended, now {size}"
