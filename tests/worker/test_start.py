"""Laws of the start offset: never above what anything needs, and never on another log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.machine import SnapshotError
from stream.topics import Topic
from stream.worker.start import Held, start_offset

PLACE = (Topic.READINGS, 3)


def held(log: range, applied: int | None, committed: int | None) -> Held:
    return Held(log=log, applied=applied, committed=committed)


@pytest.mark.parametrize(
    ("log", "applied", "committed", "start"),
    [
        (range(100), 59, 70, 60),  # a zombie's stale snapshot: read again
        (range(100), 59, 40, 40),  # commits lag behind the snapshot: never jump ahead of them
        (range(100), 59, None, 60),  # a group that never committed
        (range(100), 59, 0, 0),  # offset 0 counts as committed
        (range(100), -1, None, 0),
        (range(100), None, 40, 40),  # the gateway has no state
        (range(20, 100), None, None, 20),  # a new deployment on an old topic
        (range(20, 100), -1, None, 20),
        (range(100), 99, 100, 100),
    ],
)
def test_the_start_is_the_lowest_offset_still_needed(
    log: range, applied: int | None, committed: int | None, start: int
) -> None:
    assert start_offset(PLACE, held(log, applied, committed)) == (start, 0)


@pytest.mark.parametrize(
    ("applied", "committed"), [(9, 40), (9, None), (59, 10), (None, 10), (-1, 40)]
)
def test_input_that_retention_took_is_refused_or_accepted_by_word(
    applied: int | None, committed: int | None
) -> None:
    seen = held(range(50, 100), applied, committed)
    with pytest.raises(SnapshotError, match=r"readings.v1/3 begins at offset 50.*--accept-gap"):
        start_offset(PLACE, seen)
    start, missing = start_offset(PLACE, seen, accept_gap=True)
    assert start == 50
    assert missing > 0


@pytest.mark.parametrize(("applied", "committed"), [(100, 80), (None, 101), (20, 101)])
def test_offsets_that_start_again_are_refused_even_with_accept_gap(
    applied: int | None, committed: int | None
) -> None:
    with pytest.raises(SnapshotError, match="ends at offset 100"):
        start_offset(PLACE, held(range(100), applied, committed), accept_gap=True)


@given(
    begin=st.integers(0, 50),
    length=st.integers(0, 50),
    applied=st.none() | st.integers(-1, 120),
    committed=st.none() | st.integers(-1, 120),
)
def test_no_record_between_start_and_need_is_ever_jumped_over(
    begin: int, length: int, applied: int | None, committed: int | None
) -> None:
    seen = held(range(begin, begin + length), applied, committed)
    try:
        start, missing = start_offset(PLACE, seen)
    except SnapshotError:
        return
    assert missing == 0
    assert start in range(begin, begin + length + 1)
    if applied not in (None, -1):
        assert start <= applied + 1
    if committed is not None and committed > 0:
        assert start <= committed
