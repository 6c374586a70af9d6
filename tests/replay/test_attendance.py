"""The attendance line is the least-squares line, and it is silent where it knows nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from replay.attendance import Line, match_peaks, read_matches
from replay.badrow import FeedError
from replay.feed import read_feed
from replay.hand_over import slice_of
from replay.samples import MATCHES, MILAN, SAN_SIRO_CALLS

points = st.lists(st.tuples(st.floats(1, 1000), st.floats(1_000, 80_000)), min_size=2, max_size=12)


@given(points)
def test_it_is_the_line_of_polyfit(made: list[tuple[float, float]]) -> None:
    peaks = np.array([one for one, _ in made])
    assume(np.ptp(peaks) > 1)
    slope, people = np.polyfit(peaks, [attendance for _, attendance in made], 1)
    line = Line.through(made)
    assert line.people_per_unit == pytest.approx(slope, rel=1e-6, abs=1e-3)
    assert line.people == pytest.approx(people, rel=1e-6, abs=1)


@pytest.mark.parametrize("peak", [None, float("nan"), 0.0, 69.99])
def test_below_seventy_units_there_is_no_estimate(peak: float | None) -> None:
    assert Line.through([(100.0, 40_000.0), (200.0, 48_000.0)]).estimate(peak) is None


def test_one_point_makes_no_line() -> None:
    with pytest.raises(ValueError, match="make no line"):
        Line.through([(100.0, 40_000.0), (100.0, 48_000.0)])


def test_the_line_of_the_demo_knows_only_the_three_earlier_matches() -> None:
    *earlier, tonight = read_matches(MATCHES)
    feed = read_feed(MILAN.feed)
    known = slice_of(feed, to_ms=tonight.kickoff_ms)
    line = Line.through(match_peaks(known, "san-siro", earlier))
    assert line.points == 3
    (peak, attendance), *_ = match_peaks(feed, "san-siro", [tonight])
    assert (peak, attendance) == (79.276, 34_848)
    assert line.estimate(peak) == 38_100


def test_a_match_without_readings_is_refused() -> None:
    feed = read_feed(SAN_SIRO_CALLS.feed)
    *_, tonight = read_matches(MATCHES)
    with pytest.raises(FeedError, match="no reading of san-siro at AC Milan v Genoa"):
        match_peaks(slice_of(feed, to_ms=tonight.kickoff_ms - 86_400_000), "san-siro", [tonight])
