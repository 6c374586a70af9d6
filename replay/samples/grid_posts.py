"""Simulated administrative grid posts: districts cut into squares, leftovers joined to neighbours.

Real grid posts follow streets and communities; these only show that every tile has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["posts_of"]

# A piece below this part of a square is no post of its own.
PIECE_RATIO_MIN: Final = 0.35
FLAT: Final = 1e-6  # m2 below which an intersection is only a touch


def posts_of(
    districts: NDArray[np.object_],
    ids: Sequence[str],
    names: Sequence[str],
    sides_m: Sequence[float],
) -> list[tuple[dict[str, Any], shapely.Geometry]]:
    """Return properties and shape of every post; together they are the districts.

    districts: polygons in metres, shape (districts,), each cut into squares of its own side.
    """
    drawn = []
    for district, adcode, name, side_m in zip(districts, ids, names, sides_m, strict=True):
        for number, piece in enumerate(_joined(_squares(district, side_m), side_m), start=1):
            post = {
                "id": f"sim-{adcode}-{number:03d}",
                "name": f"{name}第{number}网格（模拟）",
                "post": "网格长（示例）",
                "deputy": "副网格长（示例）",
                "unit": f"{name}网格中心（模拟）",
                "contact": f"sim-ext-{adcode[-2:]}{number:03d}",
            }
            drawn.append((post, piece))
    return drawn


def _squares(district: shapely.Geometry, side_m: float) -> list[shapely.Geometry]:
    """Cut a district along the lines of a square grid: pieces from south-west to north-east."""
    west, south, east, north = np.floor(np.array(shapely.bounds(district)) / side_m).astype(int)
    pieces = []
    for row in range(south, north + 1):
        for col in range(west, east + 1):
            square = shapely.box(col * side_m, row * side_m, (col + 1) * side_m, (row + 1) * side_m)
            found = shapely.get_parts(shapely.intersection(district, square))
            pieces += [part for part in found if shapely.area(part) > FLAT]
    return pieces


def _joined(pieces: list[shapely.Geometry], side_m: float) -> list[shapely.Geometry]:
    """Join small pieces, the smallest first, to the neighbour with the longest common border."""
    shapes = np.array(pieces, np.object_)
    alone = np.zeros(len(shapes), np.bool_)
    while True:
        area = np.where(alone, np.inf, shapely.area(shapes))
        least = int(np.argmin(area))
        if area[least] >= PIECE_RATIO_MIN * side_m * side_m:
            return list(shapes)
        border = shapely.length(shapely.intersection(shapes, shapes[least]))
        border[least] = 0.0
        if border.max() <= 0:
            alone[least] = True  # an island
            continue
        other = int(np.argmax(border))
        shapes[other] = shapely.union_all(shapes[[other, least]])
        shapes, alone = np.delete(shapes, least), np.delete(alone, least)
