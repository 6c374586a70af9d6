"""The paper of a city pack's picture: its measures and colours, and where the map lies on it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.tile_map import TileMap

__all__ = [
    "CLASSES",
    "INK",
    "LABELLED_MAX",
    "MARGIN",
    "QUIET",
    "SITE",
    "SITES_MAX",
    "WIDTH",
    "Frame",
    "badge",
    "framed",
    "text",
]

WIDTH: Final = 1_000
MARGIN: Final = 40
HEAD: Final = 132
MAP_HEIGHT_MAX: Final = 1_100

# Tiles by the number of cells that serve them: from, colour. Light on white, dark where many
# cells look; ground that no cell sees is of another kind, not of another shade.
CLASSES: Final = (
    (0, "#efdcc6"),
    (1, "#d3e9ea"),
    (2, "#a5d3d6"),
    (4, "#6bb6bf"),
    (8, "#378fa3"),
    (16, "#1b6482"),
    (32, "#123c5a"),
)
INK, QUIET, SITE = "#22303a", "#66747d", "#d6410a"
SITES_MAX: Final = 12
LABELLED_MAX: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where the map lies in the picture: its left, top and the units of a tile."""

    left: float
    top: float
    tile: float
    tiles: TileMap

    def at_all(self, spots: NDArray[np.float64]) -> tuple[list[float], list[float]]:
        """Places in the picture of places in tiles, shape (n, 2): all x, all y."""
        x, y = np.round(np.array([self.left, self.top]) + spots * self.tile, 1).T.tolist()
        return x, y

    @property
    def width(self) -> float:
        """Units of the map from west to east."""
        return self.tiles.width * self.tile

    @property
    def height(self) -> float:
        """Units of the map from north to south."""
        return self.tiles.height * self.tile

    @property
    def move(self) -> str:
        """Transform of everything that is drawn in tiles."""
        return f'transform="translate({self.left:g} {self.top:g}) scale({self.tile:g})"'

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Place in the picture of a place in tiles."""
        return round(self.left + x * self.tile, 1), round(self.top + y * self.tile, 1)


def framed(tiles: TileMap) -> Frame:
    """Fit the map into the width, and into what a screen is high."""
    tile = min((WIDTH - 2 * MARGIN) / tiles.width, MAP_HEIGHT_MAX / tiles.height)
    left = (WIDTH - tile * tiles.width) / 2
    return Frame(left=round(left, 1), top=HEAD, tile=round(tile, 4), tiles=tiles)


def text(x: float, y: float, kind: str, says: str) -> str:
    """Return a text element; kind: a class of the picture's style."""
    return f'<text x="{x:g}" y="{y:g}" class="{kind}">{escape(says)}</text>'


def badge(x: float, y: float, number: int) -> str:
    """Return the round badge of a site."""
    return (
        f'<circle cx="{x:g}" cy="{y:g}" r="13" fill="{SITE}" stroke="#fff" stroke-width="2"/>'
        + text(x, y + 6, "k", str(number))
    )
