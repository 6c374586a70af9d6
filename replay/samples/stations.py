"""Simulated base stations: places that nobody's antennas have, spaced as real ones are.

Real networks thin out exponentially from the middle of a town, and some stations stand close to
another one (a second mast on the next roof). Both are drawn here from a seed: towns with a width
each, a share of companions, a thin floor over the country. The numbers were fitted to the
spacing of 13,269 real stations (`spacing`); no place of theirs is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from replay.samples.spacing import neighbours_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Cell", "Town", "cells_of", "place_sites"]

# Of the sites, how many stand beside another one, and how far from it at most in the mean, in
# units of the mean spacing of its neighbourhood.
COMPANION_RATIO: Final = 0.2
COMPANION_REACH: Final = 2.0
# Of the sites, how many serve open country: evenly over the ground.
COUNTRY_RATIO: Final = 0.06
# A site whose fourth neighbour is nearer than this stands in a town and has three sectors.
CORE_M: Final = 700.0
CORE_NEIGHBOUR: Final = 4
# A sector reaches past its fourth neighbour, so that sectors overlap as real ones do.
REACH_RATIO: Final = 1.5
REACH_MIN_M, REACH_MAX_M = 150.0, 1_000.0
SECTORS: Final = 3
BEAM_DEG: Final = 120
TURN_DEG: Final = 360


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Where sites gather.

    middle: metres in the plane. width_m: at this distance from it their density is down to a
    third. weight: share of the sites of all towns.
    """

    middle: tuple[float, float]
    width_m: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A sector (azimuth clockwise from north), or the one cell of a bare site (no figures)."""

    id: str
    x: float
    y: float
    radius_m: int | None = None
    azimuth_deg: int | None = None


def place_sites(
    ground: shapely.Geometry, towns: tuple[Town, ...], *, sites: int, seed: int
) -> NDArray[np.float64]:
    """Places of sites on the ground, metres, rounded to one; shape (sites, 2), south to north.

    No two sites have the same place. The same arguments give the same places.
    """
    chance = np.random.default_rng(seed)
    shapely.prepare(ground)
    found: dict[tuple[int, int], None] = {}
    while len(found) < sites:
        kind = chance.random()
        if found and kind < COMPANION_RATIO:
            point = _beside(np.array(list(found), np.float64), chance)
        elif kind < COMPANION_RATIO + COUNTRY_RATIO:
            west, south, east, north = shapely.bounds(ground)
            point = chance.uniform((west, south), (east, north))
        else:
            point = _in_town(towns, chance)
        place = round(float(point[0])), round(float(point[1]))
        if shapely.contains_xy(ground, *place):
            found[place] = None
    places = np.array(list(found), np.float64)
    return places[np.lexsort(places.T)]


def _in_town(towns: tuple[Town, ...], chance: np.random.Generator) -> NDArray[np.float64]:
    """Draw a place around one of the towns, density falling exponentially with distance."""
    town = towns[chance.choice(len(towns), p=[town.weight for town in towns])]
    far, turn = chance.gamma(2.0, town.width_m), chance.uniform(0.0, 2.0 * np.pi)
    return np.array(town.middle) + far * np.array([np.cos(turn), np.sin(turn)])


def _beside(places: NDArray[np.float64], chance: np.random.Generator) -> NDArray[np.float64]:
    """Draw a place near one of the sites, as near as sites stand around it."""
    other = places[chance.integers(len(places))]
    far = np.sort(np.hypot(*(places - other).T))
    tenth = far[min(10, len(far) - 1)]
    # Of points thrown at random, the nearest is at 0.28 of the distance of the tenth.
    reach, turn = chance.exponential(COMPANION_REACH * 0.28 * tenth), chance.uniform(0, 2 * np.pi)
    place: NDArray[np.float64] = other + reach * np.array([np.cos(turn), np.sin(turn)])
    return place


def cells_of(places: NDArray[np.float64], *, seed: int) -> list[Cell]:
    """Give three sectors to sites in a town, one cell without figures to all others."""
    chance = np.random.default_rng(seed)
    far = neighbours_m(places, CORE_NEIGHBOUR)[:, -1]
    reach = np.clip(REACH_RATIO * far, REACH_MIN_M, REACH_MAX_M)
    first = chance.integers(0, TURN_DEG // SECTORS, len(places))
    cells = []
    for number, (x, y) in enumerate(places.tolist()):
        name = f"sim-{number + 1:04d}"
        if far[number] > CORE_M:
            cells.append(Cell(id=f"{name}-0", x=x, y=y))
            continue
        cells += [
            Cell(
                id=f"{name}-{sector + 1}",
                x=x,
                y=y,
                radius_m=int(round(reach[number], -1)),
                azimuth_deg=int(first[number]) + sector * (TURN_DEG // SECTORS),
            )
            for sector in range(SECTORS)
        ]
    return cells
