"""Levels that shift for good: alarms of a day or two, then a new normal."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.detectors.cases import FLAT, baseline, moment, observe

DAY, TILES = 48, 12
BEFORE, AFTER = 21, 21
HIGH = 3.0


def days_in_alarm(after: Callable[[NDArray[np.float64]], NDArray[np.float64]], name: str) -> float:
    """Return the days, added up, that a tile spends above a high score after a shift.

    after: what becomes of the usual counts. Places have moods, hours and days off.
    """
    chance, detector = np.random.default_rng(3), baseline(TILES)
    size, phase = np.exp(chance.uniform(3, 6.5, TILES)), chance.uniform(0, 6.28, TILES)
    off, mood, high = chance.uniform(0.4, 1.2, TILES), np.zeros(TILES), 0.0
    for hop in range((BEFORE + AFTER) * DAY):
        if hop % DAY == 0:
            mood = 0.8 * mood + 0.1 * chance.normal(size=TILES)
        due = size * (1.1 + np.sin(hop / DAY * 6.2832 + phase)) * np.exp(mood)
        due = due * np.where(hop // DAY % 7 >= 5, off, 1.0)
        count = chance.poisson(due).astype(np.float64)
        shifted = hop >= BEFORE * DAY
        seen = after(count) if shifted else count
        verdict = detector.score(observe(seen), moment(hop, 30), FLAT)
        detector.learn()
        high += float((getattr(verdict, name) > HIGH).mean()) if shifted else 0.0
    return high / DAY


def test_twice_as_many_people_alarm_for_less_than_two_days_in_three_weeks() -> None:
    assert 0.2 < days_in_alarm(lambda count: 2.0 * count, "score") < 2.0


def test_a_third_of_the_people_alarms_for_less_than_two_days_in_three_weeks() -> None:
    found = days_in_alarm(lambda count: np.rint(0.3 * count), "drop")
    assert 0.2 < found < 2.0


@pytest.mark.parametrize("days", [0, 10])
def test_a_tile_that_appears_alarms_for_less_than_two_days(days: int) -> None:
    """Its first readings come when the others have been known for days; until then silence."""
    chance, detector, high = np.random.default_rng(4), baseline(TILES), 0.0
    size, phase = np.exp(chance.uniform(3, 6.5, TILES)), chance.uniform(0, 6.28, TILES)
    for hop in range((days + AFTER) * DAY):
        due = size * (1.1 + np.sin(hop / DAY * 6.2832 + phase))
        count = chance.poisson(due).astype(np.float64)
        count[::2] = np.nan if hop < days * DAY else count[::2]
        verdict = detector.score(observe(count), moment(hop, 30), FLAT)
        detector.learn()
        if hop >= days * DAY:
            high += float((verdict.score[::2] > HIGH).mean())
    assert high / DAY < 2.0
