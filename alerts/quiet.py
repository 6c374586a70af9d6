"""Ground that a desk silenced for a known cause: what happens there waits, save red.

A silence lies over the ground of one incident: its tiles, those that adjoin them, and the whole
of the sites it stands on. An incident that reaches beyond it is told. What is held stays listed
in the desk's book with who asked for it, why, and until when; an end is never held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from alerts.book import Held
from alerts.deed import when_ms
from alerts.desk import Desk
from alerts.incident import pack_tiles, unpack_tiles
from alerts.lifecycle import DeskState, Event, Silence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alerts.action import DeskAction
    from alerts.beside import Beside
    from alerts.ground import Ground
    from alerts.incident import Incident

__all__ = ["Quiet", "hush", "keep_quiet", "let_ring", "silenced"]

LEVEL_MAX: Final = 4


class Quiet(msgspec.Struct, frozen=True, array_like=True):
    """One silence. tiles: int32 little-endian, ascending. incident: the one it was asked on."""

    desk: Desk
    incident: str
    tiles: bytes
    by: str
    text: str
    since_ms: int
    until_ms: int


def _around(ground: Ground, beside: Beside, incident: Incident) -> bytes:
    """Return the ground that a silence on this incident lies over, as packed tiles."""
    tiles = unpack_tiles(incident.ever)
    sites = np.unique(ground.site[tiles])
    on_sites = np.flatnonzero(np.isin(ground.site, sites[sites >= 0])).astype(np.int32)
    return pack_tiles(np.union1d(on_sites, beside.around(tiles)))


def silenced(
    ground: Ground,
    beside: Beside,
    silences: Sequence[Quiet],
    incident: Incident,
    action: DeskAction,
    *,
    moment_ms: int,
) -> list[Quiet]:
    """Return the silences after a desk asked for one on this incident, or ended its own."""
    others = [one for one in silences if (one.desk, one.incident) != (action.desk, action.incident)]
    until_ms = when_ms(action.until) or 0
    if until_ms <= moment_ms:
        return others
    asked = Quiet(
        action.desk,
        incident.id,
        _around(ground, beside, incident),
        action.by,
        action.text or "",
        moment_ms,
        until_ms,
    )
    return [*others, asked]


def let_ring(silences: list[Quiet], incidents: Iterable[Incident], *, now_ms: int) -> list[Quiet]:
    """Return the silences that go on; deadlines on the ground of the others begin anew."""
    over = [one for one in silences if one.until_ms <= now_ms]
    if not over:
        return silences
    for incident in incidents:
        for desk, book in incident.books.items():
            if book.state.rings and hush(over, incident, desk) is not None:
                book.ring_ms = now_ms
    return [one for one in silences if one.until_ms > now_ms]


def hush(silences: Sequence[Quiet], incident: Incident, desk: Desk) -> Quiet | None:
    """Return the silence that holds what would be told of this incident; None = it is told."""
    if not silences or incident.level >= LEVEL_MAX or incident.end is not None:
        return None
    tiles = unpack_tiles(incident.tiles)
    over = (one for one in silences if one.desk is desk)
    return next((one for one in over if np.isin(tiles, unpack_tiles(one.tiles)).all()), None)


def keep_quiet(incident: Incident, quiet: Quiet, event: Event, *, hop_ms: int) -> None:
    """List what is held; the same thing hop after hop is listed once."""
    book = incident.books[quiet.desk]
    last = book.held[-1] if book.held else None
    again = last is not None and (last.event, last.level, last.reason, last.until_ms) == (
        event,
        incident.level,
        Silence.GROUND,
        quiet.until_ms,
    )
    if book.state is DeskState.CLOSED or again:
        return
    held = Held(
        event=event,
        hop_ms=hop_ms,
        level=incident.level,
        reason=Silence.GROUND,
        by=quiet.by,
        text=quiet.text,
        until_ms=quiet.until_ms,
    )
    book.hold(held)
