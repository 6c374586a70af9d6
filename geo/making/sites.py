"""Named places and their tiles: a stadium is the tiles it mostly covers, or its one best tile."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from geo.fault import Fault
from geo.making.areas import said
from geo.making.cut import MEETING_M2_MIN
from geo.making.lay import lay
from geo.readonly import read_only
from geo.site import ACCESS_RISKS, PlacedSite

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.making.assign import Tiles
    from geo.making.lay import Laid
    from geo.making.layer import Layer

__all__ = ["DrawnSite", "DrawnSites", "place_sites", "sites_of"]

NAME_MAX: Final = 80
# People; above it somebody slipped.
CAPACITY_MAX: Final = 10_000_000.0
# People per m2 cannot be higher: bodies do not fit.
RUNG_MAX: Final = 10.0
RUNGS: Final = 4
# Of a tile's ground, that makes the tile one of the site's.
COVERED_MIN_RATIO: Final = 0.5

Rungs: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSite:
    """A site as its feature says, before it has tiles; fields as in `PlacedSite`."""

    name: str
    capacity: float | None
    access_risk: tuple[str, ...]
    rungs: Rungs | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnSites:
    """Sites sorted by name, with their shapes (lon/lat) and places in the file in that order."""

    sites: tuple[DrawnSite, ...]
    shapes: NDArray[np.object_]
    places: tuple[str, ...]
    faults: tuple[Fault, ...]


def sites_of(layer: Layer) -> DrawnSites:
    """Read what the features of a layer say; faults in file order, with one nothing is whole."""
    faults: list[Fault] = []
    found = []
    seen: dict[str, str] = {}
    for where, properties in zip(layer.places, layer.properties, strict=True):
        name = said(where, properties, "name", faults, most=NAME_MAX)
        if name and name in seen:
            says = f"{name!r} stands already in {seen[name]}"
            write = "give each site its own name; one of several parts is one MultiPolygon"
            faults.append(Fault(where=where, field="name", says=says, write=write))
        seen.setdefault(name, where)
        found.append(
            DrawnSite(
                name=name,
                capacity=_capacity(where, properties.get("capacity"), faults),
                access_risk=_risks(where, properties.get("access_risk"), faults),
                rungs=_rungs(where, properties.get("rungs"), faults),
            )
        )
    order = sorted(range(len(found)), key=lambda place: found[place].name)
    return DrawnSites(
        sites=tuple(found[place] for place in order),
        shapes=read_only(layer.shapes[np.array(order, np.intp)]),
        places=tuple(layer.places[place] for place in order),
        faults=tuple(faults),
    )


def place_sites(
    drawn: DrawnSites, shapes: NDArray[np.object_], tiles: Tiles
) -> tuple[tuple[PlacedSite, ...], tuple[Fault, ...]]:
    """Give each site its tiles; returns sites by name, and faults of those that get none.

    shapes: of the sites in the plane, shape (sites,). A site has every tile of whose ground it
    covers half or more, or else the one of which it covers most. A tile that two sites could have
    goes to the one that covers more of it, of equal ones to the first by name.
    """
    laid = lay(shapes, tiles.shape)
    wanted = _wanted(laid, tiles, len(drawn.sites))
    part = np.rint(laid.part_m2 / MEETING_M2_MIN)
    order = np.lexsort((laid.area, -part, laid.tile))
    order = order[wanted[order]]
    tile, first = np.unique(laid.tile[order], return_index=True)
    owner = laid.area[order][first]
    placed, faults = [], []
    for number, site in enumerate(drawn.sites):
        own = tile[owner == number].astype(np.int32)
        if own.size:
            placed.append(
                PlacedSite(
                    name=site.name,
                    tiles=read_only(own),
                    capacity=site.capacity,
                    access_risk=site.access_risk,
                    rungs=site.rungs,
                )
            )
        else:
            lost = laid.tile[wanted & (laid.area == number)]
            rival = drawn.sites[owner[np.searchsorted(tile, lost[0])]].name if lost.size else ""
            faults.append(_no_tile(f"{drawn.places[number]}", rival))
    return tuple(placed), tuple(faults)


def _wanted(laid: Laid, tiles: Tiles, sites: int) -> NDArray[np.bool_]:
    """Which parts make the tile one of the site's; shape (parts,)."""
    half_m2 = tiles.ground_m2[laid.tile] * COVERED_MIN_RATIO
    wanted = laid.part_m2 >= half_m2 - MEETING_M2_MIN
    small = ~np.isin(np.arange(sites), laid.area[wanted])
    # Of the parts of each small site the largest, of equal ones the first tile.
    part = np.rint(laid.part_m2 / MEETING_M2_MIN)
    order = np.lexsort((laid.tile, -part, laid.area))
    area, first = np.unique(laid.area[order], return_index=True)
    best = order[first]
    wanted[best[small[area]]] = True
    return wanted


def _no_tile(where: str, rival: str) -> Fault:
    """Make the fault of a site that gets no tile."""
    if not rival:
        write = "mend its place or datum, or take it out"
        return Fault(where=where, field="geometry", says="lies off the grid", write=write)
    says = f"has no tile of its own: {rival!r} covers more of the only one it could have"
    write = "cut the one out of the other, draw the two as one, or lower grid.side_m"
    return Fault(where=where, field="geometry", says=says, write=write)


def _capacity(where: str, value: object, faults: list[Fault]) -> float | None:
    """Read how many people a site holds; None if nobody says."""
    if value is None:
        return None
    number = _number(value)
    if number is None or not 0 < number <= CAPACITY_MAX:
        says = f"{str(value)[:20]!r} is no number of people"
        write = f"write a number above 0 and at most {CAPACITY_MAX:.0f}, or leave it out"
        faults.append(Fault(where=where, field="capacity", says=says, write=write))
    return number


def _risks(where: str, value: object, faults: list[Fault]) -> tuple[str, ...]:
    """Read why rescue may come too late."""
    if value is None:
        return ()
    risks = value if isinstance(value, list) else [value]
    strangers = [str(risk)[:20] for risk in risks if risk not in ACCESS_RISKS]
    if strangers:
        says = f"{', '.join(map(repr, strangers))} is not known"
        write = f"write a list of {', '.join(ACCESS_RISKS)}"
        faults.append(Fault(where=where, field="access_risk", says=says, write=write))
    return tuple(risk for risk in ACCESS_RISKS if risk in risks)


def _rungs(where: str, value: object, faults: list[Fault]) -> Rungs | None:
    """Read the site's own ladder; None if it has none."""
    if value is None:
        return None
    rungs = [_number(rung) for rung in value] if isinstance(value, list) else []
    whole = [rung for rung in rungs if rung is not None and 0 < rung <= RUNG_MAX]
    if len(rungs) != RUNGS or len(whole) != RUNGS or whole != sorted(set(whole)):
        says = f"{str(value)[:40]} is no ladder"
        write = f"write {RUNGS} ascending people per m2 up to {RUNG_MAX:g}, e.g. [2, 3, 4, 5]"
        faults.append(Fault(where=where, field="rungs", says=says, write=write))
        return None
    first, second, third, fourth = whole
    return first, second, third, fourth


def _number(value: object) -> float | None:
    """Read a finite JSON number; None if it is none (also true)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Whole numbers of JSON know no end; text does, and says `inf` beyond it.
    number = float(str(value))
    return number if isfinite(number) else None
