"""What desks do (`desk-action/1`), and what they are answered (`desk-reply/1`)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from alerts.desk import Desk

__all__ = ["Action", "DeskAction", "Outcome", "Reply", "Why"]

_Level = Annotated[int, msgspec.Meta(ge=0, le=4)]
_Revision = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Text = Annotated[str, msgspec.Meta(max_length=2000)]


class Action(StrEnum):
    """What a desk can ask for.

    ack: somebody saw it. confirm: somebody acts on it. shelve: this incident rings again later.
    silence: what happens on its ground rings again later. escalate: the next post of the chain is
    to answer. test: the desk asks for a self-test alert; no incident is meant.
    """

    ACK = "ack"
    CONFIRM = "confirm"
    SHELVE = "shelve"
    TEST = "test"
    COMMENT = "comment"
    ESCALATE = "escalate"
    SILENCE = "silence"
    CLOSE = "close"
    REOPEN = "reopen"


class Outcome(StrEnum):
    """What came of an alert; a desk that says nothing says unknown."""

    REAL = "real"
    UNFOUNDED = "unfounded"
    EXERCISE = "exercise"
    UNKNOWN = "unknown"


class DeskAction(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="desk-action/1"
):
    """What a person at a desk did, seeing this revision and this level.

    until: epoch ms or ISO 8601 with offset, for actions that end by themselves. by: who. id: of
    this deed, so that one sent twice is done once; without it equal deeds are one. arrived, left:
    when people came and went, epoch ms or ISO 8601 with offset, of a close.
    """

    incident: _Id
    desk: Desk
    action: Action
    revision_seen: _Revision
    level_seen: _Level
    by: _Name
    outcome: Outcome | None = None
    until: int | str | None = None
    text: _Text | None = None
    id: _Name | None = None
    arrived: int | str | None = None
    left: int | str | None = None


class Why(StrEnum):
    """Answers to desk actions; a closed set."""

    ACKNOWLEDGED = "acknowledged"
    ALREADY = "already acknowledged"
    CLOSED = "closed; held until one level higher or over"
    OUTCOME = "outcome noted"
    UNKNOWN_INCIDENT = "unknown incident: no such id, or it ended long ago"
    NOT_TOLD = "this desk was not told of this incident"
    NO_REVISION = "no such revision was sent to this desk"
    ENDED = "the incident is over; only close with an outcome is still taken"
    ROSE = "the level is higher than the one you saw; look again"
    ALREADY_CLOSED = "this desk closed it already"
    NO_LEVEL = "level_seen must be 1 to 4"
    NOT_SUPPORTED = "not supported yet"
    CONFIRMED = "confirmed: somebody acts on it"
    COMMENTED = "comment noted"
    HANDED_UP = "passed to the next post"
    SHELVED = "shelved; it rings again when that ends, or at once if it rises"
    SILENCED = "silenced on the ground of this incident, red excepted"
    HOLD_ENDED = "the hold is over"
    REOPENED = "open again at this desk"
    TESTED = "self-test alert sent"
    DUPLICATE = "this action was taken before; nothing is done twice"
    NO_TEXT = "a reason is required in text"
    NO_UNTIL = "until must be a time ahead: epoch ms, or ISO 8601 with an offset"
    TOO_LONG = "until lies too far ahead for this grade"
    NEVER_RED = "never at red (grade I)"
    LAST_POST = "there is no further post in the chain"
    NOT_CLOSED = "this desk has not closed it; there is nothing to reopen"
    BAD_TIMES = "arrived and left must be times, arrival first"


class Reply(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="desk-reply/1"):
    """What became of a desk action, and how the incident stands at this desk now.

    revision: newest one of this desk, 0 = never told. level: now, 0 = no such incident.
    lifecycle: as in `alert/1`; null = no such incident. id: that of the action, if it had one.
    at_ms: moment of the log at which it was weighed.
    """

    incident: str
    desk: Desk
    action: Action
    accepted: bool
    why: Why
    revision: int
    level: int = 0
    lifecycle: str | None = None
    needs_ack: bool = False
    by: str | None = None
    id: str | None = None
    at_ms: int = 0
