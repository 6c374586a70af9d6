"""How base stations stand apart: nearest neighbours in metres, for what is simulated after them.

    python -m replay.samples.spacing STATIONS.csv.gz [SITES]

STATIONS has the columns `lon,lat`; of its stations a random SITES (2,000) are looked at, which is
how far apart the stations of a smaller network stand. Only figures come out, never a place.
"""

from __future__ import annotations

import csv
import gzip
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["NEIGHBOUR_MAX", "QUANTILES", "main", "neighbours_m", "spacing"]

QUANTILES: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
NEIGHBOUR_MAX: Final = 10
"""The neighbour whose distance stands for the density around a station."""

SITES: Final = 2_000
CHUNK: Final = 500  # stations held against all others at once: bounds the memory
M_PER_DEGREE: Final = 111_195.0  # of a sphere; the spacing of stations needs no better


def neighbours_m(places: NDArray[np.float64], most: int = NEIGHBOUR_MAX) -> NDArray[np.float64]:
    """Distances to the nearest neighbours, ascending; shape (stations, most).

    places: metres, shape (stations, 2), more stations than `most`.

    >>> neighbours_m(np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 2.0]]), 1).ravel().tolist()
    [2.0, 3.6, 2.0]
    """
    found = np.empty((len(places), most))
    for first in range(0, len(places), CHUNK):
        some = places[first : first + CHUNK]
        far = np.hypot(*(some[:, None] - places[None]).transpose(2, 0, 1))
        found[first : first + CHUNK] = np.sort(far, axis=1)[:, 1 : most + 1]
    return found


def spacing(places: NDArray[np.float64]) -> dict[str, list[float]]:
    """Quantiles (`QUANTILES`) of what tells one network from another.

    nearest_m, tenth_m: distance to the first and to the tenth neighbour; their contrast is that
    of core and outskirts. ratio: first by tenth; below 0.274 (of chance) in the middle = clusters.
    """
    far = neighbours_m(places)
    nearest, tenth = far[:, 0], far[:, -1]
    return {
        "nearest_m": np.quantile(nearest, QUANTILES).round().tolist(),
        "tenth_m": np.quantile(tenth, QUANTILES).round().tolist(),
        "ratio": np.quantile(nearest / tenth, QUANTILES).round(3).tolist(),
    }


def _thinned(path: Path, sites: int) -> NDArray[np.float64]:
    """Metres, around their middle, of a random part of the stations that stand apart."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        degrees = [(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(text)]
    points = np.unique(degrees, axis=0)
    middle = points.mean(axis=0)
    step = M_PER_DEGREE * np.array([np.cos(np.radians(middle[1])), 1.0])
    chosen = np.random.default_rng(1).permutation(len(points))[:sites]
    metres: NDArray[np.float64] = (points[chosen] - middle) * step
    return metres


def main(arguments: Sequence[str]) -> int:
    """Print the figures of a file."""
    if not 1 <= len(arguments) <= 2:  # noqa: PLR2004  STATIONS and SITES
        sys.stderr.write("usage: python -m replay.samples.spacing STATIONS.csv.gz [SITES]\n")
        return 2
    sites = int(arguments[1]) if arguments[1:] else SITES
    for name, values in spacing(_thinned(Path(arguments[0]), sites)).items():
        sys.stdout.write(f"{name:>10} {' '.join(f'{value:>8g}' for value in values)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
