"""Laws of the cells file: three forms read, and every fault of a bad one named at once."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.city import load_city
from geo.datum import from_wgs84
from geo.fault import SHOWN_MAX, RegisterError
from geo.footprint import Footprints, Squares
from geo.register import load_register

BAD = Path(__file__).parent / "bad"

# File -> what each line of the message must hold, in order; no line more, no line less.
FAULTS = {
    "beam_only.csv": [
        "line 1: azimuth_deg: has a column beam_deg but none azimuth_deg; write both"
    ],
    "both_forms.csv": ["line 1: has both radius_m and area_m2"],
    "city.kml": ["is XML (KML, GML?); convert: ogr2ogr -f GeoJSON"],
    "city.shp": ["is a shapefile; convert: ogr2ogr"],
    "column_twice.csv": ["line 1: cell: stands twice in the header"],
    "cut.csv.gz": ["cannot be read (Compressed file ended"],
    "empty.csv": ["line 1: has no column cell, area_m2; name the columns cell,lon,lat,radius_m"],
    "gbk.csv": ["line 2 is not UTF-8 (byte 0xc8); save the file as UTF-8"],
    "header_only.csv": ["has no cells"],
    "many_faults.csv": [
        "line 3: cell: 'a' stands already in line 2",
        "line 4: cell: has no id",
        "line 5: lat: 110.1 is no latitude: lon and lat look swapped; write lon 110.1 and lat 21.2",
        "line 6: lon: 'nan' is not a number",
        "line 7: radius_m: '-5' is not a size; write metres above 0",
        "line 8: radius_m: 'inf' is not a size",
        "line 9: has 3 fields, the header 4",
        "line 10: lon, lat: lon 410.1, lat 21.2 lies outside",
        "line 11: lon: '110,1' is not a number",
        "line 12: lon, lat: lon 500000, lat 2.3e+06 lies outside",
    ],
    "missing_radius.csv": ["line 1: has no column radius_m"],
    "no_columns.csv": ["line 1: has no column cell, area_m2"],
    "not_json.geojson": ["is not JSON"],
    "nul.csv": ["line 3 has a NUL byte: this is no text; save it as CSV or GeoJSON"],
    "one_feature.geojson": ["type: is not a FeatureCollection"],
    "open_quote.csv": ["is not CSV (unexpected end of data); close every quote"],
    "other_crs.geojson": ["crs: declares another coordinate system than WGS84; convert"],
    "own_tiles.csv": [
        "line 2: area_m2: '0' is not a size; write square metres above 0",
        "line 3: area_m2: 'nan' is not a size",
        "line 4: area_m2: '-1' is not a size",
        "line 5: col: is missing beside row",
        "line 6: row: '-1' is no index; count rows and columns from 0",
        "line 7: row: '1.5' is no index",
        "line 9: row, col: row 7, col 7 is taken by line 8",
        "line 10: area_m2: '1_000' is not a size",
    ],
    "row_column_only.csv": ["line 1: col: has a column row but none col; write both"],
    "sectors.csv": [
        "line 3: azimuth_deg: '360.5' is no direction; write degrees from north, 0 to 360",
        "line 4: azimuth_deg: '-1' is no direction",
        "line 5: beam_deg: '0' is no width; write degrees above 0 to 360",
        "line 6: beam_deg: '361' is no width",
        "line 7: beam_deg: is missing beside azimuth_deg; write both for a sector, neither for a",
        "line 8: azimuth_deg: is missing beside beam_deg",
        "line 9: radius_m: '' is not a size; write metres above 0",
        "line 10: radius_m: '' is not a size; write metres above 0, or build a city pack: it",
        "line 11: azimuth_deg: 'north' is no direction",
    ],
    "semicolons.csv": ["line 1: 'cell;lon;lat;radius_m' is one column; separate"],
    "shapes.geojson": [
        "feature 1 (cell 'bow'): geometry: is not a valid outline (Self-intersection",
        "feature 2 (cell 'open'): geometry: has a ring that is not closed",
        "feature 3 (cell 'empty'): geometry: has no coordinates",
        "feature 4 (cell 'line'): geometry: is LineString; give a Polygon",
        "feature 5 (cell 'none'): geometry: is missing",
        "feature 6 (cell 'point'): radius_m: None is not a size",
        "feature 7 (cell 'swapped'): geometry: has latitude 110.1: lon and lat look swapped",
        "feature 8 (cell 'nan'): geometry: has a position that is not finite",
        "feature 9 (cell 'text'): geometry: has positions that are not [lon, lat]",
        "feature 10 (cell 'ragged'): geometry: has positions that are not [lon, lat]",
        "feature 11 (cell 'metres'): geometry: reaches lon 500100",
        "feature 12: cell: has no id",
        "feature 12: radius_m: None is not a size",
        "feature 13: cell: 'open' stands already in feature 2",
        "feature 13 (cell 'open'): lon: None is not a number",
        "feature 13 (cell 'open'): lat: None is not a number",
        "feature 14: cell: has no id",
        "feature 14: geometry: is missing",
    ],
    "datum.csv": ["line 3: datum: 'gcj03' is not known", "line 4: datum: 'EPSG:4547' is not in"],
    "datum.geojson": ["datum: 4490 is not in degrees"],
    "sheet.csv": ["is a zip or Excel file"],
    "utf16.csv": ["is text in UTF-16; save it as UTF-8, e.g. iconv -f UTF-16 -t UTF-8"],
    "stray.csv": ["cell 'c': lon, lat: lies 36.2 degrees", "cell 'd': lon, lat: lies 45.4 degrees"],
}

DISCS = "cell,lon,lat,radius_m\r\nb, 110.31, 21.2,300\r\n\r\na,110.30,21.25,250\r\n"


def lines_of(error: RegisterError) -> list[str]:
    return str(error).splitlines()


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_of_a_bad_file_is_named_with_its_place(name: str) -> None:
    with pytest.raises(RegisterError) as caught:
        load_register(BAD / name)
    lines = lines_of(caught.value)
    assert len(lines) == len(caught.value.faults) == len(FAULTS[name])
    for line, want in zip(lines, FAULTS[name], strict=True):
        assert line.startswith(str(BAD / name))
        assert want in line
        assert line.rpartition("; ")[2], "every line ends with a remedy"


def test_every_bad_file_has_its_expectation() -> None:
    assert {path.name for path in BAD.iterdir()} == {*FAULTS, "huge.csv"}


def test_a_city_too_large_for_its_tiles_is_refused_cell_by_cell() -> None:
    with pytest.raises(RegisterError, match="reaches more than 4800 tiles of 10 m") as caught:
        load_city(BAD / "huge.csv", side_m=10.0)
    assert len(caught.value.faults) == 4
    assert load_city(BAD / "huge.csv", side_m=500.0).cells == ("a", "b", "c", "d")


def test_a_footprint_too_small_or_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text("cell,lon,lat,radius_m\ndot,110,21,0.1\nsea,110,21,90000\nok,110,21,9\n")
    with pytest.raises(RegisterError) as caught:
        load_city(path, side_m=100.0)
    said = [f"{fault.where} {fault.says}" for fault in caught.value.faults]
    assert said == [
        "cell 'sea' spans more than 1000000 tiles of 100 m",
        "cell 'dot' covers less than 1 m2",
    ]


def test_a_missing_file_and_a_folder_are_one_clear_line(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(RegisterError, match="cannot be read") as caught:
            load_register(path)
        assert len(lines_of(caught.value)) == 1


def test_a_message_is_bounded_but_the_error_keeps_all_faults(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text("cell,area_m2\n" + "".join(f"c{i},none\n" for i in range(1_000)))
    with pytest.raises(RegisterError) as caught:
        load_register(path)
    assert len(caught.value.faults) == 1_000
    assert lines_of(caught.value)[-1].endswith(f"{1_000 - SHOWN_MAX} more faults")


def test_a_gzip_file_with_a_byte_order_mark_reads_like_the_plain_one(tmp_path: Path) -> None:
    plain, packed = tmp_path / "cells.csv", tmp_path / "cells.csv.gz"
    plain.write_bytes(DISCS.encode())
    packed.write_bytes(gzip.compress(DISCS.encode("utf-8-sig")))
    read = [load_register(path) for path in (plain, packed)]
    for register in read:
        assert isinstance(register, Footprints)
        assert register.cells == ("a", "b")
        assert register.radius_m.tolist() == [250.0, 300.0]
        assert [(p.x, p.y) for p in register.shapes] == [(110.30, 21.25), (110.31, 21.2)]


def test_positions_of_a_declared_datum_become_wgs84(tmp_path: Path) -> None:
    """The same place three times: 500 m lie between the datums of China."""
    place = np.array([[110.36, 21.27]])
    gcj, bd = (from_wgs84(datum, place)[0].tolist() for datum in ("gcj02", "bd09"))
    table = tmp_path / "cells.csv"
    table.write_text(
        "cell,lon,lat,radius_m,datum\n"
        f"a,110.36,21.27,300,\nb,{gcj[0]!r},{gcj[1]!r},300,GCJ-02\nc,{bd[0]!r},{bd[1]!r},300,bd09\n"
    )
    points = shapely.get_coordinates(footprints(table).shapes)
    assert np.abs(points - place).max() < 1e-9
    outline = [[*gcj], [gcj[0] + 0.01, gcj[1]], [gcj[0], gcj[1] + 0.01], [*gcj]]
    areas = tmp_path / "cells.geojson"
    shape = feature("a", {"type": "Polygon", "coordinates": [outline]})
    areas.write_text(
        json.dumps({"type": "FeatureCollection", "datum": "gcj02", "features": [shape]})
    )
    corner = shapely.get_coordinates(footprints(areas).shapes)[0]
    assert np.abs(corner - place).max() < 1e-9


def footprints(path: Path) -> Footprints:
    register = load_register(path)
    assert isinstance(register, Footprints)
    return register


def test_own_tiles_keep_area_place_and_name(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text("name,cell,area_m2,row,col,colour\n人民广场,b,55200,3,4,red\n,a,1,,,\n")
    squares = load_register(path)
    assert isinstance(squares, Squares)
    assert squares.cells == ("a", "b")
    assert squares.area_m2.tolist() == [1.0, 55_200.0]
    assert squares.row.tolist() == [-1, 3]
    assert squares.col.tolist() == [-1, 4]
    assert squares.names == (None, "人民广场")


def test_geojson_takes_polygons_points_with_radius_heights_and_whole_number_ids(
    tmp_path: Path,
) -> None:
    ring = [[110, 21, 5], [110.01, 21, 5], [110.01, 21.01, 5], [110, 21, 5]]
    features = [
        feature(7, {"type": "MultiPolygon", "coordinates": [[ring]]}),
        feature("p", {"type": "Polygon", "coordinates": [ring]}),
        feature("d", {"type": "Point", "coordinates": [110.0, 21.0, 3]}, radius_m=80),
    ]
    path = tmp_path / "cells.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    register = load_register(path)
    assert isinstance(register, Footprints)
    assert register.cells == ("7", "d", "p")
    assert [shape.geom_type for shape in register.shapes] == ["MultiPolygon", "Point", "Polygon"]
    assert np.isnan(register.radius_m).tolist() == [True, False, True]


def feature(cell: str | int, geometry: object, **more: object) -> dict[str, object]:
    return {"type": "Feature", "properties": {"cell": cell, **more}, "geometry": geometry}
