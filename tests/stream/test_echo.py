"""Laws of how tiles echo one another: by the cells they share, and by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.sim_oracle_around import around, echoes
from stream.around import neighbours_of
from stream.echo import echo_of
from stream.layout import layout
from stream.links import FeedLinks, FeedScale, Pairs
from tests.laws.crowds import discs, squares

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo.city import City

ROW = np.array([[-1] * 7 + [1], [-1] * 3 + [0] + [-1] * 3 + [2], [-1] * 3 + [1] + [-1] * 4])
"""Three tiles in a row."""


def pairs_of(rows: list[list[float]]) -> Pairs:
    """Return links from shares, rows of tiles and columns of cells."""
    table = np.array(rows, np.float64)
    tile, entry = np.nonzero(table)
    return Pairs(
        entry=entry,
        tile=tile.astype(np.int32),
        share=table[tile, entry],
        feed=np.zeros(len(tile), np.int16),
    )


def squared(rows: list[list[float]]) -> list[float]:
    return [round(float(root) ** 2, 2) for root in echo_of(pairs_of(rows), ROW.astype(np.int32))]


def test_tiles_with_cells_of_their_own_scatter_alone() -> None:
    assert squared([[1, 0, 0], [0, 0.5, 0], [0, 0, 0.2]]) == [2.0, 3.0, 2.0]


def test_tiles_of_one_cell_are_one_count() -> None:
    assert squared([[0.3], [0.2], [0.1]]) == [4.0, 9.0, 4.0]


def test_half_an_echo_lies_between() -> None:
    """The middle shares a half of its ground with each side: both go with it by 1 / sqrt(2)."""
    alike = 2**-0.5
    first, middle, _ = squared([[1, 0], [0.5, 0.5], [0, 1]])
    assert first == pytest.approx(2 * (1 + alike), abs=0.01)
    assert middle == pytest.approx(3 * (1 + 2 * alike), abs=0.01)


def test_a_tile_without_cells_echoes_nobody() -> None:
    assert squared([[1, 0], [0, 0], [0, 1]]) == [2.0, 3.0, 2.0]


shares = st.integers(0, 8).map(lambda n: n / 8)


@given(st.lists(st.lists(shares, min_size=4, max_size=4), min_size=3, max_size=3))
def test_the_scatter_lies_between_nobody_alike_and_all_alike(rows: list[list[float]]) -> None:
    for count, found in zip((2, 3, 2), squared(rows), strict=True):
        assert count - 0.01 <= found <= count * count + 0.01


@pytest.mark.parametrize("make", [squares, discs])
@pytest.mark.parametrize("partitions", [1, 3])
def test_every_partition_finds_what_the_whole_city_says(
    tmp_path: Path, make: Callable[[Path], City], partitions: int
) -> None:
    city = make(tmp_path)
    near = around(city)
    assert near is not None
    want = echoes(near, [city.coverage, city.coverage])
    scales = tuple(FeedScale(name=name, expansion=1.0, floor=0) for name in ("a", "b"))
    for partition in range(partitions):
        lay = layout(city, partition=partition, partitions=partitions)
        links = FeedLinks(lay, scales)
        links.at(0, np.ones((2, lay.entries), np.bool_))
        mine = neighbours_of(lay)
        assert mine is not None
        assert links.pairs is not None
        assert echo_of(links.pairs, mine).tolist() == want[lay.tile].tolist()
