"""Laws of the grid: tiles in blocks, equal areas on the ellipsoid, outlines that maps can draw."""

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.footprint import Squares
from geo.grid import Grid, identity_grid, square_grid
from geo.plane import projection_of, to_globe, to_plane

PLANE = "+proj=laea +lat_0=21.2 +lon_0=110.4 +datum=WGS84 +units=m +no_defs"


def grid_of(row: list[int], col: list[int], side_m: float = 100.0) -> Grid:
    rows, cols = np.array(row, np.int32), np.array(col, np.int32)
    area = np.full(len(row), side_m * side_m)
    return square_grid(rows, cols, side_m=side_m, projection=PLANE, walkable_m2=area)


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


@given(st.sets(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=40))
def test_neighbours_are_the_tiles_around_and_see_each_other(places: set[tuple[int, int]]) -> None:
    row, col = zip(*places, strict=True)
    grid = grid_of(list(row), list(col))
    place = list(zip(grid.row.tolist(), grid.col.tolist(), strict=True))
    steps = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1) if (r, c) != (0, 0)]
    for tile, (south, west) in enumerate(place):
        around = [(south + r, west + c) for r, c in steps]
        wanted = [place.index(one) if one in place else -1 for one in around]
        found = grid.neighbours()[tile].tolist()
        assert found == wanted
        assert all(tile in grid.neighbours()[other] for other in found if other >= 0)


def test_tiles_without_a_place_have_no_neighbours() -> None:
    squares = Squares(
        cells=("a", "b", "c"),
        area_m2=np.ones(3),
        row=np.array([-1, 0, 0], np.int32),
        col=np.array([-1, 0, 1], np.int32),
        names=(None,) * 3,
    )
    grid = identity_grid(squares)
    found = {
        tile: {grid.tile_ids[other] for other in around if other >= 0}
        for tile, around in zip(grid.tile_ids, grid.neighbours().tolist(), strict=True)
    }
    assert found == {"a": set(), "b": {"c"}, "c": {"b"}}


def test_the_centre_of_the_plane_is_the_corner_of_a_block() -> None:
    grid = grid_of([0, -1, 0, -1], [0, -1, -1, 0])
    assert grid.block_ids == ("b0299-0299", "b0299-0300", "b0300-0299", "b0300-0300")
    assert grid.tile_ids == ("r4799c4799", "r4799c4800", "r4800c4799", "r4800c4800")


@given(
    st.sets(st.tuples(st.integers(-12, 12), st.integers(-12, 12)), min_size=1, max_size=90),
    st.sampled_from([25.0, 100.0, 500.0]),
)
def test_an_outline_is_valid_right_hand_wound_and_leaves_no_tile_outside(
    places: set[tuple[int, int]], side_m: float
) -> None:
    row, col = zip(*places, strict=True)
    grid = grid_of(list(row), list(col), side_m)
    rings = grid.outline(np.arange(len(places)))
    assert rings is not None
    assert sum(map(len, rings)) <= 200
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


def test_a_ragged_outline_is_coarsened_to_200_points_and_still_holds_every_tile() -> None:
    places = [(r, c) for r in range(0, 40, 2) for c in range(0, 40, 2)]
    grid = grid_of([r for r, _ in places], [c for _, c in places])
    rings = grid.outline(np.arange(400))
    assert rings is not None
    assert sum(map(len, rings)) <= 200
    centres = grid.centres(np.arange(400))
    assert centres is not None
    assert shapely.contains_xy(shapely.Polygon(rings[0], rings[1:]), *centres.T).all()


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
    centres = grid_of([3, 7], [-4, 2]).centres(np.array([1, 0]))
    assert centres is not None
    for one, place in zip(centres, ((2, 7), (-4, 3)), strict=True):
        assert to_plane(PLANE, one[None])[0] == pytest.approx(np.array(place) * 100 + 50, abs=0.02)


@pytest.mark.parametrize(("lon", "lat"), [(110.4, 21.2), (9.2, 45.5), (126.5, 45.8)])
def test_a_tile_has_its_nominal_area_on_the_ellipsoid_up_to_40_km_out(
    lon: float, lat: float
) -> None:
    plane = projection_of(np.array([lon]), np.array([lat]))
    # Not through `to_globe`: its centimetres would hide what another projection gets wrong.
    globe = pyproj.Transformer.from_crs("EPSG:4326", plane, always_xy=True)
    for x, y in ((0, 0), (40_000, 0), (0, -40_000), (28_000, 28_000)):
        east, north = [x, x + 1_000, x + 1_000, x], [y, y, y + 1_000, y + 1_000]
        ring = globe.transform(east, north, direction="INVERSE")
        area, _ = pyproj.Geod(ellps="WGS84").polygon_area_perimeter(*ring)
        assert area == pytest.approx(1e6, rel=1e-6)


@given(st.floats(-60_000, 60_000), st.floats(-60_000, 60_000))
def test_the_plane_and_the_globe_are_each_others_inverse(x: float, y: float) -> None:
    there = to_plane(PLANE, to_globe(PLANE, np.array([[x, y]])))
    assert there[0].tolist() == pytest.approx([x, y], abs=0.02)
