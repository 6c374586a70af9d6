"""What differs between two packs is named, and state goes on with the same grid only."""

from dataclasses import replace

import numpy as np
import pytest

from geo.city_value import City
from geo.coverage import coverage_of
from geo.difference import Difference, difference
from geo.duty import Duty
from geo.grid import square_grid
from geo.grid_digest import grid_digest
from geo.pack import Pack
from geo.version import BEGINNING_MS, Version, version_digest
from stream.cli.geo_diff import difference_text
from tests.geo.sample_pack import PLANE, sample_pack

LATER_MS = 1_764_518_400_000
NEXT_MS = LATER_MS + 604_800_000


def changed(pack: Pack, **fields: object) -> Pack:
    """Return the pack with another city."""
    return replace(pack, city=_city(pack.city, fields))


def _city(city: City, fields: dict[str, object]) -> City:
    held = {name: getattr(city, name) for name in FIELDS}
    return City(**(held | fields))


FIELDS = ("grid", "cells", "versions", "digest", "duty", "sites", "panel", "assumed")


def version(city: City, since: int, pairs: list[tuple[str, int, float]]) -> Version:
    """Make a version of feed cmcc from (cell, tile, share)."""
    number = {cell: place for place, cell in enumerate(city.cells)}
    known = np.zeros(len(city.cells), np.bool_)
    known[[number[cell] for cell, *_ in pairs]] = True
    cover = coverage_of(
        np.array([number[cell] for cell, *_ in pairs]),
        np.array([tile for _, tile, _ in pairs]),
        np.array([share for *_, share in pairs]),
        len(city.cells),
        registered=known,
    )
    feeds = {"cmcc": cover}
    return Version(valid_from_ms=since, feeds=feeds, digest=version_digest(city.cells, feeds))


def with_versions(*lists: tuple[int, list[tuple[str, int, float]]]) -> Pack:
    pack = sample_pack()
    return changed(pack, versions=tuple(version(pack.city, since, pairs) for since, pairs in lists))


def nothing(found: Difference) -> bool:
    duty = found.duty
    return not any(
        (
            found.versions_added,
            found.versions_removed,
            found.versions_changed,
            duty.police + duty.fire + duty.posts,
            found.sites_added,
            found.sites_removed,
            found.sites_changed,
            *(one.added + one.removed + one.moved + one.reshaped for one in found.cells),
        )
    )


def test_a_pack_does_not_differ_from_itself() -> None:
    found = difference(sample_pack(), sample_pack())
    assert nothing(found)
    assert found.state_goes_on
    assert (found.grid.only_before, found.grid.only_after, found.grid.walkable) == (0, 0, 0)


def test_packs_of_one_digest_are_the_same_bytes() -> None:
    one, other = (replace(sample_pack(), digest=digest) for digest in ("aa", "bb"))
    assert difference(one, one).same_bytes
    assert not difference(one, other).same_bytes
    assert not difference(sample_pack(), sample_pack()).same_bytes  # never written: nobody knows


def test_a_new_version_is_named_with_its_cells_and_state_goes_on() -> None:
    first = (BEGINNING_MS, [("a", 0, 1.0), ("b", 1, 1.0)])
    found = difference(
        with_versions(first), with_versions(first, (NEXT_MS, [("b", 1, 1.0), ("z9", 2, 1.0)]))
    )
    assert found.state_goes_on
    assert (found.versions_added, found.versions_changed) == ((NEXT_MS,), ())
    (cells,) = found.cells
    assert (cells.added_first, cells.removed_first) == (("z9",), ("a",))
    assert (cells.cells, cells.moved, cells.reshaped) == ((2, 2), 0, 0)


def test_a_version_that_says_something_else_is_named() -> None:
    one = with_versions((BEGINNING_MS, [("a", 0, 1.0)]), (LATER_MS, [("a", 1, 1.0)]))
    other = with_versions((BEGINNING_MS, [("a", 0, 1.0)]), (LATER_MS, [("a", 2, 1.0)]))
    assert difference(one, other).versions_changed == (LATER_MS,)
    gone = with_versions((BEGINNING_MS, [("a", 0, 1.0)]))
    assert difference(one, gone).versions_removed == (LATER_MS,)


def test_how_far_a_cell_moved_is_measured_on_the_ground_that_it_serves() -> None:
    # The tiles lie side by side: the middle moves by one side of a tile, 100 m.
    grid = sample_pack().city.grid
    here, east = grid.tile_ids.index("r4800c4800"), grid.tile_ids.index("r4800c4801")
    one = with_versions((BEGINNING_MS, [("a", here, 1.0), ("b", here, 0.5), ("b", east, 0.5)]))
    other = with_versions((BEGINNING_MS, [("a", east, 1.0), ("b", here, 0.25), ("b", east, 0.25)]))
    (cells,) = difference(one, other).cells
    assert (cells.moved, cells.farthest, cells.reshaped) == (1, "a", 1)
    assert cells.moved_max_m == pytest.approx(100, rel=0.005)


def test_another_grid_ends_the_state_and_says_which_tiles_differ() -> None:
    pack = sample_pack()
    old = pack.city
    kept = [0, 1, 2, 3]
    grid = square_grid(
        np.append(old.grid.row[kept] - 4800, 30),
        np.append(old.grid.col[kept] - 4800, 30),
        side_m=100.0,
        projection=PLANE,
        walkable_m2=np.append(old.grid.walkable_m2[kept] + [0, 5, 0, 0], 1.0),
    )
    assumed = np.zeros(5, np.bool_)
    duty = Duty(
        police=(),
        fire=(),
        posts=(),
        police_of=-np.ones(5, np.int32),
        fire_of=-np.ones(5, np.int32),
        post_of=-np.ones(5, np.int32),
    )
    other = City(
        grid=grid,
        cells=old.cells,
        versions=(version(old, BEGINNING_MS, [("a", 0, 1.0)]),),
        digest=grid_digest(grid, assumed),
        duty=duty,
    )
    found = difference(pack, replace(pack, city=other))
    assert not found.state_goes_on
    assert found.grid.tiles == (6, 5)
    assert (found.grid.only_before, found.grid.only_after, found.grid.walkable) == (2, 1, 1)
    # Nobody answers for the four tiles that stayed: all of them changed.
    assert (found.duty.police, found.duty.posts) == (4, 4)


def test_tiles_of_another_side_or_plane_are_other_ground_whatever_their_ids() -> None:
    pack = sample_pack()
    old = pack.city.grid
    for side_m, plane in ((200.0, PLANE), (100.0, PLANE.replace("lon_0=110.4", "lon_0=9.2"))):
        grid = square_grid(
            old.row - 4800,
            old.col - 4800,
            side_m=side_m,
            projection=plane,
            walkable_m2=old.walkable_m2,
        )
        assert grid.tile_ids == old.tile_ids
        assert (grid.side_m, grid.projection) != (old.side_m, old.projection)
        digest = grid_digest(grid, pack.city.assumed)
        found = difference(pack, changed(pack, grid=grid, digest=digest))
        assert (found.grid.only_before, found.grid.only_after) == (6, 6)
        assert not found.duty.first
        told = difference_text(found, lang="en")
        assert "6 → 6 tiles (6 gone, 6 new)" in told
        assert "duty" not in told


def test_a_tile_with_another_area_or_another_contact_is_counted() -> None:
    pack = sample_pack()
    duty = pack.city.duty
    assert duty is not None
    moved = duty.police_of.copy()
    moved[0] = 1
    found = difference(pack, changed(pack, duty=replace(duty, police_of=moved)))
    assert (found.duty.police, found.duty.fire, found.duty.posts) == (1, 0, 0)
    assert found.duty.first == (pack.city.grid.tile_ids[0],)
    (post,) = duty.posts
    called = replace(duty, posts=(replace(post, contact="ext 2"),))
    assert difference(pack, changed(pack, duty=called)).duty.posts == 6


def test_sites_come_go_and_change() -> None:
    pack = sample_pack()
    stadium, other = pack.city.sites
    fuller = replace(stadium, capacity=6000.0)
    new = replace(other, name="Square")
    found = difference(pack, changed(pack, sites=(fuller, new)))
    assert found.sites_changed == ("Stadium",)
    assert (found.sites_added, found.sites_removed) == (("Square",), ("体育场",))
    assert found.state_goes_on
