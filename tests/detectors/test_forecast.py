"""The forecast: what it says, what it learns from, and that memory carries it on bit by bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.forecast import Ahead, Forecast, ForecastSpec
from tests import naive_forecast as naive
from tests.detectors.forecast_cases import AHEAD, forecast, made_up, same_bits, steady, step

NEAR = 2e-3  # float32 with its roundings against float64


@pytest.mark.parametrize(
    ("hop_min", "horizons"),
    [
        (1.0, (15.0, 30.0, 60.0)),
        (5.0, (15.0, 30.0, 60.0)),
        (10.0, (20.0, 30.0, 60.0)),
        (30.0, (30.0, 30.0, 60.0)),
        (60.0, (60.0, 60.0, 60.0)),
    ],
)
def test_horizons_are_whole_steps(hop_min: float, horizons: tuple[float, ...]) -> None:
    assert forecast(1, hop_min=hop_min).horizons_min == horizons


@pytest.mark.parametrize(
    "hop_min", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 10.0, 12.0, 15.0, 20.0, 30.0, 60.0]
)
def test_a_tile_takes_at_most_150_bytes(hop_min: float) -> None:
    assert forecast(7, hop_min=hop_min).state.hot.nbytes / 7 <= 150


@pytest.mark.parametrize(("hop_min", "seed"), [(10.0, 1), (5.0, 2), (30.0, 3), (1.0, 4)])
def test_the_kernel_agrees_with_the_text(hop_min: float, seed: int) -> None:
    tiles = 6
    room = forecast(tiles, hop_min=hop_min)
    twins = [naive.Tile(hop_min=hop_min) for _ in range(tiles)]
    said = 0
    for hop in made_up(seed, tiles=tiles, hops=1200):
        ahead = step(room, hop)
        for tile, twin in enumerate(twins):
            want = twin.hop(
                None if np.isnan(hop.point[tile]) else float(hop.point[tile]),
                fresh=bool(hop.fresh[tile]),
                known=bool(hop.known[tile]),
                expected=float(hop.expected[tile]),
                spread=float(hop.spread[tile]),
                ahead=[float(x) for x in hop.ahead[:, tile]],
                number=hop.hop,
            )
            for row, one in enumerate(want):
                got = [float(getattr(ahead, name)[row, tile]) for name in AHEAD]
                if one is None:
                    assert np.isnan(got).all()
                    continue
                said += 1
                assert got == pytest.approx(one, rel=NEAR, abs=NEAR), (tile, row, hop.hop)
    assert said > 10_000


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), hop_min=st.sampled_from([5.0, 10.0, 30.0]))
def test_the_forecast_lies_in_its_interval_and_is_never_negative(seed: int, hop_min: float) -> None:
    room = forecast(5, hop_min=hop_min)
    for hop in made_up(seed, tiles=5, hops=150, missing=0.2):
        ahead = step(room, hop)
        known = hop.known
        assert np.isnan(ahead.people[:, ~known]).all()
        low, people, high = (x[:, known] for x in (ahead.low, ahead.people, ahead.high))
        assert (low >= 0).all()
        assert (low <= people).all()
        assert (people <= high).all()


def test_eighty_of_a_hundred_outcomes_lie_inside_and_the_baseline_is_beaten() -> None:
    room, hops = forecast(20), made_up(5, tiles=20, hops=3000)
    kept: list[Ahead] = []
    held = seen = 0
    off = off_baseline = 0.0
    for number, hop in enumerate(hops):
        if number > 1000:
            was, expected = kept[number - 3], hops[number - 3].ahead[1]
            here = np.isfinite(hop.point) & np.isfinite(was.people[1])
            inside = (hop.point >= was.low[1]) & (hop.point <= was.high[1])
            held += int((inside & here).sum())
            seen += int(here.sum())
            off += float(np.abs(hop.point - was.people[1])[here].sum())
            off_baseline += float(np.abs(hop.point - expected)[here].sum())
        kept.append(step(room, hop))
    assert 0.77 < held / seen < 0.83
    assert off < 0.85 * off_baseline


def test_a_tile_on_its_baseline_is_forecast_on_its_baseline() -> None:
    room = forecast(1)
    for hop in range(50):
        step(room, steady(100.0, hop=hop))
    ahead = step(room, steady(100.0, hop=50))
    assert ahead.people.tolist() == [[100.0]] * 3


def test_what_lies_above_is_forecast_to_stay_in_part() -> None:
    room = forecast(1)
    step(room, steady(100.0, hop=0))
    ahead = step(room, steady(200.0, hop=1))
    soon, later, last = ahead.people[:, 0]
    assert 200.0 > soon > later > last > 100.0


def test_a_crowd_that_always_stays_is_learnt_to_stay() -> None:
    room = forecast(1)
    first = step(room, steady(150.0, hop=0)).people[1, 0]
    for hop in range(1, 400):
        step(room, steady(150.0, hop=hop))
    ahead = step(room, steady(150.0, hop=400))
    assert first < 125.0
    assert ahead.people[1, 0] == pytest.approx(150.0, abs=5.0)


def test_a_held_tile_keeps_its_forecast_and_learns_nothing() -> None:
    room = forecast(1)
    for hop in range(99):
        step(room, steady(130.0, hop=hop))
    before = step(room, steady(130.0, hop=99))
    rows = room.state.rows()
    learnt = rows.slope.tobytes() + rows.reach.tobytes()
    for hop in range(100, 104):
        assert same_bits(before, step(room, steady(130.0, hop=hop, fresh=False)))
    assert rows.slope.tobytes() + rows.reach.tobytes() == learnt


def test_a_missing_tile_is_forecast_ever_less_and_ever_wider() -> None:
    room = forecast(1)
    for hop in range(99):
        step(room, steady(130.0, hop=hop))
    ahead = step(room, steady(130.0, hop=99))
    for hop in range(100, 106):
        before, ahead = ahead, step(room, steady(np.nan, hop=hop))
        assert (ahead.people < before.people).all()
        assert (ahead.high - ahead.low > before.high - before.low).all()
        assert np.isfinite(ahead.people).all()


def test_forecasts_made_while_missing_teach_nothing() -> None:
    room, other = forecast(1), forecast(1)
    for hop in range(20):
        step(room, steady(np.nan, hop=hop))
        step(other, steady(np.nan, hop=hop))
    step(room, steady(900.0, hop=20))
    step(other, steady(100.0, hop=20))
    assert room.state.rows().slope.tobytes() == other.state.rows().slope.tobytes()
    assert room.state.rows().reach.tobytes() == other.state.rows().reach.tobytes()


def test_one_wild_count_bends_no_slope_by_far() -> None:
    room = forecast(1)
    for hop in range(200):
        step(room, steady(110.0, hop=hop))
    before = room.state.rows().slope.copy()
    step(room, steady(1e6, hop=200))
    assert np.abs(room.state.rows().slope - before).max() < 0.05


def test_a_loaded_memory_goes_on_bit_by_bit() -> None:
    room, loaded = forecast(9, hop_min=5.0), forecast(9, hop_min=5.0)
    for hop in made_up(3, tiles=9, hops=300):
        fresh = forecast(9, hop_min=5.0)
        for a, b in ((0, 4), (4, 9)):
            fresh.state.load_hot(a, b, loaded.state.hot_bytes(a, b))
        loaded = fresh
        assert same_bits(step(room, hop), step(loaded, hop))


@pytest.mark.parametrize("index", [[0], [3, 4, 5], [1, 2, 8, 13, 14, 15, 16, 17, 18]])
def test_some_tiles_alone_give_the_same_bits(index: list[int]) -> None:
    chosen = np.array(index)
    whole, alone = forecast(19), forecast(len(index))
    for hop in made_up(7, tiles=19, hops=400):
        one, two = step(whole, hop), step(alone, hop, chosen)
        part = Ahead(**{name: getattr(one, name)[:, chosen] for name in AHEAD})
        assert same_bits(part, two)
    assert whole.state.take(chosen).hot.tobytes() == alone.state.hot.tobytes()


def test_parts_put_together_are_the_whole() -> None:
    whole = forecast(6)
    for hop in made_up(9, tiles=6, hops=60):
        step(whole, hop)
    other = forecast(6)
    for part in (slice(0, 2), slice(2, 6)):
        other.state.put(part, whole.state.take(part))
    assert other.state.hot.tobytes() == whole.state.hot.tobytes()
    assert whole.on(whole.state.take(slice(1, 3))).state.tiles == 2


def test_what_is_given_is_not_written_to() -> None:
    room = forecast(4)
    for hop in made_up(2, tiles=4, hops=40):
        for name in ("point", "fresh", "expected", "spread", "ahead", "known"):
            getattr(hop, name).setflags(write=False)
        step(room, hop)


def test_what_is_told_and_memory_share_nothing() -> None:
    room, abused = forecast(4), forecast(4)
    for hop in made_up(2, tiles=4, hops=100):
        clean, ahead = step(room, hop), step(abused, hop)
        assert same_bits(clean, ahead)
        for name in AHEAD:
            getattr(ahead, name)[...] = 1


def test_forecasts_of_some_tiles_are_those_of_all() -> None:
    room, other, at = forecast(7), forecast(7), np.array([1, 2, 6])
    for hop in made_up(4, tiles=7, hops=200):
        whole, part = step(room, hop), step(other, hop, at=at)
        assert same_bits(Ahead(**{name: getattr(whole, name)[:, at] for name in AHEAD}), part)
    assert room.state.hot.tobytes() == other.state.hot.tobytes()


def test_no_tiles_are_no_trouble() -> None:
    room = forecast(0)
    for hop in made_up(1, tiles=0, hops=10):
        assert step(room, hop).people.shape == (3, 0)


def test_a_memory_of_other_sizes_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Forecast(ForecastSpec(), tiles=3, hop_min=10.0, state=forecast(2).state)
    with pytest.raises(ValueError, match="does not fit"):
        Forecast(ForecastSpec(), tiles=3, hop_min=5.0, state=forecast(3).state)
    with pytest.raises(ValueError, match="lags"):
        forecast(3).state.put(slice(0, 3), forecast(3, hop_min=5.0).state)
    with pytest.raises(ValueError, match="expected"):
        forecast(3).state.load_hot(0, 2, b"1234")
