"""Laws of cells files in a city pack: sectors and bare points, a datum that must be declared."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geo import ledger
from geo.datum import from_wgs84
from geo.fault import RegisterError
from geo.footprint import Footprints, Squares
from geo.register import load_register, register_of

if TYPE_CHECKING:
    from pathlib import Path

MIXED = """cell,lon,lat,radius_m,azimuth_deg,beam_deg
s,110.36,21.27,600,120,65
b,110.37,21.27,,,
d,110.38,21.27,300,,
o,110.39,21.27,400,0,360
"""
SQUARE = [[110.3, 21.2], [110.4, 21.2], [110.4, 21.3], [110.3, 21.3], [110.3, 21.2]]
EIGHT = [[110.3, 21.2], [110.4, 21.3], [110.4, 21.2], [110.3, 21.3], [110.3, 21.2]]


def pack(text: str, datum: str | None = "wgs84") -> Footprints:
    register = register_of(text, file="cells", datum=datum, bare_points=True)
    assert isinstance(register, Footprints)
    return register


def faults(text: str, datum: str | None = "wgs84", *, bare_points: bool = True) -> list[str]:
    with pytest.raises(RegisterError) as caught:
        register_of(text, file="cells", datum=datum, bare_points=bare_points)
    said = str(caught.value).splitlines()
    assert len(said) == len(caught.value.faults)
    assert all(line.startswith("cells: ") and line.rpartition("; ")[2] for line in said)
    return [line.removeprefix("cells: ") for line in said]


def feature(cell: str, kind: str, coordinates: object, **more: object) -> dict[str, object]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"cell": cell, **more}, "geometry": geometry}


def collection(*features: object, **members: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **members})


def same(first: Footprints, second: Footprints) -> bool:
    columns = ("radius_m", "azimuth_deg", "beam_deg")
    return (
        first.cells == second.cells
        and first.repaired == second.repaired
        and [one.wkb for one in first.shapes] == [one.wkb for one in second.shapes]
        and all(getattr(first, c).tobytes() == getattr(second, c).tobytes() for c in columns)
    )


def test_sectors_discs_and_bare_points_may_stand_in_one_file() -> None:
    register = pack(MIXED)
    assert register.cells == ("b", "d", "o", "s")
    nan = float("nan")
    for column, want in (
        (register.radius_m, [nan, 300, 400, 600]),
        (register.azimuth_deg, [nan, nan, 0, 120]),
        (register.beam_deg, [nan, nan, 360, 65]),
    ):
        assert np.array_equal(column, want, equal_nan=True)
        assert not column.flags.writeable


def test_csv_and_geojson_say_the_same_in_any_order() -> None:
    rows = [line.split(",") for line in MIXED.splitlines()[1:]]
    names = ("radius_m", "azimuth_deg", "beam_deg")
    features = [
        feature(
            cell,
            "Point",
            [float(lon), float(lat)],
            **{name: float(value) for name, value in zip(names, reach, strict=True) if value},
        )
        for cell, lon, lat, *reach in rows
    ]
    head, *lines = MIXED.splitlines(keepends=True)
    for seed in range(5):
        order = random.Random(seed).sample(range(4), 4)
        assert same(pack(head + "".join(lines[i] for i in order)), pack(MIXED))
        assert same(pack(collection(*(features[i] for i in order))), pack(MIXED))


def test_points_alone_are_cells_of_a_pack_only() -> None:
    text = "cell,lon,lat\na,110.36,21.27\nb,110.37,21.27\n"
    register = pack(text)
    assert np.isnan(register.radius_m).all()
    assert faults(text, bare_points=False)[0].startswith("line 1: has no column radius_m")
    points = collection(feature("a", "Point", [110.36, 21.27], radius_m=None))
    assert np.isnan(pack(points).radius_m).all()
    assert faults(points, bare_points=False) == [
        (
            "feature 1 (cell 'a'): radius_m: None is not a size; write metres above 0, or build a"
            " city pack: it takes bare points, too"
        )
    ]


def test_a_reach_under_another_name_is_no_silent_bare_point() -> None:
    said = faults("cell,lon,lat,radius,Azimuth\na,110.36,21.27,500,90\nb,110.36,21.28,,\n")
    for line, (name, means) in zip(
        said, [("radius", "radius_m"), ("Azimuth", "azimuth_deg")], strict=True
    ):
        assert line == (
            f"line 2: {name}: is not read; the name is {means}; "
            f"rename it to {means}, or take it out"
        )
    (line,) = faults(collection(feature("a", "Point", [110.36, 21.27], beamwidth=65)))
    assert line.startswith("feature 1 (cell 'a'): beamwidth: is not read; the name is beam_deg")


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_datum_from_outside_or_inside_leads_to_the_same_place(datum: str) -> None:
    lon, lat = from_wgs84(datum, np.array([[110.36, 21.27]]))[0].tolist()
    row = f"a,{lon!r},{lat!r},300"
    point = feature("a", "Point", [lon, lat], radius_m=300)
    told = [
        pack(f"cell,lon,lat,radius_m\n{row}\n", datum),
        pack(f"cell,lon,lat,radius_m,datum\n{row},{datum}\n", None),
        pack(f"cell,lon,lat,radius_m,datum\n{row},\n", datum),
        pack(f"cell,lon,lat,radius_m,datum\n{row},{datum.upper()}\n", datum),
        pack(collection(point), datum),
        pack(collection(point, datum=datum), None),
        pack(collection(point, datum=datum), datum),
    ]
    assert np.abs(shapely.get_coordinates(told[0].shapes) - (110.36, 21.27)).max() < 1e-8
    assert all(same(one, told[0]) for one in told)


def test_an_undeclared_datum_is_told_once_a_file_or_once_a_row_that_could_say_it() -> None:
    want = 'datum: is not declared; write datum = "gcj02" (maps of China), "wgs84" (GPS) or "bd09"'
    rows = "a,110.36,21.27,300{0}\nb,110.37,21.27,300{0}\n"
    (line,) = faults("cell,lon,lat,radius_m\n" + rows.format(""), None)
    assert line.startswith(want)
    (line,) = faults(collection(feature("a", "Point", [110.36, 21.27])), None)
    assert line.startswith(want)
    first, second = faults("cell,lon,lat,radius_m,datum\n" + rows.format(","), None)
    assert first.startswith(f"line 2: {want}")
    assert second.startswith(f"line 3: {want}")
    # A plain cells file is WGS 84 where nothing is said.
    assert register_of("cell,lon,lat,radius_m\n" + rows.format(""), file="cells").cells


def test_a_datum_that_is_said_twice_differently_or_in_metres_is_refused() -> None:
    text = "cell,lon,lat,radius_m,datum\na,110.36,21.27,300,wgs84\nb,110.37,21.27,300,gcj02\n"
    (line,) = faults(text, "gcj02")
    assert line.startswith("line 2: datum: is wgs84 here and gcj02 in the city file; keep the one")
    (line,) = faults(collection(feature("a", "Point", [110.36, 21.27]), datum="bd09"))
    assert line.startswith("datum: is bd09 here and wgs84 in the city file")
    (line,) = faults("cell,lon,lat\na,110.36,21.27\n", "EPSG:4547")
    assert line.startswith("datum: 'EPSG:4547' is not in degrees; write wgs84, gcj02 or bd09")


def test_outlines_are_mended_and_reported_in_a_pack_and_refused_in_a_plain_file() -> None:
    high = [[*point, 30] for point in SQUARE]
    text = collection(
        feature("x", "Polygon", [EIGHT]),
        feature("h", "Polygon", [high]),
        feature("p", "Point", [110.35, 21.25, 12]),
    )
    register = pack(text)
    assert register.cells == ("h", "p", "x")
    assert shapely.is_valid(register.shapes).all()
    assert not shapely.has_z(register.shapes).any()
    assert register.shapes[2].area == pytest.approx(0.005)
    assert register.repaired == (
        "cell 'x': Self-intersection near 110.35 21.25; mended, now 57.5 km2",
        "2 cells have heights, the first is 'h': left out",
    )
    (line, _) = faults(text, bare_points=False)
    assert line.startswith("feature 1 (cell 'x'): geometry: is not a valid outline (Self-inter")
    gone = [SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[0]]
    (line,) = faults(collection(feature("g", "Polygon", [gone])))
    assert line.startswith("feature 1 (cell 'g'): geometry: covers no ground; redraw its outline")


def test_cells_that_are_tiles_have_no_place_and_need_no_datum() -> None:
    register = register_of("cell,area_m2\na,55200\n", file="cells", bare_points=True)
    assert isinstance(register, Squares)


def test_a_file_of_more_cells_than_a_city_has_stops_at_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "CELLS_MAX", 3)
    rows = "".join(f"c{i},110.36,21.27,300\n" for i in range(3))
    path = tmp_path / "cells.csv"
    path.write_text(f"cell,lon,lat,radius_m\n{rows}")
    assert isinstance(load_register(path), Footprints)
    (line,) = faults(f"cell,lon,lat,radius_m\n{rows}d,110.36,21.27,300\ne,x,y,z\n")
    assert line.startswith("line 5: is one cell too many: a file holds at most 3; leave out")
    points = [feature(f"c{i}", "Point", [110.36, 21.27]) for i in range(5)]
    (line,) = faults(collection(*points))
    assert line.startswith("feature 4: is one cell too many")
