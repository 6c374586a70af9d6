"""Records of the input topics, bytes to values: `cell-counts/1`, `tick/1`, and why one is refused.

Any bytes are either a record or a `Rejected` with a reason of a closed set (law 6). The fast
decode takes a whole batch or nothing; only where it fails does a slow second one look for the
bad elements, so that one of them does not lose the other 4,999.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["CellCounts", "Counts", "Reason", "Rejected", "Tick", "decode", "parse_start"]

VALUE_BYTES_MAX: Final = 1024 * 1024  # the topic's max.message.bytes
COUNT_MAX: Final = 1e7
SEQ_MAX: Final = 2**31 - 1
WITHHELD: Final = np.float32(-1.0)  # below every count: a number beats null by plain maximum
# Years 1900 to 2200: outside of them an epoch is a wrong unit, not a time.
EPOCH_MS_MIN: Final = -2_208_988_800_000
EPOCH_MS_MAX: Final = 7_258_118_400_000


class Reason(StrEnum):
    """Why a record or a reading was not used; a closed set, the label of metrics and the DLQ."""

    MALFORMED = "malformed"
    SCHEMA = "schema"
    TOO_LARGE = "too_large"
    UNKNOWN_FEED = "unknown_feed"
    UNKNOWN_CELL = "unknown_cell"
    BAD_COUNT = "bad_count"
    BAD_INTERVAL = "bad_interval"
    FROM_FUTURE = "from_future"
    LATE = "late"
    CONFLICT = "conflict"


class CellCounts(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="cell-counts/1"
):
    """One batch as operators send it: one feed, one interval, many cells.

    start: ISO 8601 with offset, or integer epoch ms. counts: people (or devices, or activity);
    null = withheld below the feed's privacy floor.
    """

    feed: str
    start: str | int
    period_s: int
    cells: list[str]
    counts: list[float | None]
    seq: int = 0


class Tick(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="tick/1"):
    """The record that says what time it is at its source, epoch ms."""

    now_ms: int


class _Quick(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="cell-counts/1"):
    """The same batch with its cells still in bytes: a feed sends the same list hop after hop."""

    feed: str
    start: str | int
    period_s: int
    cells: msgspec.Raw
    counts: list[float | None]
    seq: int = 0


class _Loose(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="cell-counts/1"):
    """The same batch with elements of any type, for the slow second look."""

    feed: str
    start: str | int
    period_s: int
    cells: list[object]
    counts: list[object]
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A record, or `count` readings of it, refused. what: one line for the person who sent it.

    What cannot be read at all counts as one reading, for nobody can know better.
    """

    reason: Reason
    what: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A decoded batch: columns of equal length, checked for what bytes alone can tell.

    start_ms: interval start, epoch ms. values: float32, WITHHELD (-1) where null.
    rejects: elements left out, by reason. cells_json: the whole list of cells as it came, where
    none was left out: equal bytes are equal lists, which whoever looks cells up may remember.
    """

    feed: str
    start_ms: int
    period_s: int
    seq: int
    cells: list[str]
    values: NDArray[np.float32]
    rejects: tuple[Rejected, ...] = ()
    cells_json: bytes | None = None


_quick: Final = msgspec.json.Decoder(_Quick | Tick)
_names: Final = msgspec.json.Decoder(list[str])
_loose: Final = msgspec.json.Decoder(_Loose)


def parse_start(start: str | int) -> int | None:
    """Return epoch ms of an interval start; None if it is no time or lacks its offset.

    >>> parse_start("2026-10-01T19:55:00+08:00"), parse_start("2026-10-01T19:55:00")
    (1790855700000, None)
    """
    if isinstance(start, int):
        return start if EPOCH_MS_MIN <= start <= EPOCH_MS_MAX else None
    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    # Integer arithmetic: a float of seconds would lose the last milliseconds of far years.
    delta = moment - _EPOCH
    whole_ms = delta.days * 86_400_000 + delta.seconds * 1000
    return whole_ms + delta.microseconds // 1000 if delta.microseconds % 1000 == 0 else None


_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def decode(
    value: bytes | None, *, known: Mapping[bytes, list[str]] | None = None
) -> Counts | Tick | Rejected:
    """Return what the bytes say. Never raises, whatever the bytes.

    known: lists of cells by their JSON, so that a list seen before need not be read again.

    >>> decode(b'{"schema": "tick/1", "now_ms": 1790000000000}')
    Tick(now_ms=1790000000000)
    >>> decode(b"junk").reason
    <Reason.MALFORMED: 'malformed'>
    """
    if value is None:
        return Rejected(reason=Reason.MALFORMED, what="empty record (a tombstone)")
    if len(value) > VALUE_BYTES_MAX:
        what = f"{len(value)} bytes; the limit is {VALUE_BYTES_MAX}: send smaller batches"
        return Rejected(reason=Reason.TOO_LARGE, what=what)
    try:
        record = _quick.decode(value)
        if isinstance(record, Tick):
            return _tick(record)
        cells_json = bytes(record.cells)
        cells = known.get(cells_json) if known else None
        cells = _names.decode(cells_json) if cells is None else cells
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _second_look(value)
    values = np.array(record.counts, dtype=np.float64)  # None becomes NaN
    return _checked(record, cells, values, (), cells_json=cells_json)


def _tick(tick: Tick) -> Tick | Rejected:
    if 0 <= tick.now_ms <= EPOCH_MS_MAX:
        return tick
    return Rejected(reason=Reason.MALFORMED, what=f"tick at {tick.now_ms} ms is no epoch time")


def _second_look(value: bytes) -> Counts | Rejected:
    """Find out why the fast decode failed; save what can be saved."""
    try:
        loose = _loose.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        return _refusal(value, fault)
    if len(loose.cells) != len(loose.counts):
        return _unequal(len(loose.cells), len(loose.counts))
    good: list[str] = []
    counts: list[float] = []
    cells_bad = counts_bad = 0
    for cell, count in zip(loose.cells, loose.counts, strict=True):
        if not isinstance(cell, str):
            cells_bad += 1
        elif isinstance(count, bool) or not (count is None or isinstance(count, int | float)):
            counts_bad += 1
        else:
            good.append(cell)
            counts.append(np.nan if count is None else _as_float(count))
    rejects = [
        Rejected(reason=reason, what=what, count=number)
        for reason, what, number in (
            (Reason.UNKNOWN_CELL, "a cell id must be a string", cells_bad),
            (Reason.BAD_COUNT, "a count must be a number or null", counts_bad),
        )
        if number
    ]
    values = np.array(counts, dtype=np.float64)
    return _checked(loose, good, values, tuple(rejects))


def _as_float(count: int | float) -> float:  # noqa: PYI041 - JSON gives both; integers may be huge
    return float(count) if abs(count) < COUNT_MAX * 2 else COUNT_MAX * 2


def _refusal(value: bytes, fault: Exception) -> Rejected:
    """Tell a wrong or missing schema from bytes that are no such record at all."""
    try:
        head = msgspec.json.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Rejected(reason=Reason.MALFORMED, what=f"not JSON: {fault}"[:300])
    schema = head.get("schema") if isinstance(head, dict) else None
    if schema in ("cell-counts/1", "tick/1"):  # a tuple: what stands there may not be hashable
        return Rejected(reason=Reason.MALFORMED, what=str(fault)[:300])
    what = f"schema is {schema!r}; known are 'cell-counts/1' and 'tick/1'"[:300]
    return Rejected(reason=Reason.SCHEMA, what=what)


def _unequal(cells: int, counts: int) -> Rejected:
    what = f"{cells} cells but {counts} counts"
    return Rejected(reason=Reason.MALFORMED, what=what)


def _checked(
    record: _Quick | _Loose,
    cells: list[str],
    values: NDArray[np.float64],
    rejects: tuple[Rejected, ...],
    *,
    cells_json: bytes | None = None,
) -> Counts | Rejected:
    """Check the head of a batch and the range of its counts; NaN is withheld."""
    if len(cells) != len(values):
        return _unequal(len(cells), len(values))
    total = len(cells) + sum(reject.count for reject in rejects)
    withheld = np.isnan(values)
    start_ms = parse_start(record.start)
    if start_ms is None:
        what = f"start {record.start!r}: wanted ISO 8601 with offset or integer epoch ms"[:300]
        return Rejected(reason=Reason.BAD_INTERVAL, what=what, count=total)
    if not 0 <= record.seq <= SEQ_MAX:
        what = f"seq {record.seq} is outside 0 to {SEQ_MAX}"
        return Rejected(reason=Reason.MALFORMED, what=what)
    fit = withheld | ((values >= 0.0) & (values <= COUNT_MAX))
    if not fit.all():
        bad = int(fit.size - np.count_nonzero(fit))
        what = f"{bad} counts are not finite numbers from 0 to {COUNT_MAX:.0f}"
        rejects = (*rejects, Rejected(reason=Reason.BAD_COUNT, what=what, count=bad))
        cells = [cell for cell, ok in zip(cells, fit.tolist(), strict=True) if ok]
        values, withheld, cells_json = values[fit], withheld[fit], None
    as_sent = values.astype(np.float32)
    as_sent[withheld] = WITHHELD
    return Counts(
        feed=record.feed,
        start_ms=start_ms,
        period_s=record.period_s,
        seq=record.seq,
        cells=cells,
        values=as_sent,
        rejects=rejects,
        cells_json=cells_json,
    )
