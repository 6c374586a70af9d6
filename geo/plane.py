"""The flat, equal-area plane of a city: Lambert azimuthal (LAEA), centred on its cells.

Within 40 km of the centre every square of the plane has the area it claims to have on the
ellipsoid, which is what a density needs. Coordinates are rounded to a micrometre (plane) and to
1e-7 degrees (globe): the sines of two machines may differ in the last bit, what is built on
them must not.
"""

from functools import lru_cache
from typing import Final

import numpy as np
import pyproj
from numpy.typing import NDArray

PLANE_DECIMALS: Final = 6
DEGREE_DECIMALS: Final = 7
# Coarse on purpose: a new cell at the edge of the city should not move the grid.
CENTRE_DECIMALS: Final = 1

HALF_TURN: Final = 180.0


def centre_of(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[float, float]:
    """Middle of the bounding box in degrees, rounded to 0.1; also across the date line.

    >>> centre_of(np.array([110.2, 110.6]), np.array([21.1, 21.3]))
    (110.4, 21.2)
    >>> centre_of(np.array([179.0, -178.6]), np.array([-17.0, -17.0]))
    (-179.8, -17.0)
    """
    if np.ptp(lon) > HALF_TURN:
        lon = np.where(lon < 0, lon + 2 * HALF_TURN, lon)
    east = round((float(lon.min()) + float(lon.max())) / 2, CENTRE_DECIMALS)
    north = round((float(lat.min()) + float(lat.max())) / 2, CENTRE_DECIMALS)
    wrapped = east - 2 * HALF_TURN if east > HALF_TURN else east
    return round(wrapped, CENTRE_DECIMALS), north


def projection_of(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> str:
    """PROJ string of the plane centred on these points.

    >>> projection_of(np.array([9.0, 9.4]), np.array([45.4, 45.6]))
    '+proj=laea +lat_0=45.5 +lon_0=9.2 +datum=WGS84 +units=m +no_defs'
    """
    return plane_at(*centre_of(lon, lat))


def plane_at(lon: float, lat: float) -> str:
    """PROJ string of the plane whose centre lies at these degrees.

    >>> plane_at(9.19, 45.464)
    '+proj=laea +lat_0=45.464 +lon_0=9.19 +datum=WGS84 +units=m +no_defs'
    """
    east, north = round(float(lon), DEGREE_DECIMALS), round(float(lat), DEGREE_DECIMALS)
    return f"+proj=laea +lat_0={north} +lon_0={east} +datum=WGS84 +units=m +no_defs"


def to_plane(projection: str, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project lon/lat degrees, shape (n, 2), to metres east and north of the centre."""
    x, y = _transformer(projection).transform(degrees[:, 0], degrees[:, 1])
    return np.round(np.column_stack((x, y)), PLANE_DECIMALS)


def to_globe(projection: str, metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn metres of the plane, shape (n, 2), back into lon/lat degrees."""
    lon, lat = _transformer(projection).transform(metres[:, 0], metres[:, 1], direction="INVERSE")
    return np.round(np.column_stack((lon, lat)), DEGREE_DECIMALS)


@lru_cache(maxsize=8)
def _transformer(projection: str) -> pyproj.Transformer:
    """Make the transformer once a projection: making it takes longer than using it."""
    return pyproj.Transformer.from_crs("EPSG:4326", pyproj.CRS(projection), always_xy=True)
