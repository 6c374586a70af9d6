"""Cities of packs for the simulator: cells of several feeds that come, move and go in a run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geo.coverage import coverage_of
from geo.grid_digest import grid_digest
from geo.version import BEGINNING_MS, Version, version_digest

if TYPE_CHECKING:
    from geo.city import City
    from geo.coverage import Coverage

__all__ = ["packed"]


def packed(city: City, feeds: tuple[str, ...], since_ms: int) -> City:
    """Return a city as the pack of two versions, the second one valid from `since_ms`.

    city: of a cells file with six cells or more, c00 and so on; these are the later feeds' own
    as well, but for a few. Then c03 comes to the first feed, c01 goes and c05 moves to where
    c04 is; of the other feeds c02 goes. The panel is everybody but
    c02.
    """
    first = _cover(city, without={"c03"})
    other = _cover(city, without={"c00"})
    early = {feed: first if feed == feeds[0] else other for feed in feeds}
    moved = _cover(city, without={"c01"}, moved={"c05": "c04"})
    thinned = _cover(city, without={"c00", "c02"})
    later = {feed: moved if feed == feeds[0] else thinned for feed in feeds}
    versions = tuple(
        Version(valid_from_ms=at_ms, feeds=covers, digest=version_digest(city.cells, covers))
        for at_ms, covers in ((BEGINNING_MS, early), (since_ms, later))
    )
    panel = np.array([n for n, cell in enumerate(city.cells) if cell != "c02"], np.int32)
    return replace(city, versions=versions, panel=panel, digest=grid_digest(city.grid, None))


def _cover(city: City, *, without: set[str], moved: dict[str, str] | None = None) -> Coverage:
    """Return the coverage of all cells but a few. moved: cells with the footprint of another."""
    whole, parts = city.coverage, []
    for number, cell in enumerate(city.cells):
        if cell not in without:
            pairs = np.flatnonzero(whole.cell == city.cell_index[(moved or {}).get(cell, cell)])
            parts.append((np.full(len(pairs), number), whole.tile[pairs], whole.share[pairs]))
    cell_of, tile, share = (np.concatenate(column) for column in zip(*parts, strict=True))
    registered = np.array([cell not in without for cell in city.cells])
    return coverage_of(cell_of, tile, share, len(city.cells), registered=registered)
