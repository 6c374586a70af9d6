"""What desks are told of the next half hour, and what not."""

import json
from dataclasses import fields

import numpy as np
import pytest

from alerts.ahead import by_forecast
from alerts.candidate import FIGURES, Candidates
from alerts.hold import ActiveTiles
from alerts.levels import BLIND, DENSITY
from alerts.message import AlertData, encode
from tests.alerts.scenario import Scenario, crowd, grid

PLAIN = [one for one in fields(ActiveTiles) if one.name != "figures"]


def forecast(
    middle: float, wide: float, *, density: float = 2.0, **columns: dict[int, float]
) -> Candidates:
    """Return a tile of 1,000 m2 that is forecast to hold `middle` people, give or take `wide`."""
    ahead = {
        "ahead_30": {0: middle},
        "ahead_30_low": {0: middle - wide},
        "ahead_30_high": {0: middle + wide},
    }
    return crowd({0: density}, expected=100.0, **(ahead | columns))


def first(seen: Candidates, *, hop_min: int = 5) -> AlertData:
    return Scenario(grid(1, 1), hop_min=hop_min).hop(seen)[0].data


def test_a_forecast_over_the_next_rung_says_when_and_how_likely() -> None:
    # 2,000 people now, 3,000 are the next rung: two thirds of the way to 3,500 in 30 minutes.
    data = first(forecast(3500.0, 500.0))
    assert data.trend.next_level_min == 20
    assert (data.probability, data.horizon_min) == (0.9, 30)


def test_the_sooner_of_forecast_and_slope_is_told() -> None:
    # Filling fast it is on level 2 already; the next rung is at 4,000.
    steep = {0: 100.0}
    assert first(crowd({0: 2.0}, slope_per_min=steep)).trend.next_level_min == 20
    late = first(forecast(3610.0, 390.0, slope_per_min=steep))
    assert late.trend.next_level_min == 20
    assert late.probability == pytest.approx(0.1)
    assert first(forecast(8000.0, 390.0, slope_per_min=steep)).trend.next_level_min == 10


def test_without_a_forecast_nothing_is_said_of_likelihood() -> None:
    data = first(crowd({0: 2.0}, slope_per_min={0: 20.0}))
    assert data.probability is data.horizon_min is None
    assert data.trend.next_level_min == 50


def test_nobody_is_told_that_a_crowd_will_not_grow() -> None:
    data = first(forecast(2000.0, 10.0))
    assert data.probability is data.horizon_min is None


def test_there_is_no_rung_above_the_highest() -> None:
    data = first(forecast(9000.0, 100.0, density=6.0))
    assert data.level == 4
    assert data.probability is data.trend.next_level_min is None


def test_minutes_come_in_fives_and_likelihoods_in_tenths() -> None:
    for middle in (2800.0, 2950.0, 3100.0, 3333.0, 4321.0):
        data = first(forecast(middle, 471.0))
        assert data.probability in {None, *(tenths / 10 for tenths in range(1, 11))}
        assert data.trend.next_level_min is None or data.trend.next_level_min % 5 == 0


def test_a_tile_with_withheld_cells_is_not_forecast_to_desks() -> None:
    data = first(forecast(3500.0, 500.0, told_people={0: 1995.0}))
    assert data.probability is data.trend.next_level_min is None


@pytest.mark.parametrize(("why", "told"), [(DENSITY, True), (DENSITY | BLIND, False)])
def test_a_tile_that_went_dark_is_not_forecast(why: int, *, told: bool) -> None:
    figures = {"people": 2000.0, "told_people": 2000.0, "ahead_30": 3500.0}
    figures |= {"ahead_30_low": 3000.0, "ahead_30_high": 4000.0}
    row = np.array([[figures.get(name, np.nan) for name in FIGURES]], np.float32)
    empty = {f.name: np.zeros(1, getattr(ActiveTiles.empty(), f.name).dtype) for f in PLAIN}
    empty["level"] += 1
    empty["why"] += np.uint16(why)
    rows = ActiveTiles(**empty, figures=row)
    ladder = np.array([[2.0, 3.0, 4.0, 5.0]])
    minutes, likely = by_forecast(grid(1, 1), rows, ladder, np.array([np.inf]), horizon=30)
    assert np.isfinite(minutes[0]) == told
    assert np.isfinite(likely[0]) == told


def test_hops_of_an_hour_look_an_hour_ahead() -> None:
    data = first(forecast(3500.0, 500.0), hop_min=60)
    assert (data.horizon_min, data.trend.next_level_min) == (60, 40)


def test_the_likeliest_of_the_worst_tiles_is_told() -> None:
    seen = crowd(
        {0: 2.0, 1: 2.0},
        ahead_30={0: 2500.0, 1: 3200.0},
        ahead_30_low={0: 2400.0, 1: 3000.0},
        ahead_30_high={0: 2600.0, 1: 3400.0},
    )
    data = Scenario(grid(1, 2)).hop(seen)[0].data
    assert data.probability == pytest.approx(0.9)


def test_the_message_keeps_its_keys() -> None:
    data = json.loads(encode(first(forecast(3500.0, 500.0))))
    assert data["probability"] == pytest.approx(0.9)
    assert data["horizon_min"] == 30
    assert set(data["trend"]) == {"direction", "slope_per_min", "next_level_min"}
