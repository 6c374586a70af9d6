"""What came of alerts, as desks said: the events that a backtest is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.ledger.story import Story

__all__ = ["Judged", "judged_of"]

_WORTH: Final = ("real", "unfounded", "exercise", "unknown")
"""What counts where two desks differ: somebody who saw a crowd saw it."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One incident and what came of it.

    start_ms, end_ms: from its first message to its end (or its newest message). tile: the one that
    was worst when most people were there. outcome: of all desks together; desks: those that said
    something. people: the most there were.
    """

    incident: str
    start_ms: int
    end_ms: int
    tile: str
    place: str
    outcome: str
    desks: list[str]
    level: int
    people: float | None
    direction: str
    status: str


def judged_of(stories: Iterable[Story]) -> list[Judged]:
    """Return incidents that a desk closed with an outcome, in order of their beginning."""
    by_incident: dict[str, list[Story]] = {}
    for one in stories:
        by_incident.setdefault(one.incident, []).append(one)
    found = [_judged(incident, many) for incident, many in by_incident.items()]
    return sorted(
        (one for one in found if one is not None), key=lambda one: (one.start_ms, one.incident)
    )


def _judged(incident: str, stories: list[Story]) -> Judged | None:
    outcomes = {
        one.desk: one.newest.outcome.outcome for one in stories if one.newest.outcome is not None
    }
    if not outcomes:
        return None
    peak = max(stories, key=lambda one: (one.worst.level, one.peak.count if one.peak else 0))
    ends = [one.ended_ms or one.newest.moment_ms for one in stories]
    fullest = peak.peak or peak.worst
    return Judged(
        incident=incident,
        start_ms=min(one.first.opened_ms or one.told_ms for one in stories),
        end_ms=max(ends),
        tile=fullest.area.worst_tile,
        place=peak.worst.place,
        outcome=next(one for one in (*_WORTH, *outcomes.values()) if one in outcomes.values()),
        desks=sorted(outcomes),
        level=peak.worst.level,
        people=fullest.count,
        direction=peak.worst.direction,
        status=peak.status,
    )
