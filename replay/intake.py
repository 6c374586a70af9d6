"""Gathers the chunks of a feed file into whole columns and sorts out the rows that are bad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from replay.columns import ABSENT, Bad, Memo, Names, counts, whole_number
from replay.rows import Chunk
from stream.records import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replay.badrow import Tally
    from replay.times import LocalTimes

__all__ = ["Columns", "Intake"]

Columns = dict[str, Any]  # name -> NDArray; int64 or int32, count float64
_PARTITION_MAX: Final = 9_999


class Intake:
    """Takes chunks in the file's order.

    tally: where bad rows go. times: understands times. feed: name of the feed of rows that
    name none. cells, feeds: the names so far; their columns index them.
    """

    def __init__(self, tally: Tally, times: LocalTimes, *, feed: str) -> None:
        """Start with no row."""
        self.cells = Names("cell")
        self.feeds = Names("feed", empty=feed)
        self._tally = tally
        self._parts: list[Columns] = []
        self._ticks: list[Columns] = []
        interval, malformed = Reason.BAD_INTERVAL, Reason.MALFORMED
        self._start = Memo(times.parse, interval, optional=False)
        self._tick = Memo(times.parse, malformed, optional=True)
        self._optional = {
            "received_ms": ("received", Memo(times.parse, interval, optional=True)),
            **{
                name: (name, Memo(whole_number, malformed, optional=True))
                for name in ("period_s", "seq", "partition", "offset")
            },
        }

    def take(self, chunk: Chunk) -> None:
        """Add the readings and ticks of a chunk; bad rows are counted, each once."""
        chunk = self._take_ticks(chunk)
        if not len(chunk.rows):
            return
        columns: Columns = {"row": np.array(chunk.rows, dtype=np.int64)}
        bad: list[Bad] = []
        columns["start_ms"], faults = self._start.column(chunk.columns["start"])
        bad += faults
        columns["cell"], faults = self.cells.column(chunk.columns["cell"])
        bad += faults
        columns["count"], faults = counts(chunk.columns["count"], typed=chunk.typed)
        bad += faults
        columns["feed"], faults = self.feeds.column(self._column(chunk, "feed"))
        bad += faults
        for name, (called, memo) in self._optional.items():
            columns[name], faults = memo.column(self._column(chunk, called))
            bad += faults
        bad += _out_of_range(columns)
        self._parts.append(self._without(columns, bad))

    def _column(self, chunk: Chunk, name: str) -> Sequence[object]:
        return chunk.columns.get(name) or [None] * len(chunk.rows)

    def _without(self, columns: Columns, bad: list[Bad]) -> Columns:
        """Count the bad rows, the first of the file first, and return the others."""
        if not bad:
            return columns
        first = {fault.at: fault for fault in reversed(bad)}
        for at in sorted(first):
            self._tally.add(first[at].reason, int(columns["row"][at]), first[at].what)
        kept = np.ones(len(columns["row"]), dtype=np.bool_)
        kept[list(first)] = False
        return {name: column[kept] for name, column in columns.items()}

    def _take_ticks(self, chunk: Chunk) -> Chunk:
        """Move rows that are ticks (no cell, but a tick) out of a chunk."""
        values = chunk.columns.get("tick")
        if values is None or not any(value not in {None, ""} for value in values):
            return chunk
        cells = chunk.columns["cell"]
        at = [
            row
            for row, (value, cell) in enumerate(zip(values, cells, strict=True))
            if value not in {None, ""} and cell in {None, ""}
        ]
        ticks = _rows_at(chunk, at)
        columns: Columns = {"row": np.array(ticks.rows, dtype=np.int64)}
        columns["now_ms"], bad = self._tick.column(ticks.columns["tick"])
        for name in ("partition", "offset"):
            columns[name], faults = self._optional[name][1].column(self._column(ticks, name))
            bad += faults
        self._ticks.append(self._without(columns, bad + _out_of_range(columns)))
        chosen = set(at)
        return _rows_at(chunk, [row for row in range(len(values)) if row not in chosen])

    def readings(self) -> Columns:
        """Return all readings as whole columns, in the file's order, and forget the parts."""
        parts, self._parts = self._parts, []
        return _joined(parts)

    def ticks(self) -> Columns:
        """Return all ticks as whole columns, in the file's order."""
        return _joined(self._ticks)


def _out_of_range(columns: Columns) -> list[Bad]:
    """Find numbers that no record can carry; ABSENT ones are fine."""
    faults = []
    for name, low, high, what in (
        ("period_s", 1, 2**31 - 1, "a period is a whole number of seconds above 0"),
        ("partition", 0, _PARTITION_MAX, f"a partition is 0 to {_PARTITION_MAX}"),
        ("offset", 0, 2**62, "an offset is 0 or more"),
    ):
        if name in columns:
            column = columns[name]
            off = (column != ABSENT) & ((column < low) | (column > high))
            reason = Reason.BAD_INTERVAL if name == "period_s" else Reason.MALFORMED
            faults += [Bad(at, reason, what) for at in np.flatnonzero(off).tolist()]
    return faults


def _rows_at(chunk: Chunk, at: Sequence[int]) -> Chunk:
    return Chunk(
        rows=[chunk.rows[row] for row in at],
        columns={name: [column[row] for row in at] for name, column in chunk.columns.items()},
        typed=chunk.typed,
    )


def _joined(parts: list[Columns]) -> Columns:
    if not parts:
        return {}
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
