"""Laws of mending: the ground that a ring goes around is kept, whatever the ring does."""

from __future__ import annotations

from itertools import pairwise
from math import atan2, pi, tau

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from geo.geojson import OutlineError
from geo.mend import mended, valid_again, what_is_wrong

corners = st.tuples(st.integers(0, 8), st.integers(0, 8))


def around(ring: list[tuple[int, int]], x: float, y: float) -> bool:
    """Slow and obvious: the angles under which the sides are seen add up to full turns."""
    seen = [atan2(b - y, a - x) for a, b in [*ring, ring[0]]]
    steps = [(after - before + pi) % tau - pi for before, after in pairwise(seen)]
    return round(sum(steps) / tau) != 0


@example(ring=[(0, 1), (0, 2), (1, 0), (0, 1), (0, 0), (1, 0)])
@example(ring=[(1, 2), (2, 2), (0, 2), (0, 0), (2, 2)])
@given(ring=st.lists(corners, min_size=3, max_size=9))
def test_mending_keeps_the_ground_that_a_ring_goes_around(ring: list[tuple[int, int]]) -> None:
    whole = valid_again(np.array([shapely.Polygon(ring)], object))[0]
    assert whole.is_valid
    # Irrational enough to lie on no side between corners with whole numbers.
    for x in np.arange(8) + 0.3819660113:
        for y in np.arange(8) + 0.7320508076:
            assert shapely.contains_xy(whole, x, y) == around(ring, x, y), (x, y)


@pytest.mark.parametrize("seed", range(20))
def test_geos_agrees_about_rings_that_do_not_run_back_along_themselves(seed: int) -> None:
    ring = np.random.default_rng(seed).uniform(0, 100, (12, 2))
    rough = shapely.Polygon(ring)
    ours = mended(rough)
    theirs = shapely.make_valid(rough, method="structure", keep_collapsed=False)
    assert ours.area == pytest.approx(theirs.area, rel=1e-9)
    assert ours.symmetric_difference(theirs).area < 1e-6


def test_a_spike_costs_no_ground() -> None:
    square = [(0, 0), (4, 0), (4, 4), (0, 4)]
    for spike in ([(0, 6), (0, 4)], [(9, 4), (0, 4)], [(0, 4), (4, 4), (0, 4)]):
        assert mended(shapely.Polygon([*square, *spike])).equals(shapely.Polygon(square))


def test_a_hole_stays_a_hole() -> None:
    eight = [(0, 0), (8, 8), (8, 0), (0, 8)]
    crossed_hole = [(1, 3), (2, 5), (2, 3), (1, 5)]
    made = mended(shapely.Polygon(eight, [crossed_hole]))
    assert made.area == pytest.approx(32 - 1)
    assert not shapely.contains_xy(made, 1.1, 4)


def test_a_scribble_is_refused() -> None:
    scribble = shapely.Polygon(np.random.default_rng(2).uniform(0, 1, (300, 2)))
    with pytest.raises(OutlineError, match="into more than 2000 pieces"):
        mended(scribble)


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
