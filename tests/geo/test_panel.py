"""Laws of the panel: all cells if they are few, else spread over the ground, always the same."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.panel import PANEL_MAX, panel_of

millimetres = st.integers(-50_000_000, 50_000_000)


@given(st.lists(st.tuples(millimetres, millimetres, st.booleans()), max_size=256))
def test_few_cells_are_all_in_the_panel(cells: list[tuple[int, int, bool]]) -> None:
    x, y, known = np.array(cells, np.int64).reshape(-1, 3).T
    panel = panel_of(x, y, known.astype(np.bool_))
    assert panel.tolist() == np.flatnonzero(known).tolist()
    assert panel.dtype == np.int32


@given(st.integers(257, 1500), st.integers(0, 2**32 - 1), st.integers(1, 40_000))
def test_a_panel_has_256_known_cells_in_order(cells: int, seed: int, reach_m: int) -> None:
    chance = np.random.default_rng(seed)
    x, y = chance.integers(-reach_m * 1000, reach_m * 1000, (2, cells))
    known = np.ones(cells, np.bool_)
    known[chance.choice(cells, (cells - 257) // 2, replace=False)] = False
    panel = panel_of(x, y, known)
    assert panel.size == PANEL_MAX
    assert (np.diff(panel) > 0).all()
    assert known[panel].all()


@settings(max_examples=30)
@given(st.integers(800, 1500), st.integers(0, 2**32 - 1))
def test_the_numbering_of_cells_does_not_choose_them(cells: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    # No two on one line and more than two in a group, so that nothing is a tie.
    x, y = chance.permutation(cells * 1000)[:cells], chance.permutation(cells * 1000)[:cells]
    known = np.ones(cells, np.bool_)
    order = chance.permutation(cells)
    mixed = order[panel_of(x[order], y[order], known)]
    assert sorted(mixed.tolist()) == panel_of(x, y, known).tolist()


def test_cells_at_one_place_are_chosen_by_id() -> None:
    place, known = np.zeros(1000, np.int64), np.ones(1000, np.bool_)
    panel = panel_of(place, place, known)
    assert panel.size == PANEL_MAX
    assert panel[0] == 0


def test_a_panel_is_spread_over_the_ground() -> None:
    # A hundred times as many cells in the old town as in the rest: the rest is still heard.
    chance = np.random.default_rng(4)
    town = chance.integers(-1_000_000, 1_000_000, (9_000, 2))
    rest = chance.integers(-30_000_000, 30_000_000, (1_000, 2))
    x, y = np.concatenate((town, rest)).T
    panel = panel_of(x, y, np.ones(10_000, np.bool_))
    outside = panel >= 9_000
    quarter = (x[panel] > 0).astype(int) * 2 + (y[panel] > 0)
    assert 15 <= outside.sum() <= 40
    assert np.bincount(quarter[outside], minlength=4).min() >= 2


def test_a_grid_of_1024_cells_sends_one_of_each_two_by_two() -> None:
    row, col = (axis.ravel() * 1000 for axis in np.mgrid[:32, :32])
    panel = panel_of(col, row, np.ones(1024, np.bool_))
    groups = (row[panel] // 2000) * 16 + col[panel] // 2000
    assert sorted(groups.tolist()) == list(range(256))
