"""The figures of one desk's month, from its cases: how much it heard, how it answered, for what."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from alerts.ledger.month_case import Case, Spread, Verdict, spread_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "Answers",
    "Budget",
    "DayFigures",
    "DaySpan",
    "DeskMonth",
    "Response",
    "day_of",
    "figures_of",
]

DAY_MS: Final = 86_400_000
MINUTE_MS: Final = 60_000
VERDICTS: Final[tuple[Verdict, ...]] = (
    "real",
    "unfounded",
    "exercise",
    "unknown",
    "unsaid",
    "open",
    "merged",
)
ByLevel = tuple[int, int, int, int]


class DaySpan(msgspec.Struct, frozen=True, kw_only=True):
    """A local day: its date, and the instants [since_ms, until_ms); of 23 to 25 hours."""

    date: str
    since_ms: int
    until_ms: int


class DayFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One local day of a desk.

    incidents, by_level (blue, yellow, orange, red, each at its worst) and what came of them: of
    those first told on it. messages: sent on it, of whatever incident.
    """

    date: str
    incidents: int
    by_level: ByLevel
    messages: int
    real: int
    unfounded: int
    unjudged: int
    answer: Spread


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """How soon a desk answered the first message of an incident.

    asked: incidents whose first message asked for it. Each of them is answered (late: after the
    deadline), never (deadline over, no answer), over_first (the incident ended before the deadline)
    or waiting. passed_on: incidents that a post let pass on to the next one.
    """

    asked: int
    answered: int
    late: int
    never: int
    over_first: int
    waiting: int
    passed_on: int
    first: Spread


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes from the first message of incidents that were real.

    peak: to the message with most people in it, of rises alone. arrival: to the arrival of the
    desk's people, where it said so; there_before: those that came before the message did, below 0.
    An arrival more than a day off is a typing error, and not counted.
    """

    real: int
    peak: Spread
    arrival: Spread
    there_before: int


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """The promise to a desk against what it was told.

    per_day: unusual incidents that are promised at most; promised: for the days that are covered.
    told: incidents first told as unusual and for no other reason; drops of them are of people who
    left. real, unfounded, unjudged: of those told.
    """

    per_day: float
    promised: float
    told: int
    drops: int
    real: int
    unfounded: int
    unjudged: int


class DeskMonth(msgspec.Struct, frozen=True, kw_only=True):
    """One desk's month.

    incidents: first told in it; by_level: blue, yellow, orange, red, each at its worst. messages:
    of all incidents. verdicts: incidents by what the desk said came of them. judged: real and
    unfounded together; unfounded_ratio: its unfounded part, null where none is judged.
    """

    desk: str
    incidents: int
    by_level: ByLevel
    messages: int
    verdicts: dict[Verdict, int]
    judged: int
    unjudged: int
    unfounded_ratio: float | None
    answers: Answers
    response: Response
    budget: Budget
    days: list[DayFigures]
    cases: list[Case]


def figures_of(
    desk: str,
    cases: Sequence[Case],
    messages: Mapping[int, int],
    *,
    days: Sequence[DaySpan],
    known_ms: int,
    promise: tuple[float, float],
) -> DeskMonth:
    """Return a desk's month.

    messages: how many by number of the day. known_ms: until when the ledger knows. promise:
    unusual incidents a day, and days that are covered.
    """
    verdicts = Counter(one.verdict for one in cases)
    judged = verdicts["real"] + verdicts["unfounded"]
    return DeskMonth(
        desk=desk,
        incidents=len(cases),
        by_level=_by_level(cases),
        messages=sum(messages.values()),
        verdicts={one: verdicts[one] for one in VERDICTS},
        judged=judged,
        unjudged=sum(one.is_unjudged for one in cases),
        unfounded_ratio=round(verdicts["unfounded"] / judged, 4) if judged else None,
        answers=_answers(cases, known_ms),
        response=_response([one for one in cases if one.verdict == "real"]),
        budget=_budget([one for one in cases if one.is_unusual], *promise),
        days=_days(cases, messages, days),
        cases=list(cases),
    )


def day_of(days: Sequence[DaySpan], at_ms: int) -> int:
    """Return the number of the day that holds an instant of the month.

    >>> first = DaySpan(date="2026-11-01", since_ms=0, until_ms=9)
    >>> second = DaySpan(date="2026-11-02", since_ms=9, until_ms=20)
    >>> day_of([first, second], 8), day_of([first, second], 9)
    (0, 1)
    """
    return bisect_right(days, at_ms, key=lambda day: day.since_ms) - 1


def _by_level(cases: Sequence[Case]) -> ByLevel:
    found = Counter(one.level for one in cases)
    return found[1], found[2], found[3], found[4]


def _answers(cases: Sequence[Case], known_ms: int) -> Answers:
    asked = [one for one in cases if one.is_asked]
    answered = sum(one.answered_ms is not None for one in asked)
    over = sum(one.was_over_first for one in asked)
    waiting = sum(one.is_waiting(known_ms) for one in asked)
    return Answers(
        asked=len(asked),
        answered=answered,
        late=sum(one.is_late for one in asked),
        never=len(asked) - answered - over - waiting,
        over_first=over,
        waiting=waiting,
        passed_on=sum(one.passed_on > 0 for one in cases),
        first=spread_of(one.answer_min for one in asked),
    )


def _response(real: Sequence[Case]) -> Response:
    arrivals = [one.arrived_ms - one.told_ms for one in real if one.arrived_ms is not None]
    arrivals = [one for one in arrivals if abs(one) <= DAY_MS]
    peaks = [one.peak_ms - one.told_ms for one in real if one.peak_ms is not None]
    return Response(
        real=len(real),
        peak=spread_of(one / MINUTE_MS for one in peaks),
        arrival=spread_of(one / MINUTE_MS for one in arrivals),
        there_before=sum(one < 0 for one in arrivals),
    )


def _budget(told: Sequence[Case], per_day: float, days: float) -> Budget:
    return Budget(
        per_day=per_day,
        promised=round(per_day * days, 1),
        told=len(told),
        drops=sum(one.direction == "drop" for one in told),
        real=sum(one.verdict == "real" for one in told),
        unfounded=sum(one.verdict == "unfounded" for one in told),
        unjudged=sum(one.is_unjudged for one in told),
    )


def _days(
    cases: Sequence[Case], messages: Mapping[int, int], days: Sequence[DaySpan]
) -> list[DayFigures]:
    of_day: list[list[Case]] = [[] for _ in days]
    for one in cases:
        of_day[day_of(days, one.told_ms)].append(one)
    return [
        DayFigures(
            date=day.date,
            incidents=len(of_day[number]),
            by_level=_by_level(of_day[number]),
            messages=messages.get(number, 0),
            real=sum(one.verdict == "real" for one in of_day[number]),
            unfounded=sum(one.verdict == "unfounded" for one in of_day[number]),
            unjudged=sum(one.is_unjudged for one in of_day[number]),
            answer=spread_of(one.answer_min for one in of_day[number]),
        )
        for number, day in enumerate(days)
    ]
