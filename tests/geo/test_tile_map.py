"""Tiles on a raster: where they lie, where areas meet, where a name fits."""

import re

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.footprint import Squares
from geo.grid import Grid, identity_grid, square_grid
from geo.plane import to_globe, to_plane
from geo.tile_map import TileMap, map_of
from tests.geo.sample_pack import PLANE, sample_own_tiles

Places = list[tuple[int, int]]
some_places = st.lists(
    st.tuples(st.integers(-6, 6), st.integers(-6, 6)), min_size=1, max_size=40, unique=True
)


def squares(places: Places) -> Grid:
    row, col = np.array(places).T
    return square_grid(
        row, col, side_m=50.0, projection=PLANE, walkable_m2=np.full(len(places), 1.0)
    )


def tile_map(places: Places) -> TileMap:
    found = map_of(squares(places))
    assert found is not None
    return found


def sides(path: str) -> set[tuple[int, int, str]]:
    """Return the unit sides of a path: where each begins, and which way it runs."""
    found = set()
    for x, y, way, size in re.findall(r"M(\d+) (\d+)([hv])(\d+)", path):
        for step in range(int(size)):
            along = (int(x) + step, int(y)) if way == "h" else (int(x), int(y) + step)
            side = (*along, str(way))
            assert side not in found, "a side is drawn twice"
            found.add(side)
    return found


@settings(max_examples=60, deadline=None)
@given(places=some_places)
def test_north_is_up_and_east_is_right(places: Places) -> None:
    tiles, grid = tile_map(places), squares(places)
    assert tiles.y.min() == tiles.x.min() == 0
    assert np.array_equal(tiles.y - tiles.y[0], grid.row[0] - grid.row)
    assert np.array_equal(tiles.x - tiles.x[0], grid.col - grid.col[0])
    raster = tiles.raster(np.arange(len(places)))
    assert (raster >= 0).sum() == len(places)
    assert raster[tiles.y, tiles.x].tolist() == list(range(len(places)))


@settings(max_examples=60, deadline=None)
@given(places=some_places, data=st.data())
def test_borders_are_the_sides_between_unlike_tiles(places: Places, data: st.DataObject) -> None:
    tiles = tile_map(places)
    areas = np.array(
        data.draw(st.lists(st.integers(-1, 2), min_size=len(places), max_size=len(places)))
    )
    slow = set()
    by_place = {(int(x), int(y)): int(a) for x, y, a in zip(tiles.x, tiles.y, areas, strict=True)}
    for (x, y), area in by_place.items():
        east, south = by_place.get((x + 1, y), -1), by_place.get((x, y + 1), -1)
        if -1 not in {area, east} and area != east:
            slow.add((x + 1, y, "v"))
        if -1 not in {area, south} and area != south:
            slow.add((x, y + 1, "h"))
    assert sides(tiles.borders(areas)) == slow


@settings(max_examples=60, deadline=None)
@given(places=some_places)
def test_the_rim_runs_around_the_tiles_and_nowhere_else(places: Places) -> None:
    tiles = tile_map(places)
    there = {(int(x), int(y)) for x, y in zip(tiles.x, tiles.y, strict=True)}
    slow = set()
    for x, y in there:
        slow |= {(x, y, "v")} if (x - 1, y) not in there else set()
        slow |= {(x + 1, y, "v")} if (x + 1, y) not in there else set()
        slow |= {(x, y, "h")} if (x, y - 1) not in there else set()
        slow |= {(x, y + 1, "h")} if (x, y + 1) not in there else set()
    assert sides(tiles.rim()) == slow


@settings(max_examples=60, deadline=None)
@given(places=some_places)
def test_a_name_stands_on_a_tile_of_its_area(places: Places) -> None:
    tiles = tile_map(places)
    areas = np.arange(len(places)) % 2
    x, y = tiles.deepest(areas, 0)
    assert (x % 1, y % 1) == (0.5, 0.5)
    assert tiles.raster(areas)[int(y), int(x)] == 0


def test_a_name_stands_deep_inside_not_on_an_arm() -> None:
    block = [(row, col) for row in range(7) for col in range(7)]
    arm = [(3, col) for col in range(7, 30)]
    tiles = tile_map(block + arm)
    x, y = tiles.deepest(np.zeros(len(block + arm), np.int64), 0)
    assert x == pytest.approx(3.5, abs=1)
    assert y == 3.5


@settings(max_examples=40, deadline=None)
@given(places=some_places, rim=st.integers(0, 2))
def test_places_of_the_plane_fall_on_their_tiles(places: Places, rim: int) -> None:
    grid = squares(places)
    tiles = map_of(grid, rim=rim)
    assert tiles is not None
    middles = grid.centres(np.arange(len(places)))
    assert middles is not None
    found = tiles.on_map(to_plane(PLANE, middles))
    assert found == pytest.approx(np.column_stack((tiles.x, tiles.y)) + 0.5, abs=1e-3)
    assert (tiles.raster(np.zeros(len(places), np.int64)) == 0).sum() == len(places)


def own(row: list[int], col: list[int], *, drawn: bool) -> Grid:
    """Cells that are tiles: squares of 100 m from the middle of the plane eastward."""
    count = len(row)
    boxes = np.array([shapely.box(at * 100, 0, at * 100 + 100, 100) for at in range(count)], object)
    return identity_grid(
        Squares(
            cells=tuple(f"c{number}" for number in range(count)),
            area_m2=np.full(count, 10_000.0),
            row=np.array(row, np.int32),
            col=np.array(col, np.int32),
            names=(None,) * count,
            shapes=shapely.transform(boxes, lambda at: to_globe(PLANE, at)) if drawn else None,
        )
    )


def test_tiles_of_polygons_only_lie_by_their_middles() -> None:
    tiles = map_of(own([-1, -1, -1], [-1, -1, -1], drawn=True), projection=PLANE)
    assert tiles is not None
    assert tiles.side_m == pytest.approx(100, abs=0.1)
    assert (tiles.x.tolist(), tiles.y.tolist()) == ([0, 1, 2], [0, 0, 0])
    assert tiles.on_map(np.array([[150.0, 50.0]])) == pytest.approx(
        np.array([[1.5, 0.5]]), abs=0.01
    )


def test_tiles_with_rows_alone_lie_by_them_and_know_no_metres() -> None:
    tiles = map_of(own([5, 6], [2, 2], drawn=False))
    assert tiles is not None
    assert (tiles.side_m, tiles.corner_m) == (None, None)
    assert tiles.y.tolist() == [1, 0]


def test_tiles_without_any_place_have_no_map() -> None:
    assert map_of(own([-1, 3], [-1, 4], drawn=False)) is None
    # Some tiles have rows, some have none, and all have polygons: the polygons decide.
    assert map_of(sample_own_tiles(), projection=PLANE) is not None
