"""Datums: to WGS 84 and back from what maps of China and surveyors use, exact to a millimetre.

GCJ-02 is the datum of every Chinese map provider by law, BD-09 that of one of them: WGS 84 with a
smooth offset of some 300 to 700 m, only inside a rectangle around China. The offsets are closed
formulas; their inverses have none and are found by fixed point: the offset changes so little
over its own length that each step leaves a two-hundredth of the error. Everything else is an
EPSG code and PROJ's business. Formulas: reverse-engineered and public since 2010 ("eviltransform",
Krasovsky 1940 ellipsoid).

Build time only: sines of two machines may differ in the last bit, so whatever is built on a
result is rounded afterwards (`geo/plane.py`).
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

__all__ = [
    "BD09",
    "DATUMS",
    "GCJ02",
    "WGS84",
    "DatumError",
    "from_wgs84",
    "in_degrees",
    "known",
    "to_wgs84",
]

WGS84: Final = "wgs84"
GCJ02: Final = "gcj02"
BD09: Final = "bd09"
DATUMS: Final = "wgs84, gcj02, bd09 or EPSG:<code>"
"""What a layer may declare, for the sentence that says so."""

_EPSG: Final = re.compile(r"EPSG:([1-9][0-9]{3,5})")
# Where the offset acts: lon and lat, degrees.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
# Krasovsky 1940: semi-major axis in metres, first eccentricity squared.
_A: Final = 6_378_245.0
_E2: Final = 0.006_693_421_622_965_943
_X_PI: Final = np.pi * 3000.0 / 180.0
_BD_LON, _BD_LAT = 0.0065, 0.006
STEPS: Final = 6  # of the fixed point: three leave 0.1 mm, the rest is free

Degrees = NDArray[np.float64]


class DatumError(ValueError):
    """A datum that nobody knows; the message says what one may write."""


def known(datum: str) -> str:
    """Return the datum's name in one spelling. Raises DatumError.

    >>> known("GCJ-02"), known("epsg:4490")
    ('gcj02', 'EPSG:4490')
    """
    name = datum.strip()
    plain = name.lower().replace("-", "").replace("_", "").replace(" ", "")
    if plain in {WGS84, GCJ02, BD09}:
        return plain
    code = _EPSG.fullmatch(name.upper())
    if code is None:
        message = f"datum {datum[:40]!r} is not known; write {DATUMS}"
        raise DatumError(message)
    _transformer(code[0])
    return code[0]


def in_degrees(datum: str) -> bool:
    """Tell whether positions of a datum are longitudes and latitudes. Raises DatumError.

    >>> in_degrees("bd09"), in_degrees("EPSG:4490"), in_degrees("EPSG:4547")
    (True, True, False)
    """
    name = known(datum)
    return not name.startswith("EPSG:") or bool(pyproj.CRS(name).is_geographic)


def to_wgs84(datum: str, points: Degrees) -> Degrees:
    """Turn positions of a datum into WGS 84 lon/lat degrees; both have shape (n, 2).

    points: lon, lat; for an EPSG code its own east, north. Raises DatumError.
    """
    name = known(datum)
    if name == WGS84:
        return points.copy()
    if name in _OFFSETS:
        return _wgs_of(_OFFSETS[name], points)
    return np.column_stack(_transformer(name).transform(points[:, 0], points[:, 1]))


def from_wgs84(datum: str, points: Degrees) -> Degrees:
    """Turn WGS 84 lon/lat degrees into positions of a datum; both have shape (n, 2).

    Raises DatumError.
    """
    name = known(datum)
    if name == WGS84:
        return points.copy()
    if name in _OFFSETS:
        return _OFFSETS[name](points)
    back = _transformer(name).transform(points[:, 0], points[:, 1], direction="INVERSE")
    return np.column_stack(back)


def _gcj_of_wgs(points: Degrees) -> Degrees:
    """Add the offset, inside the rectangle only."""
    lon, lat = points.T
    x, y = lon - 105.0, lat - 35.0
    waves = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += 2.0 / 3.0 * (waves + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi))
    north += 2.0 / 3.0 * (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += 2.0 / 3.0 * (waves + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi))
    east += 2.0 / 3.0 * (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi))
    phi = np.radians(lat)
    magic = 1.0 - _E2 * np.sin(phi) ** 2
    root = np.sqrt(magic)
    d_lat = np.degrees(north / (_A * (1.0 - _E2) / (magic * root)))
    d_lon = np.degrees(east / (_A / root * np.cos(phi)))
    moved = np.column_stack((lon + d_lon, lat + d_lat))
    return np.where(_in_china(points)[:, None], moved, points)


def _bd_of_wgs(points: Degrees) -> Degrees:
    """Add the second offset to the first, inside the rectangle only."""
    lon, lat = _gcj_of_wgs(points).T
    far = np.sqrt(lon * lon + lat * lat) + 0.00002 * np.sin(lat * _X_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _X_PI)
    moved = np.column_stack((far * np.cos(angle) + _BD_LON, far * np.sin(angle) + _BD_LAT))
    return np.where(_in_china(points)[:, None], moved, points)


def _in_china(points: Degrees) -> NDArray[np.bool_]:
    lon, lat = points.T
    inside: NDArray[np.bool_] = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    return inside


_OFFSETS: Final = {GCJ02: _gcj_of_wgs, BD09: _bd_of_wgs}


def _wgs_of(forward: Callable[[Degrees], Degrees], points: Degrees) -> Degrees:
    """Find what `forward` turns into these points, by fixed point."""
    found = points
    for _ in range(STEPS):
        found = found - (forward(found) - points)
    return found


@lru_cache(maxsize=8)
def _transformer(code: str) -> pyproj.Transformer:
    """Make the transformer of an EPSG code to WGS 84, east before north. Raises DatumError."""
    try:
        return pyproj.Transformer.from_crs(code, "EPSG:4326", always_xy=True)
    except CRSError as fault:
        message = f"{code} is no code of the EPSG registry; write {DATUMS}"
        raise DatumError(message) from fault
