"""The cells of a simulated city: squares that touch, or sectors spaced as real stations are.

Squares are identity cells: each is its own tile, row and column say who its neighbours are.
Stations are the simulated ones of the Zhanjiang pack, the nearest to the middle of its town, with
positions and reach: the product spreads their counts over its own tiles.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from replay.city_spec import CitySpec

__all__ = ["Ground", "squares", "stations"]

_STATIONS: Final = Path(__file__).resolve().parents[1] / "geo/packs/zhanjiang/stations.csv"
_TOWN: Final = (110.395, 21.195)
_M_PER_DEGREE: Final = 111_195.0
_NEIGHBOURS: Final = 8
_DISTRICT_TILES: Final = 4  # squares a side that share a part of their noise
_DISTRICT_M: Final = 1_000.0
_BARE_RADIUS_M: Final = 500.0  # of a site whose row names no reach
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where the cells are.

    header, rows: of the cells file. names: one a cell. area_m2: of its ground, shape (cells,).
    near: int32 (cells, 8): indices of cells around it, sides first for squares; -1 = none.
    district: int32 (cells,): cells with one number share a part of their noise.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    area_m2: NDArray[np.float64]
    near: NDArray[np.int32]
    district: NDArray[np.int32]


def squares(spec: CitySpec) -> Ground:
    """Lay the tiles out as one square field, row by row; the last row may be short."""
    wide = ceil(sqrt(spec.tiles))
    at = np.arange(spec.tiles)
    row, column = at // wide, at % wide
    places = list(zip(row.tolist(), column.tolist(), strict=True))
    names = tuple(f"sim-{down:03d}-{right:03d}" for down, right in places)
    area = spec.side_m * spec.side_m
    near = np.full((spec.tiles, _NEIGHBOURS), -1, np.int32)
    steps = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))
    for which, (down, right) in enumerate(steps):
        to = at + down * wide + right
        inside = (row + down >= 0) & (column + right >= 0) & (column + right < wide)
        near[:, which] = np.where(inside & (to < spec.tiles), to, -1)
    districts = ceil(wide / _DISTRICT_TILES)
    return Ground(
        header=("cell", "area_m2", "row", "col", "name"),
        rows=tuple(
            (name, f"{area:g}", str(down), str(right), f"Simulated square {down}, {right}")
            for name, (down, right) in zip(names, places, strict=True)
        ),
        names=names,
        area_m2=np.full(spec.tiles, area),
        near=near,
        district=(row // _DISTRICT_TILES * districts + column // _DISTRICT_TILES).astype(np.int32),
    )


def stations(spec: CitySpec) -> Ground:
    """Take the sectors nearest to the middle of the town; ValueError if there are too few."""
    with _STATIONS.open(encoding="utf-8", newline="") as text:
        table = list(csv.DictReader(text))
    if len(table) < spec.tiles:
        raise ValueError(f"tiles: the pack has {len(table)} cells, {spec.tiles} were asked for")
    degrees = np.array([(float(one["lon"]), float(one["lat"])) for one in table])
    step = _M_PER_DEGREE * np.array([np.cos(np.radians(_TOWN[1])), 1.0])
    metres = (degrees - np.array(_TOWN)) * step
    kept = np.argsort(np.hypot(*metres.T), kind="stable")[: spec.tiles]
    places, rows = metres[kept], [table[index] for index in kept.tolist()]
    reach = np.array([float(one["radius_m"] or _BARE_RADIUS_M) for one in rows])
    beam = np.array([float(one["beam_deg"] or 360.0) for one in rows])
    corner = ((places - places.min(axis=0)) // _DISTRICT_M).astype(np.int32)
    return Ground(
        header=("cell", "lon", "lat", "radius_m", "azimuth_deg", "beam_deg"),
        rows=tuple(
            (
                one["cell"],
                one["lon"],
                one["lat"],
                one["radius_m"] or f"{_BARE_RADIUS_M:g}",
                one["azimuth_deg"],
                one["beam_deg"],
            )
            for one in rows
        ),
        names=tuple(one["cell"] for one in rows),
        area_m2=np.pi * reach * reach * beam / 360.0,
        near=_nearest(places),
        district=corner[:, 1] * (int(corner[:, 0].max()) + 1) + corner[:, 0],
    )


def _nearest(places: NDArray[np.float64]) -> NDArray[np.int32]:
    """Find the eight nearest others of each place; fewer places leave -1."""
    near = np.full((len(places), _NEIGHBOURS), -1, np.int32)
    some = min(_NEIGHBOURS, len(places) - 1)
    for first in range(0, len(places), _CHUNK):
        part = places[first : first + _CHUNK]
        far = np.hypot(*(part[:, None] - places[None]).transpose(2, 0, 1))
        own = np.arange(len(part))
        far[own, first + own] = np.inf  # sectors of one mast share its place: not itself, by index
        near[first : first + len(part), :some] = np.argsort(far, axis=1, kind="stable")[:, :some]
    return near
