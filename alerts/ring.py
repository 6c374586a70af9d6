"""Who at a desk has to answer, and by when: the duty chain, and holds that end by themselves.

An alert rings at the first post of its desk's chain. Not acknowledged in time it rings at the
next, and at last at the city's, where it stays and rings again and again, at once where people
grew by half. What somebody acknowledged rings again after an hour if it is still open, at the
first post: shifts change, and seen is not done. All of it is counted on the clock of the log, so
that a replay rings at the same moments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.direction import Direction
from alerts.lifecycle import DeskState, Event
from alerts.quiet import hush

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from alerts.book import Book
    from alerts.desk import Desk
    from alerts.incident import Incident
    from alerts.quiet import Quiet
    from alerts.spec import AlertSpec

__all__ = [
    "Due",
    "all_due",
    "begin_anew",
    "deadline_ms",
    "due",
    "has_grown",
    "is_again",
    "turn",
]

Due = tuple[int, "Incident", "Desk", Event]
"""When (epoch ms), of which incident, at which desk, and what then happens."""

_NEXT_POST: Final = {Event.OVERDUE, Event.HANDED_UP}
_RINGS: Final = {Event.ROSE, Event.UNANSWERED, *_NEXT_POST}
_UNCOVERS: Final = {Event.LAPSED, Event.HANDED_UP, Event.UNSHELVED, Event.REVIVED}


def turn(incident: Incident, book: Book, event: Event, *, was: DeskState, now_ms: int) -> None:
    """Move chain, deadlines and holds of a book that an event just met; `was`: state before."""
    if book.state is not DeskState.SHELVED:
        book.shelf = None
    if event in _UNCOVERS:
        book.cover, book.covered_ms, book.ack, book.confirm = 0, 0, None, None
    if event is Event.REVIVED:
        book.close = None
    _ring(incident, book, event, was=was, now_ms=now_ms)


def _ring(incident: Incident, book: Book, event: Event, *, was: DeskState, now_ms: int) -> None:
    """Move the chain, and count how often it rang since somebody should have answered."""
    if not book.state.rings:
        book.ring_ms, book.asked_ms, book.rung, book.rung_people = 0, 0, 0, None
        return
    anew = not was.rings
    if event in _NEXT_POST:
        book.post += 1
    elif anew:
        book.post = 0
    if anew:
        book.asked_ms, book.rung = now_ms, 0
    if anew or event in _RINGS:
        book.ring_ms, book.rung, book.rung_people = now_ms, book.rung + 1, incident.picture.people


def deadline_ms(spec: AlertSpec, incident: Incident, desk: Desk) -> int | None:
    """Return by when the post that rings has to acknowledge; None where nobody rings."""
    book = incident.books[desk]
    if not book.state.rings:
        return None
    return book.ring_ms + spec.desk(desk).ack_deadline_s[incident.level - 1] * 1000


def due(spec: AlertSpec, incident: Incident, desk: Desk) -> tuple[int, Event] | None:
    """Return what happens next at this desk if nobody does anything, and when (epoch ms)."""
    book = incident.books[desk]
    if book.state is DeskState.SHELVED and book.shelf is not None:
        return book.shelf.until_ms, Event.UNSHELVED
    if book.state is DeskState.ACKNOWLEDGED and spec.ack_expires_s:
        return book.covered_ms + spec.ack_expires_s * 1000, Event.LAPSED
    by_ms = deadline_ms(spec, incident, desk)
    if by_ms is None:
        return None
    if not _is_last(spec, book, desk):
        return by_ms, Event.OVERDUE
    again_s = spec.desk(desk).ring_again_s[incident.level - 1]
    return (book.ring_ms + again_s * 1000, Event.UNANSWERED) if again_s else None


def _is_last(spec: AlertSpec, book: Book, desk: Desk) -> bool:
    """Return whether nobody is left to be asked next."""
    return book.post + 1 >= len(spec.desk(desk).chain)


def is_again(spec: AlertSpec, incident: Incident, desk: Desk, *, now_ms: int) -> bool:
    """Return whether the last post rings again by now."""
    coming = due(spec, incident, desk)
    return coming is not None and coming[1] is Event.UNANSWERED and coming[0] <= now_ms


def has_grown(spec: AlertSpec, incident: Incident, desk: Desk) -> bool:
    """Return whether people grew by so much since the last post was rung that it rings at once.

    Of a drop more people are good news; of what cannot be seen no figure is new.
    """
    book, now = incident.books[desk], incident.picture.people
    if not book.state.rings or not _is_last(spec, book, desk):
        return False
    if incident.direction is Direction.DROP or incident.is_unseen:
        return False
    if now is None or book.rung_people is None:
        return False
    more, ratio = now - book.rung_people, spec.desk(desk).ring_growth_ratio
    return more > ratio * book.rung_people and more >= spec.min_people


def all_due(
    spec: AlertSpec, incidents: Iterable[Incident], silences: Sequence[Quiet]
) -> Iterator[Due]:
    """Yield what is to come at each desk of open incidents; silenced ground waits for its end."""
    for incident in incidents:
        for desk in incident.books:
            coming = due(spec, incident, desk)
            if coming is not None and hush(silences, incident, desk) is None:
                yield coming[0], incident, desk, coming[1]


def begin_anew(incidents: Iterable[Incident], *, now_ms: int) -> None:
    """Let the deadlines of whatever rings begin now: it could not be heard until now."""
    for incident in incidents:
        for book in incident.books.values():
            if book.state.rings:
                book.ring_ms = now_ms
