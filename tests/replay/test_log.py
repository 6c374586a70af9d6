"""Laws of the log: one order, every deadline, nothing added and nothing lost."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.badrow import FeedError
from replay.feed import Feed, Ticks
from replay.log import LogRecord, first_hop_ms, input_log, log_digest, sources
from stream.clock import Clocks, HopTimes

HOP, LATENESS = 300_000, 60_000
EPOCH = 1_767_571_200_000
GRID = {"hop_ms": HOP, "lateness_ms": LATENESS}

Row = tuple[int, int, int, int]  # received, start, cell, count


def feed_of(rows: list[Row], *, period_ms: int = HOP, ticks: Ticks | None = None) -> Feed:
    rows = sorted(rows)
    received, start, cell, count = (
        np.array(column, np.int64) for column in zip(*rows, strict=True)
    )
    zero = np.zeros(len(rows), np.int64)
    return Feed(
        name="made",
        cells=tuple("abcdefghij"),
        feeds=("file",),
        start_ms=start,
        period_ms=zero + period_ms,
        cell=cell,
        feed=zero,
        count=count.astype(np.float64),
        received_ms=received,
        seq=zero,
        partition=zero - 1,
        offset=zero - 1,
        ticks=ticks,
        rows=len(rows),
        rejects=(),
        notes=(),
    )


def ticks_of(log: list[LogRecord]) -> list[int]:
    return [json.loads(one.value)["now_ms"] for one in log if one.is_tick]


def regular(hops: int, *, delay_ms: int = 0) -> Feed:
    starts = [EPOCH + HOP * step for step in range(hops)]
    return feed_of([(one + HOP + delay_ms, one, 0, 1) for one in starts])


rows = st.lists(
    st.tuples(
        st.integers(0, 40).map(lambda n: EPOCH + n * 77_000),
        st.integers(0, 8).map(lambda n: EPOCH + n * HOP),
        st.integers(0, 9),
        st.integers(0, 500),
    ),
    min_size=1,
    max_size=40,
)


@given(rows)
def test_every_reading_is_in_the_log_once(made: list[Row]) -> None:
    feed = feed_of(made)
    log = list(input_log(feed, **GRID, batch_cells=3))
    batches = [json.loads(one.value) for one in log if not one.is_tick]
    sent = sorted(
        (batch["start"], cell, count)
        for batch in batches
        for cell, count in zip(batch["cells"], batch["counts"], strict=True)
    )
    assert sent == sorted((start, "abcdefghij"[cell], count) for _, start, cell, count in made)
    assert all(len(batch["cells"]) <= 3 for batch in batches)


@given(rows)
def test_every_deadline_has_its_tick_before_the_readings_received_at_or_after_it(
    made: list[Row],
) -> None:
    log = list(input_log(feed_of(made), **GRID))
    ticks = ticks_of(log)
    assert all(b - a == HOP for a, b in pairwise(ticks[1:]))
    assert all((one - LATENESS) % HOP == 0 for one in ticks[1:])
    clock = -1
    for one in log:
        if one.is_tick:
            clock = json.loads(one.value)["now_ms"]
            assert one.at_ms == clock
        elif clock != ticks[0]:
            assert clock <= one.at_ms < clock + HOP
    assert all(a.at_ms <= b.at_ms for a, b in pairwise(log))


@given(rows)
def test_the_last_tick_closes_the_last_hop_that_some_reading_acts_from(made: list[Row]) -> None:
    times = HopTimes(**GRID)
    last_hop, clock = 0, -1
    log = list(input_log(feed_of(made), **GRID))
    for one in log:
        record = json.loads(one.value)
        if one.is_tick:
            clock = record["now_ms"]
        else:
            end_ms = record["start"] + HOP
            last_hop = max(last_hop, times.after(clock), times.at_or_after(end_ms))
    assert clock >= times.deadline(last_hop)
    assert clock - HOP < times.deadline(max(last_hop, first_hop_ms(feed_of(made), hop_ms=HOP)))


@given(rows, st.sampled_from([60_000, 300_000, 600_000]))
def test_the_first_hop_is_the_first_that_sees_a_whole_interval(
    made: list[Row], hop_ms: int
) -> None:
    feed = feed_of(made)
    clocks = Clocks(HopTimes(hop_ms=hop_ms, lateness_ms=LATENESS), 1)
    for now_ms in ticks_of(list(input_log(feed, hop_ms=hop_ms, lateness_ms=LATENESS))):
        clocks.tick(0, now_ms)
    first = clocks.state.first_hop_ms
    assert first == first_hop_ms(feed, hop_ms=hop_ms)
    end_ms = int((feed.start_ms + feed.period_ms).min())
    assert first - hop_ms < end_ms <= first


def test_a_gap_of_weeks_still_has_every_deadline() -> None:
    week = 7 * 86_400_000
    feed = feed_of([(EPOCH + HOP, EPOCH, 0, 1), (EPOCH + 3 * week, EPOCH + 3 * week - HOP, 0, 1)])
    ticks = ticks_of(list(input_log(feed, **GRID)))
    assert len(ticks) == 1 + 1 + 3 * week // HOP
    assert ticks[-1] == EPOCH + 3 * week + LATENESS


def test_a_reading_received_at_a_deadline_comes_after_its_tick() -> None:
    feed = feed_of([(EPOCH + HOP + LATENESS, EPOCH, 0, 1)])
    kinds = [one.is_tick for one in input_log(feed, **GRID)]
    # First tick, the deadline of the interval's own hop, the reading, and the next deadline.
    assert kinds == [True, True, True, False, True]


def test_batches_hold_one_interval_and_not_more_than_asked() -> None:
    feed = feed_of([(EPOCH + HOP, EPOCH, cell, cell) for cell in range(10)])
    sizes = [
        len(json.loads(one.value)["cells"])
        for one in input_log(feed, **GRID, batch_cells=4)
        if not one.is_tick
    ]
    assert sizes == [4, 4, 2]


def test_long_names_are_cut_into_records_that_fit() -> None:
    feed = replace(
        feed_of([(EPOCH + HOP, EPOCH, cell, 1) for cell in range(10)]),
        cells=tuple(letter * 400_000 for letter in "abcdefghij"),
    )
    batches = [one.value for one in input_log(feed, **GRID) if not one.is_tick]
    assert all(len(value) < 1_048_576 for value in batches)
    assert sum(len(json.loads(value)["cells"]) for value in batches) == 10


def archive(partitions: list[int]) -> Feed:
    ticks = Ticks(
        now_ms=np.array([EPOCH, EPOCH, EPOCH + HOP, EPOCH + HOP]),
        partition=np.array([0, 1, 0, 1]),
        offset=np.array([0, 0, 5, 2]),
    )
    feed = feed_of([(EPOCH, EPOCH, cell, 1) for cell in range(len(partitions))], ticks=ticks)
    return replace(feed, partition=np.array(partitions), offset=np.arange(1, len(partitions) + 1))


def test_an_archive_keeps_its_own_clocks_and_partitions() -> None:
    log = list(input_log(archive([0, 0, 1]), **GRID))
    assert [(one.at_ms - EPOCH, one.partition, one.is_tick) for one in log] == [
        (0, 0, True),
        (0, 0, False),
        (0, 0, False),
        (0, 1, True),
        (0, 1, False),
        (HOP, 0, True),
        (HOP, 1, True),
    ]
    # The acks partition follows one clock, that of the first partition.
    assert [one.acks for one in log if one.is_tick] == [True, False, True, False]
    assert sources(archive([0, 0, 1])) == 2


def test_an_archive_with_a_partition_that_never_ticks_is_refused() -> None:
    with pytest.raises(FeedError, match="partition 2 has readings but no tick"):
        list(input_log(archive([0, 2]), **GRID))


@given(rows, rows)
def test_equal_logs_have_equal_digests_and_others_do_not(one: list[Row], two: list[Row]) -> None:
    logs, digests = [], []
    for made in (one, two):
        feed = feed_of(made)
        logs.append([msgspec.to_builtins(r.value) for r in input_log(feed, **GRID)])
        digests.append(log_digest(feed, **GRID, batch_cells=5_000))
    same_times = sorted(r[0] for r in one) == sorted(r[0] for r in two)
    assert (digests[0] == digests[1]) == (logs[0] == logs[1] and same_times)


def test_a_feed_without_a_delay_loses_nothing_to_lateness() -> None:
    log = list(input_log(regular(12), **GRID))
    kinds = "".join("t" if one.is_tick else "b" for one in log)
    assert kinds == "tt" + "bt" * 12
