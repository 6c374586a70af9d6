"""Neighbours: a crowd over several tiles, each of which holds a little more than usual.

z9 is the sum of clipped z over a tile and those around it without the highest and the lowest,
divided by what that sum scatters, so that it is a unit normal again: near the root of how many they
are, where each has cells of its own, and more where they repeat what the same cells say
(`Baseline.echo`). It goes through the same statistics as z with memory and a budget of its own: the
maximum of both under one threshold loses most of what it finds. One tile that is full is told by
the layer of tiles alone; in a plain sum it coloured all eight around it, which then rang beside it
and filled the tail that this layer's threshold is read from. Trimming after Tukey (1960),
Contributions to Probability and Statistics 448.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.contract import Mask, TileIndex, Tiles
from detectors.exact import at_least, clamp
from detectors.masked import kept

# The highest and the lowest are left out of a middle, and of a sum of more than these two.
ENDS: Final = 2
# What the sum of 3 to 9 unit normals without their highest and lowest scatters, over the root of
# how many they are; of fewer nothing is left out.
TRIMMED: Final = (1.0, 1.0, 0.387, 0.546, 0.639, 0.701, 0.744, 0.776, 0.801)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourSpec:
    """Settings of the neighbour layer.

    least, most: z of one tile enters within these; lower `most` if pairs of wild tiles colour
        their surroundings, raise `least` towards 0 if empty tiles hide a crowd beside them.
    ends_min: of so many tiles together, at least three, the highest and the lowest are left out;
        raise it to 10 to sum them all, if crowds of two tiles in eight are missed.
    """

    least: float = -8.0
    most: float = 20.0
    ends_min: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Around:
    """Which tiles lie around each tile.

    index: (8, tiles), where none is, the number of tiles, one past the last. root: square root
    of how many tiles a sum runs over, the tile itself included, or the scatter of the sum where
    tiles echo one another; shape (tiles,). alone: nobody is around. count: how many are.
    far: infinite where none is, else 0, shape (8, tiles): added, it makes them nobody's ends.
    trimmed: part of the root that is left without the highest and the lowest of them all.
    """

    index: TileIndex
    root: Tiles
    alone: Mask
    count: Tiles
    far: Tiles
    trimmed: Tiles


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
        trimmed=np.array(TRIMMED, np.float32)[count - 1],
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

    It is 0 of a tile with nobody around: that is judged alone, once. Of three tiles the middle one
    is left: one full tile says nothing of those beside it, two do.

    >>> row = np.full((3, 8), -1, np.int32)
    >>> row[0, 3:5], row[1, 3:5], row[2, 3:5] = (1, 2), (0, 2), (0, 1)
    >>> near = around(row)
    >>> for z in (np.array([9, 0, 1], np.float32), np.array([9, 6, 1], np.float32)):
    ...     print(pooled(NeighbourSpec(), near, z, gathered(near, z)).round(2))
    [1.49 1.49 1.49]
    [8.95 8.95 8.95]
    """
    summed = clamp(z, spec.least, spec.most)
    low, high, end = summed.copy(), summed.copy(), np.empty_like(summed)
    for value, far in zip(beside, near.far, strict=True):
        one = clamp(value, spec.least, spec.most)
        summed += one
        np.minimum(low, np.add(one, far, out=end), out=low)
        np.maximum(high, np.subtract(one, far, out=end), out=high)
    enough = near.count >= np.float32(max(spec.ends_min - 1.0, ENDS))
    low += high
    summed -= kept(enough, low)
    summed /= near.root
    np.divide(summed, near.trimmed, out=summed, where=enough)
    return kept(~near.alone, summed)
