"""Laws of the ground: which tiles there are, how large they are, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.making.ground import ground_of
from geo.plane import projection_of
from tests.geo.sample_ground import ASSUMED_SHARE, Case, gathered, random_case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

REACH_M = 40_000.0


def town(**layers: Sequence[BaseGeometry]) -> Case:
    """Ten by ten tiles of 100 m, in a boundary that follows them."""
    return Case(
        side_m=100.0,
        shapes=gathered([shapely.box(10, 10, 90, 90)]),
        boundary=shapely.box(0, 0, 1000, 1000),
        walkable=gathered([*layers.get("walkable", ())]),
        excluded=gathered([*layers.get("excluded", ())]),
    )


@pytest.mark.parametrize(("lon", "lat"), [(103.8, 1.3), (110.4, 21.2), (9.2, 45.5), (24.9, 60.2)])
@pytest.mark.parametrize("side_m", [25.0, 100.0, 500.0])
def test_every_tile_has_its_nominal_area_on_the_ellipsoid_up_to_40_km_out(
    lon: float, lat: float, side_m: float
) -> None:
    # The middle, and strips a little further out than that, in eight directions.
    turns = np.arange(8) * np.pi / 4
    ends = REACH_M * np.column_stack((np.cos(turns), np.sin(turns)))
    strips = shapely.linestrings(np.stack((0.98 * ends, 1.02 * ends), axis=1))
    land = [*np.asarray(shapely.buffer(strips, side_m)).tolist(), shapely.box(0, 0, 500, 500)]
    ground = ground_of(
        side_m=side_m,
        boundary=shapely.union_all(land),
        walkable=gathered([]),
        excluded=gathered([]),
        assumed_share=1.0,
        footprints=gathered([]),
    )
    whole = ground.ground_m2 == side_m * side_m
    outlines = shapely.segmentize(ground.shape[whole][:: max(1, whole.sum() // 100)], side_m / 8)
    plane = projection_of(np.array([lon]), np.array([lat]))
    # Not through `to_globe`: its centimetres would hide what another projection gets wrong.
    globe = pyproj.Transformer.from_crs("EPSG:4326", plane, always_xy=True)
    geod = pyproj.Geod(ellps="WGS84")
    away_m = shapely.distance(outlines, shapely.Point(0, 0))
    assert away_m.min() < 500
    assert away_m.max() > REACH_M
    for outline in outlines:
        x, y = shapely.get_coordinates(outline).T
        ring = globe.transform(x, y, direction="INVERSE")
        area_m2, _ = geod.polygon_area_perimeter(*ring)
        assert abs(area_m2) == pytest.approx(side_m * side_m, rel=1e-4)


@given(st.integers(0, 2**32 - 1))
def test_with_a_boundary_the_grid_stays_when_cells_come_and_go(seed: int) -> None:
    case = replace(random_case(seed), boundary=shapely.box(-210, -180, 190, 205))
    before, after = case.ground(), replace(case, shapes=case.shapes[:0]).ground()
    assert np.array_equal(before.row, after.row)
    assert np.array_equal(before.col, after.col)
    assert before.walkable_m2.tobytes() == after.walkable_m2.tobytes()


def test_a_tile_with_less_than_a_hundredth_of_ground_is_left_out() -> None:
    sea = [shapely.box(0, 0, 99.1, 100), shapely.box(100, 0, 198.9, 100)]
    ground = town(excluded=sea).ground()
    places = set(zip(ground.row.tolist(), ground.col.tolist(), strict=True))
    assert (0, 0) not in places
    assert (0, 1) in places
    assert len(places) == 99
    assert ground.ground_m2.min() == pytest.approx(110)


def test_a_tile_that_a_boundary_only_touches_is_not_of_the_city() -> None:
    ground = town().ground()
    assert ground.row.size == 100
    assert (ground.row.min(), ground.row.max(), ground.col.min(), ground.col.max()) == (0, 9, 0, 9)
    assert np.all(ground.ground_m2 == 10_000)


def test_without_a_walkable_layer_a_share_of_all_ground_is_assumed() -> None:
    ground = town(excluded=[shapely.box(0, 0, 50, 100)]).ground()
    assert ground.assumed.all()
    assert np.array_equal(ground.walkable_m2, ASSUMED_SHARE * ground.ground_m2)
    assert ground.walkable_m2[0] == pytest.approx(ASSUMED_SHARE * 5_000)
    assert np.array_equal(ground.walkable, ground.shape)


def test_where_the_walkable_layer_has_nothing_the_share_is_assumed_and_elsewhere_measured() -> None:
    streets = [shapely.box(0, 0, 100, 20), shapely.box(0, 10, 60, 30), shapely.box(0, 0, 0.05, 150)]
    ground = town(walkable=streets, excluded=[shapely.box(50, 0, 100, 50)]).ground()
    assert not ground.assumed[0]
    assert ground.walkable_m2[0] == pytest.approx(50 * 30 + 70 * 0.05), "overlaps count once"
    assert ground.walkable[0].area == ground.walkable_m2[0]
    assert not ground.assumed[10], "five centimetres are a street"
    assert ground.assumed.sum() == 98
    assert shapely.is_empty(ground.walkable[ground.assumed]).all()
    assert np.all(ground.walkable_m2[ground.assumed] == ASSUMED_SHARE * 10_000)


def test_a_walkable_crumb_smaller_than_a_hand_is_as_nothing() -> None:
    ground = town(walkable=[shapely.box(10, 10, 10.1, 10.05), shapely.box(110, 0, 111, 1)]).ground()
    assert ground.assumed.tolist() == [True, False] + [True] * 98
    assert ground.walkable[0].is_empty
    assert ground.walkable_m2[:2].tolist() == [ASSUMED_SHARE * 10_000, 1]


def test_where_polygons_only_touch_nothing_but_ground_is_left() -> None:
    # Bent round below the city: a block on the second tile, and a tooth that points at its edge.
    hook = [(110, -50), (110, 90), (150, 90), (150, -20), (250, -20), (250, 20), (200, 50)]
    layer = [shapely.Polygon([*hook, (250, 80), (300, 80), (300, -50)])]
    streets, sea = town(walkable=layer).ground(), town(excluded=layer).ground()
    for shapes in (streets.walkable, sea.shape):
        assert {shape.geom_type for shape in shapes} <= {"Polygon", "MultiPolygon"}
    assert streets.walkable_m2[1] == 40 * 90
    assert sea.ground_m2[1] == 10_000 - 40 * 90


def test_a_coast_of_many_corners_gives_the_ground_that_it_encloses() -> None:
    turn = np.arange(40_000) * 2 * np.pi / 40_000
    reach = 3_000 + 400 * np.sin(7 * turn) + 25 * np.sin(900 * turn)
    coast = shapely.Polygon(np.column_stack((np.cos(turn), np.sin(turn))) * reach[:, None])
    whole = Case(
        side_m=50.0,
        shapes=gathered([shapely.box(0, 0, 50, 50)]),
        boundary=coast,
        walkable=gathered([]),
        excluded=gathered([]),
    )
    ground = whole.ground()
    crumbs_m2 = coast.area - ground.ground_m2.sum()
    assert 0 <= crumbs_m2 < 0.01 * 50 * 50 * 400
    united = shapely.union_all(ground.shape)
    assert united.difference(coast).area < 1e-3
    island = replace(whole, boundary=shapely.box(-4e3, -4e3, 4e3, 4e3), excluded=gathered([coast]))
    sea = island.ground()
    assert sea.ground_m2.sum() == pytest.approx(64e6 - coast.area, abs=0.01 * 50 * 50 * 400)


def test_what_is_said_of_the_ground_cannot_be_changed() -> None:
    ground = town().ground()
    for column in (ground.row, ground.shape, ground.walkable, ground.walkable_m2, ground.assumed):
        assert not column.flags.writeable
