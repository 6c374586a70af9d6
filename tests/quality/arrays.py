"""Counts that lie in arrays, as the log that the offline engine reads.

A set of many tiles never becomes a file: its log is made interval by interval. A test holds it
against the log of the same readings in a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from replay.log import BATCH_CELLS, LogRecord
from stream.records import CellCounts, Tick

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

__all__ = ["Rhythm", "array_log"]

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Times of a feed in arrays: begin of the first interval, epoch ms; its period; lateness.

    The first interval begins at a multiple of the period, which is the hop.
    """

    start_ms: int
    period_ms: int
    lateness_ms: int


def array_log(
    rows: Iterable[NDArray[np.floating]], cells: list[str], rhythm: Rhythm, *, feed: str
) -> Iterator[LogRecord]:
    """Yield the log of one feed, one interval after the other.

    rows: counts of all cells in one interval each, shape (cells,); NaN = no reading came,
    below 0 = withheld.
    """
    if not 0 < rhythm.lateness_ms < rhythm.period_ms:
        raise ValueError("a hop must close before the next one ends")
    end_ms = rhythm.start_ms
    yield _tick(end_ms)
    yield _tick(end_ms + rhythm.lateness_ms)
    for counts in rows:
        start_ms, end_ms = end_ms, end_ms + rhythm.period_ms
        came = np.flatnonzero(~np.isnan(counts))
        for low in range(0, came.size, BATCH_CELLS):
            part = came[low : low + BATCH_CELLS]
            batch = CellCounts(
                feed=feed,
                start=start_ms,
                period_s=rhythm.period_ms // 1000,
                cells=[cells[index] for index in part.tolist()],
                counts=[None if count < 0 else count for count in counts[part].tolist()],
            )
            yield LogRecord(at_ms=end_ms, value=_encode(batch), is_tick=False)
        yield _tick(end_ms + rhythm.lateness_ms)


def _tick(now_ms: int) -> LogRecord:
    return LogRecord(at_ms=now_ms, value=_encode(Tick(now_ms=now_ms)), is_tick=True, acks=True)
