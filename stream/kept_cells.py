"""Saved readings found again by the ids of their cells, when a city has other cells than before.

Cells come and go every week while the grid stays. State says which cells it is of, block by
block; what is kept of a cell that is still there moves to its new place, a new one begins
unheard, and one that is gone is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Moved", "moved"]

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moved:
    """Where the cells of a block are now.

    place: int64, shape (cells before,): place among the block's cells now, -1 = gone.
    """

    place: NDArray[np.int64]

    def columns(self, data: bytes, like: NDArray[T]) -> NDArray[T]:
        """Return saved columns in today's order; cells that are new stay as in `like`.

        like: shape (..., cells now), of a fresh state. Raises ValueError if the sizes do not fit.
        """
        before = np.frombuffer(data, like.dtype).reshape(*like.shape[:-1], len(self.place))
        stays = np.flatnonzero(self.place >= 0)
        now = like.copy()
        now[..., self.place[stays]] = before[..., stays]
        return now


def moved(before: bytes, now: bytes) -> Moved | None:
    r"""Tell where cells are now; None where they are the same in the same order.

    before, now: ids of a block's cells, one a line.

    >>> there = moved(b"a\nb\nd", b"b\nc\nd")
    >>> there and there.place.tolist()
    [-1, 0, 2]
    """
    if before == now:
        return None
    place = {cell: number for number, cell in enumerate(now.split(b"\n"))} if now else {}
    ids = before.split(b"\n") if before else []
    return Moved(place=np.array([place.get(cell, -1) for cell in ids], np.int64))
