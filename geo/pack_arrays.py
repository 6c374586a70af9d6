"""Members of a pack that are numbers (`.npy`) or polygons (`.wkb`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import shapely

from geo.readonly import read_only

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OUTLINES", "PLACES", "Members", "array_of", "index_of", "npy", "shapes_of", "wkb"]

Members: TypeAlias = Mapping[str, bytes]
"""Content of a pack's members by name."""

OUTLINES: Final = ("boundary", "police", "fire", "sites")
"""Fields of `geo.pack.Outlines`, each a member of its own."""

PLACES: Final = ("x_m", "y_m", "radius_m", "azimuth_deg", "beam_deg")
"""Fields of `geo.pack.CellPlaces`, each a member of its own."""

# Version 1.0 of the format: magic, length of the header in two bytes, a Python literal padded
# with blanks to a multiple of 64.
_MAGIC: Final = b"\x93NUMPY\x01\x00"
_ALIGN: Final = 64
_LITTLE: Final = 1


def npy(array: NDArray[Any], kind: str) -> bytes:
    """Write one row of numbers as a `.npy` file; kind: as numpy spells it, e.g. `<i4`.

    >>> npy(np.array([1, 2]), "<i4")[-8:].hex()
    '0100000002000000'
    """
    return _head(kind, array.size) + array.astype(kind).tobytes()


def array_of(members: Members, name: str, kind: str, size: int | None = None) -> NDArray[Any]:
    """Read one row of numbers of this kind (and size); read-only. Raises KeyError, ValueError."""
    data = members[name]
    width = np.dtype(kind).itemsize
    start = len(_MAGIC) + 2 + int.from_bytes(data[len(_MAGIC) : len(_MAGIC) + 2], "little")
    length = (len(data) - start) // width
    if data[:start] != _head(kind, length) or (size is not None and length != size):
        raise ValueError(f"{name} is no row of {'' if size is None else f'{size} '}{kind}")
    return np.frombuffer(data, kind, offset=start)


def _head(kind: str, size: int) -> bytes:
    """Everything of a `.npy` file that stands before the numbers, as numpy writes it."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({size},), }}"
    blanks = -(len(_MAGIC) + 2 + len(header) + 1) % _ALIGN
    text = (header + " " * blanks + "\n").encode()
    return _MAGIC + len(text).to_bytes(2, "little") + text


def index_of(members: Members, name: str, below: int) -> NDArray[np.int32]:
    """Read indexes from 0 to `below` - 1. Raises KeyError, ValueError."""
    array: NDArray[np.int32] = array_of(members, name, "<i4")
    if array.size and not (array.min() >= 0 and array.max() < below):
        raise ValueError(f"{name} points beyond {below}")
    return array


def wkb(shapes: NDArray[np.object_]) -> bytes:
    """Write polygons as one geometry collection in WKB."""
    collection = shapely.geometrycollections(shapes)
    return bytes(shapely.to_wkb(collection, byte_order=_LITTLE, output_dimension=2))


def shapes_of(members: Members, name: str) -> NDArray[np.object_]:
    """Read polygons; read-only. Raises KeyError, shapely's errors."""
    return read_only(np.asarray(shapely.get_parts(shapely.from_wkb(members[name])), np.object_))
