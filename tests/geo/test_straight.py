"""Sides stay straight where they were drawn, so that layers with other corners fit together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.datum import from_wgs84
from geo.making.builder import build
from geo.making.straight import POINTS_MAX, STEP_DEG, straightened

if TYPE_CHECKING:
    from pathlib import Path

WEST, SOUTH, SIDE = 110.0, 21.0, 0.3  # some 30 km: a side of it bends by 17 m in the plane


def layer(path: Path, datum: str, boxes: dict[str, tuple[float, float, float, float]]) -> None:
    """Write boxes whose sides are straight in the coordinates of a datum."""
    low = from_wgs84(datum, np.array([[WEST, SOUTH]]))[0]
    high = from_wgs84(datum, np.array([[WEST + SIDE, SOUTH + SIDE]]))[0]
    features = []
    for name, (x0, y0, x1, y1) in boxes.items():
        corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)])
        ring = (low + corners * (high - low)).tolist()
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"id": name}, "geometry": geometry})
    text = {"type": "FeatureCollection", "datum": datum, "features": features}
    path.write_text(json.dumps(text))


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09", "EPSG:4547"])
def test_areas_that_meet_in_the_middle_of_a_long_side_leave_no_gap(
    tmp_path: Path, datum: str
) -> None:
    layer(tmp_path / "boundary.geojson", datum, {"all": (0, 0, 1, 1)})
    third = {"a": (0, 0, 0.31, 1), "b": (0.31, 0, 1, 0.57), "c": (0.31, 0.57, 1, 1)}
    layer(tmp_path / "areas.geojson", datum, third)
    (tmp_path / "cells.csv").write_text("cell,lon,lat\nx,110.1,21.1\n")
    area = '{ file = "areas.geojson", id = "id", name = "id" }'
    (tmp_path / "city.toml").write_text(
        'name = "A"\ngrid = { side_m = 500 }\nboundary = { file = "boundary.geojson" }\n'
        '[[cells]]\nfeed = "f"\nfile = "cells.csv"\ndatum = "wgs84"\n'
        f"[jurisdictions]\nsliver_m2 = 2.5\npolice = {area}\n"
    )
    (slivers,) = build(tmp_path / "city.toml").report.slivers
    # Of tiles of 500 m: five times what is left on one of 100 m.
    assert slivers.gap_m2 + slivers.overlap_m2 < 500


@given(
    sides=st.lists(st.floats(1e-4, 5.0), min_size=2, max_size=2),
    corner=st.tuples(st.floats(-170, 170), st.floats(-80, 80)),
)
def test_no_side_is_longer_than_the_step_and_the_shape_is_the_same(
    sides: list[float], corner: tuple[float, float]
) -> None:
    box = shapely.box(*corner, corner[0] + sides[0], corner[1] + sides[1])
    (made,) = straightened(np.array([box], object), datum="wgs84")
    points = shapely.get_coordinates(made)
    assert len(points) <= POINTS_MAX + 9
    step = max(STEP_DEG, box.length / POINTS_MAX)
    assert np.hypot(*np.diff(points, axis=0).T).max() <= step * (1 + 1e-6)
    assert made.area == pytest.approx(box.area)


def test_short_sides_keep_their_points() -> None:
    box = shapely.box(0, 0, 240, 249)
    (made,) = straightened(np.array([box], object), datum="EPSG:4547")
    assert made.wkb == box.wkb
