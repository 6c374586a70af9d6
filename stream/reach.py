"""Where the cells of each block reach: all their tiles, also those that lie in other blocks.

Whether a count may be told depends on every tile it is part of (`withhold`). A tile's result must
not depend on which partition its neighbour's block is in, so each block looks at all tiles of its
own cells by itself: a *key* is one (block, tile) pair, and a tile of another block is a key too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.coverage import Coverage
    from stream.layout import Layout

__all__ = ["Links", "Reach", "links_of", "reach_of", "runs"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Links:
    """Sparse pairs of entry and key, sorted by (key, entry); shape (pairs,).

    share: float64, part of the entry's cell on the key's tile. first: int64, shape (keys + 1,):
    the pairs of key k are first[k]:first[k + 1]. of_entry: pairs by entry, those of entry e are
    of_entry[entry_first[e]:entry_first[e + 1]].
    """

    entry: NDArray[np.intp]
    key: NDArray[np.intp]
    share: NDArray[np.float64]
    first: NDArray[np.int64]
    of_entry: NDArray[np.intp]
    entry_first: NDArray[np.int64]

    @property
    def keys(self) -> int:
        """Number of keys."""
        return len(self.first) - 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reach:
    """One coverage, as the blocks of a layout see it.

    links: to all tiles of the cells. here_entry, here_tile: only the pairs whose tile lies in the
    entry's own block, as local tiles.
    """

    links: Links
    here_entry: NDArray[np.intp]
    here_tile: NDArray[np.intp]


def reach_of(layout: Layout, cover: Coverage | None) -> Reach:
    """Return where the entries of a layout reach under one coverage; None = nowhere."""
    city = layout.city
    if cover is None:
        entry = np.zeros(0, np.intp)
        tile, share = np.zeros(0, np.int32), np.zeros(0)
    else:
        by_cell = np.argsort(cover.cell, kind="stable")
        cell_first = _first(cover.cell, len(city.cells))
        pair = by_cell[runs(cell_first, layout.entry_cell)]
        width = np.diff(cell_first)[layout.entry_cell]
        entry = np.repeat(np.arange(layout.entries), width)
        # The cells of the panel are on ground of their own blocks, and judged there.
        ground = _block_of_entries(layout)[entry] >= 0
        pair, entry = pair[ground], entry[ground]
        tile, share = cover.tile[pair], cover.share[pair]
    block = _block_of_entries(layout)[entry]
    _, key = np.unique(block * len(city.grid.tile_ids) + tile, return_inverse=True)
    here = city.grid.block_of[tile] == block
    return Reach(
        links=links_of(entry, key.reshape(-1), share, layout.entries),
        here_entry=entry[here],
        here_tile=np.searchsorted(layout.tile, tile[here]),
    )


def links_of(
    entry: NDArray[np.intp], key: NDArray[np.intp], share: NDArray[np.float64], entries: int
) -> Links:
    """Return links from pairs in any order; keys are numbered 0, 1, ... without gaps."""
    order = np.lexsort((entry, key))
    entry, key, share = entry[order], key[order], share[order]
    keys = int(key[-1]) + 1 if len(key) else 0
    return Links(
        entry=entry,
        key=key,
        share=share,
        first=_first(key, keys),
        of_entry=np.argsort(entry, kind="stable"),
        entry_first=_first(entry, entries),
    )


def runs(first: NDArray[np.int64], which: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the places first[w]:first[w + 1] of each w, one run after the other.

    >>> runs(np.array([0, 2, 2, 5]), np.array([2, 0])).tolist()
    [2, 3, 4, 0, 1]
    """
    start, width = first[which], first[which + 1] - first[which]
    begin = np.cumsum(width) - width
    within: NDArray[np.int64] = np.repeat(start - begin, width)
    within += np.arange(len(within))
    return within


def _first(index: NDArray[np.integer], size: int) -> NDArray[np.int64]:
    """Return where the run of each number begins, in a sorted list of such numbers."""
    first = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(index, minlength=size), out=first[1:])
    return first


def _block_of_entries(layout: Layout) -> NDArray[np.int64]:
    """Return the city's number of each entry's block."""
    block = np.full(layout.entries, -1, np.int64)
    for entries, tiles in zip(layout.entry_slices, layout.tile_slices, strict=True):
        if tiles.start < tiles.stop:
            block[entries] = layout.city.grid.block_of[layout.tile[tiles.start]]
    return block
