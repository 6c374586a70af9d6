"""Lay a city out on square tiles: plane, ground, grid, and every cells file spread over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo.city import plane_faults
from geo.fault import Fault
from geo.grid import INDEX_MAX, ORIGIN, grid_order, square_grid
from geo.making.assign import Tiles
from geo.making.coverages import Covered, cells_of, coverage_in, places_of
from geo.making.cut import in_order
from geo.making.ground import Ground, ground_of
from geo.making.laid_out import LaidOut
from geo.making.shapes import plane_shapes, projected
from geo.making.spreading import nowhere_faults, spread_over
from geo.plane import plane_at, projection_of
from geo.readonly import read_only
from geo.version import BEGINNING_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.making.gathering import Gathering
    from geo.making.sources import Sources, Step

__all__ = ["lay_on_squares", "united"]

# Of one city: ten times the largest that is measured. Beyond it a slip of side_m or of the
# boundary would fill the memory.
TILES_MAX: Final = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Drawn:
    """What was read, in the plane. shapes: footprints of each cells file."""

    projection: str
    boundary: shapely.Geometry | None
    excluded: NDArray[np.object_]
    shapes: tuple[NDArray[np.object_], ...]


def lay_on_squares(sources: Sources, gathering: Gathering, on_step: Step) -> LaidOut:
    """Lay a city out; raises `BuildError` where it cannot go on.

    on_step: called with `shapes`, `ground` and, for each cells file, `cells`. Cells that cover no
    ground go to the gathering: with a fault in it the result is not to be used.
    """
    drawn = _drawn(sources, gathering)
    on_step("shapes", 1, 1)
    ground = _ground(sources, drawn, gathering)
    on_step("ground", 1, 1)
    order = grid_order(ground.row, ground.col)
    grid = square_grid(
        ground.row,
        ground.col,
        side_m=sources.city.grid.side_m,
        projection=drawn.projection,
        walkable_m2=ground.walkable_m2,
    )
    cells = cells_of([one.cells for one in sources.footprints])
    covered = []
    for number in range(len(sources.entries)):
        covered.append(_covered(sources, drawn, ground, gathering, number=number, cells=cells))
        on_step("cells", number + 1, len(sources.entries))
    ground_m2 = read_only(ground.ground_m2[order])
    return LaidOut(
        grid=grid,
        projection=drawn.projection,
        boundary=drawn.boundary,
        tiles=Tiles(
            projection=drawn.projection,
            ids=grid.tile_ids,
            shape=read_only(ground.shape[order]),
            ground_m2=ground_m2,
        ),
        ground_m2=ground_m2,
        assumed=read_only(ground.assumed[order]),
        cells=cells,
        covered=tuple(covered),
    )


def united(layer: NDArray[np.object_]) -> shapely.Geometry | None:
    """Unite the features of a layer, whose order decides nothing; None without any."""
    return shapely.union_all(in_order(layer)) if layer.size else None


def _drawn(sources: Sources, gathering: Gathering) -> _Drawn:
    """Bring everything to the plane; what the grid cannot hold is a fault."""
    side_m = sources.city.grid.side_m
    projection = _plane_of(sources)
    boundary = united(projected(sources.boundary, projection))
    gathering.add(sources.file, _reach_faults(boundary, side_m))
    shapes = []
    for entry, footprints in zip(sources.entries, sources.footprints, strict=True):
        shape = plane_shapes(
            footprints,
            projection=projection,
            boundary=boundary,
            radius_max_m=entry.radius_max_m,
        )
        faults = plane_faults(footprints.cells, shape, side_m)
        gathering.add(sources.inputs.shown(entry.file), faults)
        shapes.append(shape)
    gathering.check()
    return _Drawn(
        projection=projection,
        boundary=boundary,
        excluded=projected(sources.excluded, projection),
        shapes=tuple(shapes),
    )


def _plane_of(sources: Sources) -> str:
    """Choose the plane: where the city file says, else the boundary, else the first cells.

    The first ones, because cells that come later must not move the grid.
    """
    if sources.city.grid.centre is not None:
        return plane_at(*sources.city.grid.centre)
    shapes = sources.boundary
    if not shapes.size:
        first = [
            footprints.shapes
            for entry, footprints in zip(sources.entries, sources.footprints, strict=True)
            if entry.valid_from_ms == BEGINNING_MS
        ]
        shapes = np.concatenate(first)
    return projection_of(*shapely.get_coordinates(shapes).T)


def _reach_faults(boundary: shapely.Geometry | None, side_m: float) -> list[Fault]:
    """Find out whether the grid can hold the boundary."""
    if boundary is None:
        return []
    reach_m = np.abs(shapely.bounds(boundary)).max()
    if not reach_m < min(ORIGIN, INDEX_MAX - ORIGIN) * side_m:
        says = f"reaches more than {ORIGIN} tiles of {side_m:g} m from the centre"
    elif shapely.area(boundary) > TILES_MAX * side_m * side_m:
        says = f"holds more than {TILES_MAX} tiles of {side_m:g} m"
    else:
        return []
    write = "raise grid.side_m, mend grid.centre, or draw a smaller boundary"
    return [Fault(where="", field="boundary", says=says, write=write)]


def _ground(sources: Sources, drawn: _Drawn, gathering: Gathering) -> Ground:
    """Find the tiles; raises `BuildError` if there are none."""
    ground = ground_of(
        side_m=sources.city.grid.side_m,
        boundary=drawn.boundary,
        walkable=projected(sources.walkable, drawn.projection),
        excluded=drawn.excluded,
        assumed_share=sources.city.ground.assumed_share,
        footprints=np.concatenate(drawn.shapes),
    )
    if not ground.row.size:
        says = "leave no ground within the boundary (or under any cell)"
        write = "mend the datum of boundary and excluded layers, or take one out"
        fault = Fault(where="", field="ground.excluded", says=says, write=write)
        gathering.add(sources.file, [fault])
        gathering.check()
    return ground


def _covered(
    sources: Sources,
    drawn: _Drawn,
    ground: Ground,
    gathering: Gathering,
    *,
    number: int,
    cells: tuple[str, ...],
) -> Covered:
    """Spread one cells file over the ground. number: of the file; cells: of the whole city."""
    entry, footprints, shapes = (
        sources.entries[number],
        sources.footprints[number],
        drawn.shapes[number],
    )
    spread = spread_over(
        shapes,
        ground,
        side_m=sources.city.grid.side_m,
        boundary=drawn.boundary,
        excluded=drawn.excluded,
    )
    gathering.add(sources.inputs.shown(entry.file), nowhere_faults(spread, footprints.cells))
    rank = np.argsort(grid_order(ground.row, ground.col))
    return Covered(
        entry=entry,
        cells=footprints.cells,
        coverage=coverage_in(
            cells,
            footprints.cells,
            cell=spread.cell,
            tile=rank[spread.tile],
            share=spread.share,
        ),
        # Where no layer is given, falling back is what was asked for.
        fell_back=spread.fell_back & (sources.walkable.size > 0),
        places=places_of(footprints, shapes, projected(footprints.shapes, drawn.projection)),
    )
