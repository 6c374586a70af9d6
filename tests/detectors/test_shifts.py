"""Levels that shift for good: alarms of a day or two, then a new normal; a crowd is none."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.baseline import Baseline
from detectors.contract import Mask
from detectors.shift import SCALE_MAX
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


@pytest.mark.parametrize(("factor", "days_max"), [(2.0, 1.2), (3.0, 1.8)])
def test_so_many_times_the_people_alarm_for_less_than_two_days_in_three_weeks(
    factor: float, days_max: float
) -> None:
    assert 0.2 < days_in_alarm(lambda count: factor * count, "score") < days_max


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


def counts(days: int, *, seed: int = 6) -> NDArray[np.float64]:
    """Return counts of tiles with hours, one hop a row."""
    chance = np.random.default_rng(seed)
    size = np.exp(chance.uniform(4, 6.5, TILES))
    shape = 1.2 + np.sin(np.arange(days * DAY) / DAY * 6.2832)
    return chance.poisson(shape[:, None] * size).astype(np.float64)


def run(detector: Baseline, table: NDArray[np.float64]) -> tuple[NDArray[np.float32], Mask]:
    """Return the scores and what was known, one hop a row."""
    score, known = [], []
    for hop, row in enumerate(table):
        verdict = detector.score(observe(row), moment(hop, 30), FLAT)
        detector.learn()
        score.append(verdict.score)
        known.append(verdict.known)
    return np.array(score), np.array(known)


@pytest.mark.parametrize("before", [0.0, 0.02, 1.0])
def test_a_tile_that_was_empty_for_weeks_and_fills_alarms_once_and_warms_up(before: float) -> None:
    """It rings while that may be a crowd; then it is as a place that appears at that hour."""
    table, begin, anew = counts(37), 16 * DAY, 17 * DAY + 13
    table[:anew, 1::2] = np.nan
    table[:begin, ::2] = np.random.default_rng(7).poisson(before, (begin, TILES // 2))
    score, known = run(baseline(TILES), table)
    assert (score[begin + 1 : begin + DAY, ::2] > HIGH).all(), "as long as a crowd may last"
    filled, appeared = (score[anew + 4 :] > HIGH)[:, ::2], (score[anew + 4 :] > HIGH)[:, 1::2]
    assert filled.mean() <= appeared.mean() + 0.005
    assert not known[anew : anew + DAY - 1].any(), "no hour of the day was seen before"
    assert known[anew + DAY :].all()


def test_a_day_at_eight_times_the_level_and_long_crowds_are_not_learnt() -> None:
    table, detector = counts(30), baseline(TILES)
    table[20 * DAY : 21 * DAY] *= 8.0
    for day in range(22, 30):
        table[day * DAY + 16 : day * DAY + 28, ::2] *= 3.0
    run(detector, table)
    assert (detector.rows.scale == 1.0).all()


def test_a_place_that_shrinks_and_comes_back_is_no_stranger() -> None:
    """Its days keep their shape through a month of a hundredth."""
    table, detector = counts(60), baseline(TILES)
    table[16 * DAY : 46 * DAY] = np.random.default_rng(8).poisson(table[16 * DAY : 46 * DAY] / 100)
    score, known = run(detector, table)
    assert known[DAY:].all()
    assert (score[48 * DAY :] > HIGH).mean() < 0.01
    assert detector.rows.scale == pytest.approx(np.ones(TILES), rel=0.6)


def test_limits_keep_every_number_finite() -> None:
    table, detector = counts(40), baseline(TILES)
    table[16 * DAY : 24 * DAY] *= 1e6
    table[24 * DAY : 32 * DAY] = np.rint(table[24 * DAY : 32 * DAY] * 0.05)
    table[32 * DAY :] *= 1e6
    score, _ = run(detector, table)
    assert np.isfinite(score).all()
    assert np.isfinite(detector.state.hot).all()
    assert (detector.rows.scale <= SCALE_MAX).all()
