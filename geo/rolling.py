"""The rolling density of a tile: the mean of its people over the hops of a window."""

import numpy as np
from numpy.typing import NDArray

from geo.readonly import read_only

__all__ = ["rolling"]


def rolling(ring: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean over the present hops of the window; NaN where fewer than half of them are present.

    ring: shape (hops, tiles), NaN where a hop is unknown. Rows are added one after the other in
    the order given, so the caller keeps a fixed one (hop number modulo hops, or oldest first).

    >>> rolling(np.array([[1, np.nan], [3, np.nan], [np.nan, 6]], np.float32))
    array([ 2., nan], dtype=float32)
    """
    hops, tiles = ring.shape
    total = np.zeros(tiles)
    present = np.zeros(tiles, np.int32)
    # A loop over hops, not over tiles: numpy's own reduction pairs terms differently when
    # there is a single tile, and the partition count must not change a bit.
    for row in ring:
        known = row == row  # noqa: PLR0124 - NaN is the one number unlike itself; isnan is slower
        np.add(total, row, out=total, where=known)
        present += known
    mean = np.full(tiles, np.nan)
    np.divide(total, present, out=mean, where=present > 0)
    mean[present * 2 < hops] = np.nan
    return read_only(mean.astype(np.float32))
