"""Laws of the ladder: rungs as written, red from the newest density, the unknown on no rung."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.ceiling import OCCUPANCY_RUNGS, RUNGS_PER_M2, rungs
from tests import naive_ladder as naive

per_m2 = st.floats(0.0, 9.0, width=32) | st.just(float("nan"))
share = st.floats(0.0, 1.5, width=32) | st.just(float("nan"))


def one(
    density: float, rolling: float, occupancy: float = float("nan"), *, scale: float = 1.0
) -> int:
    arrays = [np.array([x], np.float32) for x in (density, rolling, occupancy)]
    return int(rungs(arrays[0], arrays[1], arrays[2], scale=scale)[0])


@given(st.lists(st.tuples(per_m2, per_m2, share), max_size=40))
def test_rungs_agree_with_the_naive_ones(tiles: list[tuple[float, float, float]]) -> None:
    columns = np.array(tiles, np.float32).reshape(-1, 3).T
    want = [naive.rung(d, r, o, RUNGS_PER_M2) for d, r, o in columns.T.astype(float).tolist()]
    assert rungs(columns[0], columns[1], columns[2]).tolist() == want


@given(per_m2, per_m2, share, st.floats(1.0, 3.0))
def test_more_people_never_stand_on_a_lower_rung(
    density: float, rolling: float, occupancy: float, times: float
) -> None:
    before = one(density, rolling, occupancy)
    assert one(density * times, rolling * times, occupancy * times) >= before


def test_red_is_fast_and_the_others_are_not() -> None:
    assert one(5.0, 0.1) == 4
    assert one(4.9, 0.1) == 0
    assert one(4.9, 9.0) == 3


def test_the_unknown_stands_on_no_rung() -> None:
    assert one(float("nan"), float("nan")) == 0


def test_occupancy_raises_to_yellow_and_red() -> None:
    assert OCCUPANCY_RUNGS == (0.8, 1.0)
    assert [one(0.1, 0.1, share) for share in (0.79, 0.8, 0.99, 1.0)] == [0, 2, 2, 4]


def test_each_tile_may_have_its_own_rungs() -> None:
    marks = np.array([[2, 3, 4, 5], [1, 1.5, 2, 2.5]])
    same, nan = np.full(2, 2.0, np.float32), np.full(2, np.nan, np.float32)
    assert rungs(same, same, nan, rungs_per_m2=marks).tolist() == [1, 3]


def test_scaled_rungs_ask_whether_a_tile_is_still_near() -> None:
    assert one(0.0, 1.75) == 0
    assert one(0.0, 1.75, scale=0.85) == 1
    assert one(4.3, 0.0, scale=0.85) == 4
    assert one(0.0, 0.0, 0.7, scale=0.85) == 2
    assert one(0.0, 0.0, 0.9, scale=0.85) == 4
