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
    """What a desk can ask for; the others than ack and close are answered, not done, today."""

    ACK = "ack"
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

    until: epoch ms or ISO 8601, for actions that end by themselves. by: who.
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


class Why(StrEnum):
    """Answers to desk actions; a closed set."""

    ACKNOWLEDGED = "acknowledged"
    ALREADY = "already acknowledged"
    COVERS_LOWER = "covers only the level you saw; it is higher now and still rings"
    CLOSED = "closed; held until one level higher or over"
    OUTCOME = "outcome noted"
    UNKNOWN_INCIDENT = "unknown incident: no such id, or it ended long ago"
    NOT_TOLD = "this desk was not told of this incident"
    NO_REVISION = "no such revision was sent to this desk"
    ENDED = "the incident is over; only close with an outcome is still taken"
    ROSE = "the level is higher than the one you saw; look again before closing"
    ALREADY_CLOSED = "this desk closed it already"
    NO_LEVEL = "level_seen must be 1 to 4"
    NOT_SUPPORTED = "not supported yet"


class Reply(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="desk-reply/1"):
    """What became of a desk action. revision: newest one of this desk, 0 = never told."""

    incident: str
    desk: Desk
    action: Action
    accepted: bool
    why: Why
    revision: int
