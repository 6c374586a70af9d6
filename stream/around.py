"""The eight tiles around each tile of a layout, as far as they lie in the same block.

A tile's result must not depend on which partition its neighbour's block is in, so the
neighbour layer ends at the edge of a block; joining across blocks is for the incident stage.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.grid import Grid
    from stream.layout import Layout

__all__ = ["beside", "has_neighbours", "neighbours_of"]


def neighbours_of(layout: Layout) -> NDArray[np.int32] | None:
    """Return local tiles around each local tile, -1 = none; int32 (tiles, 8).

    None where no tile of the whole city has a neighbour in its block: there is no such layer.
    """
    grid = layout.city.grid
    if not has_neighbours(grid):
        return None
    local = np.full(len(grid.tile_ids) + 1, -1, np.int32)  # the last one is for -1, none
    local[layout.tile] = np.arange(layout.tiles, dtype=np.int32)
    around: NDArray[np.int32] = local[_in_block(grid)[layout.tile]]
    return around


def has_neighbours(grid: Grid) -> bool:
    """Tell whether any tile has a neighbour in its block."""
    return bool((_in_block(grid) >= 0).any())


@lru_cache(maxsize=1)
def beside(grid: Grid) -> NDArray[np.int32]:
    """Return the tiles around each tile of the city, in whatever block; -1 = none, (tiles, 8)."""
    return grid.neighbours()


@lru_cache(maxsize=1)
def _in_block(grid: Grid) -> NDArray[np.int32]:
    around = beside(grid)
    same = grid.block_of[around] == grid.block_of[:, None]
    return np.where(same & (around >= 0), around, np.int32(-1))
