"""Outlines for pictures: layers in the plane, simplified to what an eye can see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo.making.shapes import projected
from geo.pack import Outlines
from geo.readonly import read_only

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.making.sources import Sources

__all__ = ["outlines_of"]

# Of a tile's side: a corner less than that off a line is not seen beside tiles.
BLUR_RATIO: Final = 0.25
# A site may be smaller than a tile, and there are few of them.
SITE_BLUR_M: Final = 1.0
CENTIMETRES: Final = 2
NONE: Final[NDArray[np.object_]] = np.zeros(0, np.object_)


def outlines_of(
    sources: Sources, boundary: shapely.Geometry | None, projection: str | None
) -> Outlines:
    """Draw what was given. boundary: in the plane. projection: None = nothing has a place."""
    if projection is None:
        return Outlines(boundary=NONE, police=NONE, fire=NONE, sites=NONE)
    blur_m = sources.city.grid.side_m * BLUR_RATIO
    whole = NONE if boundary is None else np.array([boundary], dtype=np.object_)
    police, fire, sites = (
        NONE if one is None else projected(one.shapes, projection)
        for one in (sources.police, sources.fire, sources.sites)
    )
    return Outlines(
        boundary=_blurred(whole, blur_m),
        police=_blurred(police, blur_m),
        fire=_blurred(fire, blur_m),
        sites=_blurred(sites, SITE_BLUR_M),
    )


def _blurred(shapes: NDArray[np.object_], blur_m: float) -> NDArray[np.object_]:
    """Simplify polygons, each for itself, to whole centimetres."""
    simple = shapely.simplify(shapes, blur_m)
    return read_only(
        np.asarray(
            shapely.transform(simple, lambda points: np.round(points, CENTIMETRES)), np.object_
        )
    )
