"""Masked writes choose the same bits as numpy, for few tiles and many, whatever stands there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.exact import FEW, at_least, clamp
from detectors.masked import chosen, kept, put

SIZES = (3, FEW - 1, FEW, 3 * FEW + 5)
sizes = pytest.mark.parametrize("size", SIZES)
shares = pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
ODD = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 1e-40, 2.0, -4.0], np.float32)


def odd(size: int, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    values = chance.normal(0, 5, size).astype(np.float32)
    some = chance.random(size) < 0.5
    values[some] = chance.choice(ODD, int(some.sum()))
    return values


def masked(size: int, share: float) -> np.ndarray:
    return np.random.default_rng(size).random(size) < share


@sizes
@shares
def test_chosen_is_where_bit_by_bit(size: int, share: float) -> None:
    one, other, where = odd(size, 1), odd(size, 2), masked(size, share)
    assert chosen(where, one, other).tobytes() == np.where(where, one, other).tobytes()
    assert kept(where, one).tobytes() == np.where(where, one, np.float32(0)).tobytes()


@sizes
@shares
def test_put_writes_where_it_may_and_leaves_the_news_alone(size: int, share: float) -> None:
    rows, news, where = np.stack([odd(size, 1)] * 3), odd(size, 2), masked(size, share)
    want = np.where(where, news, rows[1])
    news.setflags(write=False)
    put(rows[1], news, where)
    assert rows[1].tobytes() == want.tobytes()
    assert rows[0].tobytes() == rows[2].tobytes() == odd(size, 1).tobytes()


@given(
    st.lists(st.floats(width=32, allow_nan=True), min_size=1, max_size=8),
    st.sampled_from([-8.0, -1.5, 0.0, 0.25]),
    st.sampled_from([0.5, 4.0, np.inf]),
)
def test_limits_hold_few_and_many_alike(values: list[float], low: float, high: float) -> None:
    few = np.array(values + ODD.tolist(), np.float32)
    many = np.resize(few, 2 * FEW)
    assert clamp(many, low, high)[: len(few)].tobytes() == clamp(few, low, high).tobytes()
    assert at_least(many, low)[: len(few)].tobytes() == at_least(few, low).tobytes()
    many64 = many.astype(np.float64)
    want = clamp(few.astype(np.float64), low, high)
    assert clamp(many64, low, high)[: len(few)].tobytes() == want.tobytes()
