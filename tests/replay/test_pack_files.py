"""The files of the packs: real outlines that fit together, simulated things that say so."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from geo.datum import to_wgs84
from geo.plane import to_plane
from replay.samples import MILAN, milan_squares, zhanjiang
from replay.samples.grid_posts import posts_of
from replay.samples.spacing import neighbours_m, spacing
from replay.samples.stations import Town, cells_of, place_sites

PACKS: Final = Path(__file__).parents[2] / "geo" / "packs"
ZHANJIANG: Final = PACKS / "zhanjiang"
URBAN: Final = ("440802", "440803", "440804", "440811")


def layer(path: Path) -> tuple[list[dict[str, Any]], np.ndarray[Any, Any]]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    shapes = np.array([shape(one["geometry"]) for one in features], np.object_)
    return [one["properties"] for one in features], shapes


def stations() -> list[dict[str, str]]:
    with (ZHANJIANG / "stations.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_the_districts_leave_no_gap_and_no_overlap() -> None:
    rows, shapes = layer(ZHANJIANG / "districts.geojson")
    assert len(rows) == 9
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)


def test_the_boundary_is_the_four_urban_districts() -> None:
    rows, shapes = layer(ZHANJIANG / "districts.geojson")
    urban = [row["adcode"] in URBAN for row in rows]
    _, (boundary,) = layer(ZHANJIANG / "boundary.geojson")
    assert shapely.union_all(shapes[urban]).symmetric_difference(boundary).area < 1e-12


def test_what_is_simulated_says_so() -> None:
    posts, _ = layer(ZHANJIANG / "grid_posts.geojson")
    assert all("模拟" in post["name"] and "示例" in post["post"] for post in posts)
    sites, _ = layer(ZHANJIANG / "sites.geojson")
    assert all("Simulated" in site["name"] and "simulated" in site["note"] for site in sites)
    assert all(row["cell"].startswith("sim-") for row in stations())
    for name in ("police", "fire", "grid_posts"):
        rows, _ = layer(PACKS / "milan" / f"{name}.geojson")
        assert all("simulat" in row["name"] for row in rows)


def test_the_simulated_files_come_out_of_the_districts_again(tmp_path: Path) -> None:
    written = zhanjiang.simulate(ZHANJIANG / "districts.geojson", tmp_path)
    assert [path.name for path in written] == [
        "grid_posts.geojson",
        "sites.geojson",
        "stations.csv",
    ]
    with (tmp_path / "stations.csv").open(encoding="utf-8", newline="") as text:
        again = list(csv.DictReader(text))
    assert [row["cell"] for row in again] == [row["cell"] for row in stations()]
    # Sines of two machines may differ in the last bit; a metre is what the places are rounded to.
    places = [
        np.array([(row["lon"], row["lat"]) for row in some], float) for some in (again, stations())
    ]
    assert np.abs(places[0] - places[1]).max() < 1.1e-5
    posts, shapes = layer(tmp_path / "grid_posts.geojson")
    kept, kept_shapes = layer(ZHANJIANG / "grid_posts.geojson")
    assert posts == kept
    assert shapely.equals_exact(shapes, kept_shapes, tolerance=1e-7).all()


def test_simulated_stations_stand_apart_as_real_ones_do() -> None:
    degrees = np.array([(row["lon"], row["lat"]) for row in stations()], float)
    places = np.unique(to_plane(zhanjiang.PLANE, degrees), axis=0)
    assert len(places) == 2_000
    # Of 2,000 of the real ones: see the README beside the file, which has both tables.
    real = {
        "nearest_m": [41, 60, 110, 191, 344, 595, 793],
        "tenth_m": [343, 393, 552, 772, 1114, 1911, 2655],
        "ratio": [0.056, 0.09, 0.159, 0.258, 0.374, 0.485, 0.541],
    }
    found = spacing(places)
    for name, quantiles in real.items():
        assert found[name] == pytest.approx(quantiles, rel=0.21), name


def test_all_stations_stand_on_the_ground_of_the_pack() -> None:
    _, (boundary,) = layer(ZHANJIANG / "boundary.geojson")
    ground = shapely.transform(boundary, lambda at: to_wgs84("gcj02", at))
    places = np.array([(row["lon"], row["lat"]) for row in stations()], float)
    far = shapely.distance(ground, shapely.points(places))
    assert far.max() < 2e-5  # rounding to a metre may set one into the water


def test_posts_are_the_districts_again_and_none_is_a_splinter() -> None:
    districts = np.array([shapely.box(30, 10, 950, 880), shapely.box(950, 10, 2000, 880)], object)
    posts = posts_of(districts, ["1", "2"], ["甲", "乙"], [200.0, 400.0])
    shapes = np.array([one for _, one in posts], object)
    assert shapely.area(shapes).sum() == pytest.approx(shapely.area(districts).sum())
    assert shapely.union_all(shapes).symmetric_difference(shapely.union_all(districts)).area < 1e-6
    sides = [200.0 if post["id"].startswith("sim-1") else 400.0 for post, _ in posts]
    assert all(one.area >= 0.35 * side * side for one, side in zip(shapes, sides, strict=True))
    assert len({post["id"] for post, _ in posts}) == len(posts)


def test_neighbours_are_those_of_a_slow_search() -> None:
    places = np.random.default_rng(3).uniform(0, 100, (40, 2))
    slow = [sorted(float(np.hypot(*(one - other))) for other in places)[1:5] for one in places]
    assert neighbours_m(places, 4) == pytest.approx(np.array(slow))


def test_sites_are_the_same_for_a_seed_and_on_the_ground() -> None:
    ground = shapely.box(0, 0, 9_000, 6_000).difference(shapely.box(2_000, 2_000, 4_000, 4_000))
    towns = (Town(middle=(1_000.0, 1_000.0), width_m=800.0, weight=1.0),)
    one, two = (place_sites(ground, towns, sites=60, seed=seed) for seed in (1, 2))
    assert np.array_equal(one, place_sites(ground, towns, sites=60, seed=1))
    assert not np.array_equal(one, two)
    assert shapely.contains_xy(ground, *one.T).all()
    assert len(np.unique(one, axis=0)) == 60


def test_a_site_in_town_has_three_sectors_and_one_outside_is_a_bare_point() -> None:
    town = np.array([(x, y) for x in range(0, 900, 300) for y in range(0, 900, 300)], float)
    cells = cells_of(np.vstack((town, [(90_000.0, 0.0)])), seed=1)
    lone = [cell for cell in cells if cell.id.startswith("sim-0010")]
    assert [(cell.id, cell.radius_m, cell.azimuth_deg) for cell in lone] == [
        ("sim-0010-0", None, None)
    ]
    assert len(cells) == 9 * 3 + 1
    first = [cell.azimuth_deg or 0 for cell in cells[:3]]
    assert [first[1] - first[0], first[2] - first[1]] == [120, 120]


def test_the_squares_of_milan_are_the_cells_of_the_sample() -> None:
    rows = layer(PACKS / "milan" / "squares.geojson")[0]
    with MILAN.cells.open(encoding="utf-8", newline="") as text:
        cells = {row["cell"]: row for row in csv.DictReader(text)}
    assert {row["cell"] for row in rows} == cells.keys()
    for row in rows:
        own = cells[row["cell"]]
        assert (row["row"], row["col"], row["name"]) == (
            int(own["row"]),
            int(own["col"]),
            own["name"],
        )


def test_a_corner_is_the_mean_of_the_middles_around_it(tmp_path: Path) -> None:
    middles = [(9.0 + 0.003 * (n % 100), 45.3 + 0.002 * (n // 100)) for n in range(10_000)]
    lines = [f"{n + 1},{lon:.6f},{lat:.6f}" for n, (lon, lat) in enumerate(middles)]
    (tmp_path / "milan").mkdir()
    table = "\n".join(("cell_id,lon,lat", *lines))
    (tmp_path / "milan" / "grid_cells.csv.gz").write_bytes(gzip.compress(table.encode()))
    milan_squares.build(tmp_path, tmp_path)
    _, (stadium,) = layer(tmp_path / "sites.geojson")
    # Row 57, column 37: half a step around its own middle.
    assert shapely.bounds(stadium) == pytest.approx([9.1095, 45.413, 9.1125, 45.415])


def test_a_maker_without_its_source_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for main in (zhanjiang.main, milan_squares.main):
        assert main([str(tmp_path / "none"), str(tmp_path)]) == 1
        assert "not built" in capsys.readouterr().err
        assert main([]) == 2
