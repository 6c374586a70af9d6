"""A feed as the one log that the offline engine and a push into Kafka both read.

Theory of operation. Readings come in order of (received, partition, offset), cut into batches as
an operator would send them. Between them stands a tick for every deadline (a hop's end plus the
lateness) that passes: a reading received exactly at a deadline comes after its tick, and so acts
from the next hop, as it does live. One tick comes first, one hop before the first hop that can
see a whole interval, since a deployment's first hop is the one after its first tick (PROTOCOL
3); the last tick is the deadline of the last hop that some reading acts from.

An archive brings ticks of its own, per source partition. Then these are the clocks, none is
added, and every record belongs to its own partition.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from heapq import merge
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from replay.badrow import FeedError
from stream.clock import HopTimes
from stream.records import CellCounts, Tick

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from replay.feed import Feed, Ticks

__all__ = [
    "BATCH_CELLS",
    "LogRecord",
    "first_hop_ms",
    "input_log",
    "log_digest",
    "log_span",
    "sources",
]

BATCH_CELLS: Final = 5_000
"""Cells of one batch: the upper end of what operators are asked to send."""

_VALUE_BYTES_MAX: Final = 1_000_000  # the topic takes 1 MiB a record; headers need room, too
_GROUPS: Final = 8_192  # batches whose rows become Python values at a time

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """One record of the log.

    at_ms: when it is sent, on the clock of the log; never falls. value: its bytes.
    is_tick: a tick, else a batch. partition: the source it belongs to; None: a tick goes to
    every source, a batch to any. acks: a tick that the acks partition gets, too.
    """

    at_ms: int
    value: bytes
    is_tick: bool
    partition: int | None = None
    acks: bool = False


def input_log(
    feed: Feed, *, hop_ms: int, lateness_ms: int, batch_cells: int = BATCH_CELLS
) -> Iterator[LogRecord]:
    """Yield the log of a feed; the same feed and options give the same records.

    hop_ms, lateness_ms: the settings' grid of hops. batch_cells: most cells in a batch.

    Raises FeedError for an archive in which a partition has readings but no tick.
    """
    if feed.ticks is not None:
        yield from _archived(feed, feed.ticks, batch_cells)
        return
    times = HopTimes(hop_ms=hop_ms, lateness_ms=lateness_ms)
    first_ms, last_ms = log_span(feed, hop_ms=hop_ms, lateness_ms=lateness_ms)
    yield _tick(first_ms)
    deadline_ms = times.deadline(times.after(first_ms))
    for _, batch in _batches(feed, batch_cells):
        while deadline_ms <= batch.at_ms:
            yield _tick(deadline_ms)
            deadline_ms += hop_ms
        # A reading that claims to be older than the log is sent at its start.
        yield batch if batch.at_ms >= first_ms else replace(batch, at_ms=first_ms)
    while deadline_ms <= last_ms:
        yield _tick(deadline_ms)
        deadline_ms += hop_ms


def log_span(feed: Feed, *, hop_ms: int, lateness_ms: int) -> tuple[int, int]:
    """Return the times of the first and the last tick, epoch ms."""
    if feed.ticks is not None:
        return int(feed.ticks.now_ms[0]), int(feed.ticks.now_ms[-1])
    times = HopTimes(hop_ms=hop_ms, lateness_ms=lateness_ms)
    end_ms = feed.start_ms + feed.period_ms
    first_ms = times.at_or_after(int(end_ms.min())) - hop_ms
    last_hop = max(times.at_or_after(int(end_ms.max())), times.after(int(feed.received_ms.max())))
    return first_ms, times.deadline(last_hop)


def first_hop_ms(feed: Feed, *, hop_ms: int) -> int:
    """Return the end of the first hop: the one after the latest first tick of any source."""
    if feed.ticks is None:
        end_ms = int((feed.start_ms + feed.period_ms).min())
        return -(-end_ms // hop_ms) * hop_ms
    _, firsts = np.unique(feed.ticks.partition, return_index=True)  # ticks are in order of time
    return int(feed.ticks.now_ms[firsts].max()) // hop_ms * hop_ms + hop_ms


def log_digest(feed: Feed, *, hop_ms: int, lateness_ms: int, batch_cells: int) -> str:
    """Return 16 hex digits that are equal exactly where two logs are."""
    digest = hashlib.sha256(f"{hop_ms} {lateness_ms} {batch_cells}".encode())
    digest.update(msgspec.json.encode((feed.cells, feed.feeds)))
    columns = [*_heads(feed), feed.cell, feed.count]
    if feed.ticks is not None:
        columns += [feed.ticks.now_ms, feed.ticks.partition, feed.ticks.offset]
    for column in columns:
        digest.update(column.tobytes())
    return digest.hexdigest()[:16]


def sources(feed: Feed) -> int:
    """Return how many source partitions an offline run of this feed needs, at least 1."""
    own = int(feed.partition.max(initial=0))
    return max(own, 0 if feed.ticks is None else int(feed.ticks.partition.max())) + 1


def _tick(now_ms: int, partition: int | None = None, *, acks: bool = True) -> LogRecord:
    value = _encode(Tick(now_ms=now_ms))
    return LogRecord(at_ms=now_ms, value=value, is_tick=True, partition=partition, acks=acks)


def _archived(feed: Feed, ticks: Ticks, batch_cells: int) -> Iterator[LogRecord]:
    """Merge an archive's batches with its ticks; the acks follow the first partition's clock."""
    ticking = np.unique(ticks.partition)
    silent = np.setdiff1d(np.maximum(feed.partition, 0), ticking)
    if silent.size:
        raise FeedError(f"{feed.name}: partition {silent[0]} has readings but no tick")
    first = int(ticking[0])
    clocks = zip(
        ticks.now_ms.tolist(), ticks.partition.tolist(), ticks.offset.tolist(), strict=True
    )
    keyed_ticks = (
        ((now_ms, partition, offset, 0), _tick(now_ms, partition, acks=partition == first))
        for now_ms, partition, offset in clocks
    )
    keyed_batches = (
        (
            (batch.at_ms, batch.partition or 0, offset, 1),
            replace(batch, partition=batch.partition or 0),
        )
        for offset, batch in _batches(feed, batch_cells)
    )
    for _, record in merge(keyed_ticks, keyed_batches, key=lambda pair: pair[0]):
        yield record


def _batches(feed: Feed, batch_cells: int) -> Iterator[tuple[int, LogRecord]]:
    """Yield (offset in an archive or -1, batch) in the feed's order."""
    starts = _starts(feed, batch_cells)
    bounds = np.append(starts, len(feed))
    for low in range(0, len(starts), _GROUPS):
        cuts = bounds[low : low + _GROUPS + 1]
        heads = zip(*(column[cuts[:-1]].tolist() for column in _heads(feed)), strict=True)
        base = int(cuts[0])
        cells: list[int] = feed.cell[base : cuts[-1]].tolist()
        counts: list[float | None] = feed.count[base : cuts[-1]].tolist()  # NaN encodes as null
        edges: list[int] = (cuts - base).tolist()
        for head, (a, b) in zip(heads, pairwise(edges), strict=True):
            received_ms, partition, offset, index, start_ms, period_ms, seq = head
            batch = CellCounts(
                feed=feed.feeds[index],
                start=start_ms,
                period_s=period_ms // 1000,
                cells=[feed.cells[cell] for cell in cells[a:b]],
                counts=counts[a:b],
                seq=seq,
            )
            for value in _values(batch):
                yield (
                    offset,
                    LogRecord(
                        at_ms=received_ms,
                        value=value,
                        is_tick=False,
                        partition=partition if partition >= 0 else None,
                    ),
                )


def _values(batch: CellCounts) -> Iterator[bytes]:
    """Yield a batch's bytes, in halves where long names would not fit a record."""
    value = _encode(batch)
    if len(value) <= _VALUE_BYTES_MAX or len(batch.cells) == 1:
        yield value
        return
    middle = len(batch.cells) // 2
    for half in (slice(None, middle), slice(middle, None)):
        part = msgspec.structs.replace(batch, cells=batch.cells[half], counts=batch.counts[half])
        yield from _values(part)


def _heads(feed: Feed) -> tuple[NDArray[np.int64], ...]:
    """Return the columns that are equal within a batch."""
    return (
        feed.received_ms,
        feed.partition,
        feed.offset,
        feed.feed,
        feed.start_ms,
        feed.period_ms,
        feed.seq,
    )


def _starts(feed: Feed, batch_cells: int) -> NDArray[np.intp]:
    """Return the first row of every batch: where a head changes, or a batch is full."""
    rows = len(feed)
    new = np.zeros(rows, dtype=np.bool_)
    new[0] = True
    for column in _heads(feed):
        new[1:] |= column[1:] != column[:-1]
    heads = np.flatnonzero(new)
    if int(np.diff(heads, append=rows).max()) <= batch_cells:
        return heads
    place = np.arange(rows) - np.repeat(heads, np.diff(heads, append=rows))
    return np.flatnonzero(place % batch_cells == 0)
