"""When a desk is told: compare an incident with what the desk's book says it knows."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from alerts.book import Held
from alerts.incident import unpack_tiles
from alerts.lifecycle import DeskState, Event, Kind, Silence, transition
from alerts.ring import has_grown, is_again, turn
from alerts.route import hears

if TYPE_CHECKING:
    from alerts.book import Book
    from alerts.desk import Desk
    from alerts.incident import Incident
    from alerts.spec import AlertSpec

__all__ = ["Change", "Told", "inherit", "meet", "occasion"]


class Change(StrEnum):
    """What changed since the last message, as told to the desk."""

    FIRST = "first"
    LEVEL_UP = "level_up"
    LEVEL_DOWN = "level_down"
    PEOPLE = "people"
    AREA = "area"
    REPEAT = "repeat"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    OUTCOME = "outcome"
    CONFIRMED = "confirmed"
    COMMENT = "comment"
    OVERDUE = "overdue"
    UNANSWERED = "unanswered"
    ACK_EXPIRED = "ack_expired"
    HANDED_UP = "handed_up"
    SHELVED = "shelved"
    SILENCED = "silenced"
    HOLD_ENDED = "hold_ended"
    REOPENED = "reopened"
    PARTS = "parts"
    MERGED = "merged"
    SPLIT = "split"
    RETURNED = "returned"
    CLEARED = "cleared"
    BLIND = "blind"
    SEEN = "seen_again"
    WITHDRAWN = "withdrawn"


Told = tuple[Event, tuple[Change, ...]]

_ENDS: Final = {Event.CLEARED, Event.EXPIRED, Event.WITHDRAWN, Event.MERGED}


def occasion(
    spec: AlertSpec, incident: Incident, book: Book, *, desk: Desk, hop_ms: int, now_ms: int
) -> Told | None:
    """Return what this desk has to be told of an open incident after a hop, if anything.

    now_ms: when the hop was decided.
    """
    if book.state is DeskState.PENDING:
        return _first(spec, incident, book, desk=desk)
    if incident.level != book.told_level:
        return _level_change(incident, book, cover=_cover(spec, book, now_ms=now_ms))
    if incident.is_unseen != book.told_unseen:
        return Event.CHANGED, (Change.BLIND if incident.is_unseen else Change.SEEN,)
    waited_ms = hop_ms - book.told_ms
    changes = _drift(spec, incident, book) if waited_ms >= spec.update_s * 1000 else ()
    grown = has_grown(spec, incident, desk)
    if grown or (changes and is_again(spec, incident, desk, now_ms=now_ms)):
        # What rings again at this very moment is told with what changed, in one message.
        return Event.UNANSWERED, (Change.UNANSWERED, *(changes or (Change.PEOPLE,)))
    if changes:
        return Event.CHANGED, changes
    return (Event.REPEATED, (Change.REPEAT,)) if waited_ms >= spec.repeat_s * 1000 else None


def _first(spec: AlertSpec, incident: Incident, book: Book, *, desk: Desk) -> Told | None:
    """Return what a desk is told first, or first again; None = it does not hear of such a thing."""
    if book.revision:
        return Event.RETURNED, (Change.RETURNED,)
    if not (book.follows or hears(spec, desk, incident.picture)):
        return None
    first = (Change.FIRST, Change.SPLIT) if incident.split_from else (Change.FIRST,)
    return (Event.HEARD if incident.level > book.cover else Event.HEARD_COVERED), first


def _cover(spec: AlertSpec, book: Book, *, now_ms: int) -> int:
    """Return the level that the desk's last answer covers; one that expired quiets no ringing."""
    lasts_ms = spec.ack_expires_s * 1000
    if book.state.rings and lasts_ms and book.covered_ms + lasts_ms <= now_ms:
        return 0
    return book.cover


def _level_change(incident: Incident, book: Book, *, cover: int) -> Told:
    rings = incident.level > cover
    if incident.level > book.told_level:
        return (Event.ROSE if rings else Event.REGAINED), (Change.LEVEL_UP,)
    return (Event.FELL if rings else Event.SETTLED), (Change.LEVEL_DOWN,)


def _drift(spec: AlertSpec, incident: Incident, book: Book) -> tuple[Change, ...]:
    """Return which figures moved enough; what is unknown did not move."""
    changes: list[Change] = []
    now, told = incident.picture.people, book.told_people
    # What cannot be seen did not change: no figure is told on while every tile is blind.
    if incident.is_unseen or now is None or told is None:
        pass
    elif abs(now - told) > spec.update_people_ratio * told:
        changes.append(Change.PEOPLE)
    if incident.tiles != book.told_tiles:
        old, new = unpack_tiles(book.told_tiles), unpack_tiles(incident.tiles)
        moved = np.setxor1d(old, new, assume_unique=True).size
        if moved > spec.update_area_ratio * old.size:
            changes.append(Change.AREA)
    return tuple(changes)


def meet(incident: Incident, book: Book, event: Event, *, hop_ms: int, now_ms: int) -> Kind | None:
    """Let an event meet a desk's book; return the kind of alert to send, if one is to be sent.

    now_ms: moment of the log at which it does. The first message to a desk is always `raised`,
    and a desk that was never told of an incident is not told of its end either.
    """
    was = book.state
    book.state, kind = transition(was, event)
    turn(incident, book, event, was=was, now_ms=now_ms)
    if kind is None:
        return None
    if book.revision == 0 and event in _ENDS:
        return None
    _note(incident, book, hop_ms=hop_ms)
    if isinstance(kind, Silence):
        book.hold(_held(incident, book, event, kind, hop_ms=hop_ms))
        return None
    book.say(people=incident.picture.people, now_ms=now_ms, anew=event is Event.RETURNED)
    return Kind.RAISED if book.revision == 1 else kind


def _held(incident: Incident, book: Book, event: Event, reason: Silence, *, hop_ms: int) -> Held:
    """Return what is listed of an alert that is not sent: who asked for that, and how long."""
    plain = Held(event=event, hop_ms=hop_ms, level=incident.level, reason=reason)
    if book.shelf is not None:
        by, text, _, until_ms = msgspec.structs.astuple(book.shelf)
        return msgspec.structs.replace(plain, by=by, text=text, until_ms=until_ms)
    if book.close is not None:
        return msgspec.structs.replace(plain, by=book.close.by, text=book.close.text)
    return plain


def _note(incident: Incident, book: Book, *, hop_ms: int) -> None:
    """Write down what the desk knows from now on (or would know, were it not held)."""
    book.told_level = incident.level
    book.told_people = incident.picture.people
    book.told_tiles = incident.tiles
    book.told_ms = hop_ms
    book.told_unseen = incident.is_unseen


def inherit(child: Book, parent: Book) -> None:
    """Let a desk that knew the one incident follow the other into which its crowd went.

    It hears of it whatever the level (else a crowd it knows would vanish from its page), does
    not have to acknowledge again what it acknowledged, and what it closed stays held.
    """
    if not (parent.revision or parent.follows):
        return
    child.follows = True
    if child.revision or child.state is not DeskState.PENDING:
        return
    if parent.cover > child.cover:
        child.cover, child.ack, child.close = parent.cover, parent.ack, parent.close
        child.covered_ms, child.confirm = parent.covered_ms, parent.confirm
    if parent.state is DeskState.CLOSED:
        child.state, child.told_level = DeskState.CLOSED, parent.cover
    elif parent.state is DeskState.SHELVED:
        child.state, child.told_level = DeskState.SHELVED, parent.told_level
        child.shelf = parent.shelf
