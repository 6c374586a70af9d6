"""What a spoken sentence says of what happened so far: who answered, and how many there were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.phrases import PHRASES
from alerts.text import CATALOGUES, post_name

if TYPE_CHECKING:
    from alerts.ground import Ground
    from alerts.message import AlertData

__all__ = ["aloud", "happened", "was"]

GROWN_RATIO: Final = 1.5
"""From this growth since a desk was first told, each message says how many there were then."""


def happened(ground: Ground, data: AlertData, language: str) -> str:
    """Return that nobody answered so far, and who is asked now; empty where that is no news."""
    asked = data.unanswered
    if asked is None:
        return ""
    told = next((one for one in ("unanswered", "overdue") if one in data.changed), "waiting")
    return PHRASES[language][f"news.{told}"].format(
        asked=ground.clock(asked.since_ms),
        times=asked.times,
        post=post_name(data.duty_post or "", CATALOGUES[language]),
    )


def was(ground: Ground, data: AlertData, language: str) -> str:
    """Return how many there were when the desk was first told, where they grew by half since."""
    told, now = data.course, data.people.best
    if told is None or told.first_people is None or now is None or data.direction == "drop":
        return ""
    if now < GROWN_RATIO * told.first_people:
        return ""
    form = "was.first.activity" if data.people.unit == "activity" else "was.first"
    return PHRASES[language][form].format(
        clock=ground.clock(told.first_ms), people=aloud(told.first_people)
    )


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
