"""Where only cells are protected the map is full, and says nothing of a cell below the floor."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest

from tests.laws.private_city import FLOOR, Case, of_fast, random_case

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = range(5, 13)


def of_cells(case: Case) -> Case:
    """Return the same city, and only its cells protected."""
    privacy = msgspec.structs.replace(case.settings.privacy, protects="cells")
    return replace(case, settings=msgspec.structs.replace(case.settings, privacy=privacy))


def told(case: Case) -> dict[tuple[int, str], float]:
    """Return people of every tile that is told, by hop and tile."""
    return {
        (record.hop_ms, tile): people
        for record in case.run()[0]
        for tile, people in zip(record.tiles, record.people, strict=True)
        if people is not None
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_no_byte_changes_with_a_small_count(tmp_path: Path, seed: int) -> None:
    case, chance = of_cells(random_case(tmp_path, seed)), random.Random(seed)
    others = {
        place: value
        if value is not None and value >= FLOOR
        else chance.choice((None, 0.0, float(chance.randrange(FLOOR)), FLOOR - 1.0))
        for place, value in case.counts.items()
    }
    assert others != case.counts
    assert case.changed(others).run()[2] == case.run()[2]


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_told_holds_the_floor_and_nothing_told_before_is_lost(
    tmp_path: Path, seed: int
) -> None:
    case = random_case(tmp_path, seed)
    strict, full = told(case), told(of_cells(case))
    assert strict.keys() <= full.keys()
    assert all(people >= FLOOR for people in full.values())
    # Where nothing but cells of the floor and more stands, both tell the same.
    assert all(full[place] == pytest.approx(people, abs=0.11) for place, people in strict.items())


def test_a_crowd_beside_a_thin_tile_is_on_the_map(tmp_path: Path) -> None:
    """The thin tile can then be worked out from the crowd: that is what this promise leaves out."""
    discs = [(325.0, 350.0, 40.0)]
    shares = [share for parts in of_fast(tmp_path, discs, {0: [1.0]}).shares for _, share in parts]
    thin = of_fast(tmp_path, discs, {0: [FLOOR * 0.5 / min(shares)] * 3})
    assert not told(thin)
    assert told(of_cells(thin))
