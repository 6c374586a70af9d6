"""Reads a feed file into columns: every reading that can be sent, and an account of the rest.

The reader refuses only what cannot become an element of a `cell-counts/1` batch; all else goes
through, and the gateway judges it as it judges a live feed. The one exception are times more
than five years off the file's median: a row of 1970 would make a replay walk through decades.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from replay.badrow import FeedError, Tally
from replay.columns import ABSENT
from replay.intake import Intake
from replay.order import commonest_step_ms, log_order
from replay.rows import NAMES, read_rows
from replay.times import LocalTimes, iso
from stream.records import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from replay.badrow import BadRows
    from replay.intake import Columns

__all__ = ["Feed", "FeedOptions", "Ticks", "read_feed"]

_OFF_MEDIAN_MS_MAX: Final = 5 * 366 * 86_400_000
_JANUARY_1970_MS: Final = 31 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOptions:
    """How to read a feed file; every field is an option of the commands that read one.

    columns: name in the file by name of the contract, for files with other headers.
    encoding: of text files; `gbk` for many spreadsheets in China.
    tz: zone of times without an offset, e.g. Asia/Shanghai; None: such times are bad rows.
    period_s: length of an interval; None: the column, else the commonest step.
    delay_s: time from an interval's end to its reading, where the file has no `received`.
    strict: stop at the first bad row instead of counting it.
    feed: name of the feed where the file has no such column.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    tz: str | None = None
    period_s: int | None = None
    delay_s: int = 0
    strict: bool = False
    feed: str = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Clocks of an archive's source partitions, in order: epoch ms, partition, offset (or -1)."""

    now_ms: NDArray[np.int64]
    partition: NDArray[np.int64]
    offset: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Readings as columns of equal length, in order of (received, partition, offset).

    name: the file. cells, feeds: sorted names that `cell` and `feed` index.
    start_ms, period_ms, received_ms: epoch ms and ms. count: as reported; NaN = withheld.
    seq: of corrections, 0 = first. partition, offset: -1 where the file has none.
    ticks: of an archive; None: the log makes its own.
    rows: rows of the file that were to be readings: `len(feed)` + the bad ones.
    rejects: the bad ones, by reason. notes: what a person should know, one line each.
    """

    name: str
    cells: tuple[str, ...]
    feeds: tuple[str, ...]
    start_ms: NDArray[np.int64]
    period_ms: NDArray[np.int64]
    cell: NDArray[np.int64]
    feed: NDArray[np.int64]
    count: NDArray[np.float64]
    received_ms: NDArray[np.int64]
    seq: NDArray[np.int64]
    partition: NDArray[np.int64]
    offset: NDArray[np.int64]
    ticks: Ticks | None
    rows: int
    rejects: tuple[BadRows, ...]
    notes: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of readings."""
        return len(self.count)

    @property
    def period_s(self) -> dict[str, int]:
        """The commonest period of each feed, s."""
        periods = {}
        for index, name in enumerate(self.feeds):
            values, times = np.unique(self.period_ms[self.feed == index], return_counts=True)
            periods[name] = int(values[np.argmax(times)]) // 1000
        return periods


def read_feed(path: Path, options: FeedOptions | None = None) -> Feed:
    """Read a feed file (CSV, NDJSON, each plain or gzipped, or Parquet).

    Raises FeedError for a file that cannot be used, one without a single usable row, and, with
    `strict`, at the first bad row.
    """
    options = options or FeedOptions()
    unknown = sorted(set(options.columns) - set(NAMES))
    if unknown:
        known = ", ".join(NAMES)
        raise FeedError(f"--columns: {', '.join(unknown)}: unknown; columns are {known}")
    tally = Tally(str(path), strict=options.strict)
    times = LocalTimes(options.tz)
    intake = Intake(tally, times, feed=options.feed)
    names = {name: options.columns.get(name, name) for name in NAMES}
    for chunk in read_rows(path, tally, names=names, encoding=options.encoding):
        intake.take(chunk)
    columns = intake.readings()
    if not columns or not len(columns["row"]):
        raise FeedError(_nothing(path, tally))
    notes: list[str] = []
    cells = _by_name(columns, "cell", intake.cells.table)
    feeds = _by_name(columns, "feed", intake.feeds.table)
    _set_period(columns, feeds, options.period_s, notes)
    _set_received(columns, options.delay_s, notes)
    _note_times(columns, times, notes)
    columns = _without_strays(columns, tally)
    if not len(columns["row"]):
        raise FeedError(_nothing(path, tally))
    columns = _in_order(columns, notes)
    rows = len(columns.pop("row")) + sum(bad.count for bad in tally.rows)
    return Feed(
        name=str(path),
        cells=cells,
        feeds=feeds,
        **columns,
        ticks=_ticks(intake.ticks()),
        rows=rows,
        rejects=tally.rows,
        notes=tuple(notes),
    )


def _nothing(path: Path, tally: Tally) -> str:
    first = tally.first
    if first is None:
        return f"{path}: no rows"
    return f"{path}: no usable row; the first one, row {first.row}: {first.reason}: {first.what}"


def _by_name(columns: Columns, column: str, table: dict[str, int]) -> tuple[str, ...]:
    """Renumber a column so that its names are sorted: the file's order must not matter."""
    used = np.zeros(len(table), dtype=np.bool_)
    used[columns[column]] = True
    names = sorted(name for name, index in table.items() if used[index])
    place = np.zeros(len(table), dtype=np.int32)
    for index, name in enumerate(names):
        place[table[name]] = index
    columns[column] = place[columns[column]]
    return tuple(names)


def _set_period(
    columns: Columns, feeds: tuple[str, ...], period_s: int | None, notes: list[str]
) -> None:
    """Fill in the period of rows that have none and turn all into ms."""
    column = columns.pop("period_s")
    if period_s is not None:
        if bool(((column != ABSENT) & (column != period_s)).any()):
            notes.append(f"--period {period_s} was taken; the file's period_s says otherwise")
        column = np.full(len(column), period_s)
    for index, name in enumerate(feeds):
        of_feed = columns["feed"] == index
        lacking = of_feed & (column == ABSENT)
        if not bool(lacking.any()):
            continue
        found = commonest_step_ms(columns["cell"][of_feed], columns["start_ms"][of_feed])
        if found is None or found[0] % 1000:
            raise FeedError(f"the period of feed {name} is not in the file: give it with --period")
        step_s, share = found[0] // 1000, found[1]
        notes.append(
            f"period of feed {name}: {step_s} s, the commonest step ({share:.0%} of all steps)"
        )
        column = np.where(lacking, step_s, column)
    columns["period_ms"] = column * 1000


def _set_received(columns: Columns, delay_s: int, notes: list[str]) -> None:
    lacking = columns["received_ms"] == ABSENT
    if bool(lacking.any()):
        end_ms = columns["start_ms"] + columns["period_ms"]
        columns["received_ms"] = np.where(lacking, end_ms + delay_s * 1000, columns["received_ms"])
        which = "no row" if bool(lacking.all()) else f"{lacking.size - lacking.sum()} rows only"
        notes.append(
            f"received is in {which}: a reading is taken to come {delay_s} s after its interval"
        )
    for name, default in (("seq", 0), ("partition", -1), ("offset", -1)):
        columns[name] = np.where(columns[name] == ABSENT, default, columns[name])


def _note_times(columns: Columns, times: LocalTimes, notes: list[str]) -> None:
    if times.ambiguous:
        first = min(times.ambiguous).isoformat(" ")
        notes.append(
            f"{len(times.ambiguous)} local times occur twice where clocks are put back"
            f" (from {first}); the first occurrence was taken"
        )
    if bool((columns["start_ms"] < _JANUARY_1970_MS).all()):
        notes.append("all times lie in January 1970: are they seconds? Numbers are epoch ms")


def _without_strays(columns: Columns, tally: Tally) -> Columns:
    """Refuse rows whose times are five years off the median start, or before 1970."""
    start, received = columns["start_ms"], columns["received_ms"]
    middle = int(np.partition(start, len(start) // 2)[len(start) // 2])
    low, high = max(middle - _OFF_MEDIAN_MS_MAX, 0), middle + _OFF_MEDIAN_MS_MAX
    early = (start < low) | (received < low)
    late = ((start + columns["period_ms"] > high) | (received > high)) & ~early
    for stray, reason in ((early, Reason.LATE), (late, Reason.FROM_FUTURE)):
        if bool(stray.any()):
            at = int(np.argmax(stray))
            what = (
                f"start {iso(int(start[at]))}, received {iso(int(received[at]))}: more than"
                f" 5 years from {iso(middle)}, the middle of the file"
            )
            row = int(columns["row"][at])
            tally.add(reason, row, what, count=int(np.count_nonzero(stray)))
    kept = ~(early | late)
    return {name: column[kept] for name, column in columns.items()}


def _in_order(columns: Columns, notes: list[str]) -> Columns:
    keys = ("received_ms", "partition", "offset", "feed", "start_ms", "period_ms", "seq")
    received = columns["received_ms"]
    if bool((received[:-1] > received[1:]).any()):
        notes.append("rows were not in order of received: sorted")
    order = log_order([columns[key] for key in (*keys, "cell", "count")])
    if order is None:
        return columns
    return {name: column[order] for name, column in columns.items()}


def _ticks(columns: Columns) -> Ticks | None:
    if not columns or not len(columns["row"]):
        return None
    del columns["row"]
    for name in ("partition", "offset"):
        default = 0 if name == "partition" else -1
        columns[name] = np.where(columns[name] == ABSENT, default, columns[name])
    order = log_order([columns[name] for name in ("now_ms", "partition", "offset")])
    return Ticks(**(columns if order is None else {n: c[order] for n, c in columns.items()}))
