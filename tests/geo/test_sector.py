"""Laws of sectors: the area that beam and radius say, looking where the azimuth points."""

from __future__ import annotations

from math import atan2, degrees, hypot, pi
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from geo.city import load_city
from geo.disc import discs
from geo.sector import sectors

if TYPE_CHECKING:
    from pathlib import Path

beams = st.floats(1.0, 360.0)
azimuths = st.floats(0.0, 360.0)
radii = st.floats(50.0, 35_000.0)
places = st.tuples(st.floats(-40_000, 40_000), st.floats(-40_000, 40_000))


def one(
    place: tuple[float, float], radius_m: float, azimuth_deg: float, beam_deg: float
) -> shapely.Polygon:
    columns = np.array([[radius_m], [azimuth_deg], [beam_deg]])
    made = sectors(np.array([place]), *columns)[0]
    assert isinstance(made, shapely.Polygon)
    return made


@given(place=places, radius_m=radii, azimuth_deg=azimuths, beam_deg=beams)
def test_a_sector_has_its_share_of_the_disc(
    place: tuple[float, float], radius_m: float, azimuth_deg: float, beam_deg: float
) -> None:
    sector = one(place, radius_m, azimuth_deg, beam_deg)
    assert sector.is_valid
    # Corners are rounded to a micrometre: that much along the whole rim, at most.
    rounding_m2 = 1e-6 * 10 * radius_m
    assert sector.area == pytest.approx(beam_deg / 360 * pi * radius_m**2, abs=rounding_m2)


@given(place=places, radius_m=radii, azimuth_deg=azimuths, beam_deg=st.floats(1.0, 359.0))
def test_every_corner_lies_within_beam_and_reach(
    place: tuple[float, float], radius_m: float, azimuth_deg: float, beam_deg: float
) -> None:
    points = shapely.get_coordinates(one(place, radius_m, azimuth_deg, beam_deg))
    steps = points - np.array(place)
    corners = [(x, y) for x, y in steps.tolist() if hypot(x, y) > 1e-3]
    for x, y in corners:
        assert radius_m - 1e-5 <= hypot(x, y) < 1.03 * radius_m
        bearing = degrees(atan2(x, y))
        off = abs((bearing - azimuth_deg + 180) % 360 - 180)
        assert off <= beam_deg / 2 + 1e-5
    assert len(corners) == len(steps) - 1, "all but the site itself"


@pytest.mark.parametrize(
    ("azimuth_deg", "towards"),
    [(0, (0, 1)), (90, (1, 0)), (180, (0, -1)), (270, (-1, 0)), (360, (0, 1))],
)
def test_azimuths_go_clockwise_from_north(azimuth_deg: float, towards: tuple[int, int]) -> None:
    middle = one((0, 0), 300.0, azimuth_deg, 65.0).centroid
    assert (round(middle.x / 190), round(middle.y / 190)) == towards


@given(beam_deg=st.floats(1.0, 180.0), azimuth_deg=azimuths)
def test_sectors_side_by_side_make_the_disc(beam_deg: float, azimuth_deg: float) -> None:
    first = one((0, 0), 500.0, azimuth_deg, beam_deg)
    second = one((0, 0), 500.0, (azimuth_deg + 180) % 360, 360 - beam_deg)
    assert first.area + second.area == pytest.approx(pi * 500**2, rel=1e-7)
    assert first.intersection(second).area < 1e-2


@example(beam_deg=359.99999999999994, radius_m=50.0, azimuth_deg=0.0)
@given(beam_deg=st.floats(359.0, 360.0), radius_m=radii, azimuth_deg=azimuths)
def test_a_beam_that_nearly_closes_is_still_one_valid_outline(
    beam_deg: float, radius_m: float, azimuth_deg: float
) -> None:
    sector = one((0, 0), radius_m, azimuth_deg, beam_deg)
    assert sector.is_valid
    assert sector.area == pytest.approx(beam_deg / 360 * pi * radius_m**2, rel=1e-6)


def test_a_full_circle_is_a_disc() -> None:
    assert one((5.0, -7.0), 250.0, 90.0, 360.0).equals(
        discs(np.array([[5.0, -7.0]]), np.array([250.0]))[0]
    )


def test_the_company_of_other_sectors_changes_no_bit() -> None:
    rng = np.random.default_rng(3)
    place = rng.uniform(-1e4, 1e4, (50, 2))
    table = rng.uniform((50, 0, 1), (3_000, 360, 360), (50, 3))
    together = sectors(place, *table.T)
    alone = [sectors(place[i : i + 1], *table[i : i + 1].T)[0] for i in range(50)]
    assert [a.wkb for a in together] == [b.wkb for b in alone]


def test_a_plain_cells_file_may_hold_sectors_and_discs_row_by_row(tmp_path: Path) -> None:
    """Three sectors of one mast see what one disc sees, each its own third."""
    head = "cell,lon,lat,radius_m,azimuth_deg,beam_deg\n"
    path = tmp_path / "cells.csv"
    site = "110.36,21.27,600"
    path.write_text(f"{head}n,{site},0,120\nse,{site},120,120\nsw,{site},240,120\nall,{site},,\n")
    city = load_city(path, side_m=50.0)
    assert city.cells == ("all", "n", "se", "sw")
    cover = city.coverage
    share = np.zeros((4, len(city.grid.tile_ids)))
    share[cover.cell, cover.tile] = cover.share
    # The rims are drawn with other corners: of a tile on the rim a little more or less.
    assert np.abs(share[1:].mean(axis=0) - share[0]).max() < 2e-5
    centre = city.grid.centres(np.arange(share.shape[1]))
    assert centre is not None
    north = share[1] @ centre[:, 1]
    assert north > 21.272
