"""Laws of the budget: it agrees with the naive one, tightens with alarms, survives its bytes."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors.budget import (
    BINS,
    JOINED_MS,
    BudgetState,
    Runs,
    per_tile_week,
    rate_at,
    rates,
    spend,
    threshold,
)
from tests import naive_budget as naive

HOP_MS = 600_000
FLEET = 10
ROW = np.full((FLEET, 8), -1, np.int32)
ROW[1:, 0], ROW[:-1, 1] = np.arange(FLEET - 1), np.arange(1, FLEET)
APART = np.full((FLEET, 8), -1, np.int32)

peaks = st.integers(1025, 10_000).map(lambda n: n / 1024)
ended_of_a_hop = st.lists(
    st.tuples(st.integers(0, FLEET - 1), peaks), max_size=5, unique_by=lambda one: one[0]
)
some_hops = st.lists(st.tuples(ended_of_a_hop, st.integers(1, 20_000)), max_size=40)
Tiles8 = NDArray[np.int32]
Hops = list[tuple[list[tuple[int, float]], int]]


def take(
    state: BudgetState,
    hop: int,
    ended: list[tuple[int, float]],
    scored: int,
    *,
    beside: Tiles8 = ROW,
) -> None:
    spend(
        state,
        Runs([tile for tile, _ in ended], [peak for _, peak in ended]),
        beside,
        hop_ms=hop * HOP_MS,
        watched_ms=scored * HOP_MS,
    )


def after(hops: Hops, *, beside: Tiles8 = ROW) -> BudgetState:
    state = BudgetState()
    for hop, (ended, scored) in enumerate(hops):
        take(state, hop, ended, scored, beside=beside)
    return state


@given(some_hops, st.floats(1e-4, 10.0))
def test_the_threshold_agrees_with_the_naive_one(hops: Hops, wanted: float) -> None:
    want = naive.budget_threshold(hops, HOP_MS, wanted, tiles=FLEET)
    assert threshold(after(hops), wanted, tiles=FLEET) == pytest.approx(want, abs=1 / 64)


@given(some_hops, st.floats(1e-4, 10.0), st.floats(1.0, 100.0))
def test_a_smaller_budget_never_has_a_lower_threshold(
    hops: Hops, wanted: float, times: float
) -> None:
    state = after(hops)
    tight, wide = (threshold(state, rate, tiles=FLEET) for rate in (wanted / times, wanted))
    assert tight >= wide >= 1.0


@given(some_hops)
def test_the_count_lies_between_groups_and_runs(hops: Hops) -> None:
    """Bridges between two groups are the only thing that is counted more than once."""
    joined, apart = (np.cumsum(after(hops, beside=way).bins[::-1]) for way in (ROW, APART))
    assert (joined >= 0).all()
    assert (joined <= apart).all()
    runs = sum(len(ended) for ended, _ in hops)
    assert apart[-1] == runs
    assert (joined[-1] > 0) == (runs > 0)


@given(some_hops)
def test_the_state_survives_its_bytes(hops: Hops) -> None:
    state = after(hops)
    loaded = msgspec.json.decode(msgspec.json.encode(state), type=BudgetState)
    assert loaded == state
    for one in (loaded, state):
        take(one, len(hops), [(4, 2.5)], 3)
    assert loaded == state


def test_a_crowd_on_many_tiles_counts_once_at_every_height() -> None:
    """Its edge ends first, then its core, then the other side of it."""
    state = after([([(3, 2.5)], 1), ([(5, 3.0), (4, 6.0)], 1), ([(6, 2.75)], 1)])
    counted = np.cumsum(state.bins[::-1])[::-1]
    assert counted[:41].tolist() == [1] * 41  # to 6.0, five units of eight above the mark
    assert counted[41:].sum() == 0
    assert state.n == 4


def test_what_stands_apart_in_place_or_time_counts_again() -> None:
    later = 1 + JOINED_MS // HOP_MS
    state = after([([(3, 4.0), (5, 4.0)], 1), *[([], 1)] * (later - 1), ([(4, 4.0)], 1)])
    assert np.cumsum(state.bins[::-1])[-1] == 3


def test_a_place_beside_itself_is_not_joined() -> None:
    """A tile alone that rings twice a morning rings twice."""
    state = after([([(3, 4.0)], 1), ([(3, 4.0)], 1)])
    assert np.cumsum(state.bins[::-1])[-1] == 2


def test_thresholds_lie_on_steps() -> None:
    h = threshold(after([([(0, 3.3)], 7)]), 0.37, tiles=FLEET)
    assert h * 128 == int(h * 128)


@given(st.floats(0.001, 3.0), st.lists(st.floats(1.0, 9.0), max_size=12))
def test_between_two_counted_heights_the_rate_falls_evenly(
    wanted: float, peaks: list[float]
) -> None:
    """The threshold's rate is the wanted one or just below it, and a step lower it is above."""
    state = after([([(0, peak)], 7) for peak in peaks])
    counted = rates(state, tiles=FLEET).tolist()
    h = threshold(state, wanted, tiles=FLEET)
    assert rate_at(counted, h, mark=1.0) <= wanted * (1 + 1e-9) or h == 1.0 + (BINS - 1) / 8
    if h > 1.0:
        assert rate_at(counted, h - 1 / 128, mark=1.0) > wanted * (1 - 1e-9)


def test_what_was_counted_is_what_is_spent() -> None:
    """After a year the tail is the counted one, be it ever so far from an exponential."""
    weeks, heights = 52, [1.5] * 200 + [6.0] * 52 + [7.0] * 26
    state = after([([], FLEET)] * (weeks * 7 * 24 * 6))
    for number, peak in enumerate(heights):
        take(state, number, [(0, peak)], 0)
    assert threshold(state, 60 / (weeks * FLEET), tiles=FLEET) == pytest.approx(6.125, abs=0.26)
    assert threshold(state, 20 / (weeks * FLEET), tiles=FLEET) == pytest.approx(7.125, abs=0.26)


def test_a_restless_place_gets_a_higher_threshold_than_a_calm_one() -> None:
    month = 28 * 24 * 6
    calm = after([([], 10)] * month)
    restless = after([([(0, 4.0), (5, 5.0)], 10)] * month)
    assert rates(calm, tiles=FLEET)[0] < 1.0 < rates(restless, tiles=FLEET)[0]
    over = threshold(restless, 1.0, tiles=FLEET) - threshold(calm, 1.0, tiles=FLEET)
    assert over > 2.0


def test_one_wild_peak_counts_as_a_few() -> None:
    wild, tame = after([([(0, 1000.0)], 1)]), after([([(0, 4.0)], 1)])
    assert threshold(wild, 1.0, tiles=FLEET) - threshold(tame, 1.0, tiles=FLEET) < 1.0


def test_long_watches_are_counted_exactly() -> None:
    state = after([([], 200_000)] * 1000)
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
    state = after([([], fleet)] * 6)
    assert threshold(state, wanted, tiles=fleet) > 0.98 * first


def test_tiles_that_warm_up_watch_nothing() -> None:
    state = after([([], 0)] * 1000)
    assert threshold(state, 0.5, tiles=FLEET) == threshold(BudgetState(), 0.5, tiles=FLEET)
