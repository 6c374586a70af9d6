"""Laws of times in files: an offset says all, a zone says the rest, and some times never were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.badrow import FeedError
from replay.times import LocalTimes, iso


@given(st.integers(0, 4_102_444_800_000))
def test_what_is_written_is_read_back(time_ms: int) -> None:
    times = LocalTimes(None)
    assert times.parse(iso(time_ms)) == times.parse(str(time_ms)) == times.parse(time_ms) == time_ms


def test_a_local_time_that_occurs_twice_is_the_first_occurrence() -> None:
    times = LocalTimes("Europe/Rome")
    assert times.parse("2013-10-27T02:30:00") == times.parse("2013-10-27T02:30:00+02:00")
    assert len(times.ambiguous) == 1


def test_a_local_time_that_never_was_is_no_time() -> None:
    assert "does not exist" in str(LocalTimes("Europe/Rome").parse("2013-03-31T02:30:00"))
    assert LocalTimes("Asia/Shanghai").parse("2013-03-31T02:30:00") == 1_364_668_200_000


def test_an_offset_wins_over_the_zone() -> None:
    assert LocalTimes("Asia/Shanghai").parse("1970-01-01T00:00:00+00:00") == 0


def test_a_zone_nobody_knows_is_refused() -> None:
    for name in ("Mars/Olympus", "", "../passwd"):
        with pytest.raises(FeedError, match="no such time zone"):
            LocalTimes(name)


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.booleans(), st.binary()))
def test_any_value_is_a_time_or_says_why_not(value: object) -> None:
    assert isinstance(LocalTimes("Europe/Rome").parse(value), int | str)
