"""Sites, of the settings and of the pack alike, laid on tiles; no tile has two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from alerts.ground import Site
from stream.settings import ConfigError
from stream.settings_fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geo.city import City
    from geo.grid import Grid
    from stream.settings import Settings
    from stream.settings import Site as SiteSettings

    Tiles = NDArray[np.intp]

__all__ = ["lay_sites"]


def lay_sites(settings: Settings, city: City) -> tuple[tuple[Site, ...], NDArray[np.int32]]:
    """Return the sites, those of the settings first, and of each tile its site, -1 = none.

    Raises ConfigError listing every site that names cells or tiles that are not there, lies
    outside the grid, needs an outline that an identity tiling does not have, has the name of
    another one, or claims a tile of another one.
    """
    placed: list[tuple[Site, Tiles]] = []
    faults: list[Fault] = []
    for wanted in settings.sites:
        try:
            tiles = _tiles_of(wanted, city)
            placed.append((_of_settings(wanted, tiles), tiles))
        except ConfigError as fault:
            faults += fault.faults
    placed += _of_pack(city)
    faults += _twice_named(settings, city)
    of_tile = np.full(len(city.grid.tile_ids), -1, np.int32)
    for number, (site, tiles) in enumerate(placed):
        for other in np.unique(of_tile[tiles][of_tile[tiles] >= 0]).tolist():
            shared = tiles[of_tile[tiles] == other]
            faults.append(_overlap(placed[other][0].name, site.name, city, shared))
        of_tile[tiles] = number
    if faults:
        raise ConfigError(faults)
    return tuple(site for site, _ in placed), of_tile


def _of_settings(site: SiteSettings, tiles: Tiles) -> Site:
    return Site(
        name=site.name,
        capacity=site.capacity,
        access_risk=site.access_risk,
        rungs=site.rungs,
        tiles=len(tiles),
    )


def _of_pack(city: City) -> list[tuple[Site, Tiles]]:
    """Return the sites of the city; each kind of risk that is named puts access at risk."""
    return [
        (
            Site(
                name=one.name,
                capacity=one.capacity,
                access_risk=bool(one.access_risk),
                hazards=one.access_risk,
                rungs=one.rungs,
                tiles=len(one.tiles),
            ),
            one.tiles.astype(np.intp),
        )
        for one in city.sites
    ]


def _twice_named(settings: Settings, city: City) -> Iterator[Fault]:
    ours = {site.name for site in settings.sites}
    for site in city.sites:
        if site.name in ours:
            yield Fault(
                where="",
                key="sites",
                what=f"site {site.name!r} is in the settings and in the city pack",
                instead="take it out of one of them, or give it another name",
            )


def _overlap(one: str, other: str, city: City, shared: Tiles) -> Fault:
    more = f" and {len(shared) - 1} more" if len(shared) > 1 else ""
    return Fault(
        where="",
        key="sites",
        what=f"sites {one!r} and {other!r} both cover tile {city.grid.tile_ids[shared[0]]}{more}",
        instead="ground of its own for each",
    )


def _tiles_of(site: SiteSettings, city: City) -> Tiles:
    if site.tiles is not None:
        tile_ids = {tile: number for number, tile in enumerate(city.grid.tile_ids)}
        return np.unique(_indexes(site, site.tiles, tile_ids, "tiles"))
    if site.cells is not None:
        return _under(site, _indexes(site, site.cells, city.cell_index, "cells"), city)
    return _inside(site, city.grid)


def _indexes(site: SiteSettings, names: tuple[str, ...], known: dict[str, int], what: str) -> Tiles:
    strangers = [name for name in names if name not in known]
    if strangers:
        raise ConfigError.one(
            f"site {site.name!r} names {what} that the cells file does not give: {strangers[:5]}",
            key=f"sites.{what}",
            instead=f"ids such as {sorted(known)[:3]}",
        )
    return np.array([known[name] for name in names], np.intp)


def _under(site: SiteSettings, cells: Tiles, city: City) -> Tiles:
    """Return the tiles that cells touch in the first version that knows them.

    A later version never moves a site: that would change alerts before it acts.
    """
    left, found = np.unique(cells), [np.zeros(0, np.int32)]
    for version in city.versions:
        known = np.zeros(len(left), np.bool_)
        for cover in version.feeds.values():
            found.append(cover.tile[np.isin(cover.cell, left)])
            known |= cover.registered[left]
        left = left[~known]
    tiles = np.unique(np.concatenate(found)).astype(np.intp)
    if not len(tiles):
        raise ConfigError.one(
            f"site {site.name!r} has cells that touch no tile of the grid",
            key="sites.cells",
            instead="cells whose footprints lie on the grid",
        )
    return tiles


def _inside(site: SiteSettings, grid: Grid) -> Tiles:
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
