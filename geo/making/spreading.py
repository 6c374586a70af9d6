"""Spread cells over the ground: which part of each cell's people belongs on which tile.

What of a footprint (without the excluded layers) lies beyond the boundary is *outside*: counted,
and on no tile. The rest goes to the tiles in proportion to the walkable ground that the footprint
covers there. Where it meets next to no walkable polygon (under a hundredth of it) it falls back on
all the ground it covers, each tile weighed by its walkable part. Shares are whole units of 2^-40,
as everywhere, so the tiles and the outside of a cell are one exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import ONE, SHARE_UNIT, rounded, runs, tile_span, tiles_of
from geo.fault import Fault
from geo.making.cut import (
    EMPTY,
    MEETING_M2_MIN,
    RUN_PAIRS,
    clipped,
    find,
    key_of,
    reach_of,
    side_by_side,
    tile_boxes,
)
from geo.making.ground import Ground
from geo.making.outside import outside_of
from geo.readonly import read_only
from geo.spread import summed

KM_M: Final = 1000.0
# Of a footprint. Where a walkable layer has less of it, the layer does not know the place: all of
# a cell's people on the one square metre of street that it draws there would be a false crowd.
WALKED_MIN_RATIO: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spreading:
    """Shares of cells on tiles, sorted by (cell, tile).

    cell, tile: int64, shape (pairs,), the cell's index and the tile's in the ground. share:
    float64, shape (pairs,), above 0, whole units of 2^-40.
    outside: float64, shape (cells,), exactly 1 - the cell's shares.
    fell_back: bool, shape (cells,), True where next to no walkable polygon was met.
    nowhere: int64, the cells that cover no ground of the grid: faults. They have no pairs.
    away_m: float64, shape (nowhere,), from their footprint to the nearest ground; NaN if there is
    no ground, or no footprint.
    """

    cell: NDArray[np.int64]
    tile: NDArray[np.int64]
    share: NDArray[np.float64]
    outside: NDArray[np.float64]
    fell_back: NDArray[np.bool_]
    nowhere: NDArray[np.int64]
    away_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Weights:
    """What each cell covers of each tile, weighed; shape (pairs,), sorted by (cell, tile)."""

    cell: NDArray[np.int64]
    tile: NDArray[np.int64]
    weight: NDArray[np.float64]

    def total(self, cells: int) -> NDArray[np.float64]:
        """Sum of each cell, in the order of the tiles; shape (cells,)."""
        return summed(self.cell, self.weight, cells)

    def of(self, kept: NDArray[np.bool_]) -> "_Weights":
        """Pairs of the cells that are kept, which has shape (cells,)."""
        pair = kept[self.cell]
        return _Weights(cell=self.cell[pair], tile=self.tile[pair], weight=self.weight[pair])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Target:
    """Polygons that footprints are laid on; all arrays have shape (tiles,), sorted by key.

    tile: index in the ground. key: place of the tile. shape: part of it that counts.
    """

    tile: NDArray[np.int64]
    key: NDArray[np.int64]
    shape: NDArray[np.object_]
    area_m2: NDArray[np.float64]


def spread_over(
    shapes: NDArray[np.object_],
    ground: Ground,
    *,
    side_m: float,
    boundary: shapely.Geometry | None,
    excluded: NDArray[np.object_],
) -> Spreading:
    """Spread the footprints of cells over the ground.

    shapes: valid (Multi)Polygons in the plane, shape (cells,). ground, side_m, boundary, excluded:
    as `ground_of` made and got them. Never raises: cells that cover no ground are `nowhere`.
    """
    cells = len(shapes)
    walked = _meetings(shapes, ground, ground.walkable, ~ground.assumed, side_m)
    known_m2 = np.maximum(MEETING_M2_MIN, WALKED_MIN_RATIO * shapely.area(shapes))
    fell_back = walked.total(cells) < known_m2
    # Nearly all of the work is done where a walkable layer is met; only the others are laid anew.
    rest = shapes.copy()
    rest[~fell_back] = EMPTY
    over = _meetings(rest, ground, ground.shape, np.ones(ground.row.size, np.bool_), side_m)
    lost = fell_back & (over.total(cells) < MEETING_M2_MIN)
    walked, over = walked.of(~fell_back), over.of(~lost)
    stands = (ground.walkable_m2 / ground.ground_m2)[over.tile]
    found = _Weights(
        cell=np.concatenate((walked.cell, over.cell)),
        tile=np.concatenate((walked.tile, over.tile)),
        weight=np.concatenate((walked.weight, over.weight * stands)),
    )
    nowhere = np.flatnonzero(lost)
    outside = outside_of(shapes, side_m=side_m, boundary=boundary, excluded=excluded)
    outside[nowhere] = 1.0
    return _shared_out(
        found,
        outside,
        fell_back=fell_back & ~lost,
        nowhere=nowhere,
        away_m=_away_m(shapes[nowhere], ground),
    )


def nowhere_faults(spreading: Spreading, cells: Sequence[str]) -> list[Fault]:
    """Faults of the cells that cover no ground; `cells`: their ids, as `shapes` was ordered."""
    return [
        Fault(
            where=f"cell {cells[cell]!r}",
            field="footprint",
            says=f"covers no ground of the grid{_distance(away_m)}",
            write="mend its position or its datum, widen the boundary, or take the cell out",
        )
        for cell, away_m in zip(spreading.nowhere.tolist(), spreading.away_m.tolist(), strict=True)
    ]


def _distance(away_m: float) -> str:
    """Say how far the nearest ground is, as far as that helps."""
    if np.isnan(away_m):
        return ""
    if away_m < 1:
        return ", it only touches some"
    far = f"{away_m / KM_M:.1f} km" if away_m >= KM_M else f"{away_m:.0f} m"
    return f", the nearest lies {far} away"


def _meetings(
    shapes: NDArray[np.object_],
    ground: Ground,
    polygons: NDArray[np.object_],
    chosen: NDArray[np.bool_],
    side_m: float,
) -> _Weights:
    """Area that each footprint covers of the polygons of the chosen tiles."""
    none = np.zeros(0, np.int64)
    tile = np.flatnonzero(chosen)
    if not tile.size:
        return _Weights(cell=none, tile=none, weight=np.zeros(0))
    row, col, shape = ground.row[tile], ground.col[tile], polygons[tile]
    target = _Target(tile=tile, key=key_of(row, col), shape=shape, area_m2=shapely.area(shape))
    # Bounding boxes are made when first asked for: here, not in two threads at once.
    shapely.bounds(shape)
    full = np.flatnonzero(~shapely.is_empty(shapes))
    span = clipped(tile_span(shapes[full], side_m), reach_of(row, col))
    found = side_by_side(
        lambda run: _met(shapes[full], run, target, side_m), runs(span, pairs=RUN_PAIRS)
    )
    return _Weights(
        cell=full[np.concatenate([part.cell for part in found])],
        tile=np.concatenate([part.tile for part in found]),
        weight=np.concatenate([part.weight for part in found]),
    )


def _met(
    shapes: NDArray[np.object_], run: NDArray[np.int64], target: _Target, side_m: float
) -> _Weights:
    """Do `_meetings` for a run of cells."""
    cell, row, col = tiles_of(run)
    at = find(target.key, key_of(row, col))
    there = at >= 0
    cell, row, col, at = cell[there], row[there], col[there], at[there]
    shape, ground = shapes[cell], target.shape[at]
    shapely.prepare(shapes[run[:, 0]])
    whole = shapely.contains_properly(shape, tile_boxes(row, col, side_m))
    area = np.where(whole, target.area_m2[at], 0.0)
    # Only tiles on the rim need the exact intersection, which is a hundred times as dear.
    rim = np.flatnonzero(~whole)
    rim = rim[shapely.intersects(shape[rim], ground[rim])]
    area[rim] = shapely.area(shapely.intersection(shape[rim], ground[rim]))
    kept = area > 0
    return _Weights(cell=cell[kept], tile=target.tile[at[kept]], weight=area[kept])


def _away_m(shapes: NDArray[np.object_], ground: Ground) -> NDArray[np.float64]:
    """Distance from each footprint to the nearest ground; NaN where either is nothing."""
    away_m = np.full(len(shapes), np.nan)
    if len(shapes) and ground.row.size:
        (index, _), found_m = shapely.STRtree(ground.shape).query_nearest(
            shapes, return_distance=True, all_matches=False
        )
        away_m[index] = found_m
    return away_m


def _shared_out(
    found: _Weights,
    outside: NDArray[np.float64],
    *,
    fell_back: NDArray[np.bool_],
    nowhere: NDArray[np.int64],
    away_m: NDArray[np.float64],
) -> Spreading:
    """Turn weights into shares in whole units that make one with the outside of the cell."""
    cells = outside.size
    order = np.lexsort((found.tile, found.cell))
    cell, tile, weight = found.cell[order], found.tile[order], found.weight[order]
    unit = np.rint(outside * ONE).astype(np.int64)
    inside = ONE - unit
    part = weight / summed(cell, weight, cells)[cell]
    share = rounded(cell, part * (inside * SHARE_UNIT)[cell], inside)
    kept = share > 0
    return Spreading(
        cell=read_only(cell[kept]),
        tile=read_only(tile[kept]),
        share=read_only(share[kept]),
        outside=read_only(unit.astype(np.float64) * SHARE_UNIT),
        fell_back=read_only(fell_back),
        nowhere=read_only(nowhere),
        away_m=read_only(away_m),
    )
