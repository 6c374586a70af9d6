"""Which cells make up the panel: the few that stand for the city in every block partition.

A pack names its panel. A cells file does not: there it is all cells, or 256 of them, chosen as
the builder of packs chooses, by the middle of the tiles that each covers; where tiles have no
place, every so many of them in the order of their ids.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.panel import PANEL_MAX, panel_of
from geo.readonly import read_only

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.city import City

__all__ = ["panel_cells"]

TILE_MM: Final = 1000
"""Places are whole thousandths of a tile's side: exact, and fine enough to find a middle."""


@lru_cache(maxsize=4)
def panel_cells(city: City) -> NDArray[np.int32]:
    """Return the panel as register indices, ascending; int32, at most 256, read-only."""
    if city.panel.size:
        return read_only(np.sort(city.panel).astype(np.int32))
    covers = city.coverages()
    cell = np.concatenate([cover.cell for cover in covers])
    known = np.bincount(cell, minlength=len(city.cells)) > 0
    if np.count_nonzero(known) <= PANEL_MAX:
        return read_only(np.flatnonzero(known).astype(np.int32))
    tile = np.concatenate([cover.tile for cover in covers])
    share = np.concatenate([cover.share for cover in covers])
    row, col = city.grid.row, city.grid.col
    if (row[tile] < 0).any():
        return _every_so_many(np.flatnonzero(known))
    return panel_of(
        _middle(cell, col[tile], share, known), _middle(cell, row[tile], share, known), known
    )


def _middle(
    cell: NDArray[np.int32],
    place: NDArray[np.int32],
    share: NDArray[np.float64],
    known: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Return the mean place of each cell's tiles, in thousandths of a side; 0 where unknown."""
    cells = known.size
    weight = np.bincount(cell, share, cells)
    total = np.bincount(cell, share * place, cells)
    return np.rint(total / np.where(known, weight, 1.0) * TILE_MM).astype(np.int64)


def _every_so_many(cells: NDArray[np.intp]) -> NDArray[np.int32]:
    """Return 256 of more cells, at equal steps.

    >>> _every_so_many(np.arange(512))[:3].tolist()
    [0, 2, 4]
    """
    return read_only(cells[np.arange(PANEL_MAX) * cells.size // PANEL_MAX].astype(np.int32))
