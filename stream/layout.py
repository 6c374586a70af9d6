"""Which tiles and cells one block partition holds, and in which order.

Everything a block partition keeps is an array over its tiles or over its *entries*. An entry is
one (block, cell) pair: a cell that touches several blocks has one entry in each, so that blocks
can be at different offsets after a crash and still be exact. Tiles and entries are sorted by
block, so one block is one slice of each.

Entries are those of all versions of the coverage and of all feeds together: so a version that
comes to act in the middle of a run changes which shares are summed, and nothing that is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.readonly import read_only
from stream.panel_cells import panel_cells
from stream.topics import partition_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.city import City
    from geo.coverage import Coverage

__all__ = [
    "PANEL",
    "Layout",
    "Links",
    "Routes",
    "block_pairs",
    "layout",
    "only_blocks",
    "routes",
]


PANEL: Final = "panel/"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Links:
    """One coverage on a layout's tiles: arrays of shape (pairs,), sorted by (tile, entry).

    entry, tile: int, of the layout. share: float64.
    """

    entry: NDArray[np.intp]
    tile: NDArray[np.int32]
    share: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One block partition's part of the city.

    blocks: block ids, ascending. tile: city-wide index of each local tile, ascending.
    tile_slices, entry_slices: per block. entry_cell: register index of each entry's cell.
    entry_pair: int64, ascending, as `block_pairs` has them; of the panel, behind all of them.
    entry_ids: per block, ids of the entries' cells, one a line: what saved state is read by.
    entry_home: True where the entry is its cell's account keeper (block of its first tile).
    first, entries_of: register cell -> its entries here: entries_of[first[c]:first[c + 1]].
    off_grid: register cells that touch no tile anywhere and are accounted for here.

    The last block is the partition's own (`panel/<partition>`): it has no tiles, but the cells of
    the panel are its entries (none of them at home there), and it keeps clocks and accounts where
    a partition holds no ground at all.
    """

    city: City
    blocks: tuple[str, ...]
    tile: NDArray[np.int32]
    tile_slices: tuple[slice, ...]
    entry_slices: tuple[slice, ...]
    entry_cell: NDArray[np.int32]
    entry_pair: NDArray[np.int64]
    entry_ids: tuple[bytes, ...]
    entry_home: NDArray[np.bool_]
    first: NDArray[np.int64]
    entries_of: NDArray[np.int64]
    off_grid: NDArray[np.bool_]

    @property
    def tiles(self) -> int:
        """Number of local tiles."""
        return len(self.tile)

    @property
    def entries(self) -> int:
        """Number of entries."""
        return len(self.entry_cell)

    @property
    def keeps_account(self) -> bool:
        """Whether the partition's own block is here, which keeps what no other one can."""
        return self.blocks[-1].startswith(PANEL)

    @property
    def panel_entries(self) -> slice:
        """Entries of the panel's cells, in the order of the register; none without the panel."""
        return self.entry_slices[-1] if self.keeps_account else slice(0, 0)

    def links(self, cover: Coverage) -> Links:
        """Return one of the city's coverages in local entries and tiles.

        It is sorted by (tile, cell), and so are local tiles and the entries of each of them.
        """
        city = self.city
        local_of = np.full(len(city.grid.tile_ids), -1, np.int32)
        local_of[self.tile] = np.arange(self.tiles, dtype=np.int32)
        here = local_of[cover.tile] >= 0
        cell, tile = cover.cell[here], cover.tile[here]
        pair = _pair(city, cell, tile)
        return Links(
            entry=np.searchsorted(self.entry_pair, pair),
            tile=local_of[tile],
            share=cover.share[here],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Where the gateway sends each cell.

    to: bool, shape (partitions, cells). keeper: the partition that keeps the account of a cell,
    shape (cells,).
    """

    to: NDArray[np.bool_]
    keeper: NDArray[np.int32]


def layout(city: City, *, partition: int, partitions: int) -> Layout:
    """Return the part of the city that `partition` of `partitions` holds (maybe no ground)."""
    mine = _blocks_of(city, partition, partitions)
    tile_slices = [city.grid.block_slice(b) for b in mine]
    tile = _ranges(tile_slices)
    cells = len(city.cells)
    pair = block_pairs(city)
    own = len(city.grid.block_ids)  # no block of the ground has this number
    pair = np.append(pair[np.isin(pair // cells, mine)], panel_cells(city) + own * cells)
    entry_cell, entry_block = (pair % cells).astype(np.int32), pair // cells
    edges = [tuple(np.searchsorted(entry_block, [b, b + 1]).tolist()) for b in (*mine, own)]
    first, entries_of = _by_cell(entry_cell, cells)
    home = _home_block(city)
    return Layout(
        city=city,
        blocks=(*(city.grid.block_ids[b] for b in mine), f"{PANEL}{partition}"),
        tile=tile,
        tile_slices=(*_local_slices(tile_slices), slice(len(tile), len(tile))),
        entry_slices=tuple(slice(a, b) for a, b in edges),
        entry_cell=entry_cell,
        entry_pair=pair,
        entry_ids=tuple(_ids(city, entry_cell[a:b]) for a, b in edges),
        entry_home=entry_block == home[entry_cell],
        first=first,
        entries_of=entries_of,
        off_grid=(home < 0) & (partition == 0),
    )


def only_blocks(whole: Layout, numbers: list[int]) -> Layout:
    """Return the layout of some of a partition's blocks, given by ascending number.

    Used while blocks are at different offsets after a crash.
    """
    tile_slices = [whole.tile_slices[n] for n in numbers]
    entry_slices = [whole.entry_slices[n] for n in numbers]
    entries = _ranges(entry_slices)
    first, entries_of = _by_cell(whole.entry_cell[entries], len(whole.first) - 1)
    keeps_account = whole.blocks[numbers[-1]].startswith(PANEL)
    return Layout(
        city=whole.city,
        blocks=tuple(whole.blocks[n] for n in numbers),
        tile=whole.tile[_ranges(tile_slices)],
        tile_slices=_local_slices(tile_slices),
        entry_slices=_local_slices(entry_slices),
        entry_cell=whole.entry_cell[entries],
        entry_pair=whole.entry_pair[entries],
        entry_ids=tuple(whole.entry_ids[n] for n in numbers),
        entry_home=whole.entry_home[entries],
        first=first,
        entries_of=entries_of,
        off_grid=whole.off_grid & keeps_account,
    )


def routes(city: City, *, partitions: int) -> Routes:
    """Return the partitions of every cell; a cell off the grid goes to partition 0.

    Such a cell is known and its readings must be accounted for; it just touches no tile. The
    cells of the panel go to every partition.
    """
    of_block = np.array([partition_of(b, partitions) for b in city.grid.block_ids], np.int64)
    cells = len(city.cells)
    touched, home = block_pairs(city), _home_block(city)
    to = np.zeros((partitions, cells), np.bool_)
    to[of_block[touched // cells], touched % cells] = True
    to[0] |= home < 0
    to[:, panel_cells(city)] = True
    keeper = np.where(home < 0, 0, of_block[home])
    return Routes(to=read_only(to), keeper=read_only(keeper.astype(np.int32)))


def block_pairs(city: City) -> NDArray[np.int64]:
    """Return block x cells + cell of every cell in every block it touches, ascending.

    In any version and any feed: room is kept for what will act as for what has acted.
    """
    every = [np.unique(_pair(city, cover.cell, cover.tile)) for cover in city.coverages()]
    return every[0] if len(every) == 1 else np.unique(np.concatenate(every))


def _pair(city: City, cell: NDArray[np.int32], tile: NDArray[np.int32]) -> NDArray[np.int64]:
    return city.grid.block_of[tile].astype(np.int64) * len(city.cells) + cell


def _ids(city: City, cells: NDArray[np.int32]) -> bytes:
    return "\n".join([city.cells[cell] for cell in cells.tolist()]).encode()


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
    """Block of each cell's first tile in tile order; -1 where it touches none.

    The first version that has it on the grid decides, so that a cell's account stays where it
    is when further versions come.
    """
    tiles = len(city.grid.tile_ids)
    home = np.full(len(city.cells), -1, np.int64)
    for version in city.versions:
        first = np.full(len(city.cells), tiles, np.int32)
        for cover in version.feeds.values():
            np.minimum.at(first, cover.cell, cover.tile)
        new = (home < 0) & (first < tiles)
        home[new] = city.grid.block_of[first[new]]
    return home


def _ranges(slices: list[slice]) -> NDArray[np.int32]:
    parts = [np.arange(s.start, s.stop, dtype=np.int32) for s in slices]
    return np.concatenate(parts) if parts else np.zeros(0, np.int32)


def _local_slices(slices: list[slice]) -> tuple[slice, ...]:
    sizes = np.cumsum([s.stop - s.start for s in slices], dtype=np.int64).tolist()
    return tuple(slice(a, b) for a, b in pairwise([0, *sizes]))
