"""One incident at one desk as a month's report counts it: told, answered, and what came of it."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from alerts.levels import ON_LADDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.ledger.story import Story

__all__ = ["Case", "Spread", "Verdict", "case_of", "spread_of"]

MINUTE_MS: Final = 60_000
MERGED: Final = "merged"

Verdict = Literal["real", "unfounded", "exercise", "unknown", "unsaid", "open", "merged"]
"""What a desk said came of it. unknown: it closed it and did not know. unsaid: over, and it said
nothing. open: still going on. merged: it went on under another incident, which is asked instead."""

_SAID: Final[dict[str, Verdict]] = {
    "real": "real",
    "unfounded": "unfounded",
    "exercise": "exercise",
}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One incident at one desk. All moments: epoch ms on the clock of the log.

    told_ms: first message. first_level, level: of the first message, and the worst. is_unusual: it
    was first told as unusual and for no other reason, so that the budget answers for it.
    is_asked: the first message asked for an answer, by deadline_ms. answered_ms: first
    acknowledged, confirmed or closed. passed_on: how often a post let its deadline pass.
    people, peak_ms: most people in any message, and when that was; of drops nobody counts most.
    arrived_ms: when the desk's people came there, if it said so.
    """

    incident: str
    desk: str
    place: str
    direction: str
    told_ms: int
    ended_ms: int | None
    first_level: int
    level: int
    people: float | None
    unit: str
    reasons: list[str]
    is_unusual: bool
    is_asked: bool
    deadline_ms: int | None
    answered_ms: int | None
    passed_on: int
    peak_ms: int | None
    arrived_ms: int | None
    verdict: Verdict

    @property
    def answer_min(self) -> float | None:
        """Minutes from the first message to the first answer, of what asked for one."""
        return self._after_told(self.answered_ms) if self.is_asked else None

    @property
    def deadline_min(self) -> float | None:
        """Minutes that were given for that answer."""
        return self._after_told(self.deadline_ms)

    @property
    def is_unjudged(self) -> bool:
        """It is over, and nobody knows whether it was real."""
        return self.verdict in {"unknown", "unsaid"}

    @property
    def is_late(self) -> bool:
        """It was answered, but not in time."""
        asked, done = self.deadline_min, self.answer_min
        return asked is not None and done is not None and done > asked

    @property
    def was_over_first(self) -> bool:
        """It was over before its deadline, and nobody had answered."""
        if not self.is_asked or self.answered_ms is not None or self.ended_ms is None:
            return False
        return self.deadline_ms is None or self.ended_ms <= self.deadline_ms

    def is_waiting(self, at_ms: int) -> bool:
        """Tell whether an answer may still come in time."""
        waits = self.is_asked and self.answered_ms is None and self.ended_ms is None
        return waits and (self.deadline_ms is None or self.deadline_ms > at_ms)

    def _after_told(self, at_ms: int | None) -> float | None:
        return None if at_ms is None else (at_ms - self.told_ms) / MINUTE_MS


def case_of(story: Story) -> Case:
    """Return an incident as it is counted."""
    first, worst, outcome = story.first, story.worst, story.newest.outcome
    fullest = story.peak if worst.direction == "rise" else None
    return Case(
        incident=story.incident,
        desk=story.desk,
        place=worst.place,
        direction=worst.direction,
        told_ms=story.told_ms,
        ended_ms=story.ended_ms,
        first_level=first.level,
        level=worst.level,
        people=(fullest or worst).count,
        unit=worst.people.unit,
        reasons=worst.reasons,
        is_unusual=ON_LADDER.isdisjoint(first.reasons),
        is_asked=first.needs_ack,
        deadline_ms=first.ack_by_ms,
        answered_ms=story.answered_ms,
        passed_on=story.passed_on,
        peak_ms=None if fullest is None else fullest.moment_ms,
        arrived_ms=None if outcome is None else outcome.arrived_ms,
        verdict=_verdict(story),
    )


def _verdict(story: Story) -> Verdict:
    newest = story.newest
    if newest.is_open:
        return "open"
    if newest.outcome is not None:
        return _SAID.get(newest.outcome.outcome, "unknown")
    return "merged" if newest.lifecycle == MERGED else "unsaid"


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes of n cases: half took no longer than the median, nine of ten no longer than p90."""

    n: int
    median_min: float | None = None
    p90_min: float | None = None


def spread_of(minutes: Iterable[float | None]) -> Spread:
    """Return the spread of what is known; values are ones that occurred, rounded to a tenth.

    >>> spread_of([3.0, None, 1.0, 20.0])
    Spread(n=3, median_min=3.0, p90_min=20.0)
    >>> spread_of([])
    Spread(n=0, median_min=None, p90_min=None)
    """
    known = sorted(one for one in minutes if one is not None)
    if not known:
        return Spread(n=0)
    median, p90 = (known[ceil(len(known) * share) - 1] for share in (0.5, 0.9))
    return Spread(n=len(known), median_min=round(median, 1), p90_min=round(p90, 1))
