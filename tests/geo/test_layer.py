"""Laws of layers: polygons come out valid and in WGS 84, and every fault is told at once."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from geo.datum import from_wgs84
from geo.fault import RegisterError
from geo.making import layer as layer_room
from geo.making.files import Inputs
from geo.making.layer import Layer, load_layer

if TYPE_CHECKING:
    from pathlib import Path

SQUARE = [[110.0, 21.0], [110.1, 21.0], [110.1, 21.1], [110.0, 21.1], [110.0, 21.0]]
EIGHT = [[110.0, 21.0], [110.1, 21.1], [110.1, 21.0], [110.0, 21.1], [110.0, 21.0]]


def feature(*rings: object, kind: object = "Polygon", **properties: object) -> dict[str, object]:
    geometry = {"type": kind, "coordinates": list(rings)}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: object, **members: object) -> str:
    return json.dumps(
        {"type": "FeatureCollection", "features": features, **members}, ensure_ascii=False
    )


def read(folder: Path, text: str | bytes, datum: str | None = "wgs84") -> Layer:
    path = folder / "layer.geojson"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_layer(path, datum=datum)


def faults(folder: Path, text: str | bytes, datum: str | None = "wgs84") -> list[str]:
    """Return the faults, without the name of the file."""
    with pytest.raises(RegisterError) as caught:
        read(folder, text, datum)
    start = f"{folder / 'layer.geojson'}: "
    said = str(caught.value).splitlines()
    assert len(said) == len(caught.value.faults)
    assert all(line.startswith(start) and line.rpartition("; ")[2] for line in said)
    return [line.removeprefix(start) for line in said]


def test_shapes_properties_and_places_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    hole = [[110.02, 21.02], [110.02, 21.04], [110.04, 21.02], [110.02, 21.02]]
    layer = read(
        tmp_path,
        collection(
            feature(SQUARE, hole, name="霞山区", adcode=440803),
            feature([SQUARE], kind="MultiPolygon", adcode=440802),
            {**feature(SQUARE), "id": "x7"},
            {"type": "Feature", "properties": None, "geometry": feature(SQUARE)["geometry"]},
        ),
    )
    assert layer.places == (
        "feature 1 ('霞山区')",
        "feature 2 (440802)",
        "feature 3 ('x7')",
        "feature 4",
    )
    assert layer.properties == ({"name": "霞山区", "adcode": 440803}, {"adcode": 440802}, {}, {})
    assert [round(float(one.area), 6) for one in layer.shapes] == [0.0098, 0.01, 0.01, 0.01]
    assert layer.repaired == ()
    assert not layer.shapes.flags.writeable


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "EPSG:4490", "EPSG:4547"])
def test_every_datum_ends_at_the_same_place(tmp_path: Path, datum: str) -> None:
    there = from_wgs84(datum, np.array(SQUARE)).tolist()
    there[-1] = there[0]
    for declared, member in ((datum, None), (None, datum), (datum, datum.lower())):
        members = {} if member is None else {"datum": member}
        layer = read(tmp_path, collection(feature(there), **members), declared)
        # Corners; the sides between them are straight in the file's own coordinates.
        corners = shapely.points(SQUARE)
        assert (
            shapely.distance(corners, shapely.extract_unique_points(layer.shapes[0])).max() < 2e-8
        )


def test_positions_are_converted_the_same_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = collection(feature(SQUARE), feature([[x + 0.2, y] for x, y in SQUARE]))
    whole = read(tmp_path, text, "gcj02")
    monkeypatch.setattr(layer_room, "POINTS_AT_ONCE", 3)
    parts = read(tmp_path, text, "gcj02")
    assert [one.wkb for one in parts.shapes] == [one.wkb for one in whole.shapes]


@pytest.mark.parametrize(
    ("declared", "members", "want"),
    [
        (None, {}, 'datum: is not declared; write datum = "gcj02" (maps of China), "wgs84" (GPS)'),
        (None, {"datum": "gcj03"}, "datum: 'gcj03' is not known; write wgs84, gcj02, bd09 or EPSG"),
        (None, {"datum": 4547}, "datum: 4547 is no datum; write wgs84, gcj02, bd09 or EPSG"),
        ("gcj03", {}, "datum: 'gcj03' is not known"),
        ("wgs84", {"datum": "bd09"}, "datum: is bd09 here and wgs84 in the city file; keep the"),
        ("wgs84", {"crs": {"name": "urn:ogc:def:crs:EPSG::4547"}}, "crs: says EPSG:4547, the decl"),
        ("wgs84", {"crs": {"name": "mars"}}, 'crs: says \'{"name": "mars"}\', the declared datum'),
        (
            "EPSG:4547",
            {"crs": {"name": "EPSG:4326"}},
            "crs: says WGS 84, the declared datum is EPS",
        ),
    ],
)
def test_a_datum_that_is_unsaid_unknown_or_said_twice_is_refused(
    tmp_path: Path, declared: str | None, members: dict[str, Any], want: str
) -> None:
    square = from_wgs84("EPSG:4547", np.array(SQUARE)) if declared == "EPSG:4547" else SQUARE
    ring = [list(map(float, point)) for point in square]
    ring[-1] = ring[0]
    (line,) = faults(tmp_path, collection(feature(ring), **members), declared)
    assert line.startswith(want)


def test_what_programs_write_into_crs_does_no_harm(tmp_path: Path) -> None:
    """A map in GCJ-02 saved by a program that knows WGS 84 only says so, and is wrong."""
    for name in ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4490"):
        crs = {"type": "name", "properties": {"name": name}}
        assert read(tmp_path, collection(feature(SQUARE), crs=crs), "gcj02").shapes.size == 1
    ring = from_wgs84("EPSG:4547", np.array(SQUARE)).tolist()
    ring[-1] = ring[0]
    text = collection(feature(ring), crs={"name": "urn:ogc:def:crs:EPSG::4547"})
    assert read(tmp_path, text, "epsg:4547").shapes.size == 1


def test_a_ring_that_crosses_itself_is_mended_and_reported(tmp_path: Path) -> None:
    layer = read(tmp_path, collection(feature(SQUARE), feature(EIGHT, name="bow")))
    assert all(shapely.is_valid(layer.shapes))
    assert layer.shapes[1].area == pytest.approx(0.005)
    (line,) = layer.repaired
    assert line == ("feature 2 ('bow'): Self-intersection near 110.05 21.05; mended, now 57.5 km2")


def test_a_valid_outline_keeps_every_bit_of_its_corners(tmp_path: Path) -> None:
    small = [[110.0, 21.0], [110.0021, 21.0], [110.0019, 21.0012], [110.0, 21.0]]
    layer = read(tmp_path, collection(feature(small), feature(SQUARE)))
    assert layer.shapes[0].wkb == shapely.Polygon(small).wkb
    # Long sides get points in between; simplified, nothing but the corners is left.
    assert shapely.get_num_coordinates(layer.shapes[1]) > 4 * 40
    assert shapely.simplify(layer.shapes[1], 1e-12).equals(shapely.Polygon(SQUARE))


def test_heights_are_left_out_and_reported(tmp_path: Path) -> None:
    high = [[*point, 12.5] for point in SQUARE]
    layer = read(tmp_path, collection(feature(SQUARE), feature(high), feature(high, name="top")))
    assert not shapely.has_z(layer.shapes).any()
    assert layer.repaired == ("2 features have heights, the first is feature 2: left out",)


BAD = {
    "swapped": (
        feature([[y, x] for x, y in SQUARE], name="码头"),
        "feature 2 ('码头'): geometry: has latitude 110.1: lon and lat look swapped; write each",
    ),
    "metres": (
        feature([[x * 5000, y * 1e5] for x, y in SQUARE]),
        "feature 2: geometry: reaches lon 550500, lat 2.11e+06; write degrees, or declare the EPSG",
    ),
    "no geometry": (
        {"type": "Feature", "properties": {"id": 7}, "geometry": None},
        "feature 2 (7): geometry: is missing; draw it as a Polygon",
    ),
    "empty": (feature(), "feature 2: geometry: has no coordinates; draw its outline"),
    "an empty part": (
        feature([SQUARE], [], kind="MultiPolygon"),
        "feature 2: geometry: has no coordinates",
    ),
    "a line": (feature(*SQUARE, kind="LineString"), "feature 2: geometry: is LineString; draw it"),
    "a list for a kind": (
        feature(*SQUARE, kind=["Polygon"]),
        "feature 2: geometry: is ['Polygon']; draw it as a Polygon",
    ),
    "a point": (feature(110, 21, kind="Point"), "feature 2: geometry: is Point; draw it as a Poly"),
    "a collection": (
        {"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": []}},
        "feature 2: geometry: is GeometryCollection; draw it as a Polygon",
    ),
    "not closed": (feature(SQUARE[:-1]), "feature 2: geometry: has a ring that is not closed"),
    "two points": (
        feature([*SQUARE[:2], SQUARE[0]]),
        "feature 2: geometry: has a ring that is not",
    ),
    "no ground": (
        feature([SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[0]]),
        "feature 2: geometry: covers no ground; redraw its outline, or take it out",
    ),
    "nan": (
        feature([*SQUARE[:2], [float("nan"), 21.1], *SQUARE[2:]]),
        "feature 2: geometry: has a position that is not finite; write WGS84 degrees",
    ),
    "null": (
        feature([*SQUARE[:2], [None, 21.1], *SQUARE[2:]]),
        "feature 2: geometry: has positions that are not [lon, lat] in numbers",
    ),
    "text": (
        feature([[str(x), str(y)] for x, y in SQUARE]),
        "feature 2: geometry: has positions that are not [lon, lat] in numbers",
    ),
    "no feature": (7, "feature 2: geometry: is missing"),
}


@pytest.mark.parametrize("case", sorted(BAD))
def test_a_fault_of_a_feature_is_one_line_with_its_name(tmp_path: Path, case: str) -> None:
    bad, want = BAD[case]
    (line,) = faults(tmp_path, collection(feature(SQUARE), bad, feature(EIGHT)))
    assert line.startswith(want)


def test_all_faults_of_a_layer_are_told_at_once_in_its_order(tmp_path: Path) -> None:
    said = faults(tmp_path, collection(*(bad for bad, _ in BAD.values())), None)
    assert len(said) == len(BAD) + 1
    assert said[0].startswith("datum: is not declared")
    for number, (line, (_, want)) in enumerate(zip(said[1:], BAD.values(), strict=True), 1):
        assert line.startswith(want.replace("feature 2", f"feature {number}", 1))


def test_positions_off_the_plane_of_their_code_are_refused(tmp_path: Path) -> None:
    wild = [[1e30, 1e30], [2e30, 1e30], [2e30, 2e30], [1e30, 1e30]]
    (line,) = faults(tmp_path, collection(feature(wild)), "EPSG:4547")
    assert line.startswith("feature 1: geometry: lies where EPSG:4547 shows no ground; write ano")


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("[]", "type: is not a FeatureCollection; wrap"),
        ("{}", "type: is not a FeatureCollection"),
        (json.dumps(feature(SQUARE)), "type: is not a FeatureCollection"),
        ('{"type": "FeatureCollection", "features": 7}', "type: is not a FeatureCollection"),
        (collection(), "features: is empty; draw at least one"),
        ("", "is not JSON (Expecting one of"),
        ("cell,lon,lat\n", "is not JSON"),
        (collection(feature(SQUARE))[:-1], "is not JSON (Expecting one of ,}"),
        (collection(feature(SQUARE))[:-2], "is not JSON (Expecting one of ,]"),
        (collection(feature(SQUARE)) + "}", "is not JSON (Extra data"),
        ('{"type": "FeatureCollection", "features": [' + "[" * 10_000, "is not JSON ("),
    ],
)
def test_what_is_no_collection_of_features_is_one_line(
    tmp_path: Path, text: str, want: str
) -> None:
    (line,) = faults(tmp_path, text)
    assert line.startswith(want)


def test_members_may_stand_before_and_behind_the_features(tmp_path: Path) -> None:
    """The datum may come last; until then no position may be judged by it."""
    inner = json.dumps([feature(SQUARE)])
    for text in (
        f'{{"datum": "gcj02", "type": "FeatureCollection", "features": {inner}}}',
        f' {{ "features" : {inner} ,\r\n "type":"FeatureCollection","datum" :"gcj02" }} ',
    ):
        assert read(tmp_path, text, None).shapes[0].bounds[0] == pytest.approx(109.9957, abs=1e-3)


def test_windows_line_ends_a_byte_order_mark_and_gzip_change_nothing(tmp_path: Path) -> None:
    text = json.dumps(json.loads(collection(feature(SQUARE, name="湛江"))), indent=1)
    plain = read(tmp_path, text)
    windows = text.replace("\n", "\r\n").encode("utf-8-sig")
    half = len(windows) // 2
    for data in (
        windows,
        gzip.compress(windows),
        gzip.compress(windows[:half]) + gzip.compress(windows[half:]) + bytes(512),
    ):
        layer = read(tmp_path, data)
        assert layer.shapes[0].wkb == plain.shapes[0].wkb
        assert layer.places == plain.places


def test_faults_name_the_path_that_one_can_open(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.geojson").write_text("{}")
    inputs = Inputs.beside(tmp_path / "city.toml")
    with pytest.raises(RegisterError) as caught:
        load_layer("sub/a.geojson", datum="wgs84", inputs=inputs)
    assert str(caught.value).startswith(str(tmp_path / "sub" / "a.geojson"))
    assert [one.file for one in inputs.read] == ["sub/a.geojson"]
