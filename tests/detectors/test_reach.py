"""When a forecast reaches a target, and how likely."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.forecast import Ahead
from detectors.reach import chance, minutes_until, tail

HORIZONS = (20.0, 30.0, 60.0)


def people(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def until(now: float, ahead: tuple[float, float, float], target: float) -> float:
    rows = np.array(ahead, np.float32)[:, None]
    return float(minutes_until(rows, people(target), now=people(now), horizons_min=HORIZONS)[0])


@pytest.mark.parametrize(
    ("now", "ahead", "target", "minutes"),
    [
        (100, (200, 200, 200), 150, 10.0),
        (100, (140, 150, 150), 150, 30.0),
        (100, (100, 100, 160), 130, 45.0),
        (100, (120, 110, 130), 115, 15.0),
        (100, (90, 80, 70), 100, 0.0),
        (100, (110, 120, 130), 140, math.inf),
        (100, (math.nan, math.nan, math.nan), 140, math.inf),
    ],
)
def test_the_way_ahead_is_straight_between_horizons(
    now: float, ahead: tuple[float, float, float], target: float, minutes: float
) -> None:
    assert until(now, ahead, target) == pytest.approx(minutes)


@given(
    now=st.floats(0, 1e5, width=32),
    ahead=st.tuples(*[st.floats(0, 1e5, width=32)] * 3),
    target=st.floats(1, 1e5, width=32),
)
def test_a_target_is_reached_within_the_hour_if_some_horizon_is_over_it(
    now: float, ahead: tuple[float, float, float], target: float
) -> None:
    minutes = until(now, ahead, target)
    assert math.isfinite(minutes) == (max(now, *ahead) >= target)
    assert minutes == math.inf or 0 <= minutes <= 60


@given(z=st.floats(-7.9, 7.9))
def test_the_tail_is_that_of_the_normal(z: float) -> None:
    assert float(tail(np.array([z]))[0]) == pytest.approx(
        0.5 * math.erfc(z / math.sqrt(2)), abs=2e-7
    )


def far(low: float, middle: float, high: float) -> Ahead:
    rows = [np.full((3, 1), value, np.float32) for value in (middle, low, high)]
    return Ahead(people=rows[0], low=rows[1], high=rows[2])


@pytest.mark.parametrize(
    ("target", "likely"), [(130.0, 0.1), (100.0, 0.5), (90.0, 0.9), (1000.0, 0.0), (0.0, 1.0)]
)
def test_ends_of_the_interval_are_passed_by_a_tenth(target: float, likely: float) -> None:
    got = chance(far(90.0, 100.0, 130.0), people(target))
    assert float(got[0]) == pytest.approx(likely, abs=1e-4)


def test_the_most_likely_horizon_counts() -> None:
    ahead = far(90.0, 100.0, 110.0)
    for rows in (ahead.people, ahead.low, ahead.high):
        rows[2] += 20
    assert float(chance(ahead, people(110.0))[0]) == pytest.approx(0.9, abs=1e-4)


def test_without_a_forecast_nothing_is_likely_or_unlikely() -> None:
    assert np.isnan(chance(far(np.nan, np.nan, np.nan), people(10.0))).all()


def test_an_interval_without_width_is_certain() -> None:
    assert float(chance(far(5.0, 5.0, 5.0), people(6.0))[0]) == pytest.approx(0.0, abs=1e-12)
    assert float(chance(far(5.0, 5.0, 5.0), people(4.0))[0]) == pytest.approx(1.0)
