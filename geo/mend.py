"""Outlines that cross themselves made valid, and a line that says so.

Drawing programs let a ring cross or touch itself; nothing can be cut or measured by such a one.
Mending keeps the ground that the ring goes around (each loop of a figure of eight), and loses
only what has no area.
"""

from typing import Final

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo.geojson import Area, OutlineError

__all__ = ["mended", "report_line", "valid_again", "what_is_wrong"]

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
    whole = valid_again(np.array([shape], np.object_))[0]
    if not isinstance(whole, Area) or not whole.area > 0:
        raise OutlineError("covers no ground", "redraw its outline, or take it out")
    return whole


def valid_again(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the shapes, those that are not valid mended; shape (n,).

    Also for outlines whose points were moved: two that lay on one line may cross afterwards.
    """
    made = shapes.copy()
    bad = ~shapely.is_valid(shapes)
    made[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    return made


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
