"""The table's state as bytes, schema version first, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from alerts.compose import Circumstances
from alerts.desk import Desk
from alerts.flood import Flood
from alerts.hold import ActiveTiles
from alerts.incident import Incident
from alerts.quiet import Quiet

if TYPE_CHECKING:
    from alerts.ground import Ground
    from alerts.incident import Picture

__all__ = ["SCHEMA_VERSION", "Saved", "StateError", "decode", "encode", "pack", "settle", "unpack"]

# 1 remembered nothing of what was told, 2 nothing of the tiles around, 3 nothing of drops, 4 of
# desks no more than what they acknowledged and closed, 5 of a desk's calls only the newest.
SCHEMA_VERSION: Final = 6


class StateError(ValueError):
    """Saved state that cannot be taken up; the partition has to stop, not to guess."""


class Saved(msgspec.Struct, array_like=True):
    """All state of the table. version comes first and is read before the rest is.

    at: circumstances of the newest hop, None before the first. active, left: columns of the
    ActiveTiles of rises and of drops, little-endian.
    incidents: open and recently ended ones. last_ids: newest alert ids of each desk. silences:
    of desks, by the time they were asked for. flood: whether, and how, all is told as one.
    """

    version: int
    at: Circumstances | None
    active: list[bytes]
    incidents: list[Incident]
    last_ids: dict[Desk, list[str]]
    left: list[bytes]
    silences: list[Quiet]
    flood: Flood


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Saved)
_parts: Final = msgspec.msgpack.Decoder(list[msgspec.Raw])
_version: Final = msgspec.msgpack.Decoder(int)


def encode(saved: Saved) -> bytes:
    """Return the bytes; equal states give equal bytes."""
    return _encoder.encode(saved)


def decode(data: bytes) -> Saved:
    """Return the state; raises StateError, saying what is wrong with the bytes."""
    try:
        # Of an earlier version there may be fewer parts; of no saved state there is none.
        version = _version.decode(b"".join(_parts.decode(data)[:1]))
        if version != SCHEMA_VERSION:
            message = f"incident table: schema version {version}, this code reads {SCHEMA_VERSION}"
            raise StateError(message)
        return _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        message = f"incident table: not a saved state ({fault})"
        raise StateError(message) from fault


def settle(picture: Picture, ground: Ground) -> None:
    """Find the site of a saved picture by its name: another pack may number the sites otherwise.

    A site that is gone is no site; the next hop draws the picture anew.
    """
    if 0 <= picture.worst_tile < len(ground.tile_ids):
        picture.area = int(ground.area[picture.worst_tile])
    if picture.site < 0:
        return
    names = [site.name for site in ground.sites]
    if picture.site_name in names:
        picture.site = names.index(picture.site_name)
    elif picture.site_name is not None or picture.site >= len(names):
        picture.site, picture.site_name, picture.occupancy = -1, None, None


def pack(active: ActiveTiles) -> list[bytes]:
    """Return the columns as little-endian bytes, in the order of the fields."""
    columns = (getattr(active, field.name) for field in fields(active))
    return [column.astype(column.dtype.newbyteorder("<")).tobytes() for column in columns]


def unpack(columns: list[bytes], *, tiles: int) -> ActiveTiles:
    """Return active tiles; raises StateError where columns do not fit each other or the ground."""
    empty = ActiveTiles.empty()
    names = [field.name for field in fields(empty)]
    if len(columns) != len(names):
        message = f"incident table: {len(columns)} columns, wanted {len(names)}"
        raise StateError(message)
    size = len(columns[0]) // empty.tile.itemsize
    parts = {}
    for name, data in zip(names, columns, strict=True):
        like = getattr(empty, name)
        shape = (size, *like.shape[1:])
        wanted = int(np.prod(shape)) * like.itemsize
        if len(data) != wanted:
            message = f"incident table: column {name} has {len(data)} bytes, wanted {wanted}"
            raise StateError(message)
        parts[name] = np.frombuffer(data, like.dtype.newbyteorder("<")).reshape(shape)
    active = ActiveTiles(
        **{name: part.astype(getattr(empty, name).dtype) for name, part in parts.items()}
    )
    if size and not 0 <= int(active.tile.min()) <= int(active.tile.max()) < tiles:
        message = f"incident table: active tiles lie outside the {tiles} tiles of the ground"
        raise StateError(message)
    return active
