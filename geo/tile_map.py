"""Tiles as a map draws them: a raster with a pixel a tile, the borders between areas, the middles.

A picture's coordinates: x eastward and y *southward* from the north-west corner, in tiles.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.grid import ORIGIN, Grid
from geo.plane import to_plane

__all__ = ["TileMap", "map_of"]

NOTHING: Final = -1
# Of the longer side. More pixels than this would be an error of rows and columns.
SIDE_MAX: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TileMap:
    """Where each tile lies on the raster.

    width, height: tiles. x, y: int64, shape (tiles,). side_m: of a tile; None = not known.
    corner_m: east and north of the north-west corner in the plane; None = the plane is not known.
    """

    width: int
    height: int
    x: NDArray[np.int64]
    y: NDArray[np.int64]
    side_m: float | None
    corner_m: tuple[float, float] | None

    def on_map(self, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn places in the plane, shape (n, 2), into x and y; only where the plane is known."""
        assert self.side_m is not None
        assert self.corner_m is not None
        places: NDArray[np.float64] = (metres - self.corner_m) / (self.side_m, -self.side_m)
        return places

    def raster(self, values: NDArray[np.integer]) -> NDArray[np.int64]:
        """Lay a value of each tile on the raster, -1 where there is no tile."""
        found = np.full((self.height, self.width), NOTHING, np.int64)
        found[self.y, self.x] = values
        return found

    def borders(self, areas: NDArray[np.integer]) -> str:
        """Path (SVG) of the sides between tiles of different areas; not the outer rim.

        areas: shape (tiles,), -1 = of no area, which has no border with any.
        """
        found = self.raster(areas)
        flat = _runs(_differs(found[:-1], found[1:]))
        upright = _runs(_differs(found[:, :-1], found[:, 1:]).T)
        level = [f"M{first} {line + 1}h{size}" for line, first, size in flat]
        steep = [f"M{line + 1} {first}v{size}" for line, first, size in upright]
        return "".join(level + steep)

    def rim(self) -> str:
        """Path (SVG) around the tiles."""
        there = np.zeros((self.height + 2, self.width + 2), np.bool_)
        there[self.y + 1, self.x + 1] = True
        flat = _runs(there[:-1, 1:-1] != there[1:, 1:-1])
        upright = _runs((there[1:-1, :-1] != there[1:-1, 1:]).T)
        level = [f"M{first} {line}h{size}" for line, first, size in flat]
        steep = [f"M{line} {first}v{size}" for line, first, size in upright]
        return "".join(level + steep)

    def deepest(self, areas: NDArray[np.integer], area: int) -> tuple[float, float]:
        """Middle of the tile of an area that lies deepest inside it: where its name fits best."""
        here = self.raster(areas) == area
        inner = np.zeros((self.height + 2, self.width + 2), np.bool_)
        inner[1:-1, 1:-1] = here
        while True:
            worn = inner.copy()
            for axis in (0, 1):
                worn &= np.roll(inner, 1, axis) & np.roll(inner, -1, axis)
            if not worn.any():
                break
            inner = worn
        y, x = np.argwhere(inner[1:-1, 1:-1])[inner.sum() // 2]
        return float(x) + 0.5, float(y) + 0.5

    def middle(self, tiles: NDArray[np.integer]) -> tuple[float, float]:
        """Mean of the middles of some tiles."""
        return float(self.x[tiles].mean()) + 0.5, float(self.y[tiles].mean()) + 0.5


def map_of(grid: Grid, *, projection: str | None = None, rim: int = 0) -> TileMap | None:
    """Lay the tiles of a grid on a raster; None where nobody said where they lie.

    Square grids and tiles with row and column lie as they are numbered. Tiles with polygons
    only are put on squares of their usual size, by their middles. projection: of the plane of
    polygons, which is a tile's breadth off at most where rows do not run east. rim: empty tiles
    around all.
    """
    row, col = grid.row.astype(np.int64), grid.col.astype(np.int64)
    side_m, middles = grid.side_m, None
    if side_m is not None:
        middles = (np.column_stack((col, row)).astype(np.float64) - ORIGIN + 0.5) * side_m
    elif grid.shapes is not None and projection is not None:
        shapes = shapely.transform(grid.shapes, lambda at: to_plane(projection, at))
        side_m = round(float(np.sqrt(np.median(shapely.area(shapes)))), 1)
        middles = shapely.get_coordinates(shapely.centroid(shapes))
        if row.min() == NOTHING:
            col, row = np.floor(middles / side_m).astype(np.int64).T
    if row.min() == NOTHING and side_m is None:
        return None
    x, y = col - col.min() + rim, row.max() - row + rim
    if max(x.max(), y.max()) >= SIDE_MAX:
        return None
    return TileMap(
        width=int(x.max()) + 1 + rim,
        height=int(y.max()) + 1 + rim,
        x=x,
        y=y,
        side_m=side_m,
        corner_m=None if middles is None else _corner(middles, x, y, side_m or 1.0),
    )


def _corner(
    middles: NDArray[np.float64], x: NDArray[np.int64], y: NDArray[np.int64], side_m: float
) -> tuple[float, float]:
    """East and north of the raster's corner: the mean of what each tile says of it."""
    east = float((middles[:, 0] - (x + 0.5) * side_m).mean())
    north = float((middles[:, 1] + (y + 0.5) * side_m).mean())
    return east, north


def _differs(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (one != other) & (one != NOTHING) & (other != NOTHING)
    return found


def _runs(marked: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """Return runs of marked places, as (line, first, size), line by line."""
    wide = np.zeros((marked.shape[0], marked.shape[1] + 2), np.int8)
    wide[:, 1:-1] = marked
    step = np.diff(wide, axis=1)
    line, first = np.nonzero(step == 1)
    last = np.nonzero(step == -1)[1]
    return list(zip(line.tolist(), first.tolist(), (last - first).tolist(), strict=True))
