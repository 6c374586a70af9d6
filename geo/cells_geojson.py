"""The GeoJSON form of a cells file: features with `cell`, a polygon or a point with its reach.

A member `datum` beside `features` says that positions are GCJ-02 or BD-09; RFC 7946 knows WGS 84.
"""

import json
from math import nan
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.antenna import Reach, reach_of
from geo.datum import WGS84 as WGS84_DATUM
from geo.datum import to_wgs84
from geo.footprint import Footprints
from geo.geojson import (
    LON_LAT,
    Area,
    Collection,
    Json,
    Outline,
    OutlineError,
    check_degrees,
    outline_of,
    table,
)
from geo.ledger import Ledger
from geo.mend import mended, report_line, valid_again, what_is_wrong
from geo.readonly import read_only

# What the retired `crs` member may say; RFC 7946 knows WGS84 only.
WGS84: Final = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "EPSG:4326")
INSTEAD: Final = "give a Polygon, a MultiPolygon, or a Point with radius_m"
EMPTY: Final = shapely.Point()
NO_REACH: Final = Reach(nan, nan, nan)


class _Cell(NamedTuple):
    """One feature: id, shape, reach if it is a site, what was mended, whether it had heights."""

    cell: str
    shape: shapely.Point | Area
    reach: Reach = NO_REACH
    wrong: str = ""
    heights: bool = False


def read_geojson(text: str, ledger: Ledger) -> Footprints | None:
    """Read the cells of a FeatureCollection; None if the text is none. Faults go to the ledger."""
    features = Collection(text, ledger)
    found = []
    for number, item in features:
        if ledger.too_many(where := f"feature {number}", number):
            return None
        found.append(_feature(where, item, ledger))
    if not features.usable:
        return None
    datum = _datum(features.members, ledger)
    found.sort(key=lambda line: line.cell)
    shapes = np.empty(len(found), dtype=np.object_)
    shapes[:] = [line.shape for line in found]
    if datum != WGS84_DATUM:
        shapes = shapely.transform(shapes, lambda points: to_wgs84(datum, points))
        shapes = valid_again(shapes) if ledger.pack else shapes
    reach = np.array([line.reach for line in found], np.float64).reshape(-1, len(NO_REACH))
    radius_m, azimuth_deg, beam_deg = (read_only(column.copy()) for column in reach.T)
    return Footprints(
        cells=tuple(line.cell for line in found),
        shapes=read_only(shapes),
        radius_m=radius_m,
        azimuth_deg=azimuth_deg,
        beam_deg=beam_deg,
        repaired=_repairs(found, shapes) if ledger.pack else (),
    )


def _datum(members: dict[str, Json], ledger: Ledger) -> str:
    """Read what the file says of its positions."""
    if (crs := members.get("crs")) is not None and not any(
        name in json.dumps(crs) for name in WGS84
    ):
        says = "declares another coordinate system than WGS84"
        remedy = "convert, e.g. ogr2ogr -t_srs EPSG:4326 -lco RFC7946=YES out.geojson in.geojson"
        ledger.fault("", "crs", says, remedy)
    return ledger.datum("", members.get("datum"))


def _feature(where: str, item: dict[str, Json], ledger: Ledger) -> _Cell:
    """Read one feature."""
    properties = table(item.get("properties"))
    cell = ledger.cell(where, properties.get("cell"))
    where = f"{where} (cell {cell!r})" if cell else where
    geometry = table(item.get("geometry"))
    if geometry.get("type") == "Point":
        return _site(where, cell, geometry.get("coordinates"), properties, ledger)
    try:
        return _area(cell, outline_of(geometry, instead=INSTEAD), ledger)
    except OutlineError as fault:
        ledger.fault(where, "geometry", fault.says, fault.write)
        return _Cell(cell, EMPTY)


def _site(
    where: str, cell: str, coordinates: Json, properties: dict[str, Json], ledger: Ledger
) -> _Cell:
    """Read a point with its reach."""
    pair = coordinates if isinstance(coordinates, list) else []
    lon, lat = (*pair[:LON_LAT], None, None)[:LON_LAT]
    point = shapely.Point(ledger.position(where, lon, lat))
    reach = reach_of(where, properties, ledger)
    return _Cell(cell, point, reach, heights=len(pair) > LON_LAT)


def _area(cell: str, outline: Outline, ledger: Ledger) -> _Cell:
    """Check an outline, and mend it for a pack; raises `OutlineError`."""
    check_degrees(outline.shape, instead="write WGS84 degrees, not metres")
    wrong = what_is_wrong(outline.shape)
    if wrong and not ledger.pack:
        raise OutlineError(
            f"is not a valid outline ({wrong})", "redraw it, or repair it with make_valid"
        )
    shape = mended(outline.shape) if wrong else outline.shape
    return _Cell(cell, shape, wrong=wrong, heights=outline.heights)


def _repairs(found: list[_Cell], shapes: NDArray[np.object_]) -> tuple[str, ...]:
    """One line for each mended outline, and one for all heights that were left out."""
    lines = [
        report_line(f"cell {line.cell!r}", line.wrong, shape)
        for line, shape in zip(found, shapes, strict=True)
        if line.wrong
    ]
    if heights := [line.cell for line in found if line.heights]:
        lines.append(f"{len(heights)} cells have heights, the first is {heights[0]!r}: left out")
    return tuple(lines)
