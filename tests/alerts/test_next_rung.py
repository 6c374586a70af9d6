"""Laws of the forecast's rung: it lifts what is raised, raises nothing, and betrays nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.levels import FORECAST, Limits, judge
from alerts.next_rung import likely
from alerts.spec import AlertSpec
from tests.alerts.scenario import AREA_M2, Scenario, crowd, grid, told

if TYPE_CHECKING:
    from alerts.candidate import Candidates

LADDER = np.array([[2.0, 3.0, 4.0, 5.0]])
NONE = np.array([np.nan])


def tile(dense: float, **columns: float) -> Candidates:
    """Return one tile with these figures."""
    by_tile = {name: {0: value} for name, value in columns.items()}
    return crowd({0: dense}, expected=100.0, **by_tile)


def level(dense: float, ahead: float, *, wide: float = 0.05, **more: float) -> tuple[int, bool]:
    """Return the level a tile asks for, and whether the forecast lifted it. ahead: per m2."""
    people = ahead * AREA_M2
    columns = {
        "ahead_30": people,
        "ahead_30_low": people * (1 - wide),
        "ahead_30_high": people * (1 + wide),
        **more,
    }
    seen = tile(dense, **columns)
    spec = AlertSpec(forecast_ratio=0.9)
    judged = judge(spec, grid(1, 1), seen, ladder=LADDER, occupancy=NONE, limits=Limits(own=np.inf))
    return int(judged.level[0]), bool(judged.why[0] & FORECAST)


@pytest.mark.parametrize(
    ("dense", "ahead", "want"),
    [
        (2.5, 3.5, (2, True)),  # blue, and yellow for sure in half an hour
        (2.5, 3.1, (1, False)),  # likely, but not by nine of ten
        (2.5, 9.0, (2, True)),  # never more than one grade at a time
        (1.5, 9.0, (0, False)),  # on no level: a forecast raises nothing
        (5.5, 9.0, (4, False)),  # red is the last
        (2.5, 2.0, (1, False)),  # it thins out
    ],
)
def test_the_rung_above_is_asked_for_where_it_is_likely(
    dense: float, ahead: float, want: tuple[int, bool]
) -> None:
    assert level(dense, ahead) == want


def test_a_wide_interval_lifts_nothing() -> None:
    assert level(2.5, 3.5, wide=0.4) == (1, False)


def test_what_rests_on_withheld_cells_lifts_nothing() -> None:
    assert level(2.5, 3.5, told_people=2400.0) == (1, False)


def test_filling_fast_and_the_forecast_together_lift_by_one() -> None:
    assert level(2.5, 9.0, slope_per_min=100.0) == (2, True)


def test_no_forecast_and_a_ratio_of_one_lift_nothing() -> None:
    assert level(2.5, float("nan")) == (1, False)
    scene = Scenario(grid(1, 1), AlertSpec(forecast_ratio=1.0))
    sure = tile(2.5, ahead_30=9000.0, ahead_30_low=9000.0, ahead_30_high=9000.0)
    assert told(scene.hop(sure)) == [("police", "raised", 1)]


def test_the_desk_reads_why() -> None:
    scene = Scenario(grid(1, 1))
    (alert,) = scene.hop(tile(2.5, ahead_30=3500.0, ahead_30_low=3400.0, ahead_30_high=3600.0))
    assert (alert.data.level, alert.data.reasons) == (2, ["density", "forecast"])
    why = next(one for one in alert.data.why if one.rule == "forecast")
    assert why.text == {
        "zh-CN": "预测半小时后达到下一级的可能性不低于90%",
        "en": "forecast: next grade within half an hour at least 90% likely",
    }
    assert "expected to fill up" in alert.data.headline["en"]


@given(st.floats(0, 6000, width=32), st.floats(0, 6000, width=32))
def test_the_likelihood_is_one_and_falls_with_what_is_asked(people: float, more: float) -> None:
    seen = tile(1.0, ahead_30=people, ahead_30_low=people * 0.9, ahead_30_high=people * 1.2)
    near, far = (
        float(likely(seen.figure, np.array([asked], np.float32))[0])
        for asked in (people, people + more)
    )
    assert 0.0 <= far <= near <= 1.0
