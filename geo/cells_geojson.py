"""The GeoJSON form of a cells file: features with `cell`, a polygon or a point with `radius_m`.

A member `datum` beside `features` says that positions are GCJ-02 or BD-09; RFC 7946 knows WGS 84.
"""

import json
from math import nan
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.datum import WGS84 as WGS84_DATUM
from geo.datum import to_wgs84
from geo.footprint import Footprints
from geo.ledger import LAT_MAX, LON_MAX, Ledger
from geo.readonly import read_only

# A triangle, closed.
RING_MIN: Final = 4
LON_LAT: Final = 2
POLYGON_DEPTH: Final = {"Polygon": 1, "MultiPolygon": 2}
# What the retired `crs` member may say; RFC 7946 knows WGS84 only.
WGS84: Final = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "EPSG:4326")

Json = Any
Geometry = shapely.Point | shapely.Polygon | shapely.MultiPolygon
EMPTY: Final = shapely.Point()


class _ShapeError(Exception):
    """Coordinates that make no footprint: what is wrong, and what to write instead.

    It never leaves this file: a fault on its way to the ledger.
    """

    def __init__(self, says: str, write: str) -> None:
        super().__init__(says)
        self.says, self.write = says, write


def read_geojson(text: str, ledger: Ledger) -> Footprints | None:
    """Read the cells of a FeatureCollection; None if the text is none. Faults go to the ledger."""
    features, datum = _features(text, ledger)
    if features is None:
        return None
    found = [_feature(f"feature {i}", item, ledger) for i, item in enumerate(features, start=1)]
    found.sort(key=lambda line: line[0])
    shapes = np.empty(len(found), dtype=np.object_)
    shapes[:] = [shape for _, shape, _ in found]
    if datum != WGS84_DATUM:
        shapes = shapely.transform(shapes, lambda points: to_wgs84(datum, points))
    return Footprints(
        cells=tuple(cell for cell, _, _ in found),
        shapes=read_only(shapes),
        radius_m=read_only(np.array([radius for *_, radius in found], np.float64)),
    )


def _features(text: str, ledger: Ledger) -> tuple[list[Json] | None, str]:
    """Parse the list of features and their datum; None and one fault if there is none."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        ledger.fault("", "", f"is not JSON ({error})", "write a GeoJSON FeatureCollection")
        return None, WGS84_DATUM
    features = tree.get("features") if isinstance(tree, dict) else None
    if not isinstance(features, list) or tree.get("type") != "FeatureCollection":
        says = "is not a FeatureCollection"
        ledger.fault("", "type", says, "wrap the features in a FeatureCollection")
        return None, WGS84_DATUM
    if (crs := tree.get("crs")) is not None and not any(name in json.dumps(crs) for name in WGS84):
        says = "declares another coordinate system than WGS84"
        remedy = "convert, e.g. ogr2ogr -t_srs EPSG:4326 -lco RFC7946=YES out.geojson in.geojson"
        ledger.fault("", "crs", says, remedy)
    return features, ledger.datum("", tree.get("datum"))


def _feature(where: str, item: Json, ledger: Ledger) -> tuple[str, Geometry, float]:
    """Read one feature: id, shape, radius (NaN for a polygon)."""
    item = item if isinstance(item, dict) else {}
    properties = item.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    cell = ledger.cell(where, properties.get("cell"))
    where = f"{where} (cell {cell!r})" if cell else where
    geometry = item.get("geometry")
    geometry = geometry if isinstance(geometry, dict) else {}
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "Point":
        return cell, *_disc(where, coordinates, properties.get("radius_m"), ledger)
    try:
        return cell, _area(kind, coordinates), nan
    except _ShapeError as fault:
        ledger.fault(where, "geometry", fault.says, fault.write)
        return cell, EMPTY, nan


def _disc(
    where: str, coordinates: Json, radius: object, ledger: Ledger
) -> tuple[shapely.Point, float]:
    """Read a point with a radius."""
    pair = coordinates if isinstance(coordinates, list) else []
    lon, lat = (*pair[:LON_LAT], None, None)[:LON_LAT]
    position = ledger.position(where, lon, lat)
    return shapely.Point(position), ledger.positive(where, "radius_m", radius)


def _area(kind: Json, coordinates: Json) -> Geometry:
    """Read a polygon or several; raises `_ShapeError`."""
    if kind not in POLYGON_DEPTH:
        raise _ShapeError(
            f"is {kind or 'missing'}", "give a Polygon, a MultiPolygon, or a Point with radius_m"
        )
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons:
        raise _ShapeError("has no coordinates", "draw its outline, or take the cell out")
    shape: Geometry
    parts = [_polygon(rings) for rings in polygons]
    shape = parts[0] if kind == "Polygon" else shapely.MultiPolygon(parts)
    if not shape.is_valid:
        raise _ShapeError(
            f"is not a valid outline ({shapely.is_valid_reason(shape)})",
            "redraw it, or repair it with make_valid",
        )
    return shape


def _polygon(rings: Json) -> shapely.Polygon:
    """Read one polygon from its rings; raises `_ShapeError`."""
    if not isinstance(rings, list) or not rings:
        raise _ShapeError("has no coordinates", "draw its outline, or take the cell out")
    outer, *holes = [_ring(ring) for ring in rings]
    return shapely.Polygon(outer, holes)


def _ring(ring: Json) -> NDArray[np.float64]:
    """Read one closed ring, shape (points, 2); heights are dropped; raises `_ShapeError`."""
    try:
        points = np.asarray(ring)
    except ValueError:
        points = np.empty(0)
    # Text that looks like a number, booleans and nested lists all show up in kind or shape.
    if points.ndim != LON_LAT or points.dtype.kind not in "if" or points.shape[1] < LON_LAT:
        raise _ShapeError(
            "has positions that are not [lon, lat] in numbers", "write each position as [lon, lat]"
        )
    points = points[:, :LON_LAT].astype(np.float64)
    if not np.isfinite(points).all():
        raise _ShapeError("has a position that is not finite", "write WGS84 degrees")
    if len(points) < RING_MIN or not np.array_equal(points[0], points[-1]):
        raise _ShapeError(
            "has a ring that is not closed",
            "write at least four positions, the last one like the first",
        )
    lon, lat = np.abs(points).max(axis=0).tolist()
    if lat > LAT_MAX and lon <= LAT_MAX:
        raise _ShapeError(
            f"has latitude {lat:g}: lon and lat look swapped", "write each position as [lon, lat]"
        )
    if lat > LAT_MAX or lon > LON_MAX:
        raise _ShapeError(f"reaches lon {lon:g}, lat {lat:g}", "write WGS84 degrees, not metres")
    return points
