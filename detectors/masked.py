"""Masked writes that guess nothing: bits are chosen with and, xor, instead of branches.

numpy's own `where` and `copyto` branch on each element; on mixed masks the processor guesses
every other one wrong, and a choice costs ten times a division. Here both sides are read and
their bits are blended, so the time does not depend on the mask. The bits are those of numpy.
Few tiles go numpy's way, because there a call costs more than its elements.
"""

import numpy as np
from numpy.typing import NDArray

from detectors.contract import Mask, Tiles
from detectors.exact import FEW


def put(row: Tiles, news: Tiles, where: Mask) -> None:
    """Write news into a row where the mask says so; shapes (tiles,).

    >>> row = np.zeros(3, np.float32)
    >>> put(row, np.ones(3, np.float32), np.array([True, False, True]))
    >>> row
    array([1., 0., 1.], dtype=float32)
    """
    if where.size < FEW:
        np.copyto(row, news, where=where)
    elif where.all():
        np.copyto(row, news)
    else:
        bits = row.view(np.int32)
        change = bits ^ news.view(np.int32)
        change &= _all_bits(where)
        bits ^= change


def chosen(where: Mask, one: Tiles, other: Tiles) -> Tiles:
    """Return `one` where the mask says so and `other` elsewhere, as a new array.

    >>> yes = np.array([True, False])
    >>> chosen(yes, np.ones(2, np.float32), np.zeros(2, np.float32))
    array([1., 0.], dtype=float32)
    """
    if where.size < FEW:
        return np.where(where, one, other)
    blend = one.view(np.int32) ^ other.view(np.int32)
    blend &= _all_bits(where)
    blend ^= other.view(np.int32)
    return blend.view(np.float32)


def kept(where: Mask, value: Tiles) -> Tiles:
    """Return a value where the mask says so and 0 elsewhere, as a new array.

    >>> kept(np.array([True, False]), np.full(2, np.nan, np.float32))
    array([nan,  0.], dtype=float32)
    """
    if where.size < FEW:
        return np.where(where, value, np.float32(0.0))
    bits = _all_bits(where)
    bits &= value.view(np.int32)
    return bits.view(np.float32)


def _all_bits(where: Mask) -> NDArray[np.int32]:
    """Return a number of 32 ones where True, of zeros where False."""
    bits = where.view(np.int8).astype(np.int32)
    return np.negative(bits, out=bits)
