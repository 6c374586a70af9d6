"""Makes the files of the Milan pack anew: the squares of the recorded sample, as they lie.

    python -m replay.samples.milan_squares DATA [OUT]

DATA holds `milan/grid_cells.csv.gz` (`cell_id,lon,lat`: the middles of all 10,000 squares); OUT is
`geo/packs/milan` if not given. A corner is the mean of the four middles around it, so that
neighbours share their corners to the last digit. Areas, posts and units are simulated.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from replay.samples import MILAN
from replay.samples.maker import made

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["FOLDER", "build", "main"]

FOLDER: Final = Path(__file__).resolve().parents[2] / "geo" / "packs" / "milan"

COLUMNS: Final = 100
DECIMALS: Final = 6
# The part of the grid around the sample's squares, first and last, cut into simulated areas.
ROWS, COLS = (38, 60), (32, 63)
POLICE: Final = {"sim-west": (32, 47), "sim-east": (48, 63)}
NAMES: Final = {"sim-west": "Ovest (simulata)", "sim-east": "Est (simulata)"}
POST_SIDE: Final = 8  # squares
STADIUM: Final = "san-siro"

Ring = list[list[float]]
Feature = dict[str, Any]


def build(data: Path, out: Path) -> list[Path]:
    """Write all files into `out` and return their paths. Raises OSError, KeyError, ValueError."""
    corners = _corners(data / "milan" / "grid_cells.csv.gz")
    with MILAN.cells.open(encoding="utf-8", newline="") as text:
        cells = list(csv.DictReader(text))
    squares = [_square(cell, corners) for cell in cells]
    (stadium,) = [one for one in squares if one["properties"]["cell"] == STADIUM]
    site = {"name": "San Siro stadium (its square)", "access_risk": ["narrow"]}
    return [
        _layer(out / "squares.geojson", squares),
        _layer(out / "police.geojson", _police(corners)),
        _layer(
            out / "fire.geojson",
            [
                _feature(
                    {"id": "sim-fire", "name": "Milano (simulata)"}, _block(corners, ROWS, COLS)
                )
            ],
        ),
        _layer(out / "grid_posts.geojson", _posts(corners)),
        _layer(out / "sites.geojson", [stadium | {"properties": site}]),
    ]


def _corners(path: Path) -> NDArray[np.float64]:
    """South-west corners of the squares, lon/lat, shape (rows, columns, 2); NaN at the rim."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        rows = [(int(r["cell_id"]), float(r["lon"]), float(r["lat"])) for r in csv.DictReader(text)]
    middles = np.array([(lon, lat) for _, lon, lat in sorted(rows)]).reshape(-1, COLUMNS, 2)
    corners = np.full_like(middles, np.nan)
    around = middles[:-1, :-1] + middles[:-1, 1:] + middles[1:, :-1] + middles[1:, 1:]
    corners[1:, 1:] = np.round(around / 4, DECIMALS)
    return corners


def _block(corners: NDArray[np.float64], rows: Sequence[int], cols: Sequence[int]) -> Ring:
    """Ring around the squares from the first to the last row and column."""
    (south, north), (west, east) = rows, cols
    places = ((south, west), (south, east + 1), (north + 1, east + 1), (north + 1, west))
    ring: Ring = [corners[row, col].tolist() for row, col in places]
    return [*ring, ring[0]]


def _feature(properties: dict[str, Any], ring: Ring) -> Feature:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _square(cell: dict[str, str], corners: NDArray[np.float64]) -> Feature:
    row, col = int(cell["row"]), int(cell["col"])
    properties = {"cell": cell["cell"], "row": row, "col": col, "name": cell["name"]}
    return _feature(properties, _block(corners, (row, row), (col, col)))


def _police(corners: NDArray[np.float64]) -> list[Feature]:
    return [
        _feature({"id": area, "name": NAMES[area]}, _block(corners, ROWS, cols))
        for area, cols in POLICE.items()
    ]


def _posts(corners: NDArray[np.float64]) -> list[Feature]:
    """Return posts of at most `POST_SIDE` x `POST_SIDE` squares."""
    found: list[Feature] = []
    for rows in _runs(ROWS):
        for cols in _runs(COLS):
            number = len(found) + 1
            post = {
                "id": f"sim-{number:02d}",
                "name": f"Quadro {number} (simulato)",
                "post": "Responsabile di zona (esempio)",
                "deputy": "Vice responsabile (esempio)",
                "unit": "Centrale di zona (simulata)",
                "contact": f"sim-ext-{number:02d}",
            }
            found.append(_feature(post, _block(corners, rows, cols)))
    return found


def _runs(span: tuple[int, int]) -> list[tuple[int, int]]:
    """Cut a span into runs of `POST_SIDE`.

    >>> _runs((38, 60))
    [(38, 45), (46, 53), (54, 60)]
    """
    first, last = span
    return [(at, min(at + POST_SIDE - 1, last)) for at in range(first, last + 1, POST_SIDE)]


def _layer(path: Path, features: Iterable[Feature]) -> Path:
    """Write a layer, one feature a line, so that a difference can be read."""
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features]
    head = '{"type":"FeatureCollection","datum":"wgs84","features":[\n'
    path.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
    return path


def main(arguments: Sequence[str]) -> int:
    """Build from the folder given; see `made`."""
    return made(arguments, build, folder=FOLDER, module="replay.samples.milan_squares")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
