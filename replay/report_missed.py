"""Why an event was missed: what its place showed while it went on, and what was lacking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from replay.labels import OPEN_MS_MAX, meets
from stream.ground import min_excess
from stream.states import BLIND, MISSING, STATES, WARMING, WITHHELD

if TYPE_CHECKING:
    from replay.labels import Label
    from replay.report_seen import Seen

_HALF = 0.5

__all__ = ["Missed", "Why", "why_missed"]

Why = Literal[
    "unknown_place",
    "unseen",
    "withheld",
    "warming",
    "long",
    "elsewhere",
    "excess",
    "score",
    "other",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """One miss. why: the first thing that was lacking.

    place: of the tile nearest to an alert, among the followed; None: the register knows no such
    tile. at_ms: the hop at which it was nearest. people, expected, score: there and then, NaN =
    unknown. threshold: what the budget asked. least: excess that was asked. states: share of
    the event's hops by state. cheapest: least budget of the trade-off that finds it, a day, and
    false alarms a week there; None = none does, or none was tried.
    """

    label: Label
    why: Why
    place: int | None = None
    at_ms: int = 0
    people: float = float("nan")
    expected: float = float("nan")
    score: float = float("nan")
    threshold: float = float("nan")
    least: float = 0.0
    states: dict[str, float]
    cheapest: tuple[float, float] | None = None


def why_missed(seen: Seen, label: Label, *, number: int) -> Missed:
    """Return why; number: of the label among those in the span, as the trade-off counts them."""
    cheapest = next(
        (
            (row.per_day, row.off_list / seen.weeks)
            for row in seen.report.sweep
            if number in row.found
        ),
        None,
    )
    places = seen.places(label.cell)
    hops = seen.curves.read()
    first, last = np.searchsorted(hops["hop_ms"], [label.start_ms, label.end_ms])
    part = hops[first : last + 1]
    if not places or not len(part):
        why: Why = "unseen" if places else "unknown_place"
        return Missed(label=label, why=why, states={}, cheapest=cheapest)
    tile = part["tile"][:, places]
    ratio = np.where(np.isnan(tile["score"]), -1.0, tile["score"]) / part["threshold"][:, None]
    hop, at = np.unravel_index(int(np.argmax(ratio)), ratio.shape)
    best = tile[hop, at]
    counts = np.bincount(tile["state"][:, at], minlength=len(STATES)) / len(part)
    found = Missed(
        label=label,
        why="other",
        place=places[int(at)],
        at_ms=int(part["hop_ms"][hop]),
        people=float(best["people"]),
        expected=float(best["expected"]),
        score=float(best["score"]),
        threshold=float(part["threshold"][hop]),
        least=min_excess(seen.settings),
        states=dict(zip(STATES, counts.tolist(), strict=True)),
        cheapest=cheapest,
    )
    return replace(found, why=_why(seen, found))


def _why(seen: Seen, found: Missed) -> Why:
    """Return the first thing that was lacking."""
    lacked = _sight(found) or _alarm(seen, found.label)
    if lacked is not None:
        return lacked
    if found.states[STATES[WARMING]] >= _HALF or np.isnan(found.score):
        return "warming"
    if found.score < found.threshold:
        return "score"
    return "excess" if found.people - found.expected < found.least else "other"


def _sight(found: Missed) -> Why | None:
    if found.states[STATES[MISSING]] + found.states[STATES[BLIND]] >= _HALF:
        return "unseen"
    return "withheld" if found.states[STATES[WITHHELD]] >= _HALF else None


def _alarm(seen: Seen, label: Label) -> Why | None:
    """Tell of an alarm that was there, but never ended."""
    meeting = [span for span in seen.spans if meets(label, span, seen.course.tiles_of)]
    endless = any(span.closed_ms - span.opened_ms > OPEN_MS_MAX for span in meeting)
    return "long" if endless else None
