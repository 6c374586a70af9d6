"""Laws of mending: the ground that a ring goes around is kept, whatever the ring does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.geojson import OutlineError
from geo.mend import mended, valid_again, what_is_wrong

if TYPE_CHECKING:
    from geo.geojson import Area

corners = st.tuples(st.integers(0, 40), st.integers(0, 40))


@given(ring=st.lists(corners, min_size=3, max_size=9))
def test_mending_keeps_the_ground_that_a_ring_goes_around(ring: list[tuple[int, int]]) -> None:
    """Oracle: the faces of the drawn line around which it winds, one by one."""
    closed = [*ring, ring[0]]
    line = shapely.LineString(closed)
    faces = shapely.get_parts(shapely.polygonize([shapely.node(line)]))
    inside = shapely.union_all([face for face in faces if _winds(closed, face)])
    polygon = shapely.Polygon(closed)
    if inside.area == 0:
        return
    whole: Area = mended(polygon)
    assert whole.is_valid
    assert whole.area == pytest.approx(inside.area, rel=1e-9)
    assert whole.symmetric_difference(inside).area < 1e-6


def _winds(closed: list[tuple[int, int]], face: shapely.Geometry) -> bool:
    """Whether the ring goes around this face at all: full turns seen from a point in it."""
    points = np.array(closed) - shapely.get_coordinates(shapely.point_on_surface(face))[0]
    angle = np.diff(np.arctan2(points[:, 1], points[:, 0]))
    return round(float(((angle + np.pi) % (2 * np.pi) - np.pi).sum() / (2 * np.pi))) != 0


def test_what_covers_no_ground_is_refused() -> None:
    for ring in ([(0, 0), (1, 1), (0, 0)], [(0, 0), (2, 0), (1, 0)]):
        with pytest.raises(OutlineError, match="covers no ground"):
            mended(shapely.Polygon(ring))


def test_only_what_is_wrong_is_touched() -> None:
    """A hole that stands outside, two parts that overlap: each becomes what it shows."""
    fine = shapely.box(0, 0, 2, 2)
    outside = shapely.Polygon([(0, 0), (2, 0), (2, 2), (0, 2)], [[(3, 3), (4, 3), (4, 4), (3, 3)]])
    twice = shapely.MultiPolygon([fine, shapely.box(1, 0, 3, 2)])
    made = valid_again(np.array([fine, outside, twice, shapely.Point(1, 1)], object))
    assert shapely.is_valid(made).all()
    assert made[0] is fine
    assert made[2].area == 6.0
    assert made[3] == shapely.Point(1, 1)
    assert what_is_wrong(fine) == ""
    assert what_is_wrong(outside) == "Hole lies outside shell near 3 3"
