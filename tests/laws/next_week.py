"""Packs of one grid with other cells: some come, some go, some move, from a moment on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from geo.coverage import coverage_of
from geo.grid_digest import grid_digest
from geo.version import Version, version_digest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from geo.city import City
    from geo.coverage import Coverage

__all__ = ["Known", "cover", "pack_of_versions"]

Known: TypeAlias = tuple[int, "Collection[str]", "Mapping[str, str]"]
"""A version: its `valid_from_ms`, its cells, and whose ground those that moved now cover."""


def cover(
    town: City, cells: Sequence[str], registered: Collection[str], moved: Mapping[str, str]
) -> Coverage:
    """Return the coverage of some cells of a town, as a city of `cells` numbers them."""
    whole, parts = town.coverage, []
    for number, cell in enumerate(cells):
        if cell in registered:
            pairs = whole.cell == town.cell_index[moved.get(cell, cell)]
            parts.append((np.full(pairs.sum(), number), whole.tile[pairs], whole.share[pairs]))
    cell_of, tile, share = (np.concatenate(column) for column in zip(*parts, strict=True))
    mask = np.array([cell in registered for cell in cells])
    return coverage_of(cell_of, tile, share, len(cells), registered=mask)


def pack_of_versions(town: City, *versions: Known) -> City:
    """Return the city of a pack on a town's grid; it knows the cells of its versions alone."""
    cells = tuple(sorted(set().union(*(known for _, known, _ in versions))))
    made = []
    for since_ms, known, moved in versions:
        feeds = {"cmcc": cover(town, cells, known, moved)}
        digest = version_digest(cells, feeds)
        made.append(Version(valid_from_ms=since_ms, feeds=feeds, digest=digest))
    return replace(town, cells=cells, versions=tuple(made), digest=grid_digest(town.grid, None))
