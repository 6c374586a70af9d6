"""The ground of a city: its tiles, what of each is ground, and on how much of it people can stand.

Ground of a tile is its square within the boundary, without the excluded layers (sea, roofs). With
a boundary the grid is every tile with ground, whatever the cells are; without one it is every tile
that a footprint touches. A tile with next to no ground is left out: people who are counted around
it stand on the rest.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import runs, tile_span, tiles_of
from geo.making.cut import (
    EMPTY,
    MEETING_M2_MIN,
    RUN_PAIRS,
    Pieces,
    find,
    key_of,
    on_tiles,
    overlaid,
    place_of,
    reach_of,
    side_by_side,
    tile_boxes,
)
from geo.readonly import read_only

# Of a tile. A sliver of ground at the edge would turn a handful of people into a dense crowd.
GROUND_MIN_RATIO: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """Tiles with ground, sorted by (row, col); all arrays have shape (tiles,).

    row, col: int64, northward and eastward of the plane's origin.
    shape: ground of the tile, (Multi)Polygon in the plane, never empty.
    walkable: the part of it that lies in the walkable layers, maybe empty; = shape where no layer
    is given.
    ground_m2, walkable_m2: above 0. assumed: no walkable layer says anything about the tile, so
    its walkable_m2 is the assumed share of its ground.
    """

    row: NDArray[np.int64]
    col: NDArray[np.int64]
    shape: NDArray[np.object_]
    walkable: NDArray[np.object_]
    ground_m2: NDArray[np.float64]
    walkable_m2: NDArray[np.float64]
    assumed: NDArray[np.bool_]


def ground_of(
    *,
    side_m: float,
    boundary: shapely.Geometry | None,
    walkable: NDArray[np.object_],
    excluded: NDArray[np.object_],
    assumed_share: float,
    footprints: NDArray[np.object_],
) -> Ground:
    """Find the tiles of a city and measure their ground.

    boundary: valid (Multi)Polygon in the plane, or None. walkable, excluded: valid (Multi)Polygons
    in the plane, in any order and overlapping as they like; shape (0,) = no such layer.
    assumed_share: above 0, at most 1. footprints: of all cells of all versions, in the plane;
    they matter only without a boundary. May return no tile at all.
    """
    if boundary is None:
        tiles = _touched(footprints, side_m)
    else:
        whole = np.array([boundary], dtype=np.object_)
        tiles = on_tiles(whole, side_m=side_m, within=tile_span(whole, side_m)[0])
    tiles = _without(tiles, excluded, side_m)
    ground_m2 = shapely.area(tiles.shape)
    stands, on_m2 = tiles.shape, np.zeros(ground_m2.size)
    if walkable.size:
        stands = _within(tiles, walkable, side_m)
        on_m2 = shapely.area(stands)
        stands[on_m2 < MEETING_M2_MIN] = EMPTY
    assumed = on_m2 < MEETING_M2_MIN
    return Ground(
        row=read_only(tiles.row),
        col=read_only(tiles.col),
        shape=read_only(tiles.shape),
        walkable=read_only(stands),
        ground_m2=read_only(ground_m2),
        walkable_m2=read_only(np.where(assumed, assumed_share * ground_m2, on_m2)),
        assumed=read_only(assumed),
    )


def _touched(footprints: NDArray[np.object_], side_m: float) -> Pieces:
    """Squares of all tiles of which a footprint holds the middle, or covers a part."""
    span = tile_span(footprints, side_m)
    sure = _unique(
        side_by_side(lambda run: _hit(footprints, run, side_m), runs(span, pairs=RUN_PAIRS))
    )
    # Most tiles are sure already; only the others are worth an exact look.
    rest = _unique(
        side_by_side(lambda run: _met(footprints, run, side_m, sure), runs(span, pairs=RUN_PAIRS))
    )
    key = np.union1d(sure, rest)
    row, col = place_of(key)
    return Pieces(row=row, col=col, shape=tile_boxes(row, col, side_m))


def _hit(
    footprints: NDArray[np.object_], run: NDArray[np.int64], side_m: float
) -> NDArray[np.int64]:
    """Tiles (keys) whose middle lies in a footprint of the run: the quick answer for most."""
    index, row, col = tiles_of(run)
    shapely.prepare(footprints[run[:, 0]])
    x, y = (col + 0.5) * side_m, (row + 0.5) * side_m
    return np.unique(key_of(row, col)[shapely.contains_xy(footprints[index], x, y)])


def _met(
    footprints: NDArray[np.object_],
    run: NDArray[np.int64],
    side_m: float,
    sure: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Tiles (keys), but those that are sure, of which a footprint of the run covers a part."""
    index, row, col = tiles_of(run)
    key = key_of(row, col)
    open_ = np.flatnonzero(find(sure, key) < 0)
    boxes, shape = tile_boxes(row[open_], col[open_], side_m), footprints[index[open_]]
    near = shapely.intersects(shape, boxes)
    area = shapely.area(shapely.intersection(shape[near], boxes[near]))
    return np.unique(key[open_][near][area >= MEETING_M2_MIN])


def _unique(found: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Keys of all runs, each once, ascending."""
    return np.unique(np.concatenate(found))


def _without(tiles: Pieces, excluded: NDArray[np.object_], side_m: float) -> Pieces:
    """Take the excluded layers away, and the tiles that have too little ground left."""
    shape = tiles.shape
    if excluded.size and shape.size:
        layer = on_tiles(excluded, side_m=side_m, within=reach_of(tiles.row, tiles.col))
        mine, its = _shared(tiles, layer)
        shape = shape.copy()
        shape[mine] = overlaid(shapely.difference, shape[mine], layer.shape[its])
    kept = shapely.area(shape) >= GROUND_MIN_RATIO * side_m * side_m
    return Pieces(row=tiles.row[kept], col=tiles.col[kept], shape=shape[kept])


def _within(tiles: Pieces, walkable: NDArray[np.object_], side_m: float) -> NDArray[np.object_]:
    """Walkable part of the ground of each tile, maybe empty."""
    stands = np.full(tiles.shape.size, EMPTY, dtype=np.object_)
    if stands.size:
        layer = on_tiles(walkable, side_m=side_m, within=reach_of(tiles.row, tiles.col))
        mine, its = _shared(tiles, layer)
        stands[mine] = overlaid(shapely.intersection, tiles.shape[mine], layer.shape[its])
    return stands


def _shared(tiles: Pieces, layer: Pieces) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where the tiles that both have stand, in each."""
    return np.intersect1d(
        key_of(tiles.row, tiles.col),
        key_of(layer.row, layer.col),
        assume_unique=True,
        return_indices=True,
    )[1:]
