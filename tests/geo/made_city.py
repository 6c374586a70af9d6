"""A made-up city as files: a boundary, streets, water, two feeds, districts, posts and sites."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

WEST, SOUTH, EAST, NORTH = 110.38, 21.18, 110.42, 21.22

CITY: Final = """
name = "Madeup"
name_zh = "虚城"
[grid]
side_m = 200
[boundary]
file = "boundary.geojson"
datum = "wgs84"
[ground]
assumed_share = 0.3
walkable = [{ file = "streets.geojson", datum = "wgs84" }]
excluded = [{ file = "water.geojson", datum = "wgs84" }]
[[cells]]
feed = "cmcc"
file = "cells.csv"
datum = "wgs84"
[[cells]]
feed = "cucc"
file = "masts.csv"
datum = "wgs84"
[jurisdictions]
police = { file = "districts.geojson", datum = "wgs84", id = "adcode", name = "name" }
fire = { file = "districts.geojson", datum = "wgs84", id = "adcode", name = "name" }
posts = { file = "posts.geojson", datum = "wgs84" }
[sites]
file = "sites.geojson"
datum = "wgs84"
"""

LATER: Final = """
[[cells]]
feed = "cmcc"
file = "cells-2.csv"
datum = "wgs84"
valid_from = 2026-12-01T00:00:00+08:00
"""

Feature = dict[str, object]


def box(west: float, south: float, east: float, north: float, **properties: object) -> Feature:
    """Draw a rectangle in degrees."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def write_layer(path: Path, *features: Feature) -> None:
    """Write features as GeoJSON."""
    tree = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")


def post(number: int, **more: object) -> dict[str, object]:
    """Return what a post says."""
    said: dict[str, object] = {
        "id": f"g{number}",
        "name": f"Grid {number}",
        "post": "Grid chief",
        "deputy": "Deputy chief",
        "unit": "Subdistrict office",
        "contact": f"ext 10{number}",
    }
    return {**said, **more}


def cell_rows() -> list[str]:
    """Return rows of discs and sectors on a regular pattern, some of them across the boundary."""
    rows = []
    for number in range(60):
        lon = WEST + 0.0008 + 0.0043 * (number % 10)
        lat = SOUTH + 0.003 + 0.0068 * (number // 10)
        sector = "120,65" if number % 3 else ","
        rows.append(f"c{number:02d},{lon:.6f},{lat:.6f},{250 + 40 * (number % 7)},{sector}")
    return rows


def mast_rows() -> list[str]:
    """Return rows of bare points; the ids are those of the other feed's cells."""
    return [
        f"c{number:02d},{WEST + 0.002 + 0.0061 * (number % 6):.6f},"
        f"{SOUTH + 0.004 + 0.0074 * (number // 6):.6f}"
        for number in range(30)
    ]


def write_city(folder: Path, text: str = CITY, *, step: int = 1) -> Path:
    """Write all files of the city; step: -1 writes every list of features and rows backwards."""
    middle = (WEST + EAST) / 2
    districts = [
        box(WEST - 1, SOUTH - 1, middle + 0.0003, NORTH + 1, adcode=2, name="西区"),
        box(middle + 0.0003, SOUTH - 1, EAST + 1, NORTH + 1, adcode=1, name="东区"),
    ]
    posts = [
        box(WEST - 1, SOUTH - 1, EAST + 1, 21.199, **post(2)),
        box(WEST - 1, 21.199, EAST + 1, 21.21, **post(1)),
        box(WEST - 1, 21.21, EAST + 1, NORTH + 1, **post(3)),
    ]
    streets = [
        box(WEST, 21.196, EAST, 21.1975),
        box(110.392, SOUTH, 110.394, NORTH),
        box(110.3935, 21.19, 110.399, 21.197),
    ]
    water = [box(110.408, 21.204, 110.4135, 21.2085), box(110.413, 21.204, 110.43, 21.2075)]
    sites = [
        box(110.385, 21.185, 110.391, 21.190, name="Stadium", capacity=30000),
        box(110.4, 21.2, 110.4004, 21.2004, name="Market", access_risk=["narrow", "one_exit"]),
    ]
    write_layer(folder / "boundary.geojson", box(WEST, SOUTH, EAST, NORTH))
    write_layer(folder / "districts.geojson", *districts[::step])
    write_layer(folder / "posts.geojson", *posts[::step])
    write_layer(folder / "streets.geojson", *streets[::step])
    write_layer(folder / "water.geojson", *water[::step])
    write_layer(folder / "sites.geojson", *sites[::step])
    head = "cell,lon,lat,radius_m,azimuth_deg,beam_deg"
    rows = cell_rows()[::step]
    (folder / "cells.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    later = ["c99,110.4001,21.2001,300,,", *cell_rows()[2:]][::step]
    (folder / "cells-2.csv").write_text("\n".join([head, *later]) + "\n", encoding="utf-8")
    masts = ["cell,lon,lat", *mast_rows()[::step]]
    (folder / "masts.csv").write_text("\n".join(masts) + "\n", encoding="utf-8")
    (folder / "city.toml").write_text(text, encoding="utf-8")
    return folder / "city.toml"
