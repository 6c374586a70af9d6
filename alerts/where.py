"""Where an incident is, as a message tells it: polygon, middle, and as many tiles as fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alerts.figures import Area
from alerts.incident import unpack_tiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.ground import Ground
    from alerts.incident import Incident

__all__ = ["TILES_MAX", "area"]

TILES_MAX: Final = 500
POINTS_MAX: Final = 200
COORDINATE_DECIMALS: Final = 6


def area(ground: Ground, incident: Incident) -> Area:
    """Return where the incident is; the costly part, equal for all desks of one hop."""
    tiles = unpack_tiles(incident.tiles)
    listed = tiles
    if tiles.size > TILES_MAX:
        # Those around the worst tile in index order: near it in its block, and stable.
        at = int(np.searchsorted(tiles, incident.picture.worst_tile))
        start = min(max(at - TILES_MAX // 2, 0), tiles.size - TILES_MAX)
        listed = tiles[start : start + TILES_MAX]
    rings = ground.outline(tiles) if ground.outline is not None else None
    if rings is not None and sum(map(len, rings)) > POINTS_MAX:
        rings = None
    polygon = None if rings is None else [[_position(point) for point in ring] for ring in rings]
    return Area(
        worst_tile=ground.tile_ids[incident.picture.worst_tile],
        centroid=_centroid(polygon),
        polygon=polygon,
        tiles=[ground.tile_ids[tile] for tile in listed.tolist()],
        tiles_total=int(tiles.size),
    )


def _position(point: Sequence[float]) -> tuple[float, float]:
    lon, lat = point
    return round(float(lon), COORDINATE_DECIMALS), round(float(lat), COORDINATE_DECIMALS)


def _centroid(polygon: list[list[tuple[float, float]]] | None) -> tuple[float, float] | None:
    """Return the middle of the corners: good enough to move a map there."""
    corners = [point for ring in polygon or [] for point in ring[:-1]]
    if not corners:
        return None
    count = len(corners)
    return _position((sum(x for x, _ in corners) / count, sum(y for _, y in corners) / count))
