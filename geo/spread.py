"""Coverage entries laid out for the density step: prepared once, read every hop."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.readonly import read_only

# Pairs of cell and tile handled at a time: temporaries of this size stay in the cache of one
# core, which is twice as fast as one sweep over a million pairs.
STRIP_PAIRS = 16_384


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strip:
    """The coverage of a run of adjoining tiles, small enough to stay in the cache.

    entry: int, shape (pairs,): index of the cell in the per-cell arrays of a hop.
    tile: int, shape (pairs,): index of the tile within the strip, ascending.
    share: float64, shape (pairs,): part of the cell's footprint that lies on the tile.
    worth: float64, shape (pairs,): what the pair counts for presence, in people counted for
        each one there; None: its share, in a measure of its own.
    usual: float64, shape (tiles,): sum of the worths (without them: shares) of all cells of it.
    """

    tiles: int
    entry: NDArray[np.intp]
    tile: NDArray[np.intp]
    share: NDArray[np.float64]
    worth: NDArray[np.float64] | None
    usual: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """The coverage of a set of tiles, prepared once so that a hop only multiplies and adds.

    strips: the tiles in order, cut where one tile ends and the next begins.
    identity: every tile has exactly one cell and all of it, so nothing has to be summed;
        then `entry`, shape (tiles,), is its cell, and `worth` what that one counts.
    worth: float64, shape (pairs,), or None, as in `Strip`.
    """

    tiles: int
    entry: NDArray[np.intp]
    identity: bool
    worth: NDArray[np.float64] | None
    strips: tuple[Strip, ...]


def prepare(
    entry: NDArray[np.integer],
    tile: NDArray[np.integer],
    share: NDArray[np.float64],
    tiles: int,
    *,
    worth: NDArray[np.float64] | None = None,
) -> Spread:
    """Turn the coverage entries of `tiles` tiles (local index 0 to tiles - 1) into a `Spread`.

    The arrays have shape (pairs,) and are ordered by tile, then by cell. worth: of feeds that
    each count a known part of the same people, above 0: summed over a tile's present pairs it
    is the part of the people there that they count together. None: the feeds count people of
    their own, and all of them.

    >>> prepare(np.array([1, 0]), np.array([0, 1]), np.ones(2), 2).identity
    True
    >>> prepare(np.array([0, 0]), np.array([0, 1]), np.array([0.5, 0.5]), 2).strips[0].usual
    array([0.5, 0.5])
    """
    identity = bool(np.array_equal(tile, np.arange(tiles)) and np.all(share == 1.0))
    starts = np.searchsorted(tile, np.arange(tiles + 1))
    # The last tile boundary at or below each multiple of the strip size, each boundary once.
    cuts = np.searchsorted(starts, np.arange(STRIP_PAIRS, tile.size, STRIP_PAIRS), "right") - 1
    bounds = np.unique(np.concatenate((np.array([0, tiles]), cuts))).tolist()
    strips = tuple(
        _cut(
            (entry[pairs], tile[pairs] - first, share[pairs]),
            last - first,
            worth=None if worth is None else worth[pairs],
        )
        for first, last in pairwise(bounds)
        for pairs in [slice(int(starts[first]), int(starts[last]))]
    )
    return Spread(
        tiles=tiles,
        entry=read_only(entry.astype(np.intp)),
        identity=identity,
        worth=None if worth is None else read_only(worth.astype(np.float64)),
        strips=strips,
    )


def _cut(
    pairs: tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.float64]],
    tiles: int,
    *,
    worth: NDArray[np.float64] | None,
) -> Strip:
    """Make one strip from its entries, tiles (counted from its first) and shares."""
    local, share = pairs[1].astype(np.intp), pairs[2].astype(np.float64)
    own = None if worth is None else read_only(worth.astype(np.float64))
    return Strip(
        tiles=tiles,
        entry=read_only(pairs[0].astype(np.intp)),
        tile=read_only(local),
        share=read_only(share),
        worth=own,
        usual=read_only(summed(local, share if own is None else own, tiles)),
    )


def summed(
    index: NDArray[np.integer], weight: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """Sum of the weights per index, in float64 and in the order given; shape (size,).

    >>> summed(np.array([0, 0, 2]), np.array([0.5, 0.25, 1.0]), 3)
    array([0.75, 0.  , 1.  ])
    """
    out = np.zeros(size)
    # The additions of `np.bincount`, in its order, without its look for the largest index.
    np.add.at(out, index, weight)
    return out
