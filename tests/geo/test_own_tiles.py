"""Laws of the identity tiling in a pack: each cell is its own tile, with all of it and no other."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.making.builder import build
from geo.making.gathering import BuildError
from geo.outline_shapes import outline_around
from geo.pack import Pack
from geo.pack_read import pack_of
from geo.pack_write import pack_bytes
from tests.geo.made_city import Feature, box, post, write_layer

HEAD = """
name = "Squares"
[grid]
tiling = "cells"
[[cells]]
feed = "calls"
"""
DRAWN = HEAD + 'file = "cells.geojson"\ndatum = "wgs84"\n'
LISTED = HEAD + 'file = "cells.csv"\n'
DISTRICTS = """
[jurisdictions]
police = { file = "districts.geojson", datum = "wgs84", id = "id", name = "name" }
fire = { file = "districts.geojson", datum = "wgs84", id = "id", name = "name" }
posts = { file = "posts.geojson", datum = "wgs84" }
[sites]
file = "sites.geojson"
datum = "wgs84"
"""
SIDE_DEG = 0.002


def square(number: int, **more: object) -> Feature:
    """Draw cell number 0 to 99, ten in a row."""
    west, south = 9.1 + SIDE_DEG * (number % 10), 45.4 + SIDE_DEG * (number // 10)
    return box(west, south, west + SIDE_DEG, south + SIDE_DEG, cell=f"s{number:02d}", **more)


def built(folder: Path, text: str, *features: Feature) -> Pack:
    write_layer(folder / "cells.geojson", *features)
    (folder / "city.toml").write_text(text)
    return build(folder / "city.toml")


def fails(folder: Path, text: str) -> list[str]:
    (folder / "city.toml").write_text(text)
    with pytest.raises(BuildError) as caught:
        build(folder / "city.toml")
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def assert_identity(pack: Pack) -> None:
    city = pack.city
    (version,) = city.versions
    cover = version.feeds["calls"]
    assert sorted(city.grid.tile_ids) == list(city.cells)
    assert [city.cells[cell] for cell in cover.cell] == list(city.grid.tile_ids)
    assert cover.tile.tolist() == list(range(len(city.cells)))
    assert (cover.share == 1.0).all()
    assert not cover.outside.any()
    data = pack_bytes(pack)
    assert pack_bytes(pack_of(data)) == data


@settings(max_examples=25, deadline=None)
@given(numbers=st.lists(st.integers(0, 99), min_size=1, max_size=40, unique=True))
def test_drawn_cells_are_their_own_tiles(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("own")
    placed = [square(n, row=n // 10, col=n % 10) if n % 2 else square(n) for n in numbers]
    pack = built(folder, DRAWN, *placed)
    assert_identity(pack)
    centres = pack.city.grid.centres(np.arange(len(numbers)))
    assert centres is not None
    for tile, centre in zip(pack.city.grid.tile_ids, centres, strict=True):
        n = int(tile[1:])
        place = 9.1 + SIDE_DEG * (n % 10 + 0.5), 45.4 + SIDE_DEG * (n // 10 + 0.5)
        assert centre == pytest.approx(place, abs=1e-6)


@given(st.sets(st.integers(0, 99), min_size=1))
@settings(max_examples=25, deadline=None)
def test_an_outline_holds_its_tiles_and_has_few_points(numbers: set[int]) -> None:
    corner = [(SIDE_DEG * (n % 10), SIDE_DEG * (n // 10)) for n in sorted(numbers)]
    shapes = [shapely.box(x, y, x + SIDE_DEG, y + SIDE_DEG) for x, y in corner]
    held = np.array(shapes, dtype=np.object_)
    rings = outline_around(held)
    assert sum(map(len, rings)) <= 200
    outers = [shapely.Polygon(ring) for ring in rings if shapely.LinearRing(ring).is_ccw]
    holes = [shapely.Polygon(ring) for ring in rings if not shapely.LinearRing(ring).is_ccw]
    ground = shapely.difference(shapely.union_all(outers), shapely.union_all(holes))
    assert shapely.covers(ground, held).all()


def test_an_outline_of_many_parts_is_coarsened_to_200_points() -> None:
    apart = [shapely.Point(x, y).buffer(0.3) for x in range(20) for y in range(20)]
    held = np.array(apart, dtype=np.object_)
    rings = outline_around(held)
    assert sum(map(len, rings)) <= 200
    assert shapely.covers(shapely.Polygon(rings[0]), held).all()
    assert outline_around(held[:0]) == []


def test_listed_cells_are_their_own_tiles_without_places(tmp_path: Path) -> None:
    rows = [f"p{n},{100 + n},{n // 3},{n % 3}\n" for n in range(9)]
    (tmp_path / "cells.csv").write_text("cell,area_m2,row,col\n" + "".join(rows))
    pack = built(tmp_path, LISTED)
    assert_identity(pack)
    assert pack.projection is None
    assert pack.city.duty is None
    assert pack.report.ground_m2 is None
    assert np.isnan(pack.ground_m2).all()
    assert pack.city.grid.walkable_m2.tolist() == [100.0 + n for n in range(9)]
    assert not pack.city.grid.mapped
    assert pack.city.panel.size == 9


def test_the_order_of_features_changes_nothing_but_the_hash_of_the_file(tmp_path: Path) -> None:
    features = [square(n) for n in range(30)]
    one = built(tmp_path, DRAWN, *features)
    other = built(tmp_path, DRAWN, *features[::-1])
    assert one.inputs != other.inputs
    assert one.city.digest == other.city.digest
    assert one.city.versions[0].digest == other.city.versions[0].digest
    assert one.city.panel.tolist() == other.city.panel.tolist()


def test_walkable_ground_is_given_or_measured_or_assumed(tmp_path: Path) -> None:
    west, south = 9.1, 45.4
    write_layer(tmp_path / "streets.geojson", box(west, south, west + 0.003, south + 0.001))
    write_layer(tmp_path / "water.geojson", box(west + 0.006, south - 1, west + 0.008, south + 1))
    ground = """
    [ground]
    assumed_share = 0.25
    walkable = [{ file = "streets.geojson", datum = "wgs84" }]
    excluded = [{ file = "water.geojson", datum = "wgs84" }]
    """
    features = [square(0, area_m2=1234.5), *(square(n) for n in range(1, 4))]
    pack = built(tmp_path, DRAWN + ground, *features)
    walkable_m2, ground_m2 = pack.city.grid.walkable_m2, pack.ground_m2
    assert pack.city.assumed is not None
    assert pack.city.assumed.tolist() == [False, False, True, True]
    assert walkable_m2[0] == 1234.5
    assert walkable_m2[1] == pytest.approx(ground_m2[1] / 4, rel=1e-3)
    assert walkable_m2[2:].tolist() == pytest.approx((ground_m2[2:] * 0.25).tolist())
    # The last tile is all water; who is counted there still stands somewhere.
    assert ground_m2[3] == pytest.approx(ground_m2[2], rel=1e-3)


def test_drawn_cells_have_owners_and_sites(tmp_path: Path) -> None:
    write_layer(
        tmp_path / "districts.geojson",
        box(9.0, 45.0, 9.1045, 46.0, id="w", name="West"),
        box(9.1045, 45.0, 9.2, 46.0, id="e", name="East"),
    )
    write_layer(tmp_path / "posts.geojson", box(9.0, 45.0, 9.2, 46.0, **post(1)))
    write_layer(tmp_path / "sites.geojson", box(9.102, 45.4, 9.1049, 45.402, name="Square"))
    pack = built(tmp_path, DRAWN + DISTRICTS, *(square(n) for n in range(10)))
    duty, ids = pack.city.duty, pack.city.grid.tile_ids
    assert duty is not None
    owner = {tile: duty.police[area].id for tile, area in zip(ids, duty.police_of, strict=True)}
    assert owner == {f"s{n:02d}": "w" if n < 2 else "e" for n in range(10)}
    assert not duty.post_of.any()
    assert [ids[tile] for tile in pack.city.sites[0].tiles] == ["s01"]


def test_owners_of_cells_without_outlines_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_text("cell,area_m2\na,5\n")
    write_layer(tmp_path / "districts.geojson", box(9, 45, 10, 46, id="w", name="West"))
    write_layer(tmp_path / "posts.geojson", box(9, 45, 10, 46, **post(1)))
    write_layer(tmp_path / "sites.geojson", box(9, 45, 10, 46, name="S"))
    lines = fails(tmp_path, LISTED + DISTRICTS)
    assert [line.split(": ")[1] for line in lines] == [
        "jurisdictions.police",
        "jurisdictions.fire",
        "jurisdictions.posts",
        "sites",
    ]
    assert "needs outlines, and the cells have none; give the cells as GeoJSON" in lines[0]


def test_own_tiles_and_sites_are_not_mixed_up(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_text("cell,lon,lat,radius_m\na,9.1,45.4,300\n")
    (line,) = fails(tmp_path, LISTED + 'datum = "wgs84"\n')
    assert 'cells.csv: lists sites, but grid.tiling is "cells"' in line
    (tmp_path / "cells.csv").write_text("cell,area_m2\na,5\n")
    (line,) = fails(tmp_path, LISTED.replace('tiling = "cells"', ""))
    assert "lists cells that are their own tiles" in line


def test_faults_of_drawn_cells_are_told_at_once(tmp_path: Path) -> None:
    write_layer(
        tmp_path / "cells.geojson",
        square(0),
        square(0),
        square(1, area_m2=-3),
        square(2, row=1),
    )
    lines = fails(tmp_path, DRAWN)
    assert len(lines) == 3
    assert "stands already in feature 1" in lines[0]
    assert "area_m2: -3 is not a size" in lines[1]
    assert "col: is missing beside row" in lines[2]
