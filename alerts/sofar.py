"""What a spoken sentence says of what happened so far: who answered, and how many there were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.catalogue import CATALOGUES
from alerts.phrases import PHRASES
from alerts.text import post_name

if TYPE_CHECKING:
    from alerts.ground import Ground
    from alerts.message import AlertData

__all__ = [
    "aloud",
    "comes_back",
    "doubted",
    "happened",
    "has_it",
    "is_handled",
    "seen_ms",
    "was",
    "went_on",
]

GROWN_RATIO: Final = 1.5
"""From this growth since a desk was first told, each message says how many there were then."""
BACK_RATIO: Final = 1.2
"""So many times the people of the last message are people who come back."""
_PASSED: Final = ("unanswered", "overdue", "handed_up", "ack_expired")


def happened(ground: Ground, data: AlertData, language: str) -> str:
    """Return who has it or put it off, or that nobody answered and who is asked, if so."""
    if is_handled(data):
        return has_it(ground, data, language)
    if data.hold is not None:
        return PHRASES[language][f"news.{data.hold.kind}"].format(
            by=data.hold.by, clock=ground.clock(data.hold.until_ms)
        )
    asked = data.unanswered
    told = next((one for one in _PASSED if one in data.changed), "waiting")
    if not data.needs_ack or (asked is None and told == "waiting"):
        return ""
    return PHRASES[language][f"news.{told}"].format(
        asked="" if asked is None else ground.clock(asked.since_ms),
        times=1 if asked is None else asked.times,
        post=post_name(data.duty_post or "", CATALOGUES[language]),
    )


def doubted(data: AlertData, language: str) -> str:
    """Return that a feed jumps as a whole, so that its figures may be wrong; empty where none does.

    What was raised by them stands: a feed in doubt is not known to be wrong.
    """
    names = [feed.name for feed in data.data_quality.feeds if feed.state == "suspect"]
    if not names:
        return ""
    return PHRASES[language]["doubt"].format(feeds=CATALOGUES[language]["stop"].join(names))


def is_handled(data: AlertData) -> bool:
    """Return whether somebody at this desk has it, and nobody is asked anew."""
    return data.lifecycle == "acknowledged" and data.acknowledged is not None


def has_it(ground: Ground, data: AlertData, language: str) -> str:
    """Return who acknowledged it or acts on it, as a sentence; empty where nobody does."""
    if not is_handled(data):
        return ""
    what = "acknowledged" if data.confirmed is None else "confirmed"
    mark = data.confirmed or data.acknowledged
    if mark is None:
        return ""
    return PHRASES[language][f"news.{what}"].format(by=mark.by, clock=ground.clock(mark.at_ms))


def was(ground: Ground, data: AlertData, language: str) -> str:
    """Return how many there were: at first, where they grew by half since; else before, if other.

    Of a drop nothing: how many are missing says more.
    """
    told, now = data.course, data.people.best
    if told is None or now is None or data.direction == "drop":
        return ""
    if told.first_people is not None and now >= GROWN_RATIO * told.first_people:
        form, people = "was.first", told.first_people
    elif told.before_people is not None and ("people" in data.changed or comes_back(data)):
        form, people = "was.before", told.before_people
    else:
        return ""
    if aloud(people) == aloud(now):
        return ""
    return PHRASES[language][f"{form}.activity" if data.people.unit == "activity" else form].format(
        clock=ground.clock(told.first_ms), people=aloud(people)
    )


def comes_back(data: AlertData) -> bool:
    """Return whether people are coming back to what had fallen below its thresholds."""
    before = None if data.course is None else data.course.before_people
    if "hold" not in data.reasons or data.people.best is None:
        return False
    more = before is not None and data.people.best >= BACK_RATIO * before
    return more or data.trend.direction == "rising"


def seen_ms(data: AlertData) -> int:
    """Return when the figures of a message were seen (epoch ms)."""
    return data.hop_ms - data.data_quality.age_s * 1000


def went_on(data: AlertData) -> str:
    """Return the place into which it went, if its name says more than its own does."""
    other = data.merged_place or ""
    return "" if other == data.place else other


def aloud(figure: float | None) -> float | int | None:
    """Return a figure as one says it: three digits of it, the rest is noise.

    >>> aloud(20759), aloud(2203), aloud(98), aloud(10.313)
    (20800, 2200, 98, 10.3)
    """
    if not figure:
        return figure
    spare = len(str(int(abs(figure)))) - 3
    is_whole = figure == int(figure)
    return figure if is_whole and spare <= 0 else round(figure, -spare)
