"""Who answers for which tile: fixed cell, fixed post, fixed duty, with no gap and no quarrel.

A tile goes to the area that has the largest share of its ground, of equal ones to the smaller id.
Ground that no area has, or that two have, is a fault with place and size, unless it is so small
that two pens on one border explain it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo.fault import Fault
from geo.making.cut import MEETING_M2_MIN, overlaid, united
from geo.making.lay import Laid, lay
from geo.pack_report import Slivers
from geo.plane import to_globe
from geo.readonly import read_only
from geo.spread import summed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Assigned", "Tiles", "assign"]

# Below it people want to see decimals.
WHOLE_M2: Final = 10.0
# Edges of two tiles meet to within it.
MILLIMETRE_M: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tiles:
    """The tiles as something to be laid on. projection: of the plane.

    ids: names in faults. shape: ground of each tile, (Multi)Polygon in the plane, not empty.
    ground_m2: its area.
    """

    projection: str
    ids: Sequence[str]
    shape: NDArray[np.object_]
    ground_m2: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assigned:
    """of_tile: int32, shape (tiles,), index of the area. faults: by tile; gaps, then overlaps.

    slivers: what was too small for a fault.
    """

    of_tile: NDArray[np.int32]
    faults: tuple[Fault, ...]
    slivers: Slivers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Flaws:
    """Gaps or overlaps, by tile. which: the two areas that overlap, shape (flaws, 2).

    tiles: how many tiles it reaches over; `tile` is the first of them.
    """

    tile: NDArray[np.int64]
    size_m2: NDArray[np.float64]
    shape: NDArray[np.object_]
    which: NDArray[np.int64]
    tiles: NDArray[np.int64]

    def of(self, kept: NDArray[np.bool_]) -> _Flaws:
        return _Flaws(
            tile=self.tile[kept],
            size_m2=self.size_m2[kept],
            shape=self.shape[kept],
            which=self.which[kept],
            tiles=self.tiles[kept],
        )


def assign(
    areas: NDArray[np.object_],
    ids: Sequence[str],
    tiles: Tiles,
    *,
    layer: str,
    sliver_m2: float,
) -> Assigned:
    """Give each tile to one of the areas, at least one.

    areas: valid (Multi)Polygons in the plane, in the order of their ids, shape (areas,). layer:
    what to call it in faults, e.g. `police`. sliver_m2: gaps and overlaps of one tile up to this
    size are only counted; raise it if the drawing is coarse. Never raises.
    """
    laid = lay(areas, tiles.shape)
    overlaps = _overlaps(laid)
    gaps = _gaps(laid, overlaps, tiles)
    small_gap, small_overlap = gaps.size_m2 <= sliver_m2, overlaps.size_m2 <= sliver_m2
    faults = [
        *_gap_faults(_joined(gaps.of(~small_gap)), tiles, layer),
        *_overlap_faults(_joined(overlaps.of(~small_overlap)), tiles, layer, ids),
    ]
    return Assigned(
        of_tile=read_only(_largest(laid, areas, tiles)),
        faults=tuple(faults),
        slivers=Slivers(
            layer=layer,
            gaps=int(small_gap.sum()),
            gap_m2=_total(gaps.size_m2[small_gap]),
            overlaps=int(small_overlap.sum()),
            overlap_m2=_total(overlaps.size_m2[small_overlap]),
        ),
    )


def _largest(laid: Laid, areas: NDArray[np.object_], tiles: Tiles) -> NDArray[np.int32]:
    """Index of the area with the largest part of each tile."""
    # Halves of one tile differ in the last bits: what two drawings may differ by is no difference.
    part = np.rint(laid.part_m2 / MEETING_M2_MIN)
    order = np.lexsort((laid.area, -part, laid.tile))
    tile, first = np.unique(laid.tile[order], return_index=True)
    of_tile = np.full(len(tiles.ids), len(areas), np.int32)
    of_tile[tile] = laid.area[order][first]
    # In a gap too small for a fault: the nearest area, of equally near ones the smaller id.
    alone = np.flatnonzero(of_tile == len(areas))
    place, nearest = shapely.STRtree(areas).query_nearest(tiles.shape[alone])
    np.minimum.at(of_tile, alone[place], nearest.astype(np.int32))
    return of_tile


def _overlaps(laid: Laid) -> _Flaws:
    """Ground that two areas have."""
    first: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    second = [np.zeros(0, np.int64)]
    step, index = 1, np.arange(laid.tile.size)
    # Parts of a tile stand together: each with the next one, then with the one after that.
    while (here := index[:-step][laid.tile[:-step] == laid.tile[step:]]).size:
        first.append(here)
        second.append(here + step)
        step += 1
    one, other = np.concatenate(first), np.concatenate(second)
    shape = overlaid(shapely.intersection, laid.shape[one], laid.shape[other])
    size_m2 = shapely.area(shape)
    order = np.lexsort((other, one))
    order = order[size_m2[order] >= MEETING_M2_MIN]
    return _Flaws(
        tile=laid.tile[one[order]],
        size_m2=size_m2[order],
        shape=shape[order],
        which=np.column_stack((laid.area[one[order]], laid.area[other[order]])),
        tiles=np.ones(order.size, np.int64),
    )


def _gaps(laid: Laid, overlaps: _Flaws, tiles: Tiles) -> _Flaws:
    """Ground that no area has."""
    size = len(tiles.ids)
    had_m2 = summed(laid.tile, laid.part_m2, size)
    twice = np.unique(overlaps.tile)
    had_m2[twice] = shapely.area(_had(laid, twice))
    tile = np.flatnonzero(tiles.ground_m2 - had_m2 >= MEETING_M2_MIN)
    shape = overlaid(shapely.difference, tiles.shape[tile], _had(laid, tile))
    size_m2 = shapely.area(shape)
    found = _Flaws(
        tile=tile,
        size_m2=size_m2,
        shape=shape,
        which=np.zeros((tile.size, 2), np.int64),
        tiles=np.ones(tile.size, np.int64),
    )
    return found.of(size_m2 >= MEETING_M2_MIN)


def _had(laid: Laid, tile: NDArray[np.int64]) -> NDArray[np.object_]:
    """Ground of some tiles (ascending) that areas have, each piece once."""
    mine = np.isin(laid.tile, tile)
    return united(laid.shape[mine], np.searchsorted(tile, laid.tile[mine]), tile.size)


def _joined(flaws: _Flaws) -> _Flaws:
    """Join what tiles have cut: one flaw in the drawing is one flaw again."""
    pairs, kind = np.unique(flaws.which, axis=0, return_inverse=True)
    found = [_one_kind(flaws.of(kind.reshape(-1) == number)) for number in range(len(pairs))]
    if not found:
        return flaws
    whole = _Flaws(
        tile=np.concatenate([one.tile for one in found]),
        size_m2=np.concatenate([one.size_m2 for one in found]),
        shape=np.concatenate([one.shape for one in found]),
        which=np.concatenate([one.which for one in found]),
        tiles=np.concatenate([one.tiles for one in found]),
    )
    order = np.lexsort((whole.which[:, 1], whole.which[:, 0], whole.tile))
    return _Flaws(**{name: getattr(whole, name)[order] for name in _Flaws.__dataclass_fields__})


def _one_kind(flaws: _Flaws) -> _Flaws:
    """Join gaps, or overlaps of the same two areas, where they touch."""
    pieces, of = shapely.get_parts(flaws.shape, return_index=True)
    joined = shapely.get_parts(shapely.union_all(pieces, grid_size=MILLIMETRE_M))
    inside = shapely.point_on_surface(pieces)
    at = np.zeros(len(pieces), np.int64)
    piece, place = shapely.STRtree(joined).query_nearest(inside, all_matches=False)
    at[piece] = place
    tile = np.full(len(joined), np.iinfo(np.int64).max)
    np.minimum.at(tile, at, flaws.tile[of])
    tiles = np.unique(np.column_stack((at, flaws.tile[of])), axis=0)[:, 0]
    size_m2 = summed(at, shapely.area(pieces), len(joined))
    kept = np.bincount(at, minlength=len(joined)) > 0
    return _Flaws(
        tile=tile[kept],
        size_m2=size_m2[kept],
        shape=joined[kept],
        which=np.repeat(flaws.which[:1], int(kept.sum()), axis=0),
        tiles=np.bincount(tiles, minlength=len(joined))[kept],
    )


def _gap_faults(gaps: _Flaws, tiles: Tiles, layer: str) -> list[Fault]:
    """One fault a gap."""
    return [
        Fault(
            where=where,
            field=layer,
            says=f"{_shown(size_m2)} m2 of its ground belong to no area",
            write="draw an area over it, or exclude the ground",
        )
        for where, size_m2 in zip(_where(gaps, tiles), gaps.size_m2.tolist(), strict=True)
    ]


def _overlap_faults(overlaps: _Flaws, tiles: Tiles, layer: str, ids: Sequence[str]) -> list[Fault]:
    """One fault for each overlap of two areas."""
    return [
        Fault(
            where=where,
            field=layer,
            says=f"areas {ids[one]!r} and {ids[other]!r} share {_shown(size_m2)} m2",
            write="draw one border for both",
        )
        for where, size_m2, (one, other) in zip(
            _where(overlaps, tiles),
            overlaps.size_m2.tolist(),
            overlaps.which.tolist(),
            strict=True,
        )
    ]


def _where(flaws: _Flaws, tiles: Tiles) -> list[str]:
    """First tile, lon/lat of a point within, and how many further tiles, of each flaw."""
    points = shapely.get_coordinates(shapely.point_on_surface(flaws.shape))
    degrees = to_globe(tiles.projection, points).tolist()
    return [
        f"tile {tiles.ids[tile]} at {lon:.6f}, {lat:.6f}" + (f" and {n - 1} more" if n > 1 else "")
        for tile, n, (lon, lat) in zip(
            flaws.tile.tolist(), flaws.tiles.tolist(), degrees, strict=True
        )
    ]


def _shown(size_m2: float) -> str:
    """Write an area as people read it."""
    return f"{size_m2:.0f}" if size_m2 >= WHOLE_M2 else f"{size_m2:.2g}"


def _total(size_m2: NDArray[np.float64]) -> float:
    """Sum of sizes, rounded to what a drawing can mean."""
    return round(float(size_m2.sum()), 2)
