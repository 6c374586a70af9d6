"""Laws of the memory: parts and bytes come back as they were, and other layouts are refused."""

import numpy as np
import pytest

from detectors.state import HOT_ROWS, START_AT_ONE, BaselineState, slot_bytes_a_tile


def filled(tiles: int, slots: int = 4, seed: int = 0) -> BaselineState:
    chance = np.random.default_rng(seed)
    state = BaselineState.empty(tiles, slots)
    state.hot[...] = chance.normal(size=state.hot.shape)
    state.mu[...] = chance.normal(size=state.mu.shape)
    state.dev[...] = chance.normal(size=state.dev.shape)
    state.n[...] = chance.integers(0, 255, state.mu.shape)
    state.nd[...] = chance.integers(0, 255, state.nd.shape)
    state.run[...] = chance.integers(-60, 60, state.mu.shape)
    return state


def same(one: BaselineState, other: BaselineState) -> bool:
    names = ("hot", "mu", "n", "run", "dev", "nd")
    return all(getattr(one, n).tobytes() == getattr(other, n).tobytes() for n in names)


def test_bytes_come_back_as_they_were() -> None:
    state, other = filled(7), BaselineState.empty(7, 4)
    for a, b in ((0, 3), (3, 3), (3, 7)):
        other.load_hot(a, b, state.hot_bytes(a, b))
        for kind in range(3):
            for i in range(4):
                other.load_slot(kind, i, a, b, state.slot_bytes(kind, i, a, b))
    assert same(state, other)


def test_the_layout_is_little_endian_and_row_after_row() -> None:
    state = filled(5)
    hot = np.frombuffer(state.hot_bytes(1, 3), "<f4").reshape(len(HOT_ROWS), 2)
    assert (hot == state.hot[:, 1:3]).all()
    data = state.slot_bytes(2, 3, 1, 3)
    assert data[:8] == state.mu[2, 3, 1:3].astype("<f4").tobytes()
    assert data[8:10] == state.n[2, 3, 1:3].tobytes()
    assert data[10:] == state.run[2, 3, 1:3].tobytes()


def test_a_working_days_slot_carries_its_weekdays() -> None:
    state = filled(5)
    data = state.slot_bytes(0, 3, 1, 3)
    assert data[12:52] == state.dev[:, 3, 1:3].astype("<f4").tobytes()
    assert data[52:] == state.nd[:, 3, 1:3].tobytes()
    assert len(data) == 2 * slot_bytes_a_tile(0)
    assert len(state.slot_bytes(1, 3, 1, 3)) == 2 * slot_bytes_a_tile(1)


def test_taken_tiles_are_copies_and_come_back() -> None:
    state, index = filled(9), np.array([1, 4, 8])
    part = state.take(index)
    other = filled(9, seed=1)
    other.put(index, part)
    assert same(other.take(index), part)
    part.hot[...] = 0.0
    assert (state.hot[:, index] != 0.0).any()
    untouched = np.array([0, 2, 3, 5, 6, 7])
    assert same(other.take(untouched), filled(9, seed=1).take(untouched))


def test_every_exchange_is_counted() -> None:
    state = filled(2)
    state.put(slice(None), state.take(slice(None)))
    state.load_hot(0, 2, state.hot_bytes(0, 2))
    state.load_slot(0, 0, 0, 2, state.slot_bytes(0, 0, 0, 2))
    assert state.version == 3


def test_rows_are_views() -> None:
    state = BaselineState.empty(2, 4)
    rows = state.rows()
    rows.surge[1] = 3.0
    assert state.hot[HOT_ROWS.index("surge")].tolist() == [0.0, 3.0]
    ones = {name for name in HOT_ROWS if getattr(rows, name)[0] == 1.0}
    assert ones == set(START_AT_ONE)


@pytest.mark.parametrize("off", [-1, 1])
def test_a_wrong_length_is_refused_with_both_lengths(off: int) -> None:
    state = BaselineState.empty(3, 4)
    hot, slot = 4 * len(HOT_ROWS) * 3, slot_bytes_a_tile(0) * 3
    with pytest.raises(ValueError, match=f"expected {hot} bytes, got {hot + off}"):
        state.load_hot(0, 3, bytes(hot + off))
    with pytest.raises(ValueError, match=f"expected {slot} bytes, got {slot + off}"):
        state.load_slot(0, 0, 0, 3, bytes(slot + off))
    with pytest.raises(ValueError, match="slots"):
        state.put(slice(None), BaselineState.empty(3, 5))
