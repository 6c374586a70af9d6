"""The trade-off of a detector: what is found at how many off-list incidents.

Of the product the threshold is the budget a desk sets, swept without a look at the labels; of a
peer it is its own score.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from tests.quality.scoring import Score, score
from tests.quality.tape import hear

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replay.labels import Span
    from replay.sweep import Tape
    from tests.quality.scoring import Course, Event

__all__ = ["Point", "Swept", "at_rate", "auc", "pooled", "scored", "sweep"]

Swept: TypeAlias = "tuple[tuple[float, Sequence[Span]], ...]"
"""Setting (budget in false alarms a day, or a threshold) and what it raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of the trade-off. setting: budget in false alarms a day, or a peer's threshold."""

    setting: float
    score: Score


def sweep(tape: Tape, rates: Sequence[float]) -> tuple[Swept, Swept]:
    """Return what each budget raises, budgets given a tile-week: as incidents, and tile by tile."""
    budgets = [rate * tape.tiles / 7.0 for rate in rates]
    heard = [(per_day, hear(tape, per_day=per_day)) for per_day in budgets]
    return (
        tuple((per_day, one.incidents) for per_day, one in heard),
        tuple((per_day, one.tiles) for per_day, one in heard),
    )


def scored(swept: Swept, events: Sequence[Event], course: Course) -> tuple[Point, ...]:
    """Return the trade-off of incidents by setting."""
    return tuple(
        Point(setting=setting, score=score(spans, events, course)) for setting, spans in swept
    )


def pooled(lines: Sequence[Sequence[Point]]) -> tuple[Point, ...]:
    """Return the trade-off of several sets, equally long and large, under one setting for all."""
    return tuple(
        Point(setting=of_each[0].setting, score=_together([one.score for one in of_each]))
        for of_each in zip(*lines, strict=True)
    )


def _together(scores: Sequence[Score]) -> Score:
    delays = [one.delay_min for one in scores if one.delay_min is not None]
    return Score(
        found=sum(one.found for one in scores),
        events=sum(one.events for one in scores),
        off=sum(one.off for one in scores),
        rate=sum(one.rate for one in scores) / len(scores),
        runs=sum(one.runs for one in scores),
        delay_min=median(delays) if delays else None,
        hits=tuple(hit for one in scores for hit in one.hits),
    )


def at_rate(points: Sequence[Point], rate: float) -> Point | None:
    """Return the point that finds most within an off-list rate a tile-week; None: none is within.

    Of equals the one with the fewest off the list.
    """
    within = [point for point in points if point.score.rate <= rate + 1e-9]
    return max(within, key=lambda one: (one.score.found, -one.score.rate), default=None)


def auc(points: Sequence[Point], *, rate_max: float) -> float:
    """Return the mean share found over off-list rates from 0 to rate_max, in 30 equal steps."""
    steps = [rate_max * (step + 1) / 30 for step in range(30)]
    best = [at_rate(points, rate) for rate in steps]
    return sum(point.score.share for point in best if point is not None) / len(steps)
