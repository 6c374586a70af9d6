"""How much the tiles around a tile are its echo: counts of the same cells, laid on all of them.

Where cells are larger than tiles, nine tiles say what two or three cells say, and a chance jump
of one cell would look like nine. The scatter of their sum follows from the coverage: two tiles go
together as far as their shares of cells do (the cosine of the two rows). Of the 81 pairs in a
3 x 3 only those with the middle are looked at; they stand for the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geo.spread import summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stream.links import Pairs

__all__ = ["echo_of"]

PARTS: Final = 1024.0
"""Results are rounded to so many parts, so that no last bit of a sum decides."""


def echo_of(pairs: Pairs, around: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return the scatter of the sum over each 3 x 3 of independent cells, in single scatters.

    around: int32 (tiles, 8), -1 = none. Between the square root of how many tiles there are (each
    with cells of its own) and their number (one cell on all). A tile without cells echoes nobody.
    """
    tiles = len(around)
    width = int(pairs.entry.max()) + 1 if len(pairs.entry) else 1
    key = pairs.tile.astype(np.int64) * width + pairs.entry
    length = np.sqrt(summed(pairs.tile, pairs.share * pairs.share, tiles))
    alike = np.ones(tiles)
    for beside in around.T:
        other = beside[pairs.tile].astype(np.int64)
        wanted = other * width + pairs.entry
        at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
        both = np.flatnonzero((other >= 0) & (key[at] == wanted))
        here = pairs.tile[both]
        product = pairs.share[both] * pairs.share[at[both]]
        product /= length[here] * length[other[both]]
        alike += summed(here, product, tiles)
    count = 1 + np.count_nonzero(around >= 0, axis=1)
    root: NDArray[np.float64] = np.rint(np.sqrt(count * np.minimum(alike, count)) * PARTS) / PARTS
    return root.astype(np.float32)
