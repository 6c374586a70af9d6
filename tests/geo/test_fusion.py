"""Laws of fused feeds: each counts a known part of the same people, and is worth that part."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import spread
from geo.density import TilePeople
from geo.spread import Spread, prepare
from tests.geo.fused_town import FLOOR, Cell, Town, oracle

if TYPE_CHECKING:
    from numpy.typing import NDArray


def same(one: TilePeople, other: TilePeople) -> bool:
    """Equal to the last bit, NaN included."""
    return all(
        getattr(one, field.name).tobytes() == getattr(other, field.name).tobytes()
        for field in fields(TilePeople)
    )


def alike(one: TilePeople, other: TilePeople) -> None:
    """Equal but for rounding."""
    for field in fields(TilePeople):
        left, right = getattr(one, field.name), getattr(other, field.name)
        np.testing.assert_allclose(left, right, rtol=1e-6, err_msg=field.name)


shares = st.dictionaries(
    st.integers(0, 3), st.integers(1, 2**20).map(lambda n: n / 2**22), min_size=1
)
counts = st.one_of(st.none(), st.just(-1.0), st.integers(0, 5_000).map(float))
heard = st.one_of(st.just(-1.0), st.integers(0, 5_000).map(float))
parts_of_three: st.SearchStrategy[tuple[float, ...]] = st.sampled_from(
    [(0.6, 0.25, 0.15), (0.5, 0.3, 0.1), (0.1, 0.1, 0.8), (1 / 3, 1 / 3, 1 / 3)]
)


def towns(*, count: st.SearchStrategy[float | None] = counts) -> st.SearchStrategy[Town]:
    cell = st.builds(Cell, feed=st.integers(0, 2), count=count, shares=shares, fresh=st.booleans())
    cells = st.lists(cell, min_size=1, max_size=9).map(tuple)
    return st.builds(Town, tiles=st.just(4), cells=cells, parts=parts_of_three)


def two_feeds(here: float, *, first: bool = True, second: bool = True) -> Town:
    """Return one tile that feeds of 50 % and 30 % count, with three cells and two."""
    feeds = ((0, 0.5, (0.5, 0.3, 0.2), first), (1, 0.3, (0.9, 0.1), second))
    cells = [
        Cell(feed=feed, count=part * here * of_feed if there else None, shares={0: 1.0})
        for feed, part, cells_of, there in feeds
        for of_feed in cells_of
    ]
    return Town(tiles=1, cells=tuple(cells), parts=(0.5, 0.3))


@given(towns())
def test_the_kernel_agrees_with_the_definition(town: Town) -> None:
    seen = town.people()
    for tile in range(town.tiles):
        for name, value in oracle(town, tile).items():
            got = getattr(seen, name)[tile]
            np.testing.assert_allclose(got, value, rtol=1e-6, atol=0, err_msg=name)


@given(st.integers(0, 1_000_000))
def test_parts_of_the_same_people_make_the_whole(here: int) -> None:
    assert two_feeds(here).people().point[0] == pytest.approx(here, rel=1e-6)


@given(st.integers(0, 1_000_000))
def test_a_feed_that_is_absent_is_made_up_for_by_the_others(here: int) -> None:
    seen = two_feeds(here, second=False).people()
    assert seen.point[0] == pytest.approx(here, rel=1e-6)
    assert seen.present_ratio[0] == pytest.approx(0.625)


def test_below_half_of_what_is_counted_a_tile_is_blind() -> None:
    blind = two_feeds(1000, first=False).people()
    assert np.isnan([blind.low, blind.point, blind.high]).all()
    assert blind.present_ratio[0] == pytest.approx(0.375)


@pytest.mark.parametrize("part", [0.1, 0.37, 0.41, 0.45])
@pytest.mark.parametrize("cells", [1, 4, 5, 8])
def test_one_of_two_equal_feeds_is_half_and_half_is_enough(part: float, cells: int) -> None:
    for absent in (0, 1):
        both = [
            Cell(
                feed=feed,
                count=None if feed == absent else 100 * part,
                shares={0: 0.07 * (n + 2 + feed)},
            )
            for feed in (0, 1)
            for n in range(cells)
        ]
        seen = Town(tiles=1, cells=tuple(both), parts=(part, part)).people()
        assert seen.present_ratio[0] == 0.5
        assert not np.isnan(seen.point[0])


@given(towns(), st.floats(0.05, 1.0))
def test_a_market_share_alone_is_an_expansion_turned_over(town: Town, part: float) -> None:
    alone = tuple(replace(cell, feed=0) for cell in town.cells)
    fused = replace(town, cells=alone, parts=(part,))
    alike(fused.people(), replace(fused, parts=None, expansion=1 / part).people())


@given(towns(), st.integers(0, 2), st.integers(0, 4))
def test_a_feed_that_is_absent_says_nothing_by_how_its_cells_lie(
    town: Town, absent: int, more: int
) -> None:
    """What the others count is the same, however many cells the absent feed has, and where."""
    silent = tuple(replace(c, count=None) if c.feed == absent else c for c in town.cells)
    extra = Cell(feed=absent, count=None, shares={0: 0.125})
    few = replace(town, cells=(*silent, extra))
    many = replace(few, cells=(*few.cells, *[replace(extra, shares={0: 0.5})] * more))
    alike(few.people(), many.people())


@given(towns())
def test_low_is_at_most_point_is_at_most_high(town: Town) -> None:
    seen = town.people()
    known = ~np.isnan(seen.point)
    assert np.array_equal(known, ~np.isnan(seen.low))
    assert np.array_equal(known, ~np.isnan(seen.high))
    assert np.all(seen.low[known] <= seen.point[known])
    assert np.all(seen.point[known] <= seen.high[known])


@given(towns(count=heard), st.data())
def test_a_withheld_cell_is_an_interval_from_zero_to_below_the_floor(
    town: Town, data: st.DataObject
) -> None:
    """Its middle is the point: between the same cell at 0 and at the floor less one."""
    number = data.draw(st.integers(0, len(town.cells) - 1))

    def at(count: float) -> TilePeople:
        cells = list(town.cells)
        cells[number] = replace(cells[number], count=count)
        return replace(town, cells=tuple(cells)).people()

    hidden, none, top = at(-1.0), at(0.0), at(FLOOR - 1.0)
    touched = list(town.cells[number].shares)
    np.testing.assert_allclose(hidden.low, none.low, rtol=1e-6)
    np.testing.assert_allclose(hidden.high, top.high, rtol=1e-6)
    middle = (none.point.astype(np.float64) + top.point) / 2
    np.testing.assert_allclose(hidden.point, middle, rtol=1e-6)
    assert hidden.withheld[touched].all()
    assert (hidden.point[touched] > 0).all()
    assert (hidden.withheld_ratio[touched] > 0).all()


def test_the_ends_of_what_is_withheld_are_scaled_by_what_is_counted() -> None:
    town = Town(tiles=1, cells=(Cell(feed=0, count=-1.0, shares={0: 1.0}),), parts=(0.5, 0.3))
    seen = town.people()
    assert (seen.low[0], seen.point[0], seen.high[0]) == (0.0, 19.0, 38.0)


@given(towns(), st.data())
def test_a_cell_split_in_two_with_its_count_changes_nothing(
    town: Town, data: st.DataObject
) -> None:
    """Two halves on the same ground, while all cells of their feed report, or none does."""
    number = data.draw(st.integers(0, len(town.cells) - 1))
    feed, whole = town.cells[number].feed, town.cells[number]
    there = whole.count is not None
    cells = [
        replace(c, count=(max(c.count or 7.0, 0.0) if there else None)) if c.feed == feed else c
        for c in town.cells
    ]
    count = cells[number].count
    first = data.draw(st.floats(0, 1)) * (count or 0.0)
    halves = (first, (count or 0.0) - first) if there else (None, None)
    one, other = (replace(whole, count=half) for half in halves)
    split = [*cells[:number], one, other, *cells[number + 1 :]]
    before = replace(town, cells=tuple(cells)).people()
    after = replace(town, cells=tuple(split)).people()
    for field in ("low", "point", "high"):
        np.testing.assert_allclose(getattr(before, field), getattr(after, field), rtol=1e-5)
    alike(replace(before, low=after.low, point=after.point, high=after.high), after)


@given(towns(), st.permutations(range(9)))
def test_how_cells_are_numbered_changes_no_bit(town: Town, order: list[int]) -> None:
    """The sums go through a tile's cells in the order of the pairs, wherever counts are kept."""
    places = [place for place in order if place < len(town.cells)]
    number, plan, seen = np.argsort(places), town.plan(), town.people()
    moved = replace(town, cells=tuple(town.cells[place] for place in places))
    tile, entry, share = (np.array(one) for one in zip(*town.pairs(), strict=True))
    again = prepare(number[entry], tile, share, town.tiles, worth=plan.worth)
    assert same(seen, moved.people(again))


@given(towns(), st.integers(1, 12))
def test_where_strips_are_cut_changes_no_bit(town: Town, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spread, "STRIP_PAIRS", size)
        cut = town.plan()
    assert sum(strip.tiles for strip in cut.strips) == town.tiles
    assert same(town.people(), town.people(cut))


@given(towns())
def test_a_tile_gets_the_same_bits_with_and_without_its_neighbours(town: Town) -> None:
    whole, plan = town.people(), town.plan()
    tile, entry, share = (np.array(one) for one in zip(*town.pairs(), strict=True))
    assert plan.worth is not None
    for place in range(town.tiles):
        mine = tile == place
        alone = prepare(entry[mine], tile[mine] - place, share[mine], 1, worth=plan.worth[mine])
        seen = town.people(alone)
        for field in fields(TilePeople):
            one, all_ = getattr(seen, field.name), getattr(whole, field.name)
            assert one.tobytes() == all_[place : place + 1].tobytes()


@given(
    st.lists(st.tuples(st.integers(0, 2), counts, st.booleans()), min_size=1, max_size=9),
    st.permutations(range(9)),
    parts_of_three,
)
def test_the_identity_tiling_takes_a_shorter_way_to_the_same_bits(
    cells: list[tuple[int, float | None, bool]], places: list[int], parts: tuple[float, ...]
) -> None:
    """Each tile is one whole cell, of one feed or another."""
    tiles = [place for place in places if place < len(cells)]
    town = Town(
        tiles=len(cells),
        cells=tuple(
            Cell(feed=feed, count=count, shares={tile: 1.0}, fresh=fresh)
            for tile, (feed, count, fresh) in zip(tiles, cells, strict=True)
        ),
        parts=parts,
    )
    plan = town.plan()
    assert plan.identity
    assert same(town.people(plan), town.people(replace(plan, identity=False)))
    for tile in range(town.tiles):
        for name, value in oracle(town, tile).items():
            np.testing.assert_allclose(getattr(town.people(), name)[tile], value, rtol=1e-6)


def test_a_tile_of_two_whole_cells_of_two_feeds_is_no_identity() -> None:
    both = Town(
        tiles=1,
        cells=(Cell(feed=0, count=50, shares={0: 1.0}), Cell(feed=1, count=30, shares={0: 1.0})),
        parts=(0.5, 0.3),
    )
    assert not both.plan().identity
    assert both.people().point[0] == pytest.approx(100)


def test_what_the_step_returns_and_keeps_cannot_be_changed() -> None:
    alone = Town(tiles=1, cells=(Cell(feed=0, count=5, shares={0: 1.0}),), parts=(0.5,))
    for town in (two_feeds(100), alone):
        plan: Spread = town.plan()
        kept: list[NDArray[np.float64] | None] = [plan.worth, *(s.worth for s in plan.strips)]
        assert not any(one is None or one.flags.writeable for one in kept)
        for field in fields(TilePeople):
            assert not getattr(town.people(), field.name).flags.writeable
