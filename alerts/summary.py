"""What others may see of the table without touching it: for the heartbeat, backtest and desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from alerts.direction import Direction
from alerts.incident import unpack_tiles
from alerts.levels import REASONS
from alerts.lifecycle import DeskState, Silence
from alerts.system import HeldNow

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from alerts.book import Held
    from alerts.desk import Desk
    from alerts.incident import Incident
    from alerts.quiet import Quiet

__all__ = [
    "Episode",
    "HeldAlert",
    "OpenIncidents",
    "episode",
    "held_alerts",
    "holding",
    "open_incidents",
    "to_be_ended",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncidents:
    """How many incidents are open, by level 1 to 4, and how many ring at some desk."""

    by_level: tuple[int, int, int, int]
    unacknowledged: int

    @property
    def total(self) -> int:
        """All open incidents."""
        return sum(self.by_level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One incident from end to end: ended_ms 0 = still open; tiles: all it ever stood on.

    people_max: as counted, no privacy floor applied; of a drop the fewest there were.
    """

    incident: str
    place: str
    opened_ms: int
    ended_ms: int
    end: str | None
    level_max: int
    tiles: NDArray[np.int32]
    reasons: tuple[str, ...]
    score_max: float | None
    people_max: float | None
    split_from: str | None
    merged_into: str | None
    direction: Direction = Direction.RISE


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAlert:
    """An alert that was not sent to a desk, and why."""

    incident: str
    desk: Desk
    held: Held


def holding(
    incidents: Iterable[Incident], silences: Iterable[Quiet], city: Incident | None
) -> list[HeldNow]:
    """Return what keeps something quiet now: shelves and closes of desks, silences, one city."""
    found = [_put_off(one, desk) for one in incidents for desk in one.books]
    held = [one for one in found if one is not None]
    held += [
        HeldNow(
            incident=one.incident,
            desk=one.desk,
            reason=Silence.GROUND,
            by=one.by,
            text=one.text,
            until_ms=one.until_ms,
        )
        for one in silences
    ]
    if city is not None:
        held += [
            HeldNow(incident=city.id, desk=desk, reason=Silence.PART)
            for desk, book in city.books.items()
            if book.revision
        ]
    return held


def to_be_ended(leaving: Iterable[Incident]) -> list[HeldNow]:
    """Return ends that wait: these incidents are over, and a desk was not told so yet."""
    return [
        HeldNow(incident=one.id, desk=desk, reason=Silence.LATER)
        for one in sorted(leaving, key=lambda one: (one.ended_ms, one.seniority))
        for desk in one.awaits_end
    ]


def _put_off(incident: Incident, desk: Desk) -> HeldNow | None:
    book = incident.books[desk]
    plain = HeldNow(incident=incident.id, desk=desk, reason=Silence.HELD, alerts=book.held_total)
    if book.state is DeskState.SHELVED and book.shelf is not None:
        by, text, _, until_ms = msgspec.structs.astuple(book.shelf)
        return msgspec.structs.replace(
            plain, reason=Silence.SHELVED, by=by, text=text, until_ms=until_ms
        )
    if book.state is DeskState.CLOSED and book.close is not None:
        return msgspec.structs.replace(plain, by=book.close.by, text=book.close.text)
    return None


def open_incidents(incidents: Iterable[Incident]) -> OpenIncidents:
    """Count open incidents."""
    counts = [0, 0, 0, 0]
    ringing = 0
    for incident in incidents:
        counts[incident.level - 1] += 1
        ringing += any(book.state.rings for book in incident.books.values())
    blue, yellow, orange, red = counts
    return OpenIncidents(by_level=(blue, yellow, orange, red), unacknowledged=ringing)


def episode(incident: Incident) -> Episode:
    """Return an incident as its whole story."""
    return Episode(
        incident=incident.id,
        place=incident.place,
        opened_ms=incident.opened_ms,
        ended_ms=incident.ended_ms,
        end=incident.end,
        level_max=incident.peak_level,
        tiles=unpack_tiles(incident.ever),
        reasons=tuple(code for bit, code in REASONS if incident.peak_why & bit),
        score_max=incident.peak_score,
        people_max=incident.peak_counted,
        split_from=incident.split_from,
        merged_into=incident.merged_into,
        direction=incident.direction,
    )


def held_alerts(incidents: Iterable[Incident]) -> tuple[HeldAlert, ...]:
    """Return alerts that were held, by incident and desk, oldest first."""
    return tuple(
        HeldAlert(incident=incident.id, desk=desk, held=held)
        for incident in incidents
        for desk, book in incident.books.items()
        for held in book.held
    )
