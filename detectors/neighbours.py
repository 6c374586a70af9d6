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
from detectors.exact import clamp

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
    """

    index: TileIndex
    root: Tiles
    alone: Mask
    count: Tiles


def around(neighbours: NDArray[np.int32]) -> Around:
    """Prepare neighbours, shape (tiles, 8), -1 = none; ValueError for any other shape or index.

    >>> around(np.full((2, 8), -1, np.int32)).root
    array([1., 1.], dtype=float32)
    """
    tiles = len(neighbours)
    fits = neighbours.shape == (tiles, 8)
    if not fits or (tiles and not -1 <= neighbours.min() <= neighbours.max() < tiles):
        raise ValueError(f"neighbours of shape {neighbours.shape} do not fit {tiles} tiles")
    index = np.where(neighbours < 0, tiles, neighbours).T.astype(np.intp)
    count = 1 + (neighbours >= 0).sum(axis=1)
    root = np.sqrt(count.astype(np.float32))
    return Around(
        index=np.ascontiguousarray(index),
        root=root,
        alone=count == 1,
        count=(count - 1).astype(np.float32),
    )


def total(near: Around, value: Tiles) -> Tiles:
    """Return the sum of a value over each tile and those around it, in a fixed order."""
    padded = np.zeros(len(value) + 1, np.float32)
    padded[:-1] = value
    summed = value.copy()
    one = np.empty_like(value)
    for index in near.index:
        np.take(padded, index, out=one, mode="clip")
        summed += one
    return summed


def middle(near: Around, value: Tiles) -> Tiles:
    """Return the mean over those around each tile, without the highest and the lowest of them.

    0 where fewer than three are around.

    >>> row = np.array([[1, 2, 3, -1, -1, -1, -1, -1]] + [[-1] * 8] * 3, np.int32)
    >>> middle(around(row), np.array([7, 1, 2, 9], np.float32))
    array([2., 0., 0., 0.], dtype=float32)
    """
    low, high = np.full_like(value, np.inf), np.full_like(value, -np.inf)
    summed, one = np.zeros_like(value), np.empty_like(value)
    padded = np.append(value, np.float32(0.0))
    for index in near.index:
        there = index < len(value)
        np.take(padded, index, out=one, mode="clip")
        summed += one
        np.minimum(low, one, out=low, where=there)
        np.maximum(high, one, out=high, where=there)
    enough = near.count > ENDS
    np.subtract(summed, low, out=summed, where=enough)
    np.subtract(summed, high, out=summed, where=enough)
    inner: Tiles = summed / np.maximum(near.count - np.float32(ENDS), np.float32(1.0))
    return np.where(enough, inner, np.float32(0.0))


def pooled(spec: NeighbourSpec, near: Around, z: Tiles) -> Tiles:
    """Return z9 from z, which must be 0 where a tile has nothing to say.

    It is 0 of a tile with nobody around: that is judged alone, once.

    >>> pair = np.full((3, 8), -1, np.int32)
    >>> pair[0, 4], pair[1, 3] = 1, 0
    >>> pooled(NeighbourSpec(), around(pair), np.array([30, 0, 9], np.float32)).round(2)
    array([14.14, 14.14,  0.  ], dtype=float32)
    """
    summed = total(near, clamp(z, spec.least, spec.most))
    summed /= near.root
    np.copyto(summed, np.float32(0.0), where=near.alone)
    return summed
