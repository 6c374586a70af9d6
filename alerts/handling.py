"""Parts of `alert/1` that tell how an incident is handled: who answers by when, what is held, why.

Times come twice, for people (ISO 8601, UTC) and as epoch ms; texts come in both languages.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from alerts.desk import Desk

__all__ = [
    "Acknowledgement",
    "Comment",
    "Course",
    "Hold",
    "PlannedEvent",
    "Reasoning",
    "Result",
    "SubIncident",
    "Unanswered",
]

Number = int | float


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """Who at this desk acknowledged which level, and when."""

    level: int
    by: str
    at: str
    at_ms: int


class Unanswered(msgspec.Struct, frozen=True, kw_only=True):
    """Since when nobody at this desk acknowledged, and how often it rang since then."""

    since: str
    since_ms: int
    times: int


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """How many were there in this desk's earlier messages: its first one, and the one before.

    Null where that was not told. The first one is that of this life of the incident.
    """

    first: str
    first_ms: int
    first_people: Number | None
    before_people: Number | None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What this desk said came of it. arrived, left: when its people did, if it said so."""

    outcome: str
    by: str
    at: str
    at_ms: int
    text: str | None = None
    arrived: str | None = None
    arrived_ms: int | None = None
    left: str | None = None
    left_ms: int | None = None


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody at this desk wrote beside the incident."""

    by: str
    at: str
    at_ms: int
    text: str


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps this incident quiet at this desk: who asked for it, why, and until when.

    kind: `shelved` (this incident), `silenced` (its ground). alerts: how many it held so far.
    """

    kind: Literal["shelved", "silenced"]
    by: str
    text: str
    since: str
    since_ms: int
    until: str
    until_ms: int
    alerts: int = 0


class Reasoning(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that raised this level, with its figures: value reached, threshold, unit.

    rule: code of `reasons`. level: what it asks for alone; null where figures no longer say so.
    baseline, spread, sightings: what is usual, its scatter, own days behind it; null where the
    rule asks for none. text: the same as one sentence.
    """

    rule: str
    value: Number | None
    threshold: Number | None
    unit: str
    level: int | None = None
    baseline: Number | None = None
    spread: Number | None = None
    sightings: int | None = None
    text: dict[str, str]


class PlannedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A licensed event on this ground at this hour, and how the crowd stands to its plan.

    verdict: `within` the licensed attendance, or `beyond` it, in people (excess) and as a ratio.
    """

    id: str
    name: str
    organiser: str | None
    contact: str | None
    attendance: int
    start: str
    start_ms: int
    end: str
    end_ms: int
    verdict: Literal["within", "beyond"]
    people: Number | None
    ratio: float | None
    excess: Number | None


class SubIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that is told as part of a city-wide one."""

    incident: str
    place: str
    desk: Desk
    level: int
    grade: str
    colour: dict[str, str]
    people: Number | None
    tiles_total: int
