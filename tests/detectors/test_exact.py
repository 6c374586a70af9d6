"""Laws of the exact elementary functions: near numpy, the same bits for any neighbours."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.exact import cbrt, clamp, decay, exp, exp_scalar, log, log_scalar

NEAR = 1e-12
moderate = st.floats(-650.0, 650.0)
positive = st.floats(1e-290, 1e290)


@given(st.lists(moderate, min_size=1, max_size=30))
def test_exp_is_near_numpy(values: list[float]) -> None:
    x = np.array(values)
    np.testing.assert_allclose(exp(x), np.exp(x), rtol=NEAR)


@given(st.lists(positive, min_size=1, max_size=30))
def test_log_is_near_numpy(values: list[float]) -> None:
    x = np.array(values)
    np.testing.assert_allclose(log(x), np.log(x), rtol=NEAR, atol=1e-15)


@given(st.lists(positive, min_size=1, max_size=30))
def test_cbrt_is_near_numpy_and_odd(values: list[float]) -> None:
    x = np.array(values)
    np.testing.assert_allclose(cbrt(x), np.cbrt(x), rtol=NEAR)
    assert (cbrt(-x) == -cbrt(x)).all()


def test_dense_grids_stay_near_numpy() -> None:
    x = np.linspace(-3.0, 3.0, 200_001)
    np.testing.assert_allclose(exp(x), np.exp(x), rtol=NEAR)
    y = np.linspace(1e-4, 40.0, 200_001)
    np.testing.assert_allclose(cbrt(y), np.cbrt(y), rtol=NEAR)
    np.testing.assert_allclose(log(y), np.log(y), rtol=NEAR, atol=1e-15)


def test_landmarks_are_hit_exactly() -> None:
    assert exp_scalar(0.0) == 1.0
    assert log_scalar(1.0) == 0.0
    assert cbrt(np.array([0.0]))[0] == 0.0
    assert exp(np.zeros(0)).shape == log(np.zeros(0)).shape == cbrt(np.zeros(0)).shape == (0,)


@given(moderate, st.integers(0, 9))
def test_an_element_does_not_depend_on_its_neighbours(value: float, place: int) -> None:
    x = np.linspace(-5.0, 5.0, 10)
    x[place] = value
    assert exp(x)[place] == exp_scalar(value)
    size = np.abs(x) + 1e-9
    assert log(size)[place] == log_scalar(float(size[place]))
    assert cbrt(x)[place] == cbrt(np.array([value]))[0]


@given(st.lists(st.floats(-700, 700), min_size=2, max_size=20))
def test_exp_and_cbrt_never_turn_around(values: list[float]) -> None:
    x = np.sort(np.array(values))
    assert (np.diff(exp(x)) >= -1e-13 * exp(x)[1:]).all()
    assert (np.diff(cbrt(x)) >= -1e-13 * np.abs(cbrt(x)[1:])).all()


def test_exp_beyond_its_range_is_held_and_finite() -> None:
    assert np.isfinite(exp(np.array([1e9, np.inf]))).all()
    assert exp_scalar(-1e9) == exp_scalar(-700.0) > 0.0


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan])
def test_log_refuses_what_has_no_logarithm(bad: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        log(np.array([1.0, bad]))


def test_decay_is_e_to_minus_the_ratio() -> None:
    assert decay(2.0) == pytest.approx(math.exp(-2.0), rel=NEAR)


def test_clamp_keeps_nan_and_leaves_its_input_alone() -> None:
    x = np.array([np.nan, -9.0, 9.0], np.float32)
    x.setflags(write=False)
    held = clamp(x, -1.0, 2.0)
    assert np.isnan(held[0])
    assert held[1:].tolist() == [-1.0, 2.0]
    assert held.dtype == np.float32
