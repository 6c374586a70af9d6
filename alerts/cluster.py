"""Join raised tiles to connected groups: 8 neighbours on the grid, inside one police area.

Every tile starts with its own label; labels flow along edges and shortcut through their own
labels until none gets smaller (min-label propagation with pointer jumping, after Shiloach and
Vishkin 1982, J. Algorithms 3:57-67). A label is the smallest tile of its group, so the result
does not depend on the order of edges.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["components"]

Index = NDArray[np.int64]

# Half of the 8 neighbours: an edge needs to be found from one of its ends only.
_AHEAD: Final = ((0, 1), (1, -1), (1, 0), (1, 1))


def components(
    row: NDArray[np.int32], col: NDArray[np.int32], area: NDArray[np.int32]
) -> tuple[Index, int]:
    """Return the group of each tile, numbered by their smallest tile, and how many there are.

    row, col, area: shape (tiles,), tiles ascending. A tile without row and col (-1) is a group
    of its own. Two tiles on the same square are neighbours.

    >>> row, col = np.array([0, 9, 1, -1]), np.array([0, 9, 1, -1])
    >>> components(row, col, np.zeros(4, np.int32))
    (array([0, 1, 0, 2]), 3)
    >>> components(row[:0], col[:0], row[:0])
    (array([], dtype=int64), 0)
    """
    if row.size == 0:
        return np.zeros(0, np.int64), 0
    left, right = _edges(row, col, area)
    label = _flow(np.arange(row.size, dtype=np.int64), left, right)
    roots = np.unique(label)
    return np.searchsorted(roots, label).astype(np.int64), int(roots.size)


def _edges(
    row: NDArray[np.int32], col: NDArray[np.int32], area: NDArray[np.int32]
) -> tuple[Index, Index]:
    """Return pairs of neighbouring positions."""
    placed = np.flatnonzero((row >= 0) & (col >= 0))
    if placed.size < 2:  # noqa: PLR2004 - one tile has no neighbour
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    r, c, a = (part[placed].astype(np.int64) for part in (row, col, area))
    r, c, a = r - r.min(), c - c.min(), a - a.min()
    width = int(c.max()) + 3  # a rim of one on both sides, so that no edge wraps around
    key = (a * (int(r.max()) + 3) + r + 1) * width + c + 1
    order = np.argsort(key, kind="stable")
    known = key[order]
    same = np.flatnonzero(known[1:] == known[:-1])
    lefts, rights = [order[same]], [order[same + 1]]
    for down, along in _AHEAD:
        wanted = key + (down * width + along)
        at = np.minimum(np.searchsorted(known, wanted), known.size - 1)
        hit = np.flatnonzero(known[at] == wanted)
        lefts.append(hit)
        rights.append(order[at[hit]])
    return placed[np.concatenate(lefts)], placed[np.concatenate(rights)]


def _flow(label: Index, left: Index, right: Index) -> Index:
    """Let the smallest label of each group flow through it."""
    while True:
        least = np.minimum(label[left], label[right])
        lower = label.copy()
        # Hooking the labels themselves, too, moves whole trees at once.
        for end in (left, right):
            np.minimum.at(lower, label[end], least)
            np.minimum.at(lower, end, least)
        lower = lower[lower]
        if (lower == label).all():
            return label
        label = lower
