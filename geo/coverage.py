"""Coverage: which share of each cell's footprint lies on which tile.

People are spread evenly over a footprint (walkable layers may weigh it later). Shares are whole
multiples of 2^-40: their sums are exact in any order, the rows of a cell add up to exactly one
where its footprint lies inside the grid, and what is hashed is what is used.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.readonly import read_only
from geo.spread import summed

# Unit of a share: a ten-billionth of a cell of ten million phones is a thousandth of a phone.
SHARE_UNIT: Final = 2.0**-40
ONE: Final = 2**40
# A millionth of a cell; a larger rest is an error of ours or of the geometry engine, not
# rounding.
REST_MAX: Final = 2**20
# Pairs of cell and tile looked at in one go: bounds the memory (about 100 bytes a pair).
CHUNK_PAIRS: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overlap:
    """Pairs of a cell and a tile that its footprint touches; all arrays have shape (pairs,).

    cell: index of the cell. row, col: of the tile, relative to the plane's origin.
    share: float64, above 0.
    """

    cell: NDArray[np.int64]
    row: NDArray[np.int64]
    col: NDArray[np.int64]
    share: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coverage:
    """Shares of cells on tiles, sorted by (tile, cell).

    cell, tile: int32, shape (pairs,), indices into the city's cells and the grid's tiles.
    share: float64, shape (pairs,), above 0; those of one cell sum to at most 1.
    outside: float64, shape (cells,), what of each cell lies on no tile: exactly 1 - sum.
    registered: bool, shape (cells,), the cells this coverage knows; others have no pairs and
    nothing outside. A cell may be registered and lie wholly outside the grid.
    """

    cell: NDArray[np.int32]
    tile: NDArray[np.int32]
    share: NDArray[np.float64]
    outside: NDArray[np.float64]
    registered: NDArray[np.bool_]


def overlaps(shapes: NDArray[np.object_], side_m: float) -> Overlap:
    """Lay footprints on a square grid of tiles of `side_m`.

    shapes: valid polygons in the plane, shape (cells,), metres. A regular grid needs no search
    tree: the tiles a footprint may touch follow from its bounding box by division.
    """
    shapely.prepare(shapes)
    parts = [_chunk(shapes, side_m, cells) for cells in runs(tile_span(shapes, side_m))]
    cell = np.concatenate([part.cell for part in parts])
    whole = np.full(len(shapes), ONE)
    share = rounded(cell, np.concatenate([part.share for part in parts]), whole)
    kept = share > 0
    return Overlap(
        cell=read_only(cell[kept]),
        row=read_only(np.concatenate([part.row for part in parts])[kept]),
        col=read_only(np.concatenate([part.col for part in parts])[kept]),
        share=read_only(share[kept]),
    )


def tile_span(shapes: NDArray[np.object_], side_m: float) -> NDArray[np.int64]:
    """First row and column and last row and column of each bounding box; shape (cells, 4)."""
    bounds = shapely.bounds(shapes)
    span = np.floor(bounds / side_m).astype(np.int64)
    return span[:, [1, 0, 3, 2]]


def coverage_of(
    cell: NDArray[np.integer],
    tile: NDArray[np.integer],
    share: NDArray[np.float64],
    cells: int,
    *,
    registered: NDArray[np.bool_] | None = None,
) -> Coverage:
    """Sort the pairs by (tile, cell) and state what of each cell lies outside.

    cell, tile, share: shape (pairs,), shares in whole units of 2^-40. registered: the cells it
    knows; None = all of them.
    """
    known = np.ones(cells, np.bool_) if registered is None else registered
    order = np.lexsort((cell, tile))
    # Whole units below one: the sums are exact, whatever their order.
    outside = np.where(known, 1.0 - summed(cell, share, cells), 0.0)
    return Coverage(
        cell=read_only(cell[order].astype(np.int32)),
        tile=read_only(tile[order].astype(np.int32)),
        share=read_only(share[order].astype(np.float64)),
        outside=read_only(outside),
        registered=read_only(known.copy()),
    )


def runs(span: NDArray[np.int64], *, pairs: int | None = None) -> Iterator[NDArray[np.int64]]:
    """Yield runs of shapes, as (index, first row, first col, rows, cols), of bounded size.

    span: as `tile_span` gives it; a last row or column before the first means no tile at all.
    pairs: of shape and tile in one run, about; None = `CHUNK_PAIRS`.
    """
    rows = np.maximum(span[:, 2] - span[:, 0] + 1, 0)
    cols = np.maximum(span[:, 3] - span[:, 1] + 1, 0)
    table = np.column_stack((np.arange(len(span)), span[:, 0], span[:, 1], rows, cols))
    number = (np.cumsum(rows * cols) - 1) // (pairs or CHUNK_PAIRS)
    yield from np.split(table, np.flatnonzero(np.diff(number)) + 1)


def tiles_of(
    run: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """List the tiles of all bounding boxes of a run: index of the shape, row and column of each.

    >>> [column.tolist() for column in tiles_of(np.array([[7, 0, 5, 2, 1], [8, 3, 3, 1, 1]]))]
    [[7, 7, 8], [0, 1, 3], [5, 5, 3]]
    """
    size = run[:, 3] * run[:, 4]
    index, south, west, _, width = np.repeat(run, size, axis=0).T
    step = np.arange(index.size) - np.repeat(np.cumsum(size) - size, size)
    return index, south + step // width, west + step % width


def _chunk(shapes: NDArray[np.object_], side_m: float, cells: NDArray[np.int64]) -> Overlap:
    """Exact shares of a run of cells on every tile of their bounding boxes that they touch."""
    index, row, col = tiles_of(cells)
    tiles = shapely.box(col * side_m, row * side_m, (col + 1) * side_m, (row + 1) * side_m)
    shape = shapes[index]
    area = np.zeros(index.size)
    whole = shapely.contains_properly(shape, tiles)
    area[whole] = side_m * side_m
    # Only tiles on the rim need the exact intersection, which is a hundred times as dear.
    rim = np.flatnonzero(~whole)
    rim = rim[shapely.intersects(shape[rim], tiles[rim])]
    area[rim] = shapely.area(shapely.intersection(shape[rim], tiles[rim]))
    kept = area > 0
    share = area[kept] / shapely.area(shape[kept])
    return Overlap(cell=index[kept], row=row[kept], col=col[kept], share=share)


def rounded(
    cell: NDArray[np.int64], share: NDArray[np.float64], whole: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Round shares to whole units of 2^-40 so that those of one cell sum to exactly `whole`.

    cell, share: shape (pairs,). whole: shape (cells,), units; `ONE` where all of the footprint
    lies on the tiles, 0 where there is no pair. The rest that rounding leaves goes to the largest
    share of the cell (of equal ones the first): every cell is accounted for to the last unit.
    """
    unit = np.rint(share * ONE).astype(np.int64)
    rest = whole.copy()
    np.subtract.at(rest, cell, unit)
    assert np.all(np.abs(rest) <= REST_MAX), "a footprint lost a part of itself"
    order = np.lexsort((np.arange(cell.size), -unit, cell))
    largest = order[np.unique(cell[order], return_index=True)[1]]
    unit[largest] += rest[cell[largest]]
    return unit.astype(np.float64) * SHARE_UNIT
