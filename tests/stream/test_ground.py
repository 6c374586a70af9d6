"""Laws of the ground of alerts: sites of pack and settings, areas, assumptions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo.coverage import coverage_of
from geo.site import PlacedSite
from stream.block_spec import block_spec
from stream.ground import build_ground
from stream.settings import ConfigError
from tests.laws.crowds import discs, settings, squares
from tests.stream.packed import duty_of, packed

if TYPE_CHECKING:
    from pathlib import Path

    from geo.city import City


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return squares(tmp_path_factory.mktemp("city"))


def site(name: str, *tiles: int, **more: object) -> PlacedSite:
    held = PlacedSite(name=name, tiles=np.array(tiles, np.int32))
    return replace(held, **more)  # type: ignore[arg-type]  # fields of a site


def test_a_site_of_the_pack_means_what_one_of_the_settings_means(town: City) -> None:
    rungs = (1.0, 2.0, 3.0, 4.0)
    pack = packed(town, sites=[site("Pier", 1, 2, capacity=300.0, rungs=rungs)])
    said = 'sites=[{name="Pier", tiles=["c03", "c01"], capacity=300, rungs=[1,2,3,4]}]'
    by_pack = build_ground(settings(), pack)
    by_settings = build_ground(settings(said), packed(town))
    assert by_pack.sites == by_settings.sites
    np.testing.assert_array_equal(by_pack.site, by_settings.site)
    spec = block_spec(settings(), pack)
    np.testing.assert_array_equal(spec.rungs_per_m2[[1, 2]], [rungs, rungs])
    assert np.flatnonzero(spec.always_watched).tolist() == [1, 2]


def test_every_kind_of_access_risk_is_a_risk_and_is_named(town: City) -> None:
    pack = packed(town, sites=[site("Quay", 3, access_risk=("narrow", "water_edge")), site("A", 4)])
    quay, plain = build_ground(settings(), pack).sites
    assert (quay.access_risk, quay.hazards) == (True, ("narrow", "water_edge"))
    assert (plain.access_risk, plain.hazards) == (False, ())


def test_sites_of_settings_and_pack_stand_side_by_side(town: City) -> None:
    ground = build_ground(
        settings('sites=[{name="Hall", cells=["c05"]}]'), packed(town, sites=[site("Pier", 1)])
    )
    assert [one.name for one in ground.sites] == ["Hall", "Pier"]
    assert ground.site[[0, 1, 5]].tolist() == [-1, 1, 0]


def test_a_name_in_both_and_a_tile_in_two_sites_are_named_all_at_once(town: City) -> None:
    ours = (
        'sites=[{name="Hall", tiles=["c05", "c06", "c07"]}, {name="Gate", tiles=["c07"]},'
        ' {name="Pier", tiles=["c00"]}, {name="Lost", tiles=["zz"]}]'
    )
    pack = packed(town, sites=[site("Pier", 9), site("Yard", 5, 6)])
    with pytest.raises(ConfigError) as caught:
        build_ground(settings(ours), pack)
    lines = [fault.what for fault in caught.value.faults]
    assert lines == [
        "site 'Lost' names tiles that the cells file does not give: ['zz']",
        "site 'Pier' is in the settings and in the city pack",
        "sites 'Hall' and 'Gate' both cover tile c07",
        "sites 'Hall' and 'Yard' both cover tile c05 and 1 more",
    ]


def test_a_version_ahead_moves_no_site(tmp_path: Path) -> None:
    town = discs(tmp_path)
    tiles = len(town.grid.tile_ids)
    cell, far = town.cell_index["c03"], np.arange(tiles - 2, tiles)
    moved = coverage_of(
        np.full(2, cell), far, np.full(2, 0.5), len(town.cells), registered=np.ones(24, np.bool_)
    )
    said = 'sites=[{name="Hall", cells=["c03"]}]'
    before = build_ground(settings(said), packed(town))
    after = build_ground(settings(said), packed(town, later={10**13: moved}))
    np.testing.assert_array_equal(before.site, after.site)
    assert (before.site >= 0).sum() > 2


def test_a_cell_that_only_a_later_version_knows_has_its_tiles_there(town: City) -> None:
    every = town.coverage
    old = every.cell != 5
    known = np.ones(24, np.bool_)
    known[5] = False
    early = coverage_of(every.cell[old], every.tile[old], every.share[old], 24, registered=known)
    pack = packed(replace(town, versions=packed(town).versions), later={600_000: every})
    first = replace(pack.versions[0], feeds={"cmcc": early})
    pack = replace(pack, versions=(first, pack.versions[1]))
    ground = build_ground(settings('sites=[{name="Hall", cells=["c05"]}]'), pack)
    assert np.flatnonzero(ground.site >= 0).tolist() == [5]


def test_cells_that_touch_no_tile_are_no_site(town: City) -> None:
    every = town.coverage
    kept = every.cell != 5
    bare = coverage_of(every.cell[kept], every.tile[kept], every.share[kept], 24)
    version = replace(town.versions[0], feeds={"": bare})
    with pytest.raises(ConfigError, match="'Hall' has cells that touch no tile"):
        build_ground(
            settings('sites=[{name="Hall", cells=["c05"]}]'), replace(town, versions=(version,))
        )


def test_police_areas_of_the_pack_part_the_ground(town: City) -> None:
    numbers = [tile % 3 for tile in range(24)]
    duty = duty_of(town, police=numbers, fire=[0] * 24, posts=list(range(24)))
    ground = build_ground(settings(), packed(town, duty=duty))
    assert ground.area.tolist() == numbers
    assert ground.duty is duty
    assert len(set(build_ground(settings(), packed(town)).area.tolist())) == 1


def test_what_is_assumed_is_said_by_the_pack_or_follows_from_the_cells_file(
    town: City, tmp_path: Path
) -> None:
    given = build_ground(settings(), town)  # area_m2
    assert given.assumed is not None
    assert not given.assumed.any()
    assert given.side_m is None
    drawn = build_ground(settings("grid.walkable_share=0.25"), discs(tmp_path))
    assert drawn.assumed is not None
    assert drawn.assumed.all()
    assert (drawn.assumed_share, drawn.side_m) == (0.25, 100.0)
    half = [tile < 12 for tile in range(24)]
    pack = build_ground(settings(), packed(town, assumed=half, assumed_share=0.3))
    assert pack.assumed is not None
    assert (pack.assumed.tolist(), pack.assumed_share) == (half, 0.3)
    surveyed = build_ground(settings(), packed(discs(tmp_path)))
    assert surveyed.assumed is not None
    assert not surveyed.assumed.any()


def test_feeds_of_one_factor_have_it_and_those_of_several_have_none(town: City) -> None:
    one = settings("feeds.cmcc.expansion=1.6")
    assert build_ground(one, town).expansion == 1.6
    same, other = (f"feeds.cucc.expansion={factor}" for factor in (1.6, 1.5))
    second = ("feeds.cmcc.expansion=1.6", "feeds.cucc.period_s=300")
    assert build_ground(settings(*second, same), town).expansion == 1.6
    assert build_ground(settings(*second, other), town).expansion is None
