"""Which tiles and cells one block partition holds, and in which order.

Everything a block partition keeps is an array over its tiles or over its *entries*. An entry is
one (block, cell) pair: a cell that touches several blocks has one entry in each, so that blocks
can be at different offsets after a crash and still be exact. Tiles and entries are sorted by
block, so one block is one slice of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from stream.topics import partition_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.city import City

__all__ = ["Layout", "Routes", "layout", "only_blocks", "routes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One block partition's part of the city.

    blocks: block ids, ascending. tile: city-wide index of each local tile, ascending.
    tile_slices, entry_slices: per block. entry_cell: register index of each entry's cell.
    entry_home: True where the entry is its cell's account keeper (block of its first tile).
    first, entries_of: register cell -> its entries here: entries_of[first[c]:first[c + 1]].
    link_entry, link_tile, link_share: sparse coverage, entry -> local tile, sorted by tile.
    off_grid: register cells that touch no tile anywhere and are accounted for here.

    The last block is the partition's own (`panel/<partition>`): it has no tiles and no entries,
    but it keeps clocks and accounts where a partition holds no ground at all.
    """

    city: City
    blocks: tuple[str, ...]
    tile: NDArray[np.int32]
    tile_slices: tuple[slice, ...]
    entry_slices: tuple[slice, ...]
    entry_cell: NDArray[np.int32]
    entry_home: NDArray[np.bool_]
    first: NDArray[np.int64]
    entries_of: NDArray[np.int64]
    link_entry: NDArray[np.int32]
    link_tile: NDArray[np.int32]
    link_share: NDArray[np.float64]
    off_grid: NDArray[np.bool_]

    @property
    def tiles(self) -> int:
        """Number of local tiles."""
        return len(self.tile)

    @property
    def entries(self) -> int:
        """Number of entries."""
        return len(self.entry_cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Where the gateway sends each cell.

    only: the one partition of a cell, -1 where it has several. first, to: all partitions of a
    cell: to[first[c]:first[c + 1]].
    """

    only: NDArray[np.int32]
    first: NDArray[np.int64]
    to: NDArray[np.int32]


def layout(city: City, *, partition: int, partitions: int) -> Layout:
    """Return the part of the city that `partition` of `partitions` holds (maybe no ground)."""
    mine = _blocks_of(city, partition, partitions)
    tile_slices = [city.grid.block_slice(b) for b in mine]
    tile = _ranges(tile_slices)
    local_of = np.full(len(city.grid.tile_ids), -1, np.int32)
    local_of[tile] = np.arange(len(tile), dtype=np.int32)
    cover = city.coverage
    here = local_of[cover.tile] >= 0
    cell, tile_of, share = cover.cell[here], cover.tile[here], cover.share[here]
    cells = len(city.cells)
    pair = city.grid.block_of[tile_of].astype(np.int64) * cells + cell
    pairs, entry = np.unique(pair, return_inverse=True)
    entry_cell, entry_block = (pairs % cells).astype(np.int32), pairs // cells
    order = np.lexsort((entry, local_of[tile_of]))
    edges = [tuple(np.searchsorted(entry_block, [b, b + 1]).tolist()) for b in mine]
    first, entries_of = _by_cell(entry_cell, cells)
    return Layout(
        city=city,
        blocks=(*(city.grid.block_ids[b] for b in mine), f"panel/{partition}"),
        tile=tile,
        tile_slices=(*_local_slices(tile_slices), slice(len(tile), len(tile))),
        entry_slices=(*(slice(a, b) for a, b in edges), slice(len(pairs), len(pairs))),
        entry_cell=entry_cell,
        entry_home=entry_block == _home_block(city)[entry_cell],
        first=first,
        entries_of=entries_of,
        link_entry=entry[order].astype(np.int32),
        link_tile=local_of[tile_of][order],
        link_share=share[order],
        off_grid=(_home_block(city) < 0) & (partition == 0),
    )


def only_blocks(whole: Layout, numbers: list[int]) -> Layout:
    """Return the layout of some of a partition's blocks, given by ascending number.

    Used while blocks are at different offsets after a crash.
    """
    tile_slices = [whole.tile_slices[n] for n in numbers]
    tiles, entries = _ranges(tile_slices), _ranges([whole.entry_slices[n] for n in numbers])
    tile_to = np.full(whole.tiles, -1, np.int32)
    tile_to[tiles] = np.arange(len(tiles), dtype=np.int32)
    entry_to = np.full(whole.entries, -1, np.int32)
    entry_to[entries] = np.arange(len(entries), dtype=np.int32)
    kept = tile_to[whole.link_tile] >= 0
    first, entries_of = _by_cell(whole.entry_cell[entries], len(whole.first) - 1)
    keeps_account = whole.blocks[numbers[-1]] == whole.blocks[-1]
    return Layout(
        city=whole.city,
        blocks=tuple(whole.blocks[n] for n in numbers),
        tile=whole.tile[tiles],
        tile_slices=_local_slices(tile_slices),
        entry_slices=_local_slices([whole.entry_slices[n] for n in numbers]),
        entry_cell=whole.entry_cell[entries],
        entry_home=whole.entry_home[entries],
        first=first,
        entries_of=entries_of,
        link_entry=entry_to[whole.link_entry[kept]],
        link_tile=tile_to[whole.link_tile[kept]],
        link_share=whole.link_share[kept],
        off_grid=whole.off_grid & keeps_account,
    )


def routes(city: City, *, partitions: int) -> Routes:
    """Return the partitions of every cell, ascending; a cell off the grid goes to partition 0.

    Such a cell is known and its readings must be accounted for; it just touches no tile.
    """
    of_block = np.array([partition_of(b, partitions) for b in city.grid.block_ids], np.int64)
    block = city.grid.block_of[city.coverage.tile]
    pair = np.unique(city.coverage.cell.astype(np.int64) * partitions + of_block[block])
    cells = len(city.cells)
    off_grid = np.setdiff1d(np.arange(cells, dtype=np.int64), pair // partitions)
    pair = np.sort(np.concatenate((pair, off_grid * partitions)))
    to = (pair % partitions).astype(np.int32)
    first = np.concatenate(([0], np.cumsum(np.bincount(pair // partitions, minlength=cells))))
    only = np.where(np.diff(first) == 1, to[np.minimum(first[:-1], max(len(to) - 1, 0))], -1)
    return Routes(only=only.astype(np.int32), first=first, to=to)


def _by_cell(
    entry_cell: NDArray[np.int32], cells: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (first, entries_of): which entries each register cell has."""
    counts = np.bincount(entry_cell, minlength=cells)
    return np.concatenate(([0], np.cumsum(counts))), np.argsort(entry_cell, kind="stable")


def _blocks_of(city: City, partition: int, partitions: int) -> list[int]:
    ids = city.grid.block_ids
    return [i for i, name in enumerate(ids) if partition_of(name, partitions) == partition]


def _home_block(city: City) -> NDArray[np.int64]:
    """Block of each cell's first tile in tile order; -1 where it touches none."""
    home = np.full(len(city.cells), -1, np.int64)
    cover = city.coverage
    backwards = np.argsort(cover.tile, kind="stable")[::-1]
    home[cover.cell[backwards]] = city.grid.block_of[cover.tile[backwards]]
    return home


def _ranges(slices: list[slice]) -> NDArray[np.int32]:
    parts = [np.arange(s.start, s.stop, dtype=np.int32) for s in slices]
    return np.concatenate(parts) if parts else np.zeros(0, np.int32)


def _local_slices(slices: list[slice]) -> tuple[slice, ...]:
    sizes = np.cumsum([s.stop - s.start for s in slices], dtype=np.int64).tolist()
    return tuple(slice(a, b) for a, b in pairwise([0, *sizes]))
