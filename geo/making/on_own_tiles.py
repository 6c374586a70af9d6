"""Lay a city out on cells that are their own tiles: the coverage is the identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.footprint import Squares
from geo.grid import Grid, identity_grid
from geo.making.assign import Tiles
from geo.making.coverages import Covered, coverage_in, radius_of
from geo.making.laid_out import LaidOut
from geo.making.on_squares import united
from geo.making.own_tiles import ground_of_own
from geo.making.shapes import projected
from geo.pack import CellPlaces
from geo.plane import PLANE_DECIMALS, plane_at, projection_of
from geo.readonly import read_only

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.making.ground import Ground
    from geo.making.sources import Sources, Step

__all__ = ["lay_on_own_tiles"]


def lay_on_own_tiles(sources: Sources, own: Squares, on_step: Step) -> LaidOut:
    """Lay a city out, with or without outlines. on_step: called with `ground` and `cells`."""
    projection = None if own.shapes is None else _plane_of(sources, own.shapes)
    ground = None if projection is None else _ground(sources, own, projection)
    on_step("ground", 1, 1)
    walkable_m2 = own.area_m2 if ground is None else ground.walkable_m2
    grid = identity_grid(
        Squares(
            cells=own.cells,
            area_m2=walkable_m2,
            row=own.row,
            col=own.col,
            names=own.names,
            shapes=own.shapes,
        )
    )
    number = {cell: place for place, cell in enumerate(own.cells)}
    order = np.array([number[tile] for tile in grid.tile_ids], np.intp)
    tiles = (
        None if projection is None or ground is None else _tiles(ground, order, projection, grid)
    )
    covered = _covered(sources, own, order, None if ground is None else ground.shape)
    on_step("cells", 1, 1)
    boundary = None if projection is None else united(projected(sources.boundary, projection))
    none = np.full(order.size, np.nan)
    return LaidOut(
        grid=grid,
        projection=projection,
        boundary=boundary,
        tiles=tiles,
        ground_m2=read_only(none if tiles is None else tiles.ground_m2),
        assumed=read_only(
            np.zeros(order.size, np.bool_) if ground is None else ground.assumed[order]
        ),
        cells=own.cells,
        covered=(covered,),
    )


def _plane_of(sources: Sources, shapes: NDArray[np.object_]) -> str:
    """Choose the plane: where the city file says, else the middle of the cells."""
    if sources.city.grid.centre is not None:
        return plane_at(*sources.city.grid.centre)
    return projection_of(*shapely.get_coordinates(shapes).T)


def _ground(sources: Sources, own: Squares, projection: str) -> Ground:
    """Measure the ground of every cell."""
    assert own.shapes is not None, "a plane comes from shapes"
    return ground_of_own(
        own,
        projected(own.shapes, projection),
        walkable=projected(sources.walkable, projection),
        excluded=projected(sources.excluded, projection),
        assumed_share=sources.city.ground.assumed_share,
    )


def _tiles(ground: Ground, order: NDArray[np.intp], projection: str, grid: Grid) -> Tiles:
    """Bring the ground to the order of the grid."""
    return Tiles(
        projection=projection,
        ids=grid.tile_ids,
        shape=read_only(ground.shape[order]),
        ground_m2=read_only(ground.ground_m2[order]),
    )


def _covered(
    sources: Sources, own: Squares, order: NDArray[np.intp], shapes: NDArray[np.object_] | None
) -> Covered:
    """Cover each tile with its cell and nothing else. shapes: of the cells, in the plane."""
    nothing = read_only(np.full(len(own.cells), np.nan))
    at, radius_m = np.column_stack((nothing, nothing)), nothing
    if shapes is not None:
        points = shapely.get_coordinates(shapely.centroid(shapes))
        at, radius_m = np.round(points, PLANE_DECIMALS), radius_of(shapes)
    return Covered(
        entry=sources.entries[0],
        cells=own.cells,
        coverage=coverage_in(
            own.cells,
            own.cells,
            cell=order,
            tile=np.arange(order.size),
            share=np.ones(order.size),
        ),
        fell_back=np.zeros(order.size, np.bool_),
        places=CellPlaces(
            x_m=read_only(at[:, 0].copy()),
            y_m=read_only(at[:, 1].copy()),
            radius_m=read_only(radius_m),
            azimuth_deg=nothing,
            beam_deg=nothing,
        ),
    )
