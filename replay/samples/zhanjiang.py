"""Makes the files of the Zhanjiang pack anew: real outlines simplified, all the rest simulated.

    python -m replay.samples.zhanjiang DATA [OUT]

DATA holds `zhanjiang_boundaries/districts_gcj02.geojson`; OUT is `geo/packs/zhanjiang` if not
given. Districts stay in GCJ-02, as maps of China are; what is simulated is drawn in the plane of
the pack and written in WGS 84.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from shapely.geometry import mapping, shape

from geo.making.files import Inputs
from geo.making.layer import load_layer
from geo.plane import to_globe, to_plane
from replay.samples.grid_posts import posts_of
from replay.samples.maker import made
from replay.samples.stations import Town, cells_of, place_sites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["FOLDER", "build", "main", "simulate"]

FOLDER: Final = Path(__file__).resolve().parents[2] / "geo" / "packs" / "zhanjiang"

CENTRE: Final = (110.4, 21.2)
PLANE: Final = f"+proj=laea +lat_0={CENTRE[1]} +lon_0={CENTRE[0]} +datum=WGS84 +units=m +no_defs"
DATUM: Final = "gcj02"
TOLERANCE_M: Final = 50.0
# Metres a degree, around 21.1 degrees north.
SCALE: Final = np.array([103_860.0, 110_720.0])
# A metre for what is simplified to 50; a tenth of a millimetre for what must fit to it.
OUTLINE_DECIMALS, PLACE_DECIMALS, FITTED_DECIMALS = 5, 6, 9

URBAN: Final = {"440802": 1_000.0, "440803": 1_000.0, "440804": 2_000.0, "440811": 2_000.0}
"""The districts of the pack, with the side of their simulated grid posts in metres."""

SITES: Final = 2_000
SEED: Final = 2_026
# Where sites gather: lon, lat, width in metres, share. Widths and shares are fitted so that the
# spacing comes out as a real one (`README.md` beside the files has both).
TOWNS: Final = (
    (110.365, 21.265, 2_200.0, 0.33),
    (110.395, 21.195, 2_600.0, 0.38),
    (110.335, 21.260, 1_500.0, 0.10),
    (110.455, 21.245, 1_500.0, 0.10),
    (110.400, 21.020, 2_500.0, 0.09),
)
SIMULATED: Final = "simulated: no real place, post or facility"


def build(data: Path, out: Path) -> list[Path]:
    """Write all files into `out` and return their paths. Raises OSError, KeyError, ValueError."""
    source = data / "zhanjiang_boundaries" / "districts_gcj02.geojson"
    rows, shapes = _read(source)
    kept = [number for number, row in enumerate(rows) if row["level"] != "city"]
    outlines = _simplified(shapes[kept])
    districts = [{"adcode": str(rows[one]["adcode"]), "name": rows[one]["name"]} for one in kept]
    urban = [number for number, row in enumerate(districts) if row["adcode"] in URBAN]
    city = shapely.coverage_union_all(outlines[urban])
    return [
        _layer(out / "districts.geojson", districts, outlines, DATUM),
        _layer(out / "boundary.geojson", [{"name": "湛江市区"}], np.array([city]), DATUM),
        *simulate(out / "districts.geojson", out),
    ]


def simulate(districts: Path, out: Path) -> list[Path]:
    """Write what is simulated on the districts of a file, in the same way each time."""
    # As the builder reads them, points on long sides and all: posts must fit to the millimetre.
    layer = load_layer(districts.name, datum=DATUM, inputs=Inputs(districts.parent))
    urban = [number for number, row in enumerate(layer.properties) if row["adcode"] in URBAN]
    ids = [layer.properties[number]["adcode"] for number in urban]
    names = [layer.properties[number]["name"] for number in urban]
    # Squares in degrees, stretched to be square on the ground: their sides are lines of the file.
    stretched = shapely.transform(layer.shapes[urban], lambda at: at * SCALE)
    posts = [
        (row, shapely.transform(one, lambda at: np.round(at / SCALE, FITTED_DECIMALS)))
        for row, one in posts_of(stretched, ids, names, [URBAN[one] for one in ids])
    ]
    ground = shapely.union_all(
        shapely.transform(layer.shapes[urban], lambda at: to_plane(PLANE, at))
    )
    sites = [(row, shapely.transform(one, _to_globe)) for row, one in _sites(ground)]
    return [
        _layer(out / "grid_posts.geojson", *_table(posts), "wgs84"),
        _layer(out / "sites.geojson", *_table(sites), "wgs84"),
        _stations(out / "stations.csv", ground),
    ]


def _read(path: Path) -> tuple[list[dict[str, Any]], NDArray[np.object_]]:
    """Return properties and shapes of a layer."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    shapes = np.array([shape(one["geometry"]) for one in features], np.object_)
    return [one["properties"] for one in features], shapes


def _simplified(outlines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Simplify districts together, so that neighbours keep one border; degrees in and out."""
    metres = shapely.transform(outlines, lambda at: at * SCALE)
    drawn = shapely.coverage_simplify(metres, TOLERANCE_M)
    found = shapely.transform(drawn, lambda at: np.round(at / SCALE, OUTLINE_DECIMALS))
    if not (shapely.coverage_is_valid(found) and shapely.is_valid(found).all()):
        raise ValueError("the simplified districts leave gaps or overlap")
    simplified: NDArray[np.object_] = found
    return simplified


Drawn = list[tuple[dict[str, Any], shapely.Geometry]]


def _sites(ground: shapely.Geometry) -> Drawn:
    """Return simulated sites as rectangles: middle and size in metres of the plane."""
    site = {
        "模拟广场 Simulated Square": (-3_650, 7_300, 260, 180),
        "模拟步行街 Simulated Pedestrian Street": (-700, -450, 60, 520),
        "模拟滨海长廊 Simulated Promenade": (400, 1_400, 120, 900),
        "模拟体育场 Simulated Stadium": (4_800, 6_200, 320, 320),
    }
    says: dict[str, dict[str, Any]] = {
        "模拟广场 Simulated Square": {
            "capacity": 20_000,
            "rungs": [1.5, 2.5, 3.5, 4.5],
            "access_risk": ["narrow"],
        },
        "模拟步行街 Simulated Pedestrian Street": {"access_risk": ["narrow", "one_exit"]},
        "模拟滨海长廊 Simulated Promenade": {"capacity": 12_000, "access_risk": ["water_edge"]},
        "模拟体育场 Simulated Stadium": {"capacity": 30_000, "access_risk": ["one_exit", "slope"]},
    }
    drawn: Drawn = []
    for name, (x, y, width, height) in site.items():
        box = shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        if not shapely.covers(ground, box):
            raise ValueError(f"{name} does not stand on the ground of the pack")
        drawn.append(({"name": name, "note": SIMULATED} | says[name], box))
    return drawn


def _table(drawn: Drawn) -> tuple[list[dict[str, Any]], NDArray[np.object_]]:
    """Take properties and shapes apart."""
    return [row for row, _ in drawn], np.array([one for _, one in drawn], np.object_)


def _to_globe(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn places of the plane into lon/lat, to a tenth of a metre."""
    return np.round(to_globe(PLANE, metres), PLACE_DECIMALS)


def _layer(path: Path, rows: list[dict[str, Any]], shapes: NDArray[np.object_], datum: str) -> Path:
    """Write a layer, one feature a line, so that a difference can be read."""
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": row,
                "geometry": mapping(shapely.orient_polygons(shape_)),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for row, shape_ in zip(rows, shapes, strict=True)
    ]
    head = f'{{"type":"FeatureCollection","datum":"{datum}","features":[\n'
    path.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
    return path


def _stations(path: Path, ground: shapely.Geometry) -> Path:
    """Write the simulated cells: sectors in town, bare points outside."""
    middles = to_plane(PLANE, np.array([(lon, lat) for lon, lat, *_ in TOWNS]))
    towns = tuple(
        Town(middle=(float(x), float(y)), width_m=width_m, weight=weight)
        for (x, y), (_, _, width_m, weight) in zip(middles, TOWNS, strict=True)
    )
    cells = cells_of(place_sites(ground, towns, sites=SITES, seed=SEED), seed=SEED)
    places = _to_globe(np.array([(cell.x, cell.y) for cell in cells]))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("cell", "lon", "lat", "radius_m", "azimuth_deg", "beam_deg"))
    for cell, (lon, lat) in zip(cells, places.tolist(), strict=True):
        beam = None if cell.azimuth_deg is None else 120
        writer.writerow((cell.id, lon, lat, cell.radius_m, cell.azimuth_deg, beam))
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def main(arguments: Sequence[str]) -> int:
    """Build from the folder given; see `made`."""
    return made(arguments, build, folder=FOLDER, module="replay.samples.zhanjiang")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
