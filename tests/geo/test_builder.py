"""Laws of the builder: the same city gives the same pack, and a faulty one gives none."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from geo.build.builder import build
from geo.build.gathering import BuildError
from geo.coverage import SHARE_UNIT
from geo.pack import Pack
from geo.pack_read import pack_of
from geo.pack_write import pack_bytes
from geo.pack_zip import unzipped
from geo.spread import summed
from tests.geo.made_city import CITY, LATER, box, post, write_city, write_layer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("city")
    write_city(made, CITY + LATER)
    return made


@pytest.fixture(scope="module")
def pack(folder: Path) -> Pack:
    return build(folder / "city.toml")


def lines_of(path: Path) -> list[str]:
    """Return the lines of a build that must fail, without the folder."""
    with pytest.raises(BuildError) as caught:
        build(path)
    return str(caught.value).replace(f"{path.parent}/", "").splitlines()


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
        "import hashlib, sys; from geo.build.builder import build;"
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


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    (tmp_path / "cells.csv").write_text("cell,lon,lat,radius_m\na,21.2,110.4,300\nb,1,2,-5\n")
    write_layer(tmp_path / "posts.geojson", box(100, 10, 120, 30, **post(1, deputy=None)))
    write_layer(tmp_path / "sites.geojson", box(110.4, 21.2, 110.41, 21.21, rungs=[1, 2]))
    (tmp_path / "water.geojson").write_text("{")
    lines = lines_of(path)
    assert [line.split(":")[0] for line in lines] == [
        "cells.csv",
        "cells.csv",
        "water.geojson",
        "posts.geojson",
        "sites.geojson",
        "sites.geojson",
    ]
    assert "lon and lat look swapped" in lines[0]
    assert "deputy: is missing" in lines[3]
    assert "name: is missing" in lines[4]
    assert "[1, 2] is no ladder" in lines[5]


def test_all_faults_of_the_ground_are_told_at_once(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    write_layer(
        tmp_path / "districts.geojson",
        box(100, 10, 110.4, 30, adcode=1, name="West"),
        box(110.4002, 10, 120, 30, adcode=2, name="East"),
    )
    write_layer(tmp_path / "sites.geojson", box(111.4, 21.2, 111.41, 21.21, name="Far"))
    with (tmp_path / "masts.csv").open("a") as masts:
        masts.write("far,111.0,21.2\n")
    lines = lines_of(path)
    assert {line.split(":")[0] for line in lines} == {
        "masts.csv",
        "districts.geojson",
        "sites.geojson",
    }
    # Both desks read one layer: its gaps are told once.
    gaps = [line for line in lines if "belong to no area" in line]
    assert all("police, fire: " in line for line in gaps)
    assert len(gaps) == len({line.split(" at ")[0] for line in gaps}) == 24
    (nowhere,) = [line for line in lines if "cell 'far'" in line]
    assert "covers no ground of the grid" in nowhere


def test_a_file_that_is_named_twice_has_its_faults_told_once(tmp_path: Path) -> None:
    path = write_city(tmp_path, CITY + LATER.replace("cells-2.csv", "cells.csv"))
    (tmp_path / "cells.csv").write_text("cell,lon,lat,radius_m\na,110.4,21.2,300\na,1,1,x\n")
    lines = lines_of(path)
    assert len(lines) == len(set(lines)) == 2


def test_a_boundary_that_is_all_water_leaves_no_ground(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    write_layer(tmp_path / "water.geojson", box(110, 21, 111, 22))
    (line,) = lines_of(path)
    assert line.startswith("city.toml: ground.excluded: leave no ground")


def test_a_boundary_beyond_the_ids_of_tiles_is_refused(tmp_path: Path) -> None:
    path = write_city(tmp_path, CITY.replace("side_m = 200", "side_m = 25"))
    write_layer(tmp_path / "boundary.geojson", box(109, 21.18, 112, 21.22))
    (line,) = lines_of(path)
    assert line.startswith("city.toml: boundary: reaches more than 4800 tiles of 25 m")


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
