"""Laws of the budget: it agrees with the naive one, tightens with alarms, survives its bytes."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.budget import BudgetState, per_tile_week, rates, spend, threshold
from tests import naive_detectors as naive

HOP_MS = 600_000
FLEET = 10
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
    want = naive.budget_threshold(hops, HOP_MS, wanted, tiles=FLEET)
    assert threshold(after(hops), wanted, tiles=FLEET) == pytest.approx(want, abs=1 / 8)


@given(some_hops, st.floats(1e-4, 10.0), st.floats(1.0, 100.0))
def test_a_smaller_budget_never_has_a_lower_threshold(
    hops: list[tuple[list[float], int]], wanted: float, times: float
) -> None:
    state = after(hops)
    assert (
        threshold(state, wanted / times, tiles=FLEET)
        >= threshold(state, wanted, tiles=FLEET)
        >= 1.0
    )


@given(some_hops)
def test_the_state_survives_its_bytes(hops: list[tuple[list[float], int]]) -> None:
    state = after(hops)
    loaded = msgspec.json.decode(msgspec.json.encode(state), type=BudgetState)
    assert loaded == state
    spend(loaded, [2.5], 3, HOP_MS)
    spend(state, [2.5], 3, HOP_MS)
    assert threshold(loaded, 0.5, tiles=FLEET) == threshold(state, 0.5, tiles=FLEET)


def test_thresholds_are_eighths() -> None:
    h = threshold(after([([3.3], 7)]), 0.37, tiles=FLEET)
    assert h * 8 == int(h * 8)


def test_what_was_counted_is_what_is_spent() -> None:
    """After a year the tail is the counted one, be it ever so far from an exponential."""
    weeks, peaks = 52, [1.5] * 200 + [6.0] * 52 + [7.0] * 26
    hops = [(peaks[:4], FLEET)] + [([], FLEET)] * (weeks * 7 * 24 * 6)
    state = after(hops)
    for peak in peaks[4:]:
        spend(state, [peak], 0, HOP_MS)
    assert threshold(state, 60 / (weeks * FLEET), tiles=FLEET) == pytest.approx(6.125, abs=0.26)
    assert threshold(state, 20 / (weeks * FLEET), tiles=FLEET) == pytest.approx(7.125, abs=0.26)


def test_a_restless_place_gets_a_higher_threshold_than_a_calm_one() -> None:
    month = 28 * 24 * 6
    calm = after([([], 10)] * month)
    restless = after([([4.0, 5.0], 10)] * month)
    assert rates(calm, tiles=FLEET)[0] < 1.0 < rates(restless, tiles=FLEET)[0]
    over = threshold(restless, 1.0, tiles=FLEET) - threshold(calm, 1.0, tiles=FLEET)
    assert over > 2.0


def test_one_wild_peak_counts_as_a_few() -> None:
    wild, tame = after([([1000.0], 1)]), after([([4.0], 1)])
    assert threshold(wild, 1.0, tiles=FLEET) - threshold(tame, 1.0, tiles=FLEET) < 1.0


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
        threshold(BudgetState(), 0.0, tiles=1)


def test_a_fleet_does_not_believe_its_first_calm_hour() -> None:
    """Runs end an hour after they began: at first nothing is known, which is not calm."""
    wanted, fleet = per_tile_week(1.0, 20_000), 20_000
    first = threshold(BudgetState(), wanted, tiles=fleet)
    state = BudgetState()
    for _ in range(6):
        spend(state, [], fleet, HOP_MS)
    assert threshold(state, wanted, tiles=fleet) > 0.98 * first


def test_tiles_that_warm_up_watch_nothing() -> None:
    state = BudgetState()
    for _ in range(1000):
        spend(state, [], 0, HOP_MS)
    assert threshold(state, 0.5, tiles=FLEET) == threshold(BudgetState(), 0.5, tiles=FLEET)
