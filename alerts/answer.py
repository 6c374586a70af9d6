"""Weigh what a desk asked for: which event it is, if any, and what the desk is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.action import Action, Outcome, Why
from alerts.incident import Mark
from alerts.lifecycle import DeskState, Event

if TYPE_CHECKING:
    from alerts.action import DeskAction
    from alerts.incident import Book, Incident

__all__ = ["Answer", "mark", "weigh"]

Answer = tuple[bool, Why, Event | None]
"""Accepted or not, why, and the event it makes of the desk's book (None = nothing changes)."""


def weigh(incident: Incident | None, action: DeskAction) -> Answer:
    """Return the answer to a desk action; raises nothing, whatever it asks for."""
    if action.action not in {Action.ACK, Action.CLOSE}:
        return False, Why.NOT_SUPPORTED, None
    if incident is None:
        return False, Why.UNKNOWN_INCIDENT, None
    book = incident.books[action.desk]
    refusal = _not_seen(book, action)
    if refusal is not None:
        return False, refusal, None
    if incident.end is not None:
        return _after_the_end(book, action)
    if book.state is DeskState.CLOSED:
        return False, Why.ALREADY_CLOSED, None
    return (_acknowledge if action.action is Action.ACK else _close)(incident, book, action)


def _not_seen(book: Book, action: DeskAction) -> Why | None:
    """Return why this desk cannot have seen what it says it saw."""
    if book.revision == 0:
        return Why.NOT_TOLD
    if not 1 <= action.revision_seen <= book.revision:
        return Why.NO_REVISION
    return Why.NO_LEVEL if action.level_seen < 1 else None


def _after_the_end(book: Book, action: DeskAction) -> Answer:
    if action.action is Action.ACK:
        return False, Why.ENDED, None
    told = book.close
    outcome = action.outcome or Outcome.UNKNOWN
    if told is not None and (told.outcome, told.by, told.text) == (outcome, action.by, action.text):
        return False, Why.ALREADY_CLOSED, None
    return True, Why.OUTCOME, Event.JUDGED


def _acknowledge(incident: Incident, book: Book, action: DeskAction) -> Answer:
    if not book.state.rings:
        return True, Why.ALREADY, None
    if action.level_seen < incident.level:
        news = Event.ACKED_LOWER if action.level_seen > book.cover else None
        return True, Why.COVERS_LOWER, news
    return True, Why.ACKNOWLEDGED, Event.ACKED


def _close(incident: Incident, _: Book, action: DeskAction) -> Answer:
    # Closing what has since become worse would hide the worse from this desk.
    if action.level_seen < incident.level:
        return False, Why.ROSE, None
    return True, Why.CLOSED, Event.CLOSED


def mark(incident: Incident, action: DeskAction, *, moment_ms: int) -> None:
    """Write the accepted action into the desk's book, before its event meets it."""
    book = incident.books[action.desk]
    # Seeing more than there is covers no more than there is: the next rise must ring.
    level = min(action.level_seen, incident.level)
    if action.action is Action.ACK:
        book.ack = Mark(level=level, by=action.by, at_ms=moment_ms, text=action.text)
    else:
        outcome = action.outcome or Outcome.UNKNOWN
        book.close = Mark(
            level=level, by=action.by, at_ms=moment_ms, outcome=outcome, text=action.text
        )
    book.cover = max(book.cover, level)
