"""The grid: our tiles, in the order in which everything else numbers them, cut into blocks.

Two tilings share one shape. A *square grid* lies in the city's equal-area plane; its rows and
columns count from a corner far south-west, so that ids stay non-negative and the centre of the
plane is a corner of a block. The *identity tiling* takes the cells of a feed that already comes
on squares as they are.

Tiles are ordered by (block id, row, col, id); each block is one contiguous slice.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.footprint import Squares
from geo.outline import centres_of, centroid_of, outline_of
from geo.outline_shapes import middle_of, middles_of, outline_around
from geo.readonly import read_only

BLOCK_SIDE: Final = 16
# Tiles of the identity tiling without row and column have no place to be grouped by; as many of
# them make a block as a full square block holds.
BLOCK_TILES: Final = BLOCK_SIDE * BLOCK_SIDE
# Above the column of any block.
BLOCK_SPAN: Final = 10_000
# Row and column of the plane's origin: a multiple of 16 near the middle of the four digits.
ORIGIN: Final = 4_800
# Four digits of a tile id; a square grid may reach no further.
INDEX_MAX: Final = 9_999
NONE: Final = -1
# More columns than a tiling has, and two beside them.
ROW_ROOM: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """The tiling of one city; immutable, and bound to the state by the city's digest.

    side_m: side of a tile; None for the identity tiling.
    projection: PROJ string of the plane; None for the identity tiling.
    tile_ids: readable and stable, e.g. `r4807c4791`; the cell's id for the identity tiling.
    row, col: int32, shape (tiles,), northward and eastward; -1 where there is none.
    block_of: int32, shape (tiles,), index into block_ids, ascending.
    block_ids: sorted, e.g. `b0300-0299` (row, column of the block), or `i0000`.
    walkable_m2: float64, shape (tiles,), above zero.
    names: what people call the tile, or None.
    shapes: (Multi)Polygons in lon/lat of an identity tiling that has them, shape (tiles,).
    """

    side_m: float | None
    projection: str | None
    tile_ids: tuple[str, ...]
    row: NDArray[np.int32]
    col: NDArray[np.int32]
    block_of: NDArray[np.int32]
    block_ids: tuple[str, ...]
    walkable_m2: NDArray[np.float64]
    names: tuple[str | None, ...]
    shapes: NDArray[np.object_] | None = None

    @property
    def mapped(self) -> bool:
        """Whether the tiles have a place on the map: an outline, a centre."""
        return self.shapes is not None or self.projection is not None

    def block_slice(self, block: int) -> slice:
        """Tiles of the block with this index into `block_ids`."""
        first, last = np.searchsorted(self.block_of, (block, block + 1))
        return slice(int(first), int(last))

    def neighbours(self) -> NDArray[np.int32]:
        """Return the tiles around each tile, shape (tiles, 8); -1 = none there.

        South-west, south, south-east, west, east, north-west, north, north-east. Tiles without
        row and column have no neighbours and are nobody's.
        """
        # One number a place; more room than any row has, so that no row runs into the next.
        place = self.row.astype(np.int64) * ROW_ROOM + self.col
        order = np.argsort(place, kind="stable")
        steps = (-1, 0, 1)
        around = [r * ROW_ROOM + c for r in steps for c in steps if (r, c) != (0, 0)]
        wanted = place[:, None] + np.array(around)
        at = np.minimum(np.searchsorted(place[order], wanted), len(order) - 1)
        found = order[at]
        placed = self.row != NONE
        there = placed[:, None] & placed[found] & (place[found] == wanted)
        return read_only(np.where(there, found, NONE).astype(np.int32))

    def outline(self, tiles: NDArray[np.integer]) -> list[list[list[float]]] | None:
        """Rings in lon/lat around a set of tiles, at most 200 points; None if nothing is mapped.

        Counter-clockwise rings are outer ones, each followed by its clockwise holes (RFC 7946).
        Tiles joined by sides or corners give a single outer ring. The outline errs outwards.
        """
        if self.shapes is not None:
            return outline_around(self.shapes[tiles])
        if self.side_m is None or self.projection is None:
            return None
        place = self.row[tiles] - ORIGIN, self.col[tiles] - ORIGIN
        return outline_of(*place, side_m=self.side_m, projection=self.projection)

    def centroid(self, tiles: NDArray[np.integer]) -> tuple[float, float] | None:
        """Lon/lat of the mean of the tiles' centres; None for no tile, or tiles without place."""
        if self.shapes is not None and len(tiles):
            return middle_of(self.shapes[tiles])
        if self.side_m is None or self.projection is None or not len(tiles):
            return None
        place = self.row[tiles] - ORIGIN, self.col[tiles] - ORIGIN
        return centroid_of(*place, side_m=self.side_m, projection=self.projection)

    def centres(self, tiles: NDArray[np.integer]) -> NDArray[np.float64] | None:
        """Lon/lat of each tile's centre, shape (tiles, 2); None where no tile has a place."""
        if self.shapes is not None:
            return middles_of(self.shapes[tiles])
        if self.side_m is None or self.projection is None:
            return None
        place = self.row[tiles] - ORIGIN, self.col[tiles] - ORIGIN
        return centres_of(*place, side_m=self.side_m, projection=self.projection)


def square_grid(
    row: NDArray[np.integer],
    col: NDArray[np.integer],
    *,
    side_m: float,
    projection: str,
    walkable_m2: NDArray[np.float64],
) -> Grid:
    """Make the grid of these tiles, given by row and column relative to the plane's centre.

    row, col: shape (tiles,), no tile twice, within the four digits of `INDEX_MAX`.
    walkable_m2: shape (tiles,), above zero, of the tiles in the order given.
    """
    order = grid_order(row, col)
    row, col = (axis[order].astype(np.int32) + np.int32(ORIGIN) for axis in (row, col))
    # One number a block; four digits keep the order of text that of numbers.
    block = row // BLOCK_SIDE * BLOCK_SPAN + col // BLOCK_SIDE
    number, block_of = np.unique(block, return_inverse=True)
    places = zip(row.tolist(), col.tolist(), strict=True)
    return Grid(
        side_m=side_m,
        projection=projection,
        tile_ids=tuple(f"r{south:04d}c{west:04d}" for south, west in places),
        row=read_only(row),
        col=read_only(col),
        block_of=read_only(block_of.astype(np.int32)),
        block_ids=tuple(_block_id(*divmod(one, BLOCK_SPAN)) for one in number.tolist()),
        walkable_m2=read_only(walkable_m2[order].astype(np.float64)),
        names=(None,) * row.size,
    )


def grid_order(row: NDArray[np.integer], col: NDArray[np.integer]) -> NDArray[np.intp]:
    """Order in which a square grid numbers tiles: block by block, in each by row, then column.

    row, col: shape (tiles,), relative to the plane's centre. Returns indices, shape (tiles,).

    >>> grid_order(np.array([0, 0, 1]), np.array([16, 0, 0])).tolist()
    [1, 2, 0]
    """
    # The plane's centre is the corner of a block: blocks can be told before the shift.
    return np.lexsort((col, row, col // BLOCK_SIDE, row // BLOCK_SIDE))


def identity_grid(squares: Squares) -> Grid:
    """Take each cell as its own tile; those without row and column are grouped in id order."""
    south, west = squares.row.tolist(), squares.col.tolist()
    rank = (np.cumsum(squares.row == NONE) - 1).tolist()
    block = [
        f"i{rank[i] // BLOCK_TILES:04d}" if south[i] == NONE else _block_of(south[i], west[i])
        for i in range(len(squares.cells))
    ]
    # The cells are sorted by id, and so is their index, which therefore stands for it.
    order = sorted(range(len(block)), key=lambda i: (block[i], south[i], west[i], i))
    block_ids = tuple(sorted(set(block)))
    number = {one: index for index, one in enumerate(block_ids)}
    return Grid(
        side_m=None,
        projection=None,
        tile_ids=tuple(squares.cells[i] for i in order),
        row=read_only(squares.row[order]),
        col=read_only(squares.col[order]),
        block_of=read_only(np.array([number[block[i]] for i in order], np.int32)),
        block_ids=block_ids,
        walkable_m2=read_only(squares.area_m2[order].astype(np.float64)),
        names=tuple(squares.names[i] for i in order),
        shapes=None if squares.shapes is None else read_only(squares.shapes[order]),
    )


def _block_of(row: int, col: int) -> str:
    """Id of the block of a tile."""
    return _block_id(row // BLOCK_SIDE, col // BLOCK_SIDE)


def _block_id(row: int, col: int) -> str:
    """Id of a block by its own row and column."""
    return f"b{row:04d}-{col:04d}"
