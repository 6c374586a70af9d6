"""Features that lie off the city: lon and lat swapped, another datum, another city.

A longitude of 9 and a latitude of 45 may be swapped and still lie on the globe. Beside the other
layers of a city it shows: as it stands the feature is a continent away, swapped it is at home. A
feature that is only far away is no fault by itself, for a layer may show a whole country.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import shapely

from geo.fault import Fault
from geo.register import REACH_DEG_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Placed", "astray", "home_of", "misplaced"]

Placed: TypeAlias = "tuple[str, NDArray[np.object_], Sequence[str]]"
"""File, shapes in lon/lat degrees, and where each of them stands in the file."""


def home_of(files: Sequence[Placed]) -> tuple[float, float]:
    """Return lon, lat of where most files of a city lie: the middle one of their middles.

    files: at least one, none of them empty.

    >>> away, here = shapely.Point(45.4, 9.2), shapely.Point(9.2, 45.4)
    >>> home_of([(name, np.array([at]), [""]) for name, at in zip("abc", [here, away, here])])
    (9.2, 45.4)
    """
    bounds = np.array([shapely.total_bounds(shapes) for _, shapes, _ in files])
    middle = np.sort((bounds[:, :2] + bounds[:, 2:]) / 2, axis=0)[(len(bounds) - 1) // 2]
    return float(middle[0]), float(middle[1])


def astray(files: Sequence[Placed], centre: tuple[float, float]) -> list[Fault]:
    """Say that the centre that the city file gives lies off all its layers; else nothing.

    >>> here = [("a", np.array([shapely.Point(9.2, 45.4)]), [""])]
    >>> [fault.line("city.toml") for fault in astray(here, (45.4, 9.2))]
    ['city.toml: grid.centre: lies 36.2 degrees from all layers: lon and lat look swapped, here or there; write [9.2, 45.4], or mend the layers']
    """  # noqa: E501  a line of output cannot be broken
    bounds = np.array([shapely.total_bounds(shapes) for _, shapes, _ in files])
    away = float(_away_deg(bounds, centre).min())
    if away <= REACH_DEG_MAX:
        return []
    swapped = _away_deg(bounds, (centre[1], centre[0])).min() <= REACH_DEG_MAX
    says = f"lies {away:.1f} degrees from all layers"
    lon, lat = (round(axis, 1) for axis in home_of(files))
    return [
        Fault(
            where="",
            field="grid.centre",
            says=f"{says}: lon and lat look swapped, here or there" if swapped else says,
            write=f"write [{lon:g}, {lat:g}], or mend the layers",
        )
    ]


def misplaced(
    shapes: NDArray[np.object_], places: Sequence[str], *, home: tuple[float, float]
) -> list[Fault]:
    """Name the features whose lon and lat look swapped, or say that a whole layer lies elsewhere.

    shapes: lon/lat degrees, shape (n,). places: where each stands in its file. home: lon, lat of
    the city's middle. Features within `REACH_DEG_MAX` degrees of it are fine.

    >>> linate = shapely.Point(45.4, 9.3)
    >>> [fault.line("a") for fault in misplaced(np.array([linate]), ["feature 1"], home=(9.2, 45))]
    ['a: feature 1: geometry: lon and lat look swapped; write each position as [lon, lat]']
    """
    bounds = shapely.bounds(shapes)
    away = _away_deg(bounds, home)
    there = _away_deg(bounds[:, [1, 0, 3, 2]], home)
    swapped = np.flatnonzero((away > REACH_DEG_MAX) & (there <= REACH_DEG_MAX)).tolist()
    if not swapped and away.size and (nearest := float(away.min())) > REACH_DEG_MAX:
        says = f"lies {nearest:.1f} degrees from the city or more, all of it"
        write = "give the layer of this city; is its datum the one declared?"
        return [Fault(where="", field="", says=says, write=write)]
    return [
        Fault(
            where=places[index],
            field="geometry",
            says="lon and lat look swapped",
            write="write each position as [lon, lat]",
        )
        for index in swapped
    ]


def _away_deg(bounds: NDArray[np.float64], home: tuple[float, float]) -> NDArray[np.float64]:
    """Degrees from home to each bounding box, the larger of both axes; 0 inside it."""
    lon, lat = home
    east = np.maximum(bounds[:, 0] - lon, lon - bounds[:, 2])
    # The short way round the globe.
    east = np.minimum(np.abs(east), np.abs(360.0 - np.abs(east))) * (east > 0)
    north = np.maximum(bounds[:, 1] - lat, lat - bounds[:, 3])
    return np.maximum(east, np.maximum(north, 0.0))
