"""Laws of the budget: it agrees with the naive one, tightens with alarms, survives its bytes."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.budget import BudgetState, per_tile_week, rate, spend, threshold
from tests import naive_detectors as naive

HOP_MS = 600_000
peaks_of_a_hop = st.lists(st.integers(1025, 10_000).map(lambda n: n / 1024), max_size=5)
some_hops = st.lists(st.tuples(peaks_of_a_hop, st.integers(1, 20_000)), max_size=30)


def after(hops: list[tuple[list[float], int]]) -> BudgetState:
    state = BudgetState()
    for peaks, tiles in hops:
        spend(state, peaks, tiles, HOP_MS)
    return state


@given(some_hops, st.floats(1e-4, 10.0))
def test_the_threshold_agrees_with_the_naive_one(
    hops: list[tuple[list[float], int]], wanted: float
) -> None:
    want = naive.budget_threshold(hops, HOP_MS, wanted)
    assert threshold(after(hops), wanted) == pytest.approx(want, abs=1 / 1024)


@given(some_hops, st.floats(1e-4, 10.0), st.floats(1.0, 100.0))
def test_a_smaller_budget_never_has_a_lower_threshold(
    hops: list[tuple[list[float], int]], wanted: float, times: float
) -> None:
    state = after(hops)
    assert threshold(state, wanted / times) >= threshold(state, wanted) >= 1.0


@given(some_hops)
def test_the_state_survives_its_bytes(hops: list[tuple[list[float], int]]) -> None:
    state = after(hops)
    loaded = msgspec.json.decode(msgspec.json.encode(state), type=BudgetState)
    assert loaded == state
    spend(loaded, [2.5], 3, HOP_MS)
    spend(state, [2.5], 3, HOP_MS)
    assert threshold(loaded, 0.5) == threshold(state, 0.5)


def test_scores_are_parts_of_1024() -> None:
    h = threshold(after([([3.3], 7)]), 0.37)
    assert h * 1024 == int(h * 1024)


def test_a_restless_place_gets_a_higher_threshold_than_a_calm_one() -> None:
    week = 7 * 24 * 6
    calm = after([([], 10)] * week)
    restless = after([([4.0, 5.0], 10)] * week)
    assert rate(calm) < 1.0 < rate(restless)
    assert threshold(restless, 1.0) > threshold(calm, 1.0) + 2.0


def test_one_wild_peak_counts_as_a_few() -> None:
    wild, tame = after([([1000.0], 1)]), after([([4.0], 1)])
    assert threshold(wild, 1.0) - threshold(tame, 1.0) < 1.0


def test_long_watches_are_counted_exactly() -> None:
    state = BudgetState()
    for _ in range(1000):
        spend(state, [], 200_000, HOP_MS)
    assert state.tile_ms == 1000 * 200_000 * HOP_MS


def test_a_desk_shares_its_alarms_among_its_tiles() -> None:
    assert per_tile_week(0.5, 7) == 0.5
    with pytest.raises(ValueError, match="at least one tile"):
        per_tile_week(1.0, 0)
    with pytest.raises(ValueError, match="above zero"):
        threshold(BudgetState(), 0.0)
