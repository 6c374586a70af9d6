"""Laws of the tiles around: those of the grid, as far as they lie in the same block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo.city import City, load_city
from replay.sim_oracle_panel import around
from stream.around import has_neighbours, neighbours_of
from stream.layout import layout, only_blocks
from tests.laws.crowds import discs, squares

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("make", [squares, discs])
@pytest.mark.parametrize("partitions", [1, 3])
def test_each_partition_knows_the_tiles_around_its_own(
    tmp_path: Path, make: object, partitions: int
) -> None:
    city = make(tmp_path)  # type: ignore[operator]
    want = around(city)
    assert want is not None
    for partition in range(partitions):
        lay = layout(city, partition=partition, partitions=partitions)
        parts = [lay, *(only_blocks(lay, [number]) for number in range(len(lay.blocks)))]
        for part in parts:
            got = neighbours_of(part)
            assert got is not None
            whole = np.append(part.tile, -1)[got]  # -1 stands for none in both numberings
            assert whole.tolist() == want[part.tile].tolist()


def test_tiles_without_a_place_have_no_such_layer(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text("cell,area_m2\na,10\nb,10\n")
    city: City = load_city(path, side_m=100.0, walkable_share=1.0)
    assert not has_neighbours(city.grid)
    assert neighbours_of(layout(city, partition=0, partitions=1)) is None
    assert around(city) is None
