"""A city pack: everything about one city in one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geo.city_value import City
    from geo.pack_report import Input, Report

__all__ = ["CellPlaces", "Outlines", "Pack"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellPlaces:
    """Where each cell stands and how far it reaches, for pictures; float64, shape (cells,).

    x_m, y_m: of the site (of a polygon, its middle) in the plane. radius_m: of the disc with the
    footprint's area. azimuth_deg, beam_deg: of a sector. NaN where there is none. A cell with
    several footprints shows its first one (by version, then feed).
    """

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    radius_m: NDArray[np.float64]
    azimuth_deg: NDArray[np.float64]
    beam_deg: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlines:
    """Simplified polygons in metres of the plane, for pictures only; no decision rests on them.

    boundary: shape (1,) or (0,). police, fire: in the order of the duty's areas. sites: in the
    order of the city's sites.
    """

    boundary: NDArray[np.object_]
    police: NDArray[np.object_]
    fire: NDArray[np.object_]
    sites: NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pack:
    """One city, ready to load.

    name, name_zh: as people call the city. projection: PROJ string of the plane of outlines and
    places; None if nothing has a place. ground_m2: shape (tiles,), NaN where unknown; never less
    than the walkable part. inputs: sorted by file. digest: sha256 (hex) of the pack's bytes;
    empty until there are any.
    """

    name: str
    name_zh: str | None
    city: City
    projection: str | None
    ground_m2: NDArray[np.float64]
    outlines: Outlines
    places: CellPlaces
    inputs: tuple[Input, ...]
    report: Report
    digest: str = ""
