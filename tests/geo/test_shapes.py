"""Laws of footprints in the plane: what is drawn is kept, bare points share out the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.disc import discs
from geo.footprint import Footprints
from geo.making.shapes import nearest_ground, plane_shapes
from geo.plane import projection_of, to_globe, to_plane
from geo.sector import sectors
from tests.geo.sample_ground import gathered

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLANE = projection_of(np.array([110.4]), np.array([21.2]))
LAND = shapely.box(-3_000, -2_500, 2_000, 3_000)
seeds = st.integers(0, 2**32 - 1)


def random_sites(seed: int) -> NDArray[np.float64]:
    """Draw sites at random, on a lattice, on a line, on a circle, or crowded around masts."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 40))
    spread_ = rng.uniform(-2_000, 2_000, (count, 2))
    turn = rng.uniform(0, 7, count)
    kinds = (
        spread_,
        np.round(spread_, -3),
        spread_ * (1, 0) + (0, 300),
        1_500 * np.column_stack((np.cos(turn), np.sin(turn))),
        np.concatenate((spread_, spread_ + rng.uniform(-1, 1, 2) * 10.0 ** rng.integers(-6, 2))),
    )
    return np.round(kinds[rng.integers(len(kinds))], 6)


@given(seeds)
def test_a_place_belongs_to_the_nearest_site_within_reach(seed: int) -> None:
    sites = random_sites(seed)
    shapes = nearest_ground(sites, boundary=None, radius_max_m=700.0)
    assert shapely.is_valid(shapes).all()
    assert (
        shapely.get_coordinates(shapes).tolist()
        == shapely.get_coordinates(shapes).round(6).tolist()
    )
    for place in np.random.default_rng(seed).uniform(-2_800, 2_800, (60, 2)):
        away_m = np.hypot(*(sites - place).T)
        holds = shapely.intersects_xy(shapes, *place)
        # A site counts by the centimetre, and a disc is drawn with 64 corners.
        assert np.all(away_m[holds] < min(away_m.min() + 0.02, 700 * 1.002))
        assert np.any(holds) == (away_m.min() < 700) or abs(away_m.min() - 700) < 1.4


@given(seeds)
def test_bare_points_share_out_the_ground_of_the_city_and_no_other(seed: int) -> None:
    sites = random_sites(seed)
    sites = sites[shapely.contains_xy(LAND, *sites.T)]
    shapes = nearest_ground(sites, boundary=LAND, radius_max_m=900.0)
    masts = shapes[np.unique(np.round(sites, 2), axis=0, return_index=True)[1]]
    whole = shapely.union_all(masts) if len(sites) else shapely.Polygon()
    reach = shapely.union_all(discs(np.round(sites, 2), np.full(len(sites), 900.0)))
    # Where two discs meet, the corners of the nearer one may fall short of the other.
    assert whole.symmetric_difference(reach.intersection(LAND)).area <= 1e-4 * whole.area
    assert shapely.area(masts).sum() == pytest.approx(whole.area, abs=0.1)


def test_cells_on_one_mast_have_all_of_its_ground_each() -> None:
    sites = np.array([[0, 0], [500, 0], [0, 0], [0.002, -0.003]])
    first, other, second, third = nearest_ground(sites, boundary=None, radius_max_m=300.0)
    assert first.equals(second)
    assert first.equals(third), "less than a centimetre apart is one mast"
    assert first.intersection(other).area == 0
    assert first.area == pytest.approx(other.area, rel=1e-3)


@given(seeds)
def test_the_order_of_sites_changes_no_bit(seed: int) -> None:
    sites = random_sites(seed)
    order = np.random.default_rng(seed).permutation(len(sites))
    shapes = nearest_ground(sites, boundary=LAND, radius_max_m=900.0)
    again = nearest_ground(sites[order], boundary=LAND, radius_max_m=900.0)
    assert shapely.to_wkb(again).tolist() == shapely.to_wkb(shapes[order]).tolist()


def test_a_lonely_site_has_its_disc_and_none_has_nothing() -> None:
    (alone,) = nearest_ground(np.array([[10.0, 20.0]]), boundary=None, radius_max_m=400.0)
    assert alone.equals(discs(np.array([[10.0, 20.0]]), np.array([400.0]))[0])
    assert nearest_ground(np.zeros((0, 2)), boundary=LAND, radius_max_m=400.0).size == 0


def test_a_site_whose_reach_the_boundary_cuts_away_keeps_it_to_show_how_far_it_is() -> None:
    sites = np.array([[0.0, 0.0], [9_000.0, 0.0]])
    inside, beyond = nearest_ground(sites, boundary=LAND, radius_max_m=400.0)
    assert inside.within(LAND.buffer(1e-6))
    assert beyond.distance(LAND) == pytest.approx(7_000 - 400, abs=1)


def test_each_kind_of_footprint_is_drawn_as_it_is_given_and_only_bare_points_are_cut() -> None:
    place = np.array([[0, 0], [1_900, 0], [0, 900], [1_900, 900]])
    points = shapely.points(to_globe(PLANE, place))
    outline = shapely.Polygon(to_globe(PLANE, np.array([[1_900, 0], [2_300, 0], [2_300, 300]])))
    nan = np.nan
    drawn = plane_shapes(
        Footprints(
            cells=("a", "b", "c", "d", "e"),
            shapes=gathered([*np.asarray(points).tolist(), outline]),
            radius_m=np.array([nan, 200, 200, nan, nan]),
            azimuth_deg=np.array([nan, nan, 90, nan, nan]),
            beam_deg=np.array([nan, nan, 120, nan, nan]),
        ),
        projection=PLANE,
        boundary=LAND,
        radius_max_m=500.0,
    )
    centre = to_plane(PLANE, shapely.get_coordinates(points))
    assert drawn[1].equals(discs(centre[1:2], np.array([200.0]))[0])
    wedge = sectors(centre[2:3], np.array([200.0]), np.array([90.0]), np.array([120.0]))[0]
    assert drawn[2].equals(wedge)
    assert drawn[4].area == pytest.approx(400 * 300 / 2, rel=1e-4)
    bare = nearest_ground(centre[[0, 3]], boundary=LAND, radius_max_m=500.0)
    assert [drawn[0].equals(bare[0]), drawn[3].equals(bare[1])] == [True, True]
    assert drawn[3].bounds[2] == 2_000
    assert drawn[1].bounds[2] > 2_050
