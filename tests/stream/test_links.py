"""Laws of the links of a hop: which version acts, which cells it knows, and what each is worth."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.coverage import coverage_of
from geo.version import BEGINNING_MS, Version, version_digest
from stream.layout import layout, only_blocks
from stream.links import FeedLinks, FeedScale
from tests.laws.crowds import discs, squares

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.city import City
    from geo.coverage import Coverage
    from geo.spread import Spread

SOON_MS = 1_790_002_800_000
FEEDS = ("a", "b", "c")

Pairs = list[tuple[int, str, str, float, float | None]]
"""(tile of the city, feed, cell, share, worth), as they are summed."""


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return discs(tmp_path_factory.mktemp("discs"))


@pytest.fixture(scope="module", name="square_town")
def fixture_square_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return squares(tmp_path_factory.mktemp("squares"))


def only(town: City, *cells: int) -> Coverage:
    """Return a coverage that knows some of the cells."""
    every, known = town.coverage, np.zeros(len(town.cells), np.bool_)
    known[list(cells)] = True
    kept = known[every.cell]
    return coverage_of(
        every.cell[kept], every.tile[kept], every.share[kept], len(known), registered=known
    )


def versions(town: City, *held: tuple[int, Mapping[str, Coverage]]) -> City:
    """Return the town with versions of its own."""
    made = [
        Version(valid_from_ms=since, feeds=feeds, digest=version_digest(town.cells, feeds))
        for since, feeds in held
    ]
    return replace(town, versions=tuple(made))


def scales(*names: str, parts: tuple[float, ...] | None = None) -> tuple[FeedScale, ...]:
    counted: tuple[float | None, ...] = parts or (None,) * len(names)
    return tuple(
        FeedScale(name=name, expansion=1.0, floor=20, counted_ratio=part)
        for name, part in zip(names, counted, strict=True)
    )


def links(city: City, *names: str, parts: tuple[float, ...] | None = None) -> FeedLinks:
    return FeedLinks(layout(city, partition=0, partitions=1), scales(*names, parts=parts))


def everyone(city: City, *names: str) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    lay = layout(city, partition=0, partitions=1)
    return np.ones((len(names), lay.entries), np.bool_)


def listed(city: City, spread: Spread, *names: str) -> Pairs:
    """Return what a spread sums, in words."""
    lay = layout(city, partition=0, partitions=1)
    pairs: Pairs = []
    first = 0
    for strip in spread.strips:
        worths = [None] * len(strip.tile) if strip.worth is None else strip.worth.tolist()
        columns = (strip.entry.tolist(), strip.tile.tolist(), strip.share.tolist(), worths)
        for entry, tile, share, worth in zip(*columns, strict=True):
            feed, place = divmod(entry, lay.entries)
            cell = city.cells[lay.entry_cell[place]]
            pairs.append((int(lay.tile[first + tile]), names[feed], cell, share, worth))
        first += strip.tiles
    return pairs


def wanted(city: City, covers: Mapping[str, Coverage | None]) -> list[tuple[int, str, str, float]]:
    """Spell out which shares are summed: by tile, then feed, then cell."""
    return sorted(
        (tile, feed, city.cells[cell], share)
        for feed, cover in covers.items()
        if cover is not None
        for cell, tile, share in zip(
            cover.cell.tolist(), cover.tile.tolist(), cover.share.tolist(), strict=True
        )
    )


def shares_of(pairs: Pairs) -> list[tuple[int, str, str, float]]:
    return [pair[:4] for pair in pairs]


def test_a_version_acts_on_hops_that_begin_when_it_does_or_later(town: City) -> None:
    old, new = only(town, 0, 1, 2), only(town, 2, 3)
    city = versions(town, (BEGINNING_MS, {"a": old}), (SOON_MS, {"a": new}))
    made, usual = links(city, "a"), everyone(city, "a")
    for begin_ms, cover in ((0, old), (SOON_MS - 1, old), (SOON_MS, new), (SOON_MS + 10**9, new)):
        seen = listed(city, made.at(begin_ms, usual), "a")
        assert shares_of(seen) == wanted(city, {"a": cover})
        assert np.array_equal(np.flatnonzero(made.known), np.unique(cover.tile))


def test_what_is_registered_is_that_of_the_hop(town: City) -> None:
    city = versions(
        town,
        (BEGINNING_MS, {"a": only(town, 0, 1), "b": only(town, 1)}),
        (SOON_MS, {"a": only(town, 4)}),
    )
    made, usual = links(city, "a", "b"), everyone(city, "a", "b")
    lay = layout(city, partition=0, partitions=1)
    for begin_ms, cells in ((0, [{0, 1}, {1}]), (SOON_MS, [{4}, set()])):
        made.at(begin_ms, usual)
        got = [set(lay.entry_cell[known].tolist()) for known in made.registered]
        assert got == cells


def test_each_feed_has_its_own_coverage_and_tiles_sum_it_feed_by_feed(town: City) -> None:
    covers = {"a": only(town, 0, 1, 2, 7), "b": only(town, 1, 2, 8), "c": only(town, 20)}
    city = versions(town, (BEGINNING_MS, covers))
    seen = listed(city, links(city, *FEEDS).at(0, everyone(city, *FEEDS)), *FEEDS)
    assert shares_of(seen) == wanted(city, covers)


def test_feeds_of_a_cells_file_share_one_coverage(town: City) -> None:
    seen = listed(town, links(town, *FEEDS).at(0, everyone(town, *FEEDS)), *FEEDS)
    assert shares_of(seen) == wanted(town, dict.fromkeys(FEEDS, town.coverage))


def test_a_feed_that_a_version_does_not_know_contributes_nothing(town: City) -> None:
    one = {"b": only(town, 0, 1, 2, 3)}
    for feeds in (FEEDS, ("b", "c"), ("a", "b")):
        parts = (0.5, 0.25, 0.125)[: len(feeds)]
        city = versions(town, (BEGINNING_MS, one))
        made = links(city, *feeds, parts=parts)
        seen = listed(city, made.at(0, everyone(city, *feeds)), *feeds)
        assert shares_of(seen) == wanted(city, {"b": one["b"]})
        for tile in {pair[0] for pair in seen}:
            worth = sum(pair[4] or 0.0 for pair in seen if pair[0] == tile)
            assert worth == pytest.approx(parts[feeds.index("b")])


def test_a_version_without_any_cell_of_ours_leaves_every_tile_unknown(town: City) -> None:
    city = versions(town, (BEGINNING_MS, {"a": only(town, 0)}), (SOON_MS, {"b": only(town, 0)}))
    made, usual = links(city, "a", parts=(0.5,)), everyone(city, "a")
    made.at(0, usual)
    assert made.known.any()
    assert listed(city, made.at(SOON_MS, usual), "a") == []
    assert not made.known.any()
    assert not made.registered.any()


some_cells = st.sets(st.integers(0, 23), min_size=1, max_size=12)


@given(some_cells, some_cells, some_cells, st.integers(0, 2**32 - 1))
def test_worth_sums_to_what_a_feed_counts_on_every_tile_of_its_usual_cells(
    town: City, first: set[int], second: set[int], third: set[int], seed: int
) -> None:
    """Whichever cells are usual, and in proportion to their shares."""
    covers = dict(zip(FEEDS, (only(town, *c) for c in (first, second, third)), strict=True))
    city, parts = versions(town, (BEGINNING_MS, covers)), (0.5, 0.3, 0.07)
    usual = np.random.default_rng(seed).random(everyone(city, *FEEDS).shape) < 0.7
    made = links(city, *FEEDS, parts=parts)
    seen = listed(city, made.at(0, usual), *FEEDS)
    for tile, feed in {pair[:2] for pair in seen}:
        mine = [pair for pair in seen if pair[:2] == (tile, feed)]
        share, worth = sum(pair[3] for pair in mine), sum(pair[4] or 0.0 for pair in mine)
        assert worth == pytest.approx(parts[FEEDS.index(feed)], rel=1e-12)
        for pair in mine:
            assert pair[4] == pytest.approx(parts[FEEDS.index(feed)] * pair[3] / share, rel=1e-12)
    assert set(np.flatnonzero(made.known)) == {pair[0] for pair in seen}


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=8))
def test_what_was_prepared_before_decides_nothing(
    town: City, asked: list[tuple[int, bool]]
) -> None:
    """Whichever hops and usual cells came before, back in time too."""
    city = versions(
        town,
        (BEGINNING_MS, {"a": only(town, 0, 1, 2), "b": only(town, 2, 3)}),
        (SOON_MS, {"a": only(town, 0, 1, 5)}),
        (SOON_MS + 600, {"a": only(town, 0, 1, 2), "b": only(town, 2, 3)}),
    )
    made = links(city, "a", "b", parts=(0.5, 0.3))
    for step, silent in asked:
        begin_ms, usual = SOON_MS + 300 * (step - 1), everyone(city, "a", "b")
        usual[:, ::2] &= not silent
        fresh = links(city, "a", "b", parts=(0.5, 0.3))
        got, want = made.at(begin_ms, usual), fresh.at(begin_ms, usual)
        assert listed(city, got, "a", "b") == listed(city, want, "a", "b")
        assert np.array_equal(made.known, fresh.known)
        assert np.array_equal(made.registered, fresh.registered)


def test_a_cell_that_is_not_usual_is_left_out_and_usual_strangers_change_nothing(
    town: City,
) -> None:
    covers = {"a": only(town, 0, 1, 2), "b": only(town, 2, 3)}
    city = versions(town, (BEGINNING_MS, covers))
    lay = layout(city, partition=0, partitions=1)
    made, usual = links(city, "a", "b"), everyone(city, "a", "b")
    usual[0, lay.entry_cell == 1] = False
    less = {"a": only(town, 0, 2), "b": covers["b"]}
    seen = listed(city, made.at(0, usual), "a", "b")
    assert shares_of(seen) == wanted(city, less)
    usual[1, lay.entry_cell == 0] = False  # no cell of b
    assert listed(city, made.at(0, usual.copy()), "a", "b") == seen


def test_the_same_hop_is_prepared_once(town: City) -> None:
    made, usual = links(town, "a"), everyone(town, "a")
    first = made.at(0, usual)
    assert made.at(300_000, usual.copy()) is first
    usual = usual.copy()
    usual[0, 0] = False
    assert made.at(300_000, usual) is not first


@pytest.mark.parametrize("parts", [None, (0.5, 0.3)])
def test_each_block_alone_has_the_links_and_worths_it_has_among_others(
    town: City, parts: tuple[float, ...] | None
) -> None:
    """So partitions, and runs of blocks after a crash, decide nothing."""
    city = versions(town, (BEGINNING_MS, {"a": only(town, 0, 1, 7, 9), "b": town.coverage}))
    whole = layout(city, partition=0, partitions=1)
    names, lines = ("a", "b"), []
    for number in range(len(whole.blocks)):
        part = only_blocks(whole, [number])
        assert part.entry_ids == (whole.entry_ids[number],)
        made = FeedLinks(part, scales(*names, parts=parts))
        spread = made.at(0, np.ones((2, part.entries), np.bool_))
        for strip in spread.strips:
            worths = [None] * len(strip.tile) if strip.worth is None else strip.worth.tolist()
            for entry, tile, share, worth in zip(
                strip.entry.tolist(), strip.tile.tolist(), strip.share.tolist(), worths, strict=True
            ):
                feed, place = divmod(entry, part.entries)
                cell = city.cells[part.entry_cell[place]]
                lines.append((int(part.tile[tile]), names[feed], cell, share, worth))
    spread = links(city, *names, parts=parts).at(0, everyone(city, *names))
    assert len(whole.blocks) > 2
    assert lines == listed(city, spread, *names)


def test_tiles_that_are_cells_are_an_identity_while_one_feed_has_each(square_town: City) -> None:
    town, half = square_town, len(square_town.cells) // 2
    cells = range(len(town.cells))
    apart = {"a": only(town, *cells[:half]), "b": only(town, *cells[half:])}
    both = {"a": town.coverage, "b": only(town, 0)}
    city = versions(town, (BEGINNING_MS, apart), (SOON_MS, both))
    made, usual = links(city, "a", "b", parts=(0.5, 0.3)), everyone(city, "a", "b")
    spread = made.at(0, usual)
    assert spread.identity
    assert spread.worth is not None
    feeds = [pair[1] for pair in listed(city, spread, "a", "b")]
    assert spread.worth.tolist() == [{"a": 0.5, "b": 0.3}[feed] for feed in feeds]
    assert not made.at(SOON_MS, usual).identity
