"""Laws of ground and spreading: nobody is lost or doubled, and no order changes a bit."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from geo.coverage import SHARE_UNIT
from geo.making import cut
from geo.making.spreading import nowhere_faults
from tests.geo.sample_ground import Case, gathered, one_shape, random_case

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.making.ground import Ground
    from geo.making.spreading import Spreading

seeds = st.integers(0, 2**32 - 1)


def same(one: Ground | Spreading, other: Ground | Spreading) -> bool:
    """Equal to the last bit, NaN and the corners of polygons included."""
    pairs = [(getattr(one, f.name), getattr(other, f.name)) for f in fields(one)]
    return all(
        np.array_equal(shapely.to_wkb(a), shapely.to_wkb(b))
        if a.dtype == np.object_
        else a.tobytes() == b.tobytes()
        for a, b in pairs
    )


@given(seeds)
def test_tiles_and_outside_of_a_cell_are_one_to_the_last_unit(seed: int) -> None:
    case = random_case(seed)
    got = case.spread()
    inside = np.bincount(got.cell, got.share, case.shapes.size)
    assert np.array_equal(inside + got.outside, np.ones(case.shapes.size))
    assert np.array_equal(got.share / SHARE_UNIT, np.rint(got.share / SHARE_UNIT))
    assert np.all(got.share > 0)
    assert not inside[got.nowhere].any()
    order = list(zip(got.cell.tolist(), got.tile.tolist(), strict=True))
    assert order == sorted(set(order))


@given(seeds)
def test_a_footprint_that_is_one_tile_has_all_its_people_there(seed: int) -> None:
    case = replace(random_case(seed), excluded=gathered([]))
    rng = np.random.default_rng(seed)
    row, col = rng.integers(-3, 3, (2, 5))
    case.shapes = cut.tile_boxes(row, col, case.side_m)
    case.boundary = None
    got, ground = case.spread(), case.ground()
    assert np.array_equal(got.share, np.ones(5))
    assert np.array_equal(ground.row[got.tile], row)
    assert np.array_equal(ground.col[got.tile], col)


@given(seeds)
def test_the_order_of_cells_changes_no_bit(seed: int) -> None:
    case = random_case(seed)
    order = np.random.default_rng(seed).permutation(case.shapes.size)
    first, ground = case.spread(), case.ground()
    again = replace(case, shapes=case.shapes[order])
    assert same(ground, again.ground())
    got = again.spread()
    back = np.lexsort((got.tile, order[got.cell]))
    assert np.array_equal(order[got.cell][back], first.cell)
    assert np.array_equal(got.tile[back], first.tile)
    assert got.share[back].tobytes() == first.share.tobytes()
    assert got.outside.tobytes() == first.outside[order].tobytes()
    assert np.array_equal(np.sort(order[got.nowhere]), first.nowhere)


@settings(max_examples=25)
@given(seeds)
@example(19)
def test_the_order_of_the_polygons_of_a_layer_changes_no_bit(seed: int) -> None:
    case, rng = random_case(seed), np.random.default_rng(seed)
    # Many on one tile: where three outlines cross, the engine's last bit hangs on who is first.
    case.walkable = gathered([one_shape(rng, case.side_m) for _ in range(60)])
    again = replace(
        case, walkable=rng.permutation(case.walkable), excluded=rng.permutation(case.excluded)
    )
    assert same(case.ground(), again.ground())
    assert same(case.spread(), again.spread())


@given(seeds, st.integers(1, 60), st.integers(1, 3))
def test_how_much_is_done_in_one_go_and_by_how_many_changes_no_bit(
    seed: int, pairs: int, threads: int
) -> None:
    case = random_case(seed)
    ground, got = case.ground(), case.spread()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cut, "THREADS", threads)
        for place in ("cut", "ground", "spreading"):
            patch.setattr(f"geo.making.{place}.RUN_PAIRS", pairs)
        assert same(case.ground(), ground)
        assert same(case.spread(), got)


def people(got: Spreading, counts: NDArray[np.float64], tiles: int) -> NDArray[np.float64]:
    return np.bincount(got.tile, got.share * counts[got.cell], tiles).astype(np.float64)


@given(seeds, st.floats(0.1, 0.9))
def test_a_cell_split_in_two_with_its_count_changes_nothing(seed: int, part: float) -> None:
    # Without layers people are as many as square metres: the halves get them by their area.
    land = shapely.box(-600, -600, 600, 600)
    case = replace(random_case(seed), boundary=land, walkable=gathered([]), excluded=gathered([]))
    west, south, east, north = case.shapes[0].bounds
    middle = west + part * (east - west)
    halves = [
        case.shapes[0].intersection(shapely.box(west, south, middle, north)),
        case.shapes[0].intersection(shapely.box(middle, south, east, north)),
    ]
    split = cut.polygonal(gathered([*case.shapes[1:], *halves]))
    usual = np.random.default_rng(seed).uniform(1, 1000, case.shapes.size)
    area = shapely.area(split[-2:])
    assume(area.min() > 1)
    counts = np.concatenate((usual[1:], usual[0] * area / area.sum()))
    tiles = case.ground().row.size
    whole = people(case.spread(), usual, tiles)
    np.testing.assert_allclose(people(case.spread(split), counts, tiles), whole, rtol=0, atol=1e-7)


@given(seeds, st.floats(0, 1))
def test_two_cells_on_one_footprint_are_as_one_however_they_share_its_count(
    seed: int, part: float
) -> None:
    case = random_case(seed)
    usual = np.random.default_rng(seed).uniform(1, 1000, case.shapes.size)
    counts = np.concatenate((usual, [usual[0] * part]))
    counts[0] *= 1 - part
    tiles = case.ground().row.size
    whole = people(case.spread(), usual, tiles)
    twice = case.spread(np.append(case.shapes, case.shapes[:1]))
    np.testing.assert_allclose(people(twice, counts, tiles), whole, atol=1e-9)


def test_a_cell_that_covers_no_ground_is_named_with_its_distance_and_what_to_do() -> None:
    town = shapely.box(0, 0, 1000, 1000)
    case = Case(
        side_m=100.0,
        shapes=gathered(
            [
                shapely.box(10, 10, 90, 90),
                shapely.box(1300, 0, 1400, 100),
                shapely.box(-6000, 0, -5000, 100),
                shapely.box(410, 410, 490, 490),
                shapely.box(1000, 0, 1100, 100),
            ]
        ),
        boundary=town,
        walkable=gathered([]),
        excluded=gathered([shapely.box(400, 400, 500, 500)]),
    )
    got = case.spread()
    assert got.nowhere.tolist() == [1, 2, 3, 4]
    assert got.outside.tolist() == [0, 1, 1, 1, 1]
    faults = [fault.line("cells.csv") for fault in nowhere_faults(got, ["a", "b", "c", "d", "e"])]
    remedy = "mend its position or its datum, widen the boundary, or take the cell out"
    field = "footprint: covers no ground of the grid"
    assert faults == [
        f"cells.csv: cell 'b': {field}, the nearest lies 300 m away; {remedy}",
        f"cells.csv: cell 'c': {field}, the nearest lies 5.0 km away; {remedy}",
        f"cells.csv: cell 'd': {field}, the nearest lies 10 m away; {remedy}",
        f"cells.csv: cell 'e': {field}, it only touches some; {remedy}",
    ]


def test_where_there_is_no_ground_at_all_every_cell_is_nowhere_and_no_distance_is_made_up() -> None:
    shape = shapely.box(0, 0, 100, 100)
    case = Case(
        side_m=100.0,
        shapes=gathered([shape]),
        boundary=shape,
        walkable=gathered([]),
        excluded=gathered([shape]),
    )
    assert case.ground().row.size == 0
    (fault,) = nowhere_faults(case.spread(), ["a"])
    assert fault.says == "covers no ground of the grid"
