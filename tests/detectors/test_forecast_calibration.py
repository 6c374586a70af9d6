"""Calibration of a forecast counts each outcome once, against the forecast made for it."""

import math

import numpy as np
import pytest

from detectors.forecast import Ahead
from detectors.forecast_calibration import Calibration


def calibration() -> Calibration:
    return Calibration(hop_min=10.0, horizons_min=(20.0, 30.0, 60.0))


def ahead(people: float, tiles: int = 1) -> Ahead:
    rows = [np.full((3, tiles), value, np.float32) for value in (people, people - 10, people + 10)]
    return Ahead(people=rows[0], low=rows[1], high=rows[2])


def counts(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def expected(people: float, tiles: int = 1) -> np.ndarray:
    return np.full((3, tiles), people, np.float32)


def run(points: list[float]) -> Calibration:
    """Forecast 100, 101, 102, ... with a baseline of 90 each time."""
    book = calibration()
    for number, point in enumerate(points):
        book.hop(
            counts(point), np.ones(1, np.bool_), ahead=ahead(100.0 + number), expected=expected(90)
        )
    return book


def test_each_outcome_meets_the_forecast_made_for_it() -> None:
    book = run([0.0] * 2 + [100.0, 101.0, 102.0])
    assert [one.outcomes for one in book.horizons] == [3, 2, 0]
    assert book.horizons[0].off == 0.0
    assert book.horizons[0].off_baseline == 10 + 11 + 12
    assert book.horizons[1].off == 1 + 1
    assert book.horizons[1].width == 40.0


def test_inside_below_and_above_are_all_outcomes() -> None:
    book = run([0.0, 0.0, 89.0, 111.5, 92.0, 93.0, math.nan])
    one = book.horizons[0]
    assert (one.below, one.above, one.held, one.outcomes) == (1, 1, 2, 4)
    assert one.held_ratio == 0.5
    assert one.mean_error == pytest.approx((11 + 10.5 + 10 + 10) / 4)
    assert one.error_ratio == pytest.approx((11 + 10.5 + 10 + 10) / (1 + 21.5 + 2 + 3))


def test_what_is_not_believed_or_was_not_forecast_does_not_count() -> None:
    book = calibration()
    unsure = ahead(100.0, tiles=3)
    unsure.people[:, 2] = np.nan
    for _ in range(4):
        book.hop(
            counts(100, 100, 100),
            np.array([True, False, True]),
            ahead=unsure,
            expected=expected(90, tiles=3),
        )
    assert [one.outcomes for one in book.horizons] == [2, 1, 0]


def test_before_the_first_outcome_there_are_no_figures() -> None:
    one = calibration().horizons[0]
    assert math.isnan(one.held_ratio)
    assert math.isnan(one.error_ratio)
    assert math.isnan(one.mean_error)


def test_forecasts_may_be_written_over_by_their_maker() -> None:
    book, mine = calibration(), ahead(100.0)
    book.hop(counts(0.0), np.ones(1, np.bool_), ahead=mine, expected=expected(90))
    mine.people[...] = mine.low[...] = mine.high[...] = 0.0
    for _ in range(2):
        book.hop(counts(100.0), np.ones(1, np.bool_), ahead=mine, expected=expected(90))
    assert book.horizons[0].held == 1


def test_a_horizon_between_hops_is_refused() -> None:
    with pytest.raises(ValueError, match="whole hops"):
        Calibration(hop_min=10.0, horizons_min=(15.0, 30.0))
