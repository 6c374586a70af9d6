"""Quiet hours of a place that is often withheld are learnt as quiet."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.baseline import Baseline
from detectors.censored import likely
from detectors.contract import Observation
from detectors.scored import Due
from tests.detectors.cases import FLAT, FLOOR, baseline, moment, observe

DAY = 48
QUIET = 20  # slots from midnight in which three people are due
NIGHT = 4  # the slot of a night
EVERY = 4  # nights between two with more people


def lived(days: int, *, hidden: bool) -> Baseline:
    """Return a place withheld by night, but for one night in four, and busy by day."""
    detector, chance = baseline(1), np.random.default_rng(1)
    for hop in range(days * DAY):
        quiet, night = hop % DAY < QUIET, hop // DAY
        count = float(chance.poisson(3.0 if quiet else 60.0))
        if quiet and night % EVERY == EVERY - 1:
            count = 2.5 * FLOOR
        below = count < FLOOR
        seen = observe([count], withheld=below, hidden=below and hidden)
        detector.score(seen, moment(hop, 30), FLAT)
        detector.learn()
    return detector


def expected(detector: Baseline, days: int) -> float:
    hop = days * DAY + NIGHT
    return float(detector.score(observe([np.nan]), moment(hop, 30), FLAT).expected[0])


def crowded(detector: Baseline, days: int) -> float:
    """Return the highest score of two hours of a night in which thirty are there."""
    high = 0.0
    for hop in range(days * DAY, days * DAY + NIGHT):
        verdict = detector.score(observe([3.0 * FLOOR]), moment(hop, 30), FLAT)
        detector.learn()
        high = max(high, float(verdict.score[0]))
    return high


def test_a_withheld_night_is_not_known_by_its_crowds_alone() -> None:
    assert expected(lived(28, hidden=True), 28) < FLOOR
    assert expected(lived(28, hidden=False), 28) > 1.5 * FLOOR


def test_a_crowd_of_a_withheld_night_is_seen() -> None:
    seen = crowded(lived(28, hidden=True), 28)
    assert seen > 5.0
    assert crowded(lived(28, hidden=False), 28) < 0.5 * seen


@given(st.floats(2, 500), st.floats(0.5, 200), st.floats(0, 60), st.floats(0, 60))
def test_what_is_likely_lies_in_the_interval(
    due: float, spread: float, low: float, wide: float
) -> None:
    found = float(likely(*_case(due, spread, low, low + wide))[0])
    assert np.float32(low) <= found <= np.float32(low + wide)


def test_nothing_more_is_learnt_where_few_were_due() -> None:
    assert likely(*_case(3.0, 2.0, 0.0, 19.0)).tolist() == [3.0]


def _case(due: float, spread: float, low: float, high: float) -> tuple[Observation, Due]:
    """Return one withheld tile."""
    one = np.ones(1, np.float32)
    seen = observe([0.0], withheld=True, hidden=True)
    seen.low[:], seen.high[:] = low, high
    return seen, Due(
        week=one,
        own=one,
        base=one,
        factor=one,
        expected=due * one,
        variance=spread * spread * one,
        spread=spread * one,
    )
