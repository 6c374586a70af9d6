"""The ground of alerts, from settings and city: sites laid on tiles, units, local time of day."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import shapely

from alerts.ground import Ground, Site
from stream.calendar import Calendar
from stream.settings_fault import ConfigError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.ground import Ring, Unit
    from alerts.spec import AlertSpec
    from geo.city import City
    from geo.grid import Grid
    from stream.settings import Settings
    from stream.settings_deciding import Site as SiteSettings

__all__ = ["alert_spec", "build_ground", "min_excess", "unit_of"]


def unit_of(settings: Settings) -> Unit:
    """Return the unit of the deployment's counts: people, if any feed counts people."""
    units = {feed.unit for feed in settings.feeds.values()}
    return "activity" if units == {"activity"} else "people"


def min_excess(settings: Settings) -> float:
    """Return the size gate of anomalies in the feeds' unit: the smallest of all feeds."""
    return min((settings.min_excess(name) for name in settings.feeds), default=0.0)


def alert_spec(settings: Settings) -> AlertSpec:
    """Return the alerts room's settings, with the size gate in the feeds' own unit."""
    return replace(settings.alerts.spec(), min_people=min_excess(settings))


def build_ground(settings: Settings, city: City) -> Ground:
    """Lay the sites on the city's tiles.

    Raises ConfigError listing every site that names cells or tiles that are not there, lies
    outside the grid, or needs an outline that an identity tiling does not have.
    """
    grid = city.grid
    of_tile = np.full(len(grid.tile_ids), -1, np.int32)
    sites: list[Site] = []
    faults: list[ConfigError] = []
    for number, site in enumerate(settings.sites):
        try:
            tiles = _tiles_of(site, city)
        except ConfigError as fault:
            faults.append(fault)
            continue
        of_tile[tiles] = number
        sites.append(
            Site(
                name=site.name,
                capacity=site.capacity,
                access_risk=site.access_risk,
                rungs=site.rungs,
                tiles=len(tiles),
            )
        )
    if faults:
        raise ConfigError([one for fault in faults for one in fault.faults])
    calendar = Calendar(tz=settings.calendar.tz, country="none")
    unit = unit_of(settings)
    return Ground(
        tile_ids=grid.tile_ids,
        row=grid.row,
        col=grid.col,
        walkable_m2=grid.walkable_m2,
        area=np.zeros(len(grid.tile_ids), np.int32),
        site=of_tile,
        sites=tuple(sites),
        names=grid.names,
        outline=None if grid.side_m is None else partial(_outline, grid),
        unit=unit,
        floor=0 if unit == "activity" else settings.privacy.floor,
        clock=partial(_clock, calendar),
    )


def _outline(grid: Grid, tiles: NDArray[np.int32]) -> list[Ring] | None:
    rings = grid.outline(tiles)
    return None if rings is None else [[(lon, lat) for lon, lat in ring] for ring in rings]


def _clock(calendar: Calendar, at_ms: int) -> str:
    """Return the local time of day, as headlines show it."""
    return calendar.local_iso(at_ms)[11:16]


def _tiles_of(site: SiteSettings, city: City) -> NDArray[np.intp]:
    if site.tiles is not None:
        return _indexes(site, site.tiles, {t: i for i, t in enumerate(city.grid.tile_ids)}, "tiles")
    if site.cells is not None:
        cells = _indexes(site, site.cells, city.cell_index, "cells")
        return np.unique(city.coverage.tile[np.isin(city.coverage.cell, cells)]).astype(np.intp)
    return _inside(site, city.grid)


def _indexes(
    site: SiteSettings, names: tuple[str, ...], known: dict[str, int], what: str
) -> NDArray[np.intp]:
    strangers = [name for name in names if name not in known]
    if strangers:
        raise ConfigError.one(
            f"site {site.name!r} names {what} that the cells file does not give: {strangers[:5]}",
            key=f"sites.{what}",
            instead=f"ids such as {sorted(known)[:3]}",
        )
    return np.array([known[name] for name in names], np.intp)


def _inside(site: SiteSettings, grid: Grid) -> NDArray[np.intp]:
    """Return the tiles whose centre lies in a site's outline."""
    centres = grid.centres(np.arange(len(grid.tile_ids)))
    if centres is None:
        raise ConfigError.one(
            f"site {site.name!r} has an outline, but the cells file gives no geometry",
            key="sites.polygon",
            instead="sites.cells = [...] with ids of the cells file",
        )
    outline = shapely.Polygon(site.polygon)
    tiles = np.flatnonzero(shapely.contains_xy(outline, centres[:, 0], centres[:, 1]))
    if not len(tiles):
        raise ConfigError.one(
            f"site {site.name!r} covers the centre of no tile of the grid",
            key="sites.polygon",
            instead="[[lon, lat], ...] in WGS 84 degrees, longitude first",
        )
    return tiles
