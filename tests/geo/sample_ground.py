"""Random small cities for the laws of ground and spreading: slivers, holes, parts and all."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.disc import discs
from geo.making.ground import Ground, ground_of
from geo.making.spreading import Spreading, spread_over

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

REACH_M = 320.0
# Rows and columns that no shape of a city leaves.
WINDOW = range(-16, 16)
ASSUMED_SHARE = 0.3


def gathered(shapes: list[BaseGeometry]) -> NDArray[np.object_]:
    """Return an array of shapes, also of none or of several parts."""
    out = np.empty(len(shapes), dtype=np.object_)
    out[:] = shapes
    return out


def star(rng: np.random.Generator, centre: NDArray[np.float64], size: float) -> BaseGeometry:
    """Draw a polygon with many corners that goes in and out."""
    corners = int(rng.integers(5, 120))
    points = [
        centre + size * rng.uniform(0.3, 1) * np.array([cos(turn), sin(turn)])
        for turn in 2 * pi * np.arange(corners) / corners
    ]
    return shapely.Polygon(np.round(points, 6))


def one_shape(rng: np.random.Generator, side_m: float) -> BaseGeometry:
    """Draw a disc, star, ring, triangle, splinter, pair of parts, or squares along the tiles."""
    centre = rng.uniform(-REACH_M / 2, REACH_M / 2, 2).round(6)
    size = float(rng.choice([5, 30, 80, 150]))
    disc, small = discs(np.array([centre, centre]), np.array([size, size / 2]))
    tile = np.round(centre / side_m) * side_m
    ends = centre + rng.uniform(-size, size, (2, 2)).round(6)
    kinds = (
        disc,
        star(rng, centre, size),
        disc.difference(discs(centre[None], np.array([size * 0.6]))[0]),
        shapely.convex_hull(shapely.MultiPoint([centre, *ends])),
        shapely.Polygon([centre, ends[0], ends[0] + (0.3, 0.2)]),
        shapely.MultiPolygon([small, shapely.affinity.translate(small, 1.2 * size, 3.0)]),
        shapely.box(*tile, *(tile + side_m * rng.integers(1, 3, 2))),
    )
    shape = kinds[rng.integers(len(kinds))]
    return shape if shape.is_valid and shape.area > 1 else disc


@dataclass(slots=True)
class Case:
    """A city of a few cells on a few dozen tiles."""

    side_m: float
    shapes: NDArray[np.object_]
    boundary: BaseGeometry | None
    walkable: NDArray[np.object_]
    excluded: NDArray[np.object_]

    def ground(self) -> Ground:
        return ground_of(
            side_m=self.side_m,
            boundary=self.boundary,
            walkable=self.walkable,
            excluded=self.excluded,
            assumed_share=ASSUMED_SHARE,
            footprints=self.shapes,
        )

    def spread(self, shapes: NDArray[np.object_] | None = None) -> Spreading:
        """Spread the cells, or others, over the ground of the city."""
        return spread_over(
            self.shapes if shapes is None else shapes,
            self.ground(),
            side_m=self.side_m,
            boundary=self.boundary,
            excluded=self.excluded,
        )


def random_case(seed: int) -> Case:
    """Draw a city; layers overlap, or are not there at all."""
    rng = np.random.default_rng(seed)
    side_m = float(rng.choice([33.3, 50.0, 100.0]))

    def layer(most: int) -> NDArray[np.object_]:
        return gathered([one_shape(rng, side_m) for _ in range(rng.integers(0, most + 1))])

    around = rng.uniform(-60, 60, 2)
    outlines = (
        None,
        shapely.box(-200, -200, 200, 200),
        star(rng, around, 250),
        shapely.union_all([star(rng, around, 160), star(rng, -around, 160)]),
        discs(around[None], np.array([240.0]))[0].difference(star(rng, around, 100)),
    )
    return Case(
        side_m=side_m,
        shapes=gathered([one_shape(rng, side_m) for _ in range(rng.integers(1, 7))]),
        boundary=outlines[rng.integers(len(outlines))],
        walkable=layer(8) if rng.random() < 0.6 else gathered([]),
        excluded=layer(4) if rng.random() < 0.6 else gathered([]),
    )
