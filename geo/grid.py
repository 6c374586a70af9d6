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
from geo.readonly import read_only

BLOCK_SIDE: Final = 16
# Tiles of the identity tiling without row and column have no place to be grouped by; as many of
# them make a block as a full square block holds.
BLOCK_TILES: Final = BLOCK_SIDE * BLOCK_SIDE
# Row and column of the plane's origin: a multiple of 16 near the middle of the four digits.
ORIGIN: Final = 4_800
# Four digits of a tile id; a square grid may reach no further.
INDEX_MAX: Final = 9_999
NONE: Final = -1


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

    def block_slice(self, block: int) -> slice:
        """Tiles of the block with this index into `block_ids`."""
        first, last = np.searchsorted(self.block_of, (block, block + 1))
        return slice(int(first), int(last))

    def outline(self, tiles: NDArray[np.integer]) -> list[list[list[float]]] | None:
        """Rings in lon/lat around a set of tiles, at most 200 points; None for identity tiling.

        Counter-clockwise rings are outer ones, each followed by its clockwise holes (RFC 7946).
        Tiles joined by sides or corners give a single outer ring. The outline errs outwards.
        """
        if self.side_m is None or self.projection is None:
            return None
        place = self.row[tiles] - ORIGIN, self.col[tiles] - ORIGIN
        return outline_of(*place, side_m=self.side_m, projection=self.projection)

    def centroid(self, tiles: NDArray[np.integer]) -> tuple[float, float] | None:
        """Lon/lat of the mean of the tiles' centres; None for identity tiling or no tile."""
        if self.side_m is None or self.projection is None or not len(tiles):
            return None
        place = self.row[tiles] - ORIGIN, self.col[tiles] - ORIGIN
        return centroid_of(*place, side_m=self.side_m, projection=self.projection)

    def centres(self, tiles: NDArray[np.integer]) -> NDArray[np.float64] | None:
        """Lon/lat of each tile's centre, shape (tiles, 2); None for identity tiling."""
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
    walkable_share: float,
) -> Grid:
    """Make the grid of these tiles, given by row and column relative to the plane's centre.

    row, col: shape (tiles,), no tile twice, within the four digits of `INDEX_MAX`. Tile area x
    `walkable_share` is taken as walkable everywhere, until walkable layers say better.
    """
    row, col = row.astype(np.int32) + np.int32(ORIGIN), col.astype(np.int32) + np.int32(ORIGIN)
    order = np.lexsort((col, row, col // BLOCK_SIDE, row // BLOCK_SIDE))
    row, col = row[order], col[order]
    places = list(zip(row.tolist(), col.tolist(), strict=True))
    blocks = [_block_id(south, west) for south, west in places]
    return _grid(
        side_m=side_m,
        projection=projection,
        tile_ids=tuple(f"r{south:04d}c{west:04d}" for south, west in places),
        place=(row, col),
        blocks=blocks,
        walkable_m2=np.full(row.size, side_m * side_m * walkable_share),
        names=(None,) * row.size,
    )


def identity_grid(squares: Squares) -> Grid:
    """Take each cell as its own tile; those without row and column are grouped in id order."""
    south, west = squares.row.tolist(), squares.col.tolist()
    rank = (np.cumsum(squares.row == NONE) - 1).tolist()
    block = [
        f"i{rank[i] // BLOCK_TILES:04d}" if south[i] == NONE else _block_id(south[i], west[i])
        for i in range(len(squares.cells))
    ]
    # The cells are sorted by id, and so is their index, which therefore stands for it.
    order = sorted(range(len(block)), key=lambda i: (block[i], south[i], west[i], i))
    return _grid(
        side_m=None,
        projection=None,
        tile_ids=tuple(squares.cells[i] for i in order),
        place=(squares.row[order], squares.col[order]),
        blocks=[block[i] for i in order],
        walkable_m2=squares.area_m2[order],
        names=tuple(squares.names[i] for i in order),
    )


def _block_id(row: int, col: int) -> str:
    """Id of the block of a tile; four digits keep the order of text that of numbers."""
    return f"b{row // BLOCK_SIDE:04d}-{col // BLOCK_SIDE:04d}"


def _grid(
    *,
    side_m: float | None,
    projection: str | None,
    tile_ids: tuple[str, ...],
    place: tuple[NDArray[np.int32], NDArray[np.int32]],
    blocks: list[str],
    walkable_m2: NDArray[np.float64],
    names: tuple[str | None, ...],
) -> Grid:
    """Make the grid from tiles in their final order: number the blocks."""
    block_ids = tuple(sorted(set(blocks)))
    number = {block: index for index, block in enumerate(block_ids)}
    return Grid(
        side_m=side_m,
        projection=projection,
        tile_ids=tile_ids,
        row=read_only(place[0]),
        col=read_only(place[1]),
        block_of=read_only(np.array([number[block] for block in blocks], np.int32)),
        block_ids=block_ids,
        walkable_m2=read_only(walkable_m2.astype(np.float64)),
        names=names,
    )
