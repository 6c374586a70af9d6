"""A city that rings everywhere at once: its incidents are told as one, with its parts.

Theory of operation. No desk can read a hundred messages in ten minutes. Where a hop would bring a
desk more than `flood_messages` of them (those of the ten minutes before included), a city-wide
incident opens, and what is new of single ones is held as its parts: listed in it, worst first, as
many as it holds. It rises with the worst of them, is told again at once where more of them turn
orange or red, and is acknowledged, passed on and closed like any other. It ends when few are
left at either desk, and these are told one by one again. What can wait (a ring that repeats, an
end) waits while a desk has little room left: that is for what is new. What people left is not held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from alerts.book import Held
from alerts.desk import DESKS, Desk
from alerts.direction import Direction
from alerts.handling import SubIncident
from alerts.incident import Incident, pack_tiles, unpack_tiles
from alerts.lifecycle import Event, Silence
from alerts.moment import stamp
from alerts.publish import number, under_floor
from alerts.route import hears
from alerts.tell import Change, Told, occasion
from alerts.text import GRADES, colours

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from alerts.compose import Circumstances
    from alerts.ground import Ground
    from alerts.incident import Picture
    from alerts.message import Alert
    from alerts.spec import AlertSpec

__all__ = [
    "PARTS_MAX",
    "PLACE",
    "Flood",
    "found",
    "hold_part",
    "is_flooded",
    "is_part",
    "news",
    "parts_of",
    "sub_incidents",
]

PLACE: Final = "全市 City-wide"
WINDOW_MS: Final = 600_000
PARTS_MAX: Final = 100
"""Parts listed in a message: with their names it stays far under 64 KB."""
GRAVE: Final = 3
"""From this level on one more part is told at once."""
CALM_RATIO: Final = 0.5
"""A flood is over when no more than this share of the limit is left: it must not flap."""


WAITING_RATIO: Final = 0.8
"""What can wait is sent while a desk got less than this share of the limit in ten minutes."""


class Flood(msgspec.Struct, kw_only=True):
    """What is kept of it. sent_ms: when desks were sent something in the last ten minutes.

    city: the city-wide incident while it is open. over: former ones that can still be given an
    outcome. grave: parts at orange or red when it was told last.
    """

    sent_ms: dict[Desk, list[int]] = {}
    city: Incident | None = None
    over: list[Incident] = []
    grave: int = 0

    def note(self, alerts: Iterable[Alert], *, now_ms: int) -> None:
        """Remember that these were sent."""
        for alert in alerts:
            self.sent_ms.setdefault(alert.desk, []).append(now_ms)

    def room_ms(self, spec: AlertSpec, desk: Desk) -> int:
        """Return from when on (epoch ms) something that can wait may be sent to a desk."""
        most = max(int(spec.flood_messages * WAITING_RATIO), 1)
        sent = self.sent_ms.get(desk, [])
        return sent[-most] + WINDOW_MS if len(sent) >= most else 0

    def forget(self, *, now_ms: int, keep_ms: int) -> None:
        """Forget what no rule asks for any more."""
        for desk, sent in self.sent_ms.items():
            self.sent_ms[desk] = [at_ms for at_ms in sent if at_ms > now_ms - WINDOW_MS]
        self.over = [one for one in self.over if one.ended_ms >= now_ms - keep_ms]


def is_flooded(
    spec: AlertSpec, flood: Flood, coming: Mapping[Desk, int], open_now: Iterable[Incident]
) -> bool:
    """Return whether this hop is told as one. coming: messages that each desk would get."""
    if flood.city is not None:
        parts = list(open_now)
        heard = max(sum(hears(spec, desk, one.picture) for one in parts) for desk in DESKS)
        return heard > spec.flood_messages * CALM_RATIO
    return any(
        count and count + len(flood.sent_ms.get(desk, ())) > spec.flood_messages
        for desk, count in coming.items()
    )


def found(flood: Flood, picture: Picture, tiles: NDArray[np.int32], *, hop_ms: int) -> Incident:
    """Return the city-wide incident with the picture of this hop; it opens if it was not open."""
    if flood.city is None:
        packed = pack_tiles(tiles)
        flood.grave = 0
        flood.city = Incident(
            id=f"{stamp(hop_ms)}-city",
            opened_ms=hop_ms,
            place=PLACE,
            place_named=True,
            picture=picture,
            tiles=packed,
            ever=packed,
            level=picture.level,
            level_since_ms=hop_ms,
            rank=1,
        )
    flood.city.show(picture, tiles, hop_ms=hop_ms)
    return flood.city


def news(
    spec: AlertSpec, flood: Flood, city: Incident, parts: Sequence[Incident], at: Circumstances
) -> dict[Desk, Told]:
    """Return what desks have to be told of the city-wide incident after a hop."""
    grave = sum(one.level >= GRAVE for one in parts)
    told: dict[Desk, Told] = {}
    for desk, book in city.books.items():
        new = occasion(spec, city, book, desk=desk, hop_ms=at.hop_ms, now_ms=at.moment_ms)
        if new is None and grave > flood.grave and book.revision:
            new = (Event.CHANGED, (Change.PARTS,))
        if new is not None:
            told[desk] = new
    if told:
        flood.grave = grave
    return told


def hold_part(
    incident: Incident, told: Mapping[Desk, Told], city: Incident, *, hop_ms: int
) -> None:
    """List what is held of one part; the same thing hop after hop is listed once."""
    for desk, (event, _) in told.items():
        book = incident.books[desk]
        held = Held(
            event=event,
            hop_ms=hop_ms,
            level=incident.level,
            reason=Silence.PART,
            text=city.id,
        )
        last = book.held[-1] if book.held else None
        if last is None or msgspec.structs.replace(last, hop_ms=hop_ms) != held:
            book.hold(held)


def sub_incidents(
    ground: Ground, parts: Sequence[Incident], desk: Desk
) -> tuple[list[SubIncident], int]:
    """Return the worst parts as told to a desk, and how many there are in all."""
    worst = sorted(parts, key=lambda one: (one.rank, one.id))[:PARTS_MAX]
    return [_sub_incident(ground, one, desk) for one in worst], len(parts)


def _sub_incident(ground: Ground, incident: Incident, desk: Desk) -> SubIncident:
    people = incident.picture.people
    return SubIncident(
        incident=incident.id,
        place=incident.place,
        desk=desk,
        level=incident.level,
        grade=GRADES[incident.level],
        colour=colours(incident.level),
        people=None if under_floor(ground, people) else number(people, ground.unit),
        tiles_total=int(unpack_tiles(incident.tiles).size),
    )


def is_part(incident: Incident) -> bool:
    """Return whether an incident is told as a part while the city is flooded."""
    return incident.direction is Direction.RISE


def parts_of(every: Iterable[Incident]) -> list[Incident]:
    """Return those that are parts."""
    return [one for one in every if is_part(one)]
