"""Weigh what a desk asked for: which event it is, if any, and what the desk is answered.

An action that saw a lower grade than there is now lost a race, and is refused with the state of
now; a comment never is. What is over stays over: only an outcome or a comment is taken then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from alerts import deed
from alerts.action import Action, Outcome, Reply, Why
from alerts.book import Mark, Note, Shelf
from alerts.lifecycle import DeskState, Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from alerts.action import DeskAction
    from alerts.book import Book
    from alerts.incident import Incident
    from alerts.spec import AlertSpec

__all__ = ["Answer", "answered", "mark", "weigh"]

Answer = tuple[bool, Why, Event | None]
"""Accepted or not, why, and the event it makes of the desk's book (None = nothing changes)."""

NOTES_MAX: Final = 3
SLACK_MS: Final = 60_000
"""A desk reckons from its own clock, and the beat may lie behind that."""
LEVEL_MAX: Final = 4
_LATE: Final = {Action.COMMENT, Action.CLOSE}
"""What is still taken when an incident is over."""
_CLOSED: Final = {Action.COMMENT, Action.REOPEN}
"""What a desk that closed an incident can still do with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One action before the incident it is about."""

    spec: AlertSpec
    incident: Incident
    book: Book
    action: DeskAction
    moment_ms: int

    @property
    def lost(self) -> bool:
        """The incident rose above what this desk saw."""
        return self.action.level_seen < self.incident.level


def weigh(
    spec: AlertSpec, incident: Incident | None, action: DeskAction, *, moment_ms: int
) -> Answer:
    """Return the answer to a desk action; raises nothing, whatever it asks for."""
    if incident is None:
        return False, Why.UNKNOWN_INCIDENT, None
    book = incident.books[action.desk]
    refusal = _not_seen(book, action) or _too_late(incident, book, action)
    if refusal is not None:
        return False, refusal, None
    case = _Case(spec=spec, incident=incident, book=book, action=action, moment_ms=moment_ms)
    return _RULES[action.action](case)


def _not_seen(book: Book, action: DeskAction) -> Why | None:
    """Return why this desk cannot have seen what it says it saw."""
    # One that is back, and whose return is held, was not told again yet.
    if book.revision == 0 or book.state is DeskState.PENDING:
        return Why.NOT_TOLD
    if not 1 <= action.revision_seen <= book.revision:
        return Why.NO_REVISION
    return Why.NO_LEVEL if action.level_seen < 1 else None


def _too_late(incident: Incident, book: Book, action: DeskAction) -> Why | None:
    """Return why nothing of it can be carried out any more."""
    if deed.is_done(book, action):
        return Why.DUPLICATE
    if incident.end is not None:
        return None if action.action in _LATE else Why.ENDED
    if book.state is DeskState.CLOSED and action.action not in _CLOSED:
        return Why.ALREADY_CLOSED
    return None


def _acknowledge(case: _Case) -> Answer:
    if case.lost:
        return False, Why.ROSE, None
    if case.book.state is DeskState.ACKNOWLEDGED:
        # Said again by another person or shift: the time until it rings again begins anew.
        return True, Why.ALREADY, Event.ACKED
    return True, Why.ACKNOWLEDGED, Event.ACKED


def _confirm(case: _Case) -> Answer:
    if case.lost:
        return False, Why.ROSE, None
    return True, Why.CONFIRMED, Event.CONFIRMED


def _comment(case: _Case) -> Answer:
    if not (case.action.text or "").strip():
        return False, Why.NO_TEXT, None
    return True, Why.COMMENTED, Event.COMMENTED


def _escalate(case: _Case) -> Answer:
    if case.book.post + 1 >= len(case.spec.desk(case.action.desk).chain):
        return False, Why.LAST_POST, None
    return True, Why.HANDED_UP, Event.HANDED_UP


def _shelve(case: _Case) -> Answer:
    until_ms = deed.when_ms(case.action.until)
    over = until_ms is not None and until_ms <= case.moment_ms
    if over and case.book.state is DeskState.SHELVED:
        return True, Why.HOLD_ENDED, Event.UNSHELVED
    refusal = _unfounded(case, until_ms, most_s=case.spec.shelve_max_s[case.incident.level - 1])
    return (False, refusal, None) if refusal else (True, Why.SHELVED, Event.SHELVED)


def _silence(case: _Case) -> Answer:
    until_ms = deed.when_ms(case.action.until)
    if until_ms is not None and until_ms <= case.moment_ms:
        return True, Why.HOLD_ENDED, Event.SILENCED
    refusal = _unfounded(case, until_ms, most_s=case.spec.silence_max_s)
    return (False, refusal, None) if refusal else (True, Why.SILENCED, Event.SILENCED)


def _unfounded(case: _Case, until_ms: int | None, *, most_s: int) -> Why | None:
    """Return why something may not be held so: a hold needs a reason, an end, and no red."""
    if case.lost:
        return Why.ROSE
    if case.incident.level >= LEVEL_MAX or most_s == 0:
        return Why.NEVER_RED
    if not (case.action.text or "").strip():
        return Why.NO_TEXT
    if until_ms is None or until_ms <= case.moment_ms:
        return Why.NO_UNTIL
    return Why.TOO_LONG if until_ms > case.moment_ms + most_s * 1000 + SLACK_MS else None


def _close(case: _Case) -> Answer:
    arrived_ms, left_ms = _stay(case.action)
    named = (case.action.arrived is not None, case.action.left is not None)
    if named != (arrived_ms is not None, left_ms is not None):
        return False, Why.BAD_TIMES, None
    if arrived_ms is not None and left_ms is not None and left_ms < arrived_ms:
        return False, Why.BAD_TIMES, None
    if case.incident.end is not None:
        return _judge(case)
    # Closing what has since become worse would hide the worse from this desk.
    return (False, Why.ROSE, None) if case.lost else (True, Why.CLOSED, Event.CLOSED)


def _judge(case: _Case) -> Answer:
    """Take an outcome after the end, unless this desk said the very same before."""
    told = case.book.close
    if told is not None and told == _closing(case.action, told.level, told.at_ms):
        return False, Why.ALREADY_CLOSED, None
    return True, Why.OUTCOME, Event.JUDGED


def _reopen(case: _Case) -> Answer:
    if case.book.state is not DeskState.CLOSED:
        return False, Why.NOT_CLOSED, None
    return True, Why.REOPENED, Event.REVIVED


def _test(_: _Case) -> Answer:
    # A self-test means no incident; the stage answers it before any incident is looked for.
    return False, Why.NOT_SUPPORTED, None


_RULES: Final[dict[Action, Callable[[_Case], Answer]]] = {
    Action.ACK: _acknowledge,
    Action.CONFIRM: _confirm,
    Action.COMMENT: _comment,
    Action.ESCALATE: _escalate,
    Action.SHELVE: _shelve,
    Action.SILENCE: _silence,
    Action.CLOSE: _close,
    Action.REOPEN: _reopen,
    Action.TEST: _test,
}


def _stay(action: DeskAction) -> tuple[int | None, int | None]:
    return deed.when_ms(action.arrived), deed.when_ms(action.left)


def _closing(action: DeskAction, level: int, at_ms: int) -> Mark:
    arrived_ms, left_ms = _stay(action)
    return Mark(
        level=level,
        by=action.by,
        at_ms=at_ms,
        outcome=action.outcome or Outcome.UNKNOWN,
        text=action.text,
        arrived_ms=arrived_ms,
        left_ms=left_ms,
    )


def mark(incident: Incident, action: DeskAction, *, moment_ms: int) -> None:
    """Write the accepted action into the desk's book, before its event meets it."""
    book = incident.books[action.desk]
    deed.note_done(book, action)
    # Seeing more than there is covers no more than there is: the next rise must ring.
    level = min(action.level_seen, incident.level)
    plain = Mark(level=level, by=action.by, at_ms=moment_ms, text=action.text)
    if action.action is Action.ACK:
        book.ack = plain
    elif action.action is Action.CONFIRM:
        book.confirm, book.ack = plain, book.ack or plain
    elif action.action is Action.CLOSE:
        book.close = _closing(action, level, moment_ms)
    elif action.action is Action.SHELVE:
        until_ms = deed.when_ms(action.until) or 0
        book.shelf = Shelf(action.by, action.text or "", moment_ms, until_ms)
    if action.action in {Action.COMMENT, Action.ESCALATE} and action.text:
        book.notes = [*book.notes, Note(action.by, moment_ms, action.text)][-NOTES_MAX:]
    if action.action in {Action.ACK, Action.CONFIRM, Action.CLOSE}:
        book.cover, book.covered_ms = max(book.cover, level), moment_ms


def answered(
    incident: Incident | None, action: DeskAction, *, accepted: bool, why: Why, moment_ms: int
) -> Reply:
    """Return the reply to an action, with the state of now: who lost a race sees to what."""
    plain = Reply(
        incident=action.incident,
        desk=action.desk,
        action=action.action,
        accepted=accepted,
        why=why,
        revision=0,
        by=action.by,
        id=action.id,
        at_ms=moment_ms,
    )
    if incident is None:
        return plain
    book = incident.books[action.desk]
    return msgspec.structs.replace(
        plain,
        revision=book.revision,
        level=incident.level,
        lifecycle=incident.end or book.state,
        needs_ack=book.state.rings,
    )
