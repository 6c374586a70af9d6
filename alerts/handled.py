"""How an incident is handled at a desk, from its book: who answers by when, what is held, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alerts import ring
from alerts.handling import Acknowledgement, Comment, Course, Hold, Result, Unanswered
from alerts.moment import iso
from alerts.publish import number, under_floor

if TYPE_CHECKING:
    from alerts.book import Book, Mark
    from alerts.desk import Desk
    from alerts.ground import Ground
    from alerts.incident import Incident
    from alerts.quiet import Quiet
    from alerts.spec import AlertSpec

__all__ = ["acknowledgement", "course", "handled", "result"]

TEXT_MAX = 500
"""Characters told of one comment or reason: a message has room for three of them."""


def handled(
    spec: AlertSpec, incident: Incident, desk: Desk, *, quiet: Quiet | None
) -> dict[str, Any]:
    """Return these fields of AlertData. quiet: the silence over its ground, if there is one."""
    book, chain = incident.books[desk], spec.desk(desk).chain
    by_ms = ring.deadline_ms(spec, incident, desk)
    post = chain[min(book.post, len(chain) - 1)]
    return {
        "duty_post": None if by_ms is None else post,
        "ack_by": None if by_ms is None else iso(by_ms),
        "ack_by_ms": by_ms,
        "escalates_to": None if by_ms is None else list(chain[book.post + 1 :]),
        "unanswered": _unanswered(book),
        "confirmed": acknowledgement(book.confirm),
        "hold": _hold(book, quiet),
        "comments": [
            Comment(by=note.by, at=iso(note.at_ms), at_ms=note.at_ms, text=note.text[:TEXT_MAX])
            for note in book.notes
        ],
    }


def _unanswered(book: Book) -> Unanswered | None:
    """Return since when nobody answered, once it rang more often than once."""
    if book.rung <= 1:
        return None
    return Unanswered(since=iso(book.asked_ms), since_ms=book.asked_ms, times=book.rung)


def course(ground: Ground, book: Book) -> Course | None:
    """Return how many were there in earlier messages; None in the first one."""
    if book.first_ms == 0 or book.revision <= 1:
        return None
    told = (
        None if under_floor(ground, one) else number(one, ground.unit)
        for one in (book.first_people, book.before_people)
    )
    first, before = told
    return Course(
        first=iso(book.first_ms), first_ms=book.first_ms, first_people=first, before_people=before
    )


def _hold(book: Book, quiet: Quiet | None) -> Hold | None:
    """Return what keeps it quiet: what the desk asked of this incident goes before its ground."""
    asked = book.shelf or quiet
    if asked is None:
        return None
    return Hold(
        kind="shelved" if asked is book.shelf else "silenced",
        by=asked.by,
        text=asked.text[:TEXT_MAX],
        since=iso(asked.since_ms),
        since_ms=asked.since_ms,
        until=iso(asked.until_ms),
        until_ms=asked.until_ms,
        alerts=book.held_total,
    )


def acknowledgement(mark: Mark | None) -> Acknowledgement | None:
    """Return who did it, when, and at which level."""
    if mark is None:
        return None
    return Acknowledgement(level=mark.level, by=mark.by, at=iso(mark.at_ms), at_ms=mark.at_ms)


def result(mark: Mark | None) -> Result | None:
    """Return what came of it, as far as the desk said so."""
    if mark is None:
        return None
    arrived, left = mark.arrived_ms, mark.left_ms
    return Result(
        outcome=mark.outcome or "unknown",
        by=mark.by,
        at=iso(mark.at_ms),
        at_ms=mark.at_ms,
        text=mark.text,
        arrived=None if arrived is None else iso(arrived),
        arrived_ms=arrived,
        left=None if left is None else iso(left),
        left_ms=left,
    )
