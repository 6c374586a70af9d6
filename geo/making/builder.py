"""Builds a city's pack from its city file: read, lay out, assign, and only then a pack.

All faults of all files are told at once, as far as one step can see them: first everything that
reading finds, then everything that laying out finds. Nothing is written here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.assumed_share import assumed_share
from geo.city_value import City
from geo.grid_digest import grid_digest
from geo.making.coverages import merged_places, versions
from geo.making.duties import duty_on, sites_on
from geo.making.gathering import Gathering
from geo.making.on_own_tiles import lay_on_own_tiles
from geo.making.on_squares import lay_on_squares
from geo.making.pictured import outlines_of
from geo.making.report import report_of
from geo.making.sources import read_sources
from geo.pack import Pack
from geo.pack_report import Input
from geo.panel import panel_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.duty import Duty
    from geo.making.files import FilePath
    from geo.making.laid_out import LaidOut
    from geo.making.sources import Sources, Step
    from geo.pack import CellPlaces
    from geo.site import PlacedSite
    from geo.version import Version

__all__ = ["build"]

MM_M = 1000.0


def _quiet(_name: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def build(path: FilePath, *, on_step: Step = _quiet) -> Pack:
    """Build the pack of a city file; raises `BuildError` with all faults.

    on_step: called with the name of a step, how much of it is done, and of how much; the names
    are, in this order, `read`, `shapes`, `ground`, `cells`, `duty`, `sites`, `pack`.
    """
    sources = read_sources(path, on_step)
    gathering = Gathering()
    if sources.own is None:
        laid = lay_on_squares(sources, gathering, on_step)
    else:
        laid = lay_on_own_tiles(sources, sources.own, on_step)
    duty, slivers = duty_on(laid.tiles, sources, gathering, on_step)
    sites = sites_on(laid.tiles, sources, gathering)
    on_step("sites", 1, 1)
    gathering.check()
    places = merged_places(laid.cells, laid.covered)
    city = _city(laid, places, duty, sites)
    report = report_of(
        city,
        ground_m2=laid.ground_m2,
        covered=laid.covered,
        slivers=slivers,
        repaired=sources.repaired,
    )
    pack = Pack(
        name=sources.city.name,
        name_zh=sources.city.name_zh or None,
        city=city,
        projection=laid.projection,
        ground_m2=laid.ground_m2,
        outlines=outlines_of(sources, laid.boundary, laid.projection),
        places=places,
        inputs=_inputs(sources),
        report=report,
    )
    on_step("pack", 1, 1)
    return pack


def _city(
    laid: LaidOut, places: CellPlaces, duty: Duty | None, sites: tuple[PlacedSite, ...]
) -> City:
    """Put the city together."""
    acting = versions(laid.cells, laid.covered)
    return City(
        grid=laid.grid,
        cells=laid.cells,
        versions=acting,
        digest=grid_digest(laid.grid, laid.assumed),
        duty=duty,
        sites=sites,
        panel=_panel(laid, places, acting[0]),
        assumed=laid.assumed,
        assumed_share=assumed_share(laid.assumed, laid.grid.walkable_m2, laid.ground_m2),
    )


def _panel(laid: LaidOut, places: CellPlaces, first: Version) -> NDArray[np.int32]:
    """Choose the panel among the cells that are there from the beginning."""
    known = np.zeros(len(laid.cells), np.bool_)
    for cover in first.feeds.values():
        known |= cover.registered
    x_m, y_m = places.x_m, places.y_m
    if laid.projection is None:
        # Without outlines: by column and row of the tiles, if they have any.
        x_m, y_m = np.full((2, len(laid.cells)), -1.0)
        cell = laid.covered[0].coverage.cell
        x_m[cell], y_m[cell] = laid.grid.col, laid.grid.row
    # A cell that comes later may have no place; it is not chosen anyway.
    x_mm, y_mm = (np.rint(np.nan_to_num(axis) * MM_M).astype(np.int64) for axis in (x_m, y_m))
    return panel_of(x_mm, y_mm, known)


def _inputs(sources: Sources) -> tuple[Input, ...]:
    """List what was read, by name."""
    return tuple(
        Input(file=one.file, sha256=one.sha256, size_bytes=one.size_bytes)
        for one in sources.inputs.read
    )
