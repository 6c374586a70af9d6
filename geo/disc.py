"""Discs as polygons in the plane, of exactly the area that their radius says."""

from math import cos, pi, sin, sqrt
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

# At 64 corners the rim is off by less than 0.2 % of the radius: far below what a radius means.
CORNERS: Final = 64

# A regular polygon of this circumradius has the area of the unit circle.
_REACH: Final = sqrt(2 * pi / (CORNERS * sin(2 * pi / CORNERS)))
# Rounded, because two machines may differ in the last bit of a sine.
_RIM: Final = np.array(
    [
        (
            round(_REACH * cos(2 * pi * k / CORNERS), 12),
            round(_REACH * sin(2 * pi * k / CORNERS), 12),
        )
        for k in range(CORNERS)
    ]
)


def discs(centre: NDArray[np.float64], radius_m: NDArray[np.float64]) -> NDArray[np.object_]:
    """Polygons around centres, shape (cells, 2), metres, with these radii, shape (cells,).

    >>> round(float(discs(np.zeros((1, 2)), np.array([100.0]))[0].area) / 1e4, 6)
    3.141593
    """
    rims = np.round(centre[:, None, :] + radius_m[:, None, None] * _RIM, 6)
    return np.asarray(shapely.polygons(rims), dtype=np.object_)
