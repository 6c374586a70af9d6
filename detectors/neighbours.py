"""Neighbours: a crowd over several tiles, each of which holds a little more than usual.

z9 is the sum of clipped z over a tile and those around it, divided by what that sum scatters, so
that it is a unit normal again: the root of how many they are, where each has cells of its own,
and more where they repeat what the same cells say (`Baseline.echo`). It goes through the same
statistics as z with memory and a budget of its own: the maximum of both under one threshold loses
most of what it finds.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.contract import Mask, TileIndex, Tiles
from detectors.exact import at_least, clamp
from detectors.masked import kept

# The highest and the lowest of those around are left out of their middle.
ENDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourSpec:
    """Settings of the neighbour layer.

    least, most: z of one tile enters within these; lower `most` if single wild tiles colour
        their surroundings, raise `least` towards 0 if one empty tile hides a crowd beside it.
    """

    least: float = -8.0
    most: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Around:
    """Which tiles lie around each tile.

    index: (8, tiles), where none is, the number of tiles, one past the last. root: square root
    of how many tiles a sum runs over, the tile itself included, or the scatter of the sum where
    tiles echo one another; shape (tiles,). alone: nobody is around. count: how many are.
    far: infinite where none is, else 0, shape (8, tiles): added, it makes them nobody's ends.
    """

    index: TileIndex
    root: Tiles
    alone: Mask
    count: Tiles
    far: Tiles


def around(neighbours: NDArray[np.int32]) -> Around:
    """Prepare neighbours, shape (tiles, 8), -1 = none; ValueError for any other shape or index.

    >>> around(np.full((2, 8), -1, np.int32)).root
    array([1., 1.], dtype=float32)
    """
    tiles = len(neighbours)
    fits = neighbours.shape == (tiles, 8)
    if not fits or (tiles and not -1 <= neighbours.min() <= neighbours.max() < tiles):
        raise ValueError(f"neighbours of shape {neighbours.shape} do not fit {tiles} tiles")
    index = np.ascontiguousarray(np.where(neighbours < 0, tiles, neighbours).T, np.intp)
    count = 1 + (neighbours >= 0).sum(axis=1)
    root = np.sqrt(count.astype(np.float32))
    return Around(
        index=index,
        root=root,
        alone=count == 1,
        count=(count - 1).astype(np.float32),
        far=np.where(index < tiles, np.float32(0.0), np.float32(np.inf)),
    )


def gathered(near: Around, value: Tiles) -> Tiles:
    """Return the value of each of those around each tile, 0 where none is; shape (8, tiles)."""
    padded = np.append(value, np.float32(0.0))
    found = np.empty(near.index.shape, np.float32)
    return np.take(padded, near.index, out=found, mode="clip")


def total(near: Around, value: Tiles) -> Tiles:
    """Return the sum of a value over each tile and those around it, in a fixed order."""
    padded = np.append(value, np.float32(0.0))
    summed, one = value.copy(), np.empty_like(value)
    for index in near.index:
        np.take(padded, index, out=one, mode="clip")
        summed += one
    return summed


def middle(near: Around, beside: Tiles, *, limit: float) -> Tiles:
    """Return the mean over those around each tile, without the highest and the lowest of them.

    beside: as of `gathered`; each is held within +-limit. 0 where fewer than three are around.

    >>> row = np.array([[1, 2, 3, -1, -1, -1, -1, -1]] + [[-1] * 8] * 3, np.int32)
    >>> near = around(row)
    >>> middle(near, gathered(near, np.array([7, 1, 2, 9], np.float32)), limit=4.0)
    array([2., 0., 0., 0.], dtype=float32)
    """
    low, high = np.full_like(near.root, np.inf), np.full_like(near.root, -np.inf)
    summed, end = np.zeros_like(low), np.empty_like(low)
    for value, far in zip(beside, near.far, strict=True):
        one = clamp(value, -limit, limit)
        summed += one
        np.minimum(low, np.add(one, far, out=end), out=low)
        np.maximum(high, np.subtract(one, far, out=end), out=high)
    enough = near.count > ENDS
    summed -= kept(enough, low)
    summed -= kept(enough, high)
    summed /= at_least(near.count - np.float32(ENDS), 1.0)
    return kept(enough, summed)


def pooled(spec: NeighbourSpec, near: Around, z: Tiles, beside: Tiles) -> Tiles:
    """Return z9 from z, which must be 0 where a tile has nothing to say; beside: `gathered` of z.

    It is 0 of a tile with nobody around: that is judged alone, once.

    >>> pair = np.full((3, 8), -1, np.int32)
    >>> pair[0, 4], pair[1, 3] = 1, 0
    >>> near, z = around(pair), np.array([30, 0, 9], np.float32)
    >>> pooled(NeighbourSpec(), near, z, gathered(near, z)).round(2)
    array([14.14, 14.14,  0.  ], dtype=float32)
    """
    summed = clamp(z, spec.least, spec.most)
    for one in beside:
        summed += clamp(one, spec.least, spec.most)
    summed /= near.root
    return kept(~near.alone, summed)
