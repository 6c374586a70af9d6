"""Laws of the city: every cell on its tiles, nobody lost, a digest that only content decides."""

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyproj
import pytest

from geo.city import City, load_city
from geo.density import people
from geo.spread import prepare

ROOT = Path(__file__).parents[2]


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


def test_every_tile_of_a_cell_lies_within_reach_of_it_on_the_globe(tmp_path: Path) -> None:
    lines = disc_lines()
    city = city_of(tmp_path, lines)
    site = {line.split(",")[0]: [float(x) for x in line.split(",")[1:]] for line in lines}
    centres = city.grid.centres(city.coverage.tile)
    assert centres is not None
    globe = pyproj.Geod(ellps="WGS84")
    for cell, (east, north) in zip(city.coverage.cell.tolist(), centres.tolist(), strict=True):
        lon, lat, radius = site[city.cells[cell]]
        *_, away_m = globe.inv(lon, lat, east, north)
        assert away_m < 1.01 * radius + 100 * 2**0.5 / 2


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
    ends = [grid.block_slice(block).stop for block in range(len(grid.block_ids))]
    assert ends == sorted(set(ends))
    assert ends[-1] == tiles


def test_own_tiles_are_the_identity(tmp_path: Path) -> None:
    city = own_tiles(
        tmp_path, ["z,50,0,16,\n", "b,20,17,0,\n", "a,30,,,kiosk\n", "y,10,0,1,\n", "c,60,1,0,\n"]
    )
    grid, cover = city.grid, city.coverage
    assert grid.tile_ids == ("y", "c", "z", "b", "a")
    assert grid.block_ids == ("b0000-0000", "b0000-0001", "b0001-0000", "i0000")
    assert grid.walkable_m2.tolist() == [10, 60, 50, 20, 30]
    assert grid.names == (None, None, None, None, "kiosk")
    assert grid.row.tolist() == [0, 1, 0, 17, -1]
    assert [city.cells[i] for i in cover.cell] == list(grid.tile_ids)
    assert cover.tile.tolist() == [0, 1, 2, 3, 4]
    assert cover.share.tolist() == [1.0] * 5
    assert cover.outside.tolist() == [0.0] * 5
    assert grid.side_m is None
    assert grid.outline(np.arange(5)) is None
    assert grid.centroid(np.arange(5)) is None
    assert grid.centres(np.arange(5)) is None


def test_tiles_without_a_place_are_grouped_by_256_in_id_order(tmp_path: Path) -> None:
    city = own_tiles(tmp_path, [f"c{i:03d},10,,,\n" for i in reversed(range(600))])
    assert city.grid.tile_ids == city.cells
    assert city.grid.block_ids == ("i0000", "i0001", "i0002")
    assert [city.grid.block_slice(i).stop for i in range(3)] == [256, 512, 600]


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
