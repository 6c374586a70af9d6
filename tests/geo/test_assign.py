"""Laws of jurisdictions: every tile has exactly one owner, and every gap and overlap is named."""

import re

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.making.assign import Assigned, Tiles, assign
from geo.plane import to_plane

PLANE = "+proj=laea +lat_0=21.2 +lon_0=110.4 +datum=WGS84 +units=m +no_defs"


def objects(*shapes: shapely.Geometry) -> NDArray[np.object_]:
    out = np.empty(len(shapes), dtype=np.object_)
    out[:] = shapes
    return out


def tiles_of(rows: int, cols: int, side_m: float = 100.0) -> Tiles:
    row, col = (axis.ravel() for axis in np.mgrid[:rows, :cols])
    boxes = shapely.box(col * side_m, row * side_m, (col + 1) * side_m, (row + 1) * side_m)
    ids = tuple(f"r{r}c{c}" for r, c in zip(row.tolist(), col.tolist(), strict=True))
    return Tiles(projection=PLANE, ids=ids, shape=boxes, ground_m2=shapely.area(boxes))


def done(areas: NDArray[np.object_], tiles: Tiles, sliver_m2: float = 1.0) -> Assigned:
    ids = tuple(f"a{number}" for number in range(len(areas)))
    return assign(areas, ids, tiles, layer="police", sliver_m2=sliver_m2)


def slow_owner(areas: NDArray[np.object_], tile: shapely.Geometry) -> int:
    """Largest share by plain loops; shares within a square centimetre are equal."""
    shares = [round(shapely.intersection(tile, area).area, 2) for area in areas]
    return shares.index(max(shares))


def voronoi(points: list[tuple[float, float]]) -> NDArray[np.object_]:
    """Districts that leave no gap and share no ground."""
    whole = shapely.box(-5_000, -5_000, 5_000, 5_000)
    cells = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=whole)
    return shapely.intersection(shapely.get_parts(cells), whole)


places = st.tuples(st.integers(0, 800), st.integers(0, 600)).map(
    lambda place: (place[0] + 0.5, place[1] + 0.25)
)


@given(st.lists(places, min_size=2, max_size=8, unique=True))
def test_every_tile_has_the_area_with_the_largest_share(points: list[tuple[float, float]]) -> None:
    areas, tiles = voronoi(points), tiles_of(6, 8)
    found = done(areas, tiles)
    assert not found.faults
    assert found.of_tile.dtype == np.int32
    assert found.of_tile.tolist() == [slow_owner(areas, tile) for tile in tiles.shape]


@given(st.lists(places, min_size=1, max_size=6, unique=True), st.permutations(range(48)))
def test_the_order_of_tiles_decides_nothing(
    points: list[tuple[float, float]], order: list[int]
) -> None:
    areas, tiles = voronoi([*points, (-1.0, -1.0)]), tiles_of(6, 8)
    mixed = Tiles(
        projection=PLANE,
        ids=[tiles.ids[tile] for tile in order],
        shape=tiles.shape[order],
        ground_m2=tiles.ground_m2[order],
    )
    assert done(areas, mixed).of_tile.tolist() == done(areas, tiles).of_tile[order].tolist()


def test_of_two_equal_halves_the_smaller_id_has_the_tile() -> None:
    left, right = shapely.box(-1, 0, 49.999_999_8, 100), shapely.box(49.999_999_8, 0, 101, 100)
    assert done(objects(left, right), tiles_of(1, 1)).of_tile.tolist() == [0]
    assert done(objects(right, left), tiles_of(1, 1)).of_tile.tolist() == [0]


def place_in(says: str) -> shapely.Point:
    found = re.search(r"at ([0-9.]+), ([0-9.]+)", says)
    assert found
    lon_lat = np.array([[float(found[1]), float(found[2])]])
    return shapely.Point(to_plane(PLANE, lon_lat)[0])


def test_a_gap_between_districts_is_named_with_place_and_size() -> None:
    west, east = shapely.box(0, 0, 130, 100), shapely.box(142, 0, 300, 100)
    found = done(objects(west, east), tiles_of(1, 3))
    assert found.of_tile.tolist() == [0, 1, 1]
    (fault,) = found.faults
    line = fault.line("districts.geojson")
    assert line.startswith("districts.geojson: tile r0c1 at 110.40")
    assert "police: 1200 m2 of its ground belong to no area; draw an area over it" in line
    assert shapely.box(130, 0, 142, 100).contains(place_in(line))


def test_an_overlap_is_named_with_place_size_and_both_areas() -> None:
    west, east = shapely.box(0, 0, 142, 100), shapely.box(130, 0, 300, 100)
    found = done(objects(west, east), tiles_of(1, 3))
    assert found.of_tile.tolist() == [0, 1, 1]
    (fault,) = found.faults
    line = fault.line("districts.geojson")
    assert "police: areas 'a0' and 'a1' share 1200 m2; draw one border for both" in line
    assert shapely.box(130, 0, 142, 100).contains(place_in(line))


def test_of_three_areas_on_one_place_each_pair_is_named() -> None:
    box = shapely.box(0, 0, 100, 100)
    found = done(objects(box, box, box), tiles_of(1, 1))
    assert [re.findall(r"'(a\d)'", fault.says) for fault in found.faults] == [
        ["a0", "a1"],
        ["a0", "a2"],
        ["a1", "a2"],
    ]


def test_an_overlap_hides_no_gap() -> None:
    twice = shapely.box(0, 0, 60, 100)
    found = done(objects(twice, twice), tiles_of(1, 1))
    assert [fault.says.split(" m2")[0] for fault in found.faults] == [
        "4000",
        "areas 'a0' and 'a1' share 6000",
    ]


def test_a_gap_over_many_tiles_is_one_line_that_counts_them() -> None:
    found = done(objects(shapely.box(0, 0, 100, 100)), tiles_of(40, 50))
    (fault,) = found.faults
    assert fault.where.startswith("tile r0c1 at ")
    assert fault.where.endswith(" and 1998 more")
    assert fault.says == "19990000 m2 of its ground belong to no area"


def test_gaps_and_overlaps_that_do_not_touch_are_lines_of_their_own() -> None:
    parts = (0, 100), (130, 350), (300, 400), (420, 600)
    areas = [shapely.box(west, 0, east, 200) for west, east in parts]
    found = done(objects(*areas), tiles_of(2, 6))
    assert [(fault.where.split(" at ")[0], fault.says) for fault in found.faults] == [
        ("tile r0c1", "6000 m2 of its ground belong to no area"),
        ("tile r0c4", "4000 m2 of its ground belong to no area"),
        ("tile r0c3", "areas 'a1' and 'a2' share 10000 m2"),
    ]
    assert all(fault.where.endswith(" and 1 more") for fault in found.faults)


@given(st.floats(0.02, 0.9))
def test_a_sliver_is_counted_and_no_fault(width_m: float) -> None:
    west, east = shapely.box(0, 0, 150, 100), shapely.box(150 + width_m / 100, 0, 300, 100)
    found = done(objects(west, east), tiles_of(1, 3))
    assert not found.faults
    assert (found.slivers.gaps, found.slivers.overlaps) == (1, 0)
    assert abs(found.slivers.gap_m2 - width_m) < 0.01
    assert done(objects(west, east), tiles_of(1, 3), sliver_m2=0.0).faults


def test_a_tile_that_lies_wholly_in_a_sliver_has_the_nearest_area() -> None:
    tiny = shapely.box(149.9, 0, 150.1, 1)
    tiles = Tiles(
        projection=PLANE, ids=("t",), shape=objects(tiny), ground_m2=shapely.area(objects(tiny))
    )
    east, west = shapely.box(150.5, 0, 300, 100), shapely.box(0, 0, 149.6, 100)
    assert done(objects(east, west), tiles).of_tile.tolist() == [1]
    same = shapely.box(150.4, 0, 300, 100)
    assert done(objects(same, west), tiles, 1.0).of_tile.tolist() == [0]


def coast(corners: int) -> shapely.Polygon:
    """Draw a ragged district with many corners around the middle of the tiles."""
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = 900 + 40 * np.sin(turn * 37) + 5 * np.sin(turn * 501)
    points = np.column_stack((1000 + reach * np.cos(turn), 1000 + reach * np.sin(turn)))
    return shapely.Polygon(np.round(points, 6))


def test_a_ragged_coast_is_cut_as_exactly_as_by_plain_loops() -> None:
    island = coast(5_000)
    sea = shapely.box(-10, -10, 2_010, 2_010).difference(island)
    areas, tiles = objects(island, sea), tiles_of(20, 20)
    found = done(areas, tiles)
    assert not found.faults
    assert found.of_tile.tolist() == [slow_owner(areas, tile) for tile in tiles.shape]
    holed = objects(island, sea.difference(shapely.box(0, 0, 30, 20)))
    assert [fault.says[:6] for fault in done(holed, tiles).faults] == ["600 m2"]
