"""Laws of who is in the panel: what the pack says, all of a few, 256 of many."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo.city import City, load_city
from stream.layout import layout, only_blocks
from stream.panel_cells import panel_cells
from tests.laws.crowds import CELLS, squares

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(name="town")
def fixture_town(tmp_path: Path) -> City:
    return squares(tmp_path)


def of_rows(folder: Path, rows: list[str], head: str = "cell,area_m2,row,col") -> City:
    path = folder / "many.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    return load_city(path, side_m=100.0, walkable_share=1.0)


def test_of_few_cells_all_are_members(town: City) -> None:
    assert panel_cells(town).tolist() == list(range(CELLS))


def test_a_pack_says_who_is_in_its_panel(town: City) -> None:
    assert panel_cells(replace(town, panel=np.array([7, 3], np.int32))).tolist() == [3, 7]


def test_of_many_cells_members_are_spread_over_the_ground(tmp_path: Path) -> None:
    """Sixteen times 256 on a square: one in each square of four by four."""
    side = 64
    rows = [f"c{r:02d}{c:02d},100,{r},{c}" for r in range(side) for c in range(side)]
    city = of_rows(tmp_path, rows)
    chosen = [city.cells[cell] for cell in panel_cells(city).tolist()]
    squares_hit = {(int(cell[1:3]) // 4, int(cell[3:]) // 4) for cell in chosen}
    assert len(chosen) == len(squares_hit) == 256


def test_of_many_cells_without_a_place_every_so_many_are_members(tmp_path: Path) -> None:
    city = of_rows(tmp_path, [f"c{i:04d},100" for i in range(1024)], "cell,area_m2")
    assert panel_cells(city).tolist() == list(range(0, 1024, 4))


@pytest.mark.parametrize("partitions", [1, 3])
def test_every_partition_holds_the_panel_and_keeps_no_account_of_it(
    town: City, partitions: int
) -> None:
    city = replace(town, panel=np.array([2, 9, 11], np.int32))
    homes = []
    for partition in range(partitions):
        lay = layout(city, partition=partition, partitions=partitions)
        mine = lay.panel_entries
        assert lay.entry_cell[mine].tolist() == [2, 9, 11]
        assert not lay.entry_home[mine].any()
        assert (np.diff(lay.entry_pair) > 0).all()
        homes += lay.entry_cell[lay.entry_home].tolist()
        ground = only_blocks(lay, list(range(len(lay.blocks) - 1))) if len(lay.blocks) > 1 else None
        assert ground is None or ground.panel_entries == slice(0, 0)
        last = only_blocks(lay, [len(lay.blocks) - 1])
        assert (last.tiles, last.entry_cell[last.panel_entries].tolist()) == (0, [2, 9, 11])
    assert sorted(homes) == list(range(CELLS))
