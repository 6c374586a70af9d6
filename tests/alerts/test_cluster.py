"""Groups of tiles: the fast kernel against breadth-first search."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alerts.cluster import components
from tests import naive_alerts

places = st.lists(
    st.tuples(st.integers(-1, 7), st.integers(-1, 7), st.integers(0, 2)), min_size=0, max_size=60
)


@given(places)
def test_groups_are_those_of_breadth_first_search(found: list[tuple[int, int, int]]) -> None:
    row, col, area = (np.array([p[i] for p in found], np.int32) for i in range(3))
    group, groups = components(row, col, area)
    slow = naive_alerts.components(found)
    assert group.tolist() == slow
    assert groups == len(set(slow))


def test_a_long_winding_snake_is_one_group() -> None:
    size = 60
    row, col = np.divmod(np.arange(size * size, dtype=np.int32), np.int32(size))
    # Odd rows hold one tile only, at alternating ends: the longest way through the grid.
    turn = np.where(row % 4 == 1, size - 1, 0)
    on = (row % 2 == 0) | (col == turn)
    group, groups = components(row[on], col[on], np.zeros(int(on.sum()), np.int32))
    assert groups == 1
    assert not group.any()


def test_tiles_without_a_square_stand_alone() -> None:
    nowhere = np.full(4, -1, np.int32)
    assert components(nowhere, nowhere, np.zeros(4, np.int32))[0].tolist() == [0, 1, 2, 3]
