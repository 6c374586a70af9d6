"""What places showed at every hop of a backtest, kept in a file for the pictures of its report.

One record a hop: the whole city in a few sums, and of each followed tile its curve. The file is
only ever appended to, so a run that was interrupted cuts it where its checkpoint was and goes on.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from stream.states import BLIND, MISSING, STATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from replay.engine import HopRow

__all__ = ["Curves", "followed"]

BYTES_MAX: Final = 2_000_000_000
"""What the file may grow to; with more tiles and hops than fit only the labelled are followed."""

_TILE: Final = np.dtype(
    [
        *((name, "<f4") for name in ("people", "expected", "spread", "score")),
        ("level", "i1"),
        ("state", "i1"),
    ]
)


def followed(tiles: int, hops: int, labelled: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the tiles to follow: all, or where they are too many, those of labelled places.

    >>> followed(3, 100, np.array([1])), followed(200_000, 9_000, np.array([1]))
    (array([0, 1, 2]), array([1]))
    """
    fits = tiles * hops * _TILE.itemsize <= BYTES_MAX
    return np.arange(tiles) if fits else np.unique(labelled)


class Curves:
    """Writes hops down and gives them back as arrays.

    file: open for reading and writing. tiles: the followed ones, ascending.
    """

    def __init__(self, file: IO[bytes], tiles: NDArray[np.int64]) -> None:
        """Start at the file's present end."""
        self.tiles = tiles
        self._file = file
        self._record = np.dtype(
            [
                ("hop_ms", "<i8"),
                ("threshold", "<f4"),
                ("people", "<f8"),
                ("expected", "<f8"),
                ("unseen", "<i4"),
                ("raised", "<i4"),
                ("states", "<i4", (len(STATES),)),
                ("tile", _TILE, (len(tiles),)),
            ]
        )
        self._read: NDArray[Any] | None = None

    def hop(self, row: HopRow, *, threshold: float) -> None:
        """Append a hop that was decided under this threshold."""
        record = np.zeros((), self._record)
        both = ~np.isnan(row.people) & ~np.isnan(row.expected)
        record["hop_ms"], record["threshold"] = row.hop_ms, threshold
        record["people"] = row.people[both].sum(dtype=np.float64)
        record["expected"] = row.expected[both].sum(dtype=np.float64)
        record["unseen"] = np.count_nonzero((row.state == MISSING) | (row.state == BLIND))
        record["raised"] = np.count_nonzero(row.level)
        record["states"] = np.bincount(row.state, minlength=len(STATES))
        for name in _TILE.names or ():
            record["tile"][name] = getattr(row, name)[self.tiles]
        self._file.write(record.tobytes())

    def end(self) -> int:
        """Return how long the file is, all of it flushed."""
        self._file.flush()
        return self._file.tell()

    def read(self) -> NDArray[Any]:
        """Return all hops, ascending: a record array; `tile` has shape (hops, followed)."""
        if self._read is None:
            hops = self.end() // self._record.itemsize
            if not hops:
                return np.zeros(0, self._record)
            self._read = np.memmap(self._file, dtype=self._record, mode="r", shape=(hops,))
        return self._read

    def place(self, tile: int) -> int | None:
        """Return where a tile stands among the followed; None: it is not."""
        at = int(np.searchsorted(self.tiles, tile))
        return at if at < len(self.tiles) and self.tiles[at] == tile else None
