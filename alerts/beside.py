"""The tiles around some tiles, corners included, found by their place on the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.ground import Ground

__all__ = ["Beside"]


class Beside:
    """A ground made ready to be asked what lies beside; keeps no state.

    >>> from alerts.ground import Ground
    >>> row, col = np.divmod(np.arange(9, dtype=np.int32), 3)
    >>> none = np.full(9, -1, np.int32)
    >>> ground = Ground(tile_ids=tuple("abcdefghi"), row=row, col=col, area=none, site=none,
    ...     walkable_m2=np.ones(9))
    >>> Beside(ground).around(np.array([0], np.int32))
    array([0, 1, 3, 4], dtype=int32)
    """

    def __init__(self, ground: Ground) -> None:
        """Lay the tiles that have a place on the grid in the order of their place."""
        placed = np.flatnonzero((ground.row >= 0) & (ground.col >= 0))
        self._wide = np.int64(ground.col.max(initial=0)) + 3  # a rim on both sides: no edge wraps
        self._key = (ground.row.astype(np.int64) + 1) * self._wide + ground.col + 1
        self._is_placed = np.zeros(len(ground.tile_ids), np.bool_)
        self._is_placed[placed] = True
        self._tile = placed[np.argsort(self._key[placed], kind="stable")].astype(np.int32)
        self._known = self._key[self._tile]

    def around(self, tiles: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return these tiles and those that touch one of them, ascending."""
        here = tiles[self._is_placed[tiles]]
        steps = np.array([r * self._wide + c for r in (-1, 0, 1) for c in (-1, 0, 1)])
        wanted = np.unique(self._key[here][:, None] + steps[None, :])
        first = np.searchsorted(self._known, wanted, side="left")
        after = np.searchsorted(self._known, wanted, side="right")
        found = [self._tile[first[at] : after[at]] for at in np.flatnonzero(after > first)]
        return np.unique(np.concatenate([tiles, *found])).astype(np.int32)
