"""Laws of grid and city: tiles in blocks, outlines for maps, a digest that only content decides."""

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.city import City, load_city
from geo.density import people
from geo.grid import Grid, square_grid
from geo.outline import POINTS_MAX
from geo.plane import projection_of, to_globe, to_plane
from geo.spread import prepare

ROOT = Path(__file__).parents[2]
PLANE = "+proj=laea +lat_0=21.2 +lon_0=110.4 +datum=WGS84 +units=m +no_defs"


def disc_lines(cells: int = 40, seed: int = 5) -> list[str]:
    rng = np.random.default_rng(seed)
    place = rng.uniform((110.35, 21.15), (110.40, 21.20), (cells, 2)).round(6)
    radius = rng.choice([60, 200, 450], cells)
    return [f"c{i},{x},{y},{r}\n" for i, ((x, y), r) in enumerate(zip(place, radius, strict=True))]


def city_of(folder: Path, lines: list[str], **options: float) -> City:
    path = folder / "cells.csv"
    path.write_text("cell,lon,lat,radius_m\n" + "".join(lines))
    return load_city(path, **{"side_m": 100.0, **options})


def own_tiles(folder: Path, lines: list[str]) -> City:
    path = folder / "own.csv"
    path.write_text("cell,area_m2,row,col,name\n" + "".join(lines))
    return load_city(path, side_m=100.0)


def grid_of(row: list[int], col: list[int], side_m: float = 100.0) -> Grid:
    rows, cols = np.array(row, np.int32), np.array(col, np.int32)
    return square_grid(rows, cols, side_m=side_m, projection=PLANE, walkable_share=1.0)


def assert_blocks_partition(grid: Grid) -> None:
    slices = [grid.block_slice(block) for block in range(len(grid.block_ids))]
    assert [part.start for part in slices] == [0, *[part.stop for part in slices[:-1]]]
    assert slices[-1].stop == len(grid.tile_ids)
    assert all(0 < part.stop - part.start <= 256 for part in slices)
    for block, part in enumerate(slices):
        assert set(grid.block_of[part].tolist()) == {block}
        row, col = grid.row[part], grid.col[part]
        assert (
            len({(r // 16, c // 16) for r, c in zip(row.tolist(), col.tolist(), strict=True)}) == 1
        )
    assert list(grid.block_ids) == sorted(set(grid.block_ids))


def test_the_order_of_the_file_changes_no_byte(tmp_path: Path) -> None:
    lines = disc_lines()
    first = city_of(tmp_path, lines)
    shuffled = random.Random(1).sample(lines, len(lines))
    again = city_of(tmp_path, shuffled)
    assert shuffled != lines
    assert again.digest == first.digest
    assert again.cells == first.cells == tuple(sorted(first.cells))
    assert again.coverage.share.tobytes() == first.coverage.share.tobytes()


def test_the_digest_sees_every_change_that_matters(tmp_path: Path) -> None:
    lines = disc_lines()
    named = ["a,100,1,2,x\n", "b,100,1,3,\n"]
    cities = [
        city_of(tmp_path, lines),
        city_of(tmp_path, lines[1:]),
        city_of(tmp_path, lines, side_m=50.0),
        city_of(tmp_path, lines, walkable_share=0.3),
        city_of(tmp_path, [lines[0].replace("c0,", "c00,"), *lines[1:]]),
        own_tiles(tmp_path, named),
        own_tiles(tmp_path, [named[0].replace(",x", ",y"), named[1]]),
        own_tiles(tmp_path, [named[0].replace("100,", "101,"), named[1]]),
        own_tiles(tmp_path, [named[0].replace("1,2", "1,4"), named[1]]),
    ]
    assert len({city.digest for city in cities}) == len(cities)


def test_the_digest_is_the_same_in_another_process_with_another_hash_seed(tmp_path: Path) -> None:
    city = city_of(tmp_path, disc_lines())
    program = (
        "from geo import load_city; import sys; print(load_city(sys.argv[1], side_m=100.0).digest)"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "cells.csv")],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert digests == {city.digest}


def test_people_are_conserved_from_cells_to_tiles(tmp_path: Path) -> None:
    city = city_of(tmp_path, disc_lines())
    cover = city.coverage
    counts = np.random.default_rng(2).integers(0, 3_000, len(city.cells)).astype(np.float32)
    exact = np.bincount(cover.tile, cover.share * counts[cover.cell]).sum()
    total = counts.sum(dtype=np.float64)
    assert exact + (cover.outside * counts).sum() == pytest.approx(total, rel=1e-12)
    everyone = np.ones(counts.size, np.bool_)
    seen = people(
        prepare(cover.cell, cover.tile, cover.share, len(city.grid.tile_ids)),
        low=counts,
        point=counts,
        high=counts,
        present=everyone,
        fresh=everyone,
        withheld=~everyone,
    )
    assert seen.point.sum(dtype=np.float64) == pytest.approx(total, rel=1e-6)


def test_a_city_is_consistent_and_read_only(tmp_path: Path) -> None:
    city = city_of(tmp_path, disc_lines(), walkable_share=0.3)
    grid, cover = city.grid, city.coverage
    tiles = len(grid.tile_ids)
    assert len(set(grid.tile_ids)) == tiles
    assert np.array_equal(np.unique(cover.tile), np.arange(tiles)), "no tile without a cell"
    assert [city.cell_index[cell] for cell in city.cells] == list(range(len(city.cells)))
    assert grid.walkable_m2.tolist() == [3_000.0] * tiles
    want = [f"r{r:04d}c{c:04d}" for r, c in zip(grid.row, grid.col, strict=True)]
    assert list(grid.tile_ids) == want
    assert grid.names == (None,) * tiles
    for column in (grid.row, grid.col, grid.block_of, grid.walkable_m2, cover.cell, cover.outside):
        assert not column.flags.writeable
    assert_blocks_partition(grid)


@given(st.sets(st.tuples(st.integers(-40, 40), st.integers(-40, 40)), min_size=1, max_size=60))
def test_blocks_partition_the_tiles_in_order(places: set[tuple[int, int]]) -> None:
    row, col = zip(*places, strict=True)
    grid = grid_of(list(row), list(col))
    assert_blocks_partition(grid)
    key = [
        (grid.block_ids[b], r, c, t)
        for b, r, c, t in zip(
            grid.block_of.tolist(), grid.row.tolist(), grid.col.tolist(), grid.tile_ids, strict=True
        )
    ]
    assert key == sorted(key)


def test_the_centre_of_the_plane_is_the_corner_of_a_block() -> None:
    grid = grid_of([0, -1, 0, -1], [0, -1, -1, 0])
    assert grid.block_ids == ("b0299-0299", "b0299-0300", "b0300-0299", "b0300-0300")
    assert grid.tile_ids == ("r4799c4799", "r4799c4800", "r4800c4799", "r4800c4800")


def test_own_tiles_are_the_identity(tmp_path: Path) -> None:
    city = own_tiles(tmp_path, ["z,50,0,16,\n", "b,20,17,0,\n", "a,30,,,kiosk\n", "y,10,0,1,\n"])
    grid, cover = city.grid, city.coverage
    assert grid.tile_ids == ("y", "z", "b", "a")
    assert grid.block_ids == ("b0000-0000", "b0000-0001", "b0001-0000", "i0000")
    assert grid.walkable_m2.tolist() == [10, 50, 20, 30]
    assert grid.names == (None, None, None, "kiosk")
    assert grid.row.tolist() == [0, 0, 17, -1]
    assert [city.cells[i] for i in cover.cell] == list(grid.tile_ids)
    assert cover.tile.tolist() == [0, 1, 2, 3]
    assert cover.share.tolist() == [1.0] * 4
    assert cover.outside.tolist() == [0.0] * 4
    assert grid.side_m is None
    assert grid.outline(np.arange(4)) is None
    assert grid.centroid(np.arange(4)) is None


def test_tiles_without_a_place_are_grouped_by_256_in_id_order(tmp_path: Path) -> None:
    city = own_tiles(tmp_path, [f"c{i:03d},10,,,\n" for i in reversed(range(600))])
    assert city.grid.tile_ids == city.cells
    assert city.grid.block_ids == ("i0000", "i0001", "i0002")
    assert [city.grid.block_slice(i).stop for i in range(3)] == [256, 512, 600]


@given(
    st.sets(st.tuples(st.integers(-12, 12), st.integers(-12, 12)), min_size=1, max_size=80),
    st.sampled_from([25.0, 100.0, 500.0]),
)
def test_an_outline_is_valid_right_hand_wound_and_leaves_no_tile_outside(
    places: set[tuple[int, int]], side_m: float
) -> None:
    row, col = zip(*places, strict=True)
    grid = grid_of(list(row), list(col), side_m)
    rings = grid.outline(np.arange(len(places)))
    assert rings is not None
    assert sum(map(len, rings)) <= POINTS_MAX
    outers: list[list[list[list[float]]]] = []
    for ring in rings:
        assert ring[0] == ring[-1]
        line = shapely.LinearRing(ring)
        assert line.is_valid
        if line.is_ccw:
            outers.append([ring])
        else:
            outers[-1].append(ring)
    ground = shapely.MultiPolygon([(outer, holes) for outer, *holes in outers])
    assert ground.is_valid
    middle = np.column_stack((np.array(col) + 0.5, np.array(row) + 0.5)) * side_m
    for corner in (-0.5, 0.0, 0.5):
        points = shapely.points(to_globe(PLANE, middle + corner * side_m))
        assert shapely.contains(ground, points).all()


def test_tiles_that_meet_at_a_corner_have_one_outline() -> None:
    rings = grid_of([0, 1, 2], [0, 1, 2]).outline(np.arange(3))
    assert rings is not None
    assert len(rings) == 1


def test_a_ring_of_tiles_has_a_hole() -> None:
    places = [(r, c) for r in range(3) for c in range(3) if (r, c) != (1, 1)]
    rings = grid_of([r for r, _ in places], [c for _, c in places]).outline(np.arange(8))
    assert rings is not None
    assert [shapely.LinearRing(ring).is_ccw for ring in rings] == [True, False]


def test_an_outline_of_no_tiles_has_no_rings_and_no_centroid() -> None:
    grid = grid_of([0], [0])
    assert grid.outline(np.array([], np.int32)) == []
    assert grid.centroid(np.array([], np.int32)) is None


def test_the_centroid_is_the_middle_of_the_tiles() -> None:
    centroid = grid_of([0, 0, -1, -1], [0, -1, 0, -1]).centroid(np.arange(4))
    assert centroid == pytest.approx((110.4, 21.2), abs=1e-6)


@pytest.mark.parametrize(("lon", "lat"), [(110.4, 21.2), (9.2, 45.5), (126.5, 45.8)])
def test_a_tile_has_its_nominal_area_on_the_ellipsoid_up_to_40_km_out(
    lon: float, lat: float
) -> None:
    plane = projection_of(np.array([lon]), np.array([lat]))
    globe = pyproj.Geod(ellps="WGS84")
    for x, y in ((0, 0), (40_000, 0), (0, -40_000), (28_000, 28_000)):
        ring = to_globe(plane, np.array([[x, y], [x + 1e3, y], [x + 1e3, y + 1e3], [x, y + 1e3]]))
        area, _ = globe.polygon_area_perimeter(ring[:, 0], ring[:, 1])
        assert area == pytest.approx(1e6, rel=1e-4)


@given(st.floats(-60_000, 60_000), st.floats(-60_000, 60_000))
def test_the_plane_and_the_globe_are_each_others_inverse(x: float, y: float) -> None:
    there = to_plane(PLANE, to_globe(PLANE, np.array([[x, y]])))
    assert there[0].tolist() == pytest.approx([x, y], abs=0.02)


def test_a_city_across_the_date_line_is_one_city(tmp_path: Path) -> None:
    city = city_of(tmp_path, ["a,179.99,-17.0,300\n", "b,-179.99,-17.0,300\n"])
    assert np.ptp(city.grid.col) < 40


def test_settings_that_make_no_grid_are_refused(tmp_path: Path) -> None:
    for side_m in (0.0, -5.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="side_m"):
            city_of(tmp_path, disc_lines(), side_m=side_m)
    for share in (0.0, 1.1, float("nan")):
        with pytest.raises(ValueError, match="walkable_share"):
            city_of(tmp_path, disc_lines(), walkable_share=share)
