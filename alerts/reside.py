"""Give each group of raised tiles its incident: it goes on, returns, takes others in, or is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.desk import DESKS
from alerts.direction import Direction
from alerts.incident import Incident, incident_id, pack_tiles
from alerts.lifecycle import DeskState
from alerts.tell import inherit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alerts.ground import Ground
    from alerts.incident import Picture
    from alerts.join import Fate

__all__ = ["move_in", "reopen"]


def reopen(incident: Incident, *, hop_ms: int) -> None:
    """Let an ended incident live again; what desks did to its former life is over.

    A desk that was told of it hears `reopened`, one that was not is asked anew. For one that was
    not told yet that it ended it never did.
    """
    unknowing = incident.awaits_end
    incident.end, incident.ended_ms, incident.level_since_ms = None, 0, hop_ms
    for desk, book in incident.books.items():
        if desk in unknowing:
            continue
        book.state, book.cover, book.covered_ms = DeskState.PENDING, 0, 0
        book.ack = book.confirm = book.close = None


def move_in(
    ground: Ground,
    fate: Fate,
    picture: Picture,
    tiles: NDArray[np.int32],
    *,
    hop_ms: int,
    direction: Direction = Direction.RISE,
) -> Incident:
    """Return the incident of a group, with its new picture and what it took over from others."""
    incident = fate.goes_on or fate.returns
    if incident is None:
        incident = _found(ground, picture, tiles, hop_ms=hop_ms, direction=direction)
        if fate.split_from is not None:
            incident.split_from = fate.split_from.id
            for desk in DESKS:
                inherit(incident.books[desk], fate.split_from.books[desk])
    for loser in fate.merged:
        loser.merged_into = incident.id
        incident.merged_from = [*incident.merged_from, loser.id]
        for desk in DESKS:
            inherit(incident.books[desk], loser.books[desk])
    if not incident.place_named:
        incident.place, incident.place_named = ground.place(picture.worst_tile)
    for loser in fate.merged:
        loser.merged_place = incident.place
    incident.show(picture, tiles, hop_ms=hop_ms)
    return incident


def _found(
    ground: Ground,
    picture: Picture,
    tiles: NDArray[np.int32],
    *,
    hop_ms: int,
    direction: Direction,
) -> Incident:
    """Return a new incident."""
    place, named = ground.place(picture.worst_tile)
    packed = pack_tiles(tiles)
    return Incident(
        id=incident_id(hop_ms, ground.tile_ids[int(tiles[0])], direction),
        opened_ms=hop_ms,
        place=place,
        place_named=named,
        picture=picture,
        tiles=packed,
        ever=packed,
        level=picture.level,
        level_since_ms=hop_ms,
        direction=direction,
    )
