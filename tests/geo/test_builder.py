"""Laws of the builder: the same city gives the same pack, and a faulty one gives none."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
import shapely

from geo.coverage import SHARE_UNIT
from geo.making.builder import build
from geo.pack import Pack
from geo.pack_read import pack_of
from geo.pack_write import pack_bytes
from geo.pack_zip import unzipped
from geo.plane import to_globe
from geo.spread import summed
from tests.geo.made_city import CITY, LATER, box, write_city, write_layer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("city")
    write_city(made, CITY + LATER)
    return made


@pytest.fixture(scope="module")
def pack(folder: Path) -> Pack:
    return build(folder / "city.toml")


def test_every_tile_has_one_police_area_one_fire_area_and_one_post(pack: Pack) -> None:
    duty, tiles = pack.city.duty, len(pack.city.grid.tile_ids)
    assert duty is not None
    assert [area.id for area in duty.police] == ["1", "2"]
    assert [post.id for post in duty.posts] == ["g1", "g2", "g3"]
    for of_tile, owners in (
        (duty.police_of, duty.police),
        (duty.fire_of, duty.fire),
        (duty.post_of, duty.posts),
    ):
        assert of_tile.shape == (tiles,)
        assert sorted(set(of_tile.tolist())) == list(range(len(owners)))


def test_an_area_owns_the_tiles_that_lie_in_it(pack: Pack) -> None:
    city = pack.city
    centres = city.grid.centres(np.arange(len(city.grid.tile_ids)))
    assert centres is not None
    assert city.duty is not None
    east = centres[:, 0] > 110.4003
    assert (city.duty.police_of == np.where(east, 0, 1)).all()


def test_tiles_and_outside_of_every_cell_are_one_exactly(pack: Pack) -> None:
    for version in pack.city.versions:
        for cover in version.feeds.values():
            inside = summed(cover.cell, cover.share, len(pack.city.cells))
            assert (inside + cover.outside == cover.registered).all()
            assert (cover.share / SHARE_UNIT % 1 == 0).all()
    assert pack.city.versions[0].feeds["cmcc"].outside.max() > 0.05


def test_a_disc_covers_tiles_around_its_own_place_only(pack: Pack) -> None:
    grid, places = pack.city.grid, pack.places
    cover = pack.city.versions[0].feeds["cmcc"]
    disc = np.isnan(places.beam_deg)[cover.cell]
    assert 0.2 < disc.mean() < 0.8
    x_m, y_m = (grid.col[cover.tile] - 4799.5) * 200.0, (grid.row[cover.tile] - 4799.5) * 200.0
    away_m = np.hypot(x_m - places.x_m[cover.cell], y_m - places.y_m[cover.cell])
    assert (away_m[disc] < places.radius_m[cover.cell][disc] + 142).all()


def test_a_cell_of_two_feeds_stands_where_the_first_one_says(pack: Pack) -> None:
    cell = pack.city.cells.index("c01")
    place = np.array([[pack.places.x_m[cell], pack.places.y_m[cell]]])
    assert pack.projection is not None
    there = to_globe(pack.projection, place)[0]
    assert there.tolist() == pytest.approx([110.38 + 0.0008 + 0.0043, 21.183], abs=1e-6)
    assert (pack.places.azimuth_deg[cell], pack.places.beam_deg[cell]) == (120.0, 65.0)


def test_versions_hold_the_newest_cells_of_every_feed(pack: Pack) -> None:
    first, later = pack.city.versions
    assert (first.valid_from_ms, later.valid_from_ms) == (-1, 1_796_054_400_000)
    assert later.feeds["cucc"] is first.feeds["cucc"]
    known = [
        {pack.city.cells[cell] for cell in np.flatnonzero(version.feeds["cmcc"].registered)}
        for version in (first, later)
    ]
    assert known[0] - known[1] == {"c00", "c01"}
    assert known[1] - known[0] == {"c99"}
    changed = pack.report.coverages[2]
    assert (changed.added, changed.removed, changed.moved) == (1, 2, 0)


def test_a_new_coverage_version_leaves_the_grid_and_the_old_version_unchanged(
    tmp_path: Path, pack: Pack
) -> None:
    before = build(write_city(tmp_path)).city
    assert before.digest == pack.city.digest
    assert len(before.versions) == 1
    assert before.versions[0].digest == pack.city.versions[0].digest
    assert pack.city.versions[1].digest != pack.city.versions[0].digest


def test_other_districts_leave_the_grid_and_the_coverage_unchanged(
    tmp_path: Path, pack: Pack
) -> None:
    path = write_city(tmp_path, CITY + LATER)
    write_layer(tmp_path / "districts.geojson", box(100, 10, 120, 30, adcode=5, name="All"))
    other = build(path).city
    assert other.digest == pack.city.digest
    assert [one.digest for one in other.versions] == [one.digest for one in pack.city.versions]
    assert other.duty is not None
    assert not other.duty.police_of.any()


def test_walkable_ground_is_measured_where_streets_are_and_assumed_elsewhere(pack: Pack) -> None:
    city, ground_m2 = pack.city, pack.ground_m2
    assert city.assumed is not None
    assert 0 < city.assumed.sum() < city.assumed.size
    share = city.grid.walkable_m2 / ground_m2
    assert share[city.assumed] == pytest.approx(0.3)
    assert not np.isclose(share[~city.assumed], 0.3).all()
    assert pack.report.assumed_ratio == pytest.approx(city.assumed.mean(), abs=1e-6)
    assert pack.report.ground_m2 == pytest.approx(float(ground_m2.sum()), abs=0.1)


def test_cells_of_two_feeds_may_have_one_id(pack: Pack) -> None:
    first = pack.city.versions[0]
    both = first.feeds["cmcc"].registered & first.feeds["cucc"].registered
    assert both.sum() == 30
    assert len(pack.city.cells) == 61


def test_the_panel_are_cells_that_are_there_from_the_beginning(pack: Pack) -> None:
    assert [pack.city.cells[cell] for cell in pack.city.panel] == [f"c{n:02d}" for n in range(60)]


def test_outlines_are_drawn_where_their_owners_are(pack: Pack) -> None:
    outlines, city = pack.outlines, pack.city
    (boundary,) = outlines.boundary
    assert boundary.area == pytest.approx(float(pack.ground_m2.sum()), rel=0.06)
    assert city.duty is not None
    x_m, y_m = ((axis - 4799.5) * 200.0 for axis in (city.grid.col, city.grid.row))
    for drawn, of_tile in (
        (outlines.police, city.duty.police_of),
        (outlines.fire, city.duty.fire_of),
    ):
        assert len(drawn) == 2
        held = shapely.contains_xy(drawn[of_tile], x_m, y_m)
        assert held.mean() > 0.95
    assert [round(site.area / 1e3) for site in outlines.sites] == [2, 345]


def test_sites_have_their_tiles(pack: Pack) -> None:
    market, stadium = pack.city.sites
    assert (market.name, market.access_risk, market.tiles.size) == (
        "Market",
        ("narrow", "one_exit"),
        1,
    )
    assert (stadium.name, stadium.capacity) == ("Stadium", 30_000.0)
    centroid = pack.city.grid.centroid(stadium.tiles)
    assert centroid == pytest.approx((110.388, 21.1875), abs=0.0015)


def test_a_built_pack_comes_back_from_its_bytes(pack: Pack) -> None:
    data = pack_bytes(pack)
    assert pack_bytes(pack_of(data)) == data
    assert pack_of(data).name_zh == "虚城"


def test_inputs_are_named_as_the_city_file_names_them(pack: Pack) -> None:
    assert [one.file for one in pack.inputs] == [
        "boundary.geojson",
        "cells-2.csv",
        "cells.csv",
        "city.toml",
        "districts.geojson",
        "masts.csv",
        "posts.geojson",
        "sites.geojson",
        "streets.geojson",
        "water.geojson",
    ]


@pytest.mark.parametrize("seed", ["0", "7"])
def test_another_run_with_another_hash_seed_gives_the_same_bytes(
    folder: Path, pack: Pack, seed: str
) -> None:
    script = (
        "import hashlib, sys; from geo.making.builder import build;"
        " from geo.pack_write import pack_bytes;"
        " print(hashlib.sha256(pack_bytes(build(sys.argv[1]))).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, folder / "city.toml"],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == hashlib.sha256(pack_bytes(pack)).hexdigest()


def test_the_order_of_rows_and_features_changes_nothing_but_the_hashes_of_the_files(
    tmp_path: Path, pack: Pack
) -> None:
    one = unzipped(pack_bytes(pack))
    other = unzipped(pack_bytes(build(write_city(tmp_path, CITY + LATER, step=-1))))
    texts = [msgspec.json.decode(members.pop("pack.json")) for members in (one, other)]
    assert one == other
    assert texts[0].pop("inputs") != texts[1].pop("inputs")
    assert texts[0] == texts[1]


def test_steps_are_told_in_order_and_to_their_end(folder: Path) -> None:
    told: list[tuple[str, int, int]] = []
    build(folder / "city.toml", on_step=lambda *step: told.append(step))
    names = list(dict.fromkeys(name for name, *_ in told))
    assert names == ["read", "shapes", "ground", "cells", "duty", "sites", "pack"]
    for name in names:
        steps = [(done, total) for one, done, total in told if one == name]
        assert steps == [(done, len(steps)) for done in range(1, len(steps) + 1)]


def test_what_was_mended_is_told_file_by_file(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    bow_ties = [
        {**box(0, 0, 0, 0), "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for ring in (
            [[x, y], [x + 0.002, y + 0.002], [x + 0.002, y], [x, y + 0.002], [x, y]]
            for x, y in ((110.39, 21.19), (110.4, 21.2), (110.405, 21.19))
        )
    ]
    write_layer(tmp_path / "streets.geojson", *bow_ties)
    write_layer(tmp_path / "water.geojson", *bow_ties)
    repaired = build(path).report.repaired
    assert [line.split(":")[0] for line in repaired] == ["streets.geojson"] * 3 + [
        "water.geojson"
    ] * 3
    assert list(repaired) == sorted(repaired)
    assert all("Self-intersection" in line for line in repaired)


def test_cells_that_come_later_do_not_move_the_plane(tmp_path: Path) -> None:
    text = CITY + LATER
    start, end = text.index("[boundary]"), text.index("[ground]")
    text = text[:start] + text[end : text.index("[jurisdictions]")] + LATER
    path = write_city(tmp_path, text)
    with (tmp_path / "cells-2.csv").open("a") as later:
        later.write("c98,110.99,21.6,300,,\n")
    pack = build(path)
    assert pack.projection is not None
    assert "+lat_0=21.2 +lon_0=110.4 " in pack.projection
    assert pack.city.duty is None


def test_without_a_boundary_the_grid_is_what_any_version_touches(tmp_path: Path) -> None:
    text = CITY + LATER
    start, end = text.index("[boundary]"), text.index("[ground]")
    city = build(write_city(tmp_path, text[:start] + text[end:])).city
    touched: set[int] = set()
    for version in city.versions:
        for cover in version.feeds.values():
            touched |= set(cover.tile.tolist())
            assert not cover.outside.any()
    assert len(touched) > 0.9 * len(city.grid.tile_ids)
