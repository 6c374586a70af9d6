"""Long sides get points in between, so that they stay as straight as their file has drawn them.

A side is a straight line in the coordinates of its file, and a curve in every other: in the plane
of a city one of 2 km bends by some centimetres, one of 30 km by many metres. Two layers that
draw one border with other corners (a boundary with one side, districts that meet in the middle of
it) would gape there, for corners alone are projected. With a point at least every 250 m (every
50 m in BD-09, whose waves are shorter) what is left are some millimetres, less than any drawing
is exact to.
"""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.datum import BD09, in_degrees

__all__ = ["straightened"]

STEP_DEG: Final = 0.0025
STEP_BD09_DEG: Final = 0.0005
STEP_M: Final = 250.0
# A shape of a whole country (or of wrong units) must not become a file's worth of points.
POINTS_MAX: Final = 10_000


def straightened(shapes: NDArray[np.object_], *, datum: str) -> NDArray[np.object_]:
    """Put points on the long sides of polygons, in the coordinates in which they were drawn.

    >>> side = shapely.box(0, 0, 0.01, 0.001)
    >>> shapely.get_num_coordinates(straightened(np.array([side]), datum="wgs84")).tolist()
    [11]
    """
    least = STEP_DEG if in_degrees(datum) else STEP_M
    step = np.maximum(
        STEP_BD09_DEG if datum == BD09 else least, shapely.length(shapes) / POINTS_MAX
    )
    return np.asarray(shapely.segmentize(shapes, max_segment_length=step), np.object_)
