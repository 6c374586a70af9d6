"""Slow, obvious oracle for the builder's geometry: every cell against every tile, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely.geometry.base import BaseGeometry

Place: TypeAlias = tuple[int, int]
# Shapes that share less than this have only been drawn twice.
HAND_M2 = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One tile with ground: what of it is ground, what is walkable, and how much that makes."""

    ground: BaseGeometry
    walkable: BaseGeometry
    ground_m2: float
    walkable_m2: float
    assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Where one cell's people are: shares of tiles, the share outside; or nowhere, and how far."""

    shares: dict[Place, float]
    outside: float
    fell_back: bool
    away_m: float | None


def without(shape: BaseGeometry, layer: Iterable[BaseGeometry]) -> BaseGeometry:
    """Take the polygons of a layer away, one after the other."""
    for polygon in layer:
        shape = shape.difference(polygon)
    return shape


def ground(
    *,
    side_m: float,
    boundary: BaseGeometry | None,
    walkable: list[BaseGeometry],
    excluded: list[BaseGeometry],
    assumed_share: float,
    footprints: list[BaseGeometry],
    reach: range,
) -> dict[Place, Tile]:
    """Look at every tile of a window of rows and columns."""
    tiles = {}
    for place in ((row, col) for row in reach for col in reach):
        row, col = place
        box = shapely.box(col * side_m, row * side_m, (col + 1) * side_m, (row + 1) * side_m)
        bounded: BaseGeometry = box
        if boundary is None:
            if not any(shape.intersection(box).area >= HAND_M2 for shape in footprints):
                continue
        else:
            bounded = box.intersection(boundary)
        left = without(bounded, excluded)
        if left.area < 0.01 * box.area:
            continue
        # What is left when all that is walkable is taken away is where nobody can stand.
        stands = left.difference(without(left, walkable))
        assumed = stands.area < HAND_M2
        tiles[place] = Tile(
            ground=left,
            walkable=stands,
            ground_m2=left.area,
            walkable_m2=assumed_share * left.area if assumed else stands.area,
            assumed=assumed,
        )
    return tiles


def spread(
    shape: BaseGeometry,
    tiles: dict[Place, Tile],
    *,
    boundary: BaseGeometry | None,
    excluded: list[BaseGeometry],
) -> Cell:
    """Spread one footprint over the tiles."""
    weights = {
        place: shape.intersection(tile.walkable).area
        for place, tile in tiles.items()
        if not tile.assumed
    }
    fell_back = sum(weights.values()) < max(HAND_M2, 0.01 * shape.area)
    if fell_back:
        covers = {place: shape.intersection(tile.ground).area for place, tile in tiles.items()}
        if sum(covers.values()) < HAND_M2:
            away_m = min((shape.distance(tile.ground) for tile in tiles.values()), default=None)
            return Cell(shares={}, outside=1.0, fell_back=False, away_m=away_m)
        weights = {
            place: covers[place] * tile.walkable_m2 / tile.ground_m2
            for place, tile in tiles.items()
        }
    outside = 0.0
    if boundary is not None:
        free = without(shape, excluded)
        beyond_m2 = free.difference(boundary).area
        outside = beyond_m2 / free.area if beyond_m2 >= HAND_M2 else 0.0
    whole = sum(weights.values())
    shares = {place: weight / whole * (1 - outside) for place, weight in weights.items() if weight}
    return Cell(shares=shares, outside=outside, fell_back=fell_back, away_m=None)
