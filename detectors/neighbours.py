"""Crowds wider than a tile: z pooled over a tile and the eight around it.

Each of nine tiles may be out by less than anybody would notice, and all of them together by far
more than chance allows. What chance allows hangs on how much the tiles are one another's echo:
where one radio cell covers them all, nine counts are one count. The pooled z goes through the
same statistics as that of one tile, with state, runs and a threshold of its own: under one
threshold the better of the two loses most.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.contract import Mask, Tiles
from detectors.exact import clamp

# One tile counts at most so much, so that a single wild reading is not a neighbourhood.
Z_MIN: Final = -8.0
Z_MAX: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Around:
    """Who stands around each tile. index: intp, shape (8, tiles), number of tiles = nobody.

    root: scatter of the sum of nine normal scores: the square root of how many there are, itself
    included, where each is a count of its own; more where they echo one another. Shape (tiles,).
    alone: nobody is around.
    """

    index: NDArray[np.intp]
    root: Tiles
    alone: Mask


def around(neighbours: NDArray[np.int32]) -> Around:
    """Lay neighbours out; neighbours: int32 (tiles, 8), -1 = none.

    >>> around(np.full((1, 8), -1, np.int32)).root
    array([1.], dtype=float32)
    """
    there = neighbours >= 0
    index = np.where(there, neighbours, len(neighbours)).T
    count = 1 + np.count_nonzero(there, axis=1)
    return Around(
        index=np.ascontiguousarray(index, np.intp),
        root=np.sqrt(count.astype(np.float32)),
        alone=count == 1,
    )


def pooled(who: Around, z: Tiles, *, believed: Mask) -> Tiles:
    """Return the pooled normal score of each tile; what is not believed counts as nothing.

    Of a tile with nobody around it is 0: its own score is judged where it stands alone.
    """
    sums = total(who, np.where(believed, clamp(z, Z_MIN, Z_MAX), np.float32(0.0)))
    return np.where(who.alone, np.float32(0.0), sums / who.root)


def total(who: Around, values: Tiles) -> Tiles:
    """Return the sum over each tile and those around it, in a fixed order."""
    padded = np.append(values, np.float32(0.0))
    found = values.copy()
    for index in who.index:
        found += padded[index]
    return found
