"""From cells files to versions: who covers the grid, from which moment on, and what has moved."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo.coverage import Coverage, coverage_of
from geo.pack import CellPlaces
from geo.pack_report import CoverageReport
from geo.plane import PLANE_DECIMALS
from geo.readonly import read_only
from geo.version import Version, version_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.footprint import Footprints
    from geo.making.city_file import CellsEntry

__all__ = [
    "Covered",
    "cells_of",
    "coverage_in",
    "merged_places",
    "places_of",
    "radius_of",
    "reports",
    "versions",
]

POINT: Final = 0
# Lists in the report: enough to see what is wrong, not a second cells file.
WORST_MAX: Final = 10
# A station that was surveyed again to the centimetre has not moved.
MOVED_MIN_M: Final = 0.01
RATIO_DECIMALS: Final = 6
METRE_DECIMALS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Covered:
    """One cells file laid on the grid; arrays of shape (its cells,), in the order of its ids.

    x_m, y_m, radius_m, azimuth_deg, beam_deg: as in `CellPlaces`. coverage: over all cells of the
    city. fell_back: met no walkable polygon.
    """

    entry: CellsEntry
    cells: tuple[str, ...]
    coverage: Coverage
    fell_back: NDArray[np.bool_]
    places: CellPlaces


def cells_of(lists: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Union of lists of cells, sorted: how a city numbers them."""
    return tuple(sorted(set().union(*lists)))


def coverage_in(
    all_cells: tuple[str, ...],
    cells: tuple[str, ...],
    *,
    cell: NDArray[np.integer],
    tile: NDArray[np.integer],
    share: NDArray[np.float64],
) -> Coverage:
    """Make the coverage of one cells file. cell: index into its own cells; tile: of the grid."""
    number = {one: place for place, one in enumerate(all_cells)}
    own = np.array([number[one] for one in cells], np.int64)
    known = np.zeros(len(all_cells), np.bool_)
    known[own] = True
    return coverage_of(own[cell], tile, share, len(all_cells), registered=known)


def places_of(
    footprints: Footprints, shapes: NDArray[np.object_], sites: NDArray[np.object_]
) -> CellPlaces:
    """Tell where the cells of a file stand. shapes: their footprints; sites: as drawn (plane)."""
    points = shapely.get_type_id(sites) == POINT
    middle = np.where(points, sites, shapely.centroid(shapes))
    at = np.round(shapely.get_coordinates(middle), PLANE_DECIMALS)
    return CellPlaces(
        x_m=read_only(at[:, 0].copy()),
        y_m=read_only(at[:, 1].copy()),
        radius_m=read_only(radius_of(shapes)),
        azimuth_deg=footprints.azimuth_deg,
        beam_deg=footprints.beam_deg,
    )


def radius_of(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Radius of the disc with the area of each shape, metres."""
    return np.asarray(np.round(np.sqrt(shapely.area(shapes) / pi), METRE_DECIMALS), np.float64)


def merged_places(all_cells: tuple[str, ...], covered: Sequence[Covered]) -> CellPlaces:
    """Tell where each cell of the city stands: as the first file that lists it says."""
    table = np.full((len(all_cells), 5), np.nan)
    number = {one: place for place, one in enumerate(all_cells)}
    for one in reversed(covered):
        table[[number[cell] for cell in one.cells]] = _columns(one.places)
    x_m, y_m, radius_m, azimuth_deg, beam_deg = (read_only(column.copy()) for column in table.T)
    return CellPlaces(
        x_m=x_m, y_m=y_m, radius_m=radius_m, azimuth_deg=azimuth_deg, beam_deg=beam_deg
    )


def versions(all_cells: tuple[str, ...], covered: Sequence[Covered]) -> tuple[Version, ...]:
    """Make one version for each moment at which a file begins to act, ascending.

    At each, every feed has the newest of its files. covered: by (valid_from, feed).
    """
    found = []
    feeds: dict[str, Coverage] = {}
    for since in sorted({one.entry.valid_from_ms for one in covered}):
        feeds |= {
            one.entry.feed_name: one.coverage for one in covered if one.entry.valid_from_ms == since
        }
        held = dict(sorted(feeds.items()))
        digest = version_digest(all_cells, held)
        found.append(Version(valid_from_ms=since, feeds=held, digest=digest))
    return tuple(found)


def reports(covered: Sequence[Covered]) -> tuple[CoverageReport, ...]:
    """Say of each file what lies outside, what fell back and what has moved."""
    before: dict[str, Covered] = {}
    found = []
    for one in covered:
        found.append(_report(one, before.get(one.entry.feed)))
        before[one.entry.feed] = one
    return tuple(found)


def _report(one: Covered, before: Covered | None) -> CoverageReport:
    """Report on one file. before: the one of the same feed that it replaces."""
    outside = one.coverage.outside[one.coverage.registered]
    worst = np.argsort(-outside, kind="stable")[:WORST_MAX]
    fell_back = np.flatnonzero(one.fell_back)
    old = set() if before is None else set(before.cells)
    way_m = np.zeros(0) if before is None else _way_m(before, one)
    moved = way_m >= MOVED_MIN_M
    return CoverageReport(
        feed=one.entry.feed,
        file=one.entry.file,
        valid_from_ms=one.entry.valid_from_ms,
        cells=len(one.cells),
        outside_ratio=round(float(outside.mean()), RATIO_DECIMALS),
        outside_worst=tuple(
            (one.cells[cell], round(float(outside[cell]), RATIO_DECIMALS))
            for cell in worst.tolist()
            if outside[cell] > 0
        ),
        fallback=int(fell_back.size),
        fallback_cells=tuple(one.cells[cell] for cell in fell_back[:WORST_MAX].tolist()),
        added=0 if before is None else len(set(one.cells) - old),
        removed=len(old - set(one.cells)),
        moved=int(moved.sum()),
        moved_max_m=round(float(way_m.max(initial=0.0)), METRE_DECIMALS),
    )


def _way_m(before: Covered, after: Covered) -> NDArray[np.float64]:
    """How far the place of each cell that both files list has moved."""
    places = {cell: place for place, cell in enumerate(before.cells)}
    both = [(places[cell], new) for new, cell in enumerate(after.cells) if cell in places]
    old, new = np.array(both, np.intp).reshape(-1, 2).T
    away = _columns(after.places)[new, :2] - _columns(before.places)[old, :2]
    way_m: NDArray[np.float64] = np.round(np.sqrt((away * away).sum(axis=1)), PLANE_DECIMALS)
    return way_m


def _columns(places: CellPlaces) -> NDArray[np.float64]:
    """Places as one table, shape (cells, 5)."""
    return np.column_stack(
        (places.x_m, places.y_m, places.radius_m, places.azimuth_deg, places.beam_deg)
    )
