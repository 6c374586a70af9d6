"""The city of a file: of a pack as it stands, of a plain cells file made on the spot."""

from hashlib import sha256
from math import isfinite
from typing import Final, assert_never

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.city_value import City
from geo.coverage import Coverage, coverage_of, overlaps, tile_span
from geo.disc import discs
from geo.fault import Fault, RegisterError
from geo.footprint import Footprints, Register, Squares
from geo.grid import INDEX_MAX, ORIGIN, Grid, identity_grid, square_grid
from geo.pack_file import is_pack_file, read_pack
from geo.plane import projection_of, to_plane
from geo.register import CellsPath, load_register
from geo.sector import sectors
from geo.version import ANY_FEED, BEGINNING_MS, Version, version_digest

__all__ = ["City", "city_of", "load_city"]

# Of one footprint, in tiles: at the default side a rectangle of 100 km x 100 km.
FOOTPRINT_TILES_MAX: Final = 1_000_000
# Below it, the rounding of coordinates shows in the shares; no antenna serves less.
FOOTPRINT_M2_MIN: Final = 1.0


def load_city(path: CellsPath, *, side_m: float, walkable_share: float = 1.0) -> City:
    """Load the city of a pack, or build that of a cells file; told apart by content.

    Raises `RegisterError` with all faults of the file. A pack has said it all: side_m and
    walkable_share act on a cells file only.

    side_m: side of a tile of the square grid; smaller tiles see smaller crowds but spread the
    same cells over more ground. walkable_share: part of each tile one can stand on, above 0 to
    1; lower it where much is built over, or densities come out too low. Both act on footprints
    only: with `area_m2` the file has said it all.
    """
    if not (isfinite(side_m) and side_m > 0):
        raise ValueError(f"side_m is {side_m}; give the side of a tile in metres, e.g. 100")
    if not 0 < walkable_share <= 1:
        raise ValueError(f"walkable_share is {walkable_share}; give a share above 0, at most 1")
    if is_pack_file(path):
        return read_pack(path).city
    return city_of(
        load_register(path), file=str(path), side_m=side_m, walkable_share=walkable_share
    )


def city_of(register: Register, *, file: str, side_m: float, walkable_share: float) -> City:
    """Build the city of a register; `file` is named in faults."""
    match register:
        case Squares():
            grid = identity_grid(register)
            number = {cell: index for index, cell in enumerate(register.cells)}
            cell = np.array([number[tile] for tile in grid.tile_ids], np.int32)
            tile = np.arange(cell.size, dtype=np.int32)
            coverage = coverage_of(cell, tile, np.ones(cell.size), cell.size)
        case Footprints():
            grid, coverage = _on_squares(register, file, side_m, walkable_share)
        case _:
            assert_never(register)
    feeds = {ANY_FEED: coverage}
    version = Version(
        valid_from_ms=BEGINNING_MS, feeds=feeds, digest=version_digest(register.cells, feeds)
    )
    digest = _digest(grid, register.cells, coverage)
    return City(grid=grid, cells=register.cells, versions=(version,), digest=digest)


def _on_squares(
    register: Footprints, file: str, side_m: float, walkable_share: float
) -> tuple[Grid, Coverage]:
    """Lay the footprints on the square grid of all tiles that they touch."""
    projection = projection_of(*shapely.get_coordinates(register.shapes).T)
    shapes = _on_plane(register, projection)
    if faults := plane_faults(register.cells, shapes, side_m):
        raise RegisterError(file, faults)
    found = overlaps(shapes, side_m)
    # One number a place, to find each pair's tile in the order that the grid gives its tiles.
    key = found.row * (2 * INDEX_MAX) + found.col
    first = np.unique(key, return_index=True)[1]
    grid = square_grid(
        found.row[first],
        found.col[first],
        side_m=side_m,
        projection=projection,
        walkable_m2=np.full(first.size, side_m * side_m * walkable_share),
    )
    place = (grid.row.astype(np.int64) - ORIGIN) * (2 * INDEX_MAX) + (grid.col - ORIGIN)
    order = np.argsort(place)
    tile = order[np.searchsorted(place[order], key)]
    return grid, coverage_of(found.cell, tile, found.share, len(register.cells))


def _on_plane(register: Footprints, projection: str) -> NDArray[np.object_]:
    """Polygons of all footprints in the plane, metres."""
    shapes = shapely.transform(register.shapes, lambda points: to_plane(projection, points))
    wedge = ~np.isnan(register.beam_deg)
    round_ = ~np.isnan(register.radius_m) & ~wedge
    shapes[round_] = discs(shapely.get_coordinates(shapes[round_]), register.radius_m[round_])
    shapes[wedge] = sectors(
        shapely.get_coordinates(shapes[wedge]),
        radius_m=register.radius_m[wedge],
        azimuth_deg=register.azimuth_deg[wedge],
        beam_deg=register.beam_deg[wedge],
    )
    return shapes


def plane_faults(cells: tuple[str, ...], shapes: NDArray[np.object_], side_m: float) -> list[Fault]:
    """Footprints that the grid cannot hold."""
    span = tile_span(shapes, side_m)
    tiles = (span[:, 2] - span[:, 0] + 1) * (span[:, 3] - span[:, 1] + 1)
    far = (span.min(axis=1) < -ORIGIN) | (span.max(axis=1) > INDEX_MAX - ORIGIN)
    coarser = "raise grid.side_m, or take the cell out"
    reach = f"reaches more than {ORIGIN} tiles of {side_m:g} m from the middle of the city"
    large = f"spans more than {FOOTPRINT_TILES_MAX} tiles of {side_m:g} m"
    found = (
        (far, reach, coarser),
        (~far & (tiles > FOOTPRINT_TILES_MAX), large, coarser),
        (~shapely.is_valid(shapes), "crosses itself in the plane", "redraw its outline"),
        (shapely.area(shapes) < FOOTPRINT_M2_MIN, "covers less than 1 m2", "draw what it serves"),
    )
    return [
        Fault(where=f"cell {cells[index]!r}", field="footprint", says=says, write=remedy)
        for bad, says, remedy in found
        for index in np.flatnonzero(bad)
    ]


def _digest(grid: Grid, cells: tuple[str, ...], coverage: Coverage) -> str:
    """Hash the canonical content: JSON of what is text, little-endian bytes of what is numbers."""
    text = msgspec.json.encode(
        {
            "schema": "city/1",
            "side_m": grid.side_m,
            "projection": grid.projection,
            "tile_ids": grid.tile_ids,
            "block_ids": grid.block_ids,
            "names": grid.names,
            "cells": cells,
        }
    )
    whole = (grid.row, grid.col, grid.block_of, coverage.cell, coverage.tile)
    real = (grid.walkable_m2, coverage.share, coverage.outside)
    parts = [text]
    parts += [column.astype("<i4").tobytes() for column in whole]
    parts += [column.astype("<f8").tobytes() for column in real]
    digest = sha256()
    for part in parts:
        # The length first, so that no byte can move from one part to the next unseen.
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()
