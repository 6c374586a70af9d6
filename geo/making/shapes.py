"""Footprints in the plane: outlines projected, discs, sectors, and what lies nearest to a site.

A *bare point* says where a station is and not how far it reaches. Its footprint is the ground that
is nearer to it than to the other bare points of its file (Voronoi), within the boundary and within
a largest radius, for at the edge of a city the nearest station may be a day's walk away. Cells on
one mast share their ground: each has all of it as its footprint.
"""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.disc import discs
from geo.footprint import Footprints
from geo.making.cut import overlaid, polygonal
from geo.plane import PLANE_DECIMALS, to_plane
from geo.sector import sectors

POINT: Final = 0
# Sites of one centimetre stand on one mast. Sites that are closer than any survey could tell make
# borders of no meaning, and triangles too thin for the engine.
SITE_DECIMALS: Final = 2


def plane_shapes(
    footprints: Footprints,
    *,
    projection: str,
    boundary: shapely.Geometry | None,
    radius_max_m: float,
) -> NDArray[np.object_]:
    """Draw the footprints of one file in the plane; valid (Multi)Polygons, shape (cells,).

    boundary: valid (Multi)Polygon in the plane; it cuts what is drawn for bare points, never what
    a file has drawn. radius_max_m: reach of a bare point, above 0.
    """
    shapes = projected(footprints.shapes, projection)
    wide = ~np.isnan(footprints.beam_deg)
    round_ = ~np.isnan(footprints.radius_m) & ~wide
    bare = np.isnan(footprints.radius_m) & (shapely.get_type_id(shapes) == POINT)
    centre = np.zeros((len(shapes), 2))
    place = round_ | wide | bare
    centre[place] = shapely.get_coordinates(shapes[place])
    shapes[round_] = discs(centre[round_], footprints.radius_m[round_])
    shapes[wide] = sectors(
        centre[wide],
        footprints.radius_m[wide],
        footprints.azimuth_deg[wide],
        footprints.beam_deg[wide],
    )
    shapes[bare] = nearest_ground(centre[bare], boundary=boundary, radius_max_m=radius_max_m)
    return shapes


def projected(shapes: NDArray[np.object_], projection: str) -> NDArray[np.object_]:
    """Project lon/lat shapes to the plane, to the micrometre; valid ones stay valid."""
    return _sound(shapely.transform(shapes, lambda points: to_plane(projection, points)))


def nearest_ground(
    sites: NDArray[np.float64], *, boundary: shapely.Geometry | None, radius_max_m: float
) -> NDArray[np.object_]:
    """Draw what is nearer to each site than to any other, as far as boundary and radius allow.

    sites: shape (cells, 2), metres; those on one place get the same shape. Where the boundary
    leaves nothing of a shape it is given uncut, so that one can tell how far away it lies.
    Without a boundary the radius alone bounds the shapes: none lies further from the hull of all
    sites than that.
    """
    if not len(sites):
        return np.zeros(0, dtype=np.object_)
    # Adding zero makes one number of -0.0 and 0.0.
    place, owner = np.unique(np.round(sites, SITE_DECIMALS) + 0.0, axis=0, return_inverse=True)
    # Wide enough for every disc; what lies beyond is cut away.
    low, high = place.min(axis=0) - 2 * radius_max_m, place.max(axis=0) + 2 * radius_max_m
    cells = shapely.get_parts(
        shapely.voronoi_polygons(
            shapely.MultiPoint(place), extend_to=shapely.box(*low, *high), ordered=True
        )
    )
    reach = discs(place, np.full(len(place), radius_max_m))
    shapes = _rounded(overlaid(shapely.intersection, cells, reach))
    if boundary is not None:
        shapely.prepare(boundary)
        rim = np.flatnonzero(~shapely.covers(boundary, shapes))
        cut = _rounded(overlaid(shapely.intersection, shapes[rim], np.full(rim.size, boundary)))
        left = shapely.area(cut) > 0
        shapes[rim[left]] = cut[left]
    return np.asarray(shapes[owner], dtype=np.object_)


def _rounded(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Round the corners to the micrometre."""
    return _sound(shapely.transform(shapes, lambda points: np.round(points, PLANE_DECIMALS)))


def _sound(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Mend what rounding has folded over: splinters thinner than a micrometre."""
    folded = np.flatnonzero(~shapely.is_valid(shapes))
    shapes[folded] = polygonal(shapely.make_valid(shapes[folded], method="structure"))
    return shapes
