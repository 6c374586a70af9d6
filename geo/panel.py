"""The panel: a few cells that stand for the city, spread over its ground and always the same.

Detectors pool what the whole city does now over these cells (DETECTION 2). The cells are halved
by place again and again, along the longer side, until there are as many groups as members; each
group sends the cell nearest to its middle. Places are whole millimetres: no rounding decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geo.readonly import read_only

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PANEL_MAX", "panel_of"]

PANEL_MAX: Final = 256
"""Members; a power of two, because groups are halved."""


def panel_of(
    x_mm: NDArray[np.int64], y_mm: NDArray[np.int64], known: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """Choose the panel among the cells that are known; returns their indices, ascending.

    x_mm, y_mm: places of the cells, below 2^31 each way; known: all shape (cells,), in the order
    of the ids. All known cells, if there are no more than `PANEL_MAX`.

    >>> panel_of(np.array([5, 1]), np.array([0, 0]), np.array([True, True]))
    array([0, 1], dtype=int32)
    """
    cells = np.flatnonzero(known)
    groups = [cells]
    while cells.size > PANEL_MAX and len(groups) < PANEL_MAX:
        groups = [half for group in groups for half in _halves(group, x_mm, y_mm)]
    chosen = [_nearest(group, x_mm, y_mm) for group in groups] if len(groups) > 1 else cells
    return read_only(np.sort(np.asarray(chosen, np.int32)))


def _halves(
    group: NDArray[np.intp], x_mm: NDArray[np.int64], y_mm: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Cut a group (ascending) in two of equal size, across its longer side; ties by index."""
    x, y = x_mm[group], y_mm[group]
    along = x if np.ptp(x) >= np.ptp(y) else y
    order = np.argsort(along, kind="stable")
    middle = group.size // 2
    return np.sort(group[order[:middle]]), np.sort(group[order[middle:]])


def _nearest(group: NDArray[np.intp], x_mm: NDArray[np.int64], y_mm: NDArray[np.int64]) -> int:
    """Return the cell of a group nearest to its mean place; of equally near ones the first."""
    x, y = x_mm[group], y_mm[group]
    away_x, away_y = x - x.sum() // group.size, y - y.sum() // group.size
    return int(group[np.argmin(away_x * away_x + away_y * away_y)])
