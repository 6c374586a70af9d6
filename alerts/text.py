"""One headline for people, in Chinese and in English, from catalogues with the same keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alerts.catalogue import CATALOGUES
from alerts.direction import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alerts.figures import People

__all__ = [
    "GRADES",
    "SEVERITIES",
    "Facts",
    "colours",
    "ended_at",
    "headlines",
    "news",
    "post_name",
    "went_into",
]

GRADES: Final = {1: "IV", 2: "III", 3: "II", 4: "I"}
"""Level to the grade people are shown; the number of the level itself is never shown."""

SEVERITIES: Final = {1: "Minor", 2: "Moderate", 3: "Severe", 4: "Extreme"}
"""Level to CAP severity."""

_ENDED: Final = {"merged", "resolved", "apart", "expired", "withdrawn", "outcome"}
_UNUSUAL: Final = {"baseline_ratio", "neighbourhood"}
_NEWS: Final = {
    "overdue",
    "unanswered",
    "handed_up",
    "ack_expired",
    "confirmed",
    "comment",
    "shelved",
    "silenced",
    "hold_ended",
    "closed",
    "outcome",
    "blind",
    "seen_again",
}
"""Changes that say more to a person than the kind of the message does."""


def post_name(post: str, texts: dict[str, str]) -> str:
    """Return a post as people read it: three have names in each language, others are as written."""
    return texts.get(f"post.{post}", post)


def news(kind: str, changed: Sequence[str]) -> str:
    """Return what a headline says has happened: a key of the catalogues without `kind.`.

    >>> news("updated", ["shelved"]), news("updated", ["people"]), news("reopened", ["reopened"])
    ('shelved', 'updated', 'returned_by_desk')
    """
    if "reopened" in changed:
        return "returned_by_desk"
    return kind if kind in _ENDED else next((one for one in changed if one in _NEWS), kind)


def colours(level: int) -> dict[str, str]:
    """Return the colour of a level in each language.

    >>> colours(4)
    {'zh-CN': '红', 'en': 'red'}
    """
    return {language: texts[f"colour.{level}"] for language, texts in CATALOGUES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a headline may say beside its figures; empty where it is of no matter.

    since, over, days: when it began and ended, and whole days between. seen: when its figures were
    last seen, of what cannot be seen now. post: who is to answer. until: when a hold ends. asked,
    times: since when nobody answered, and how often it rang since then. by: who acknowledged or
    acts. into: where it went.
    """

    since: str
    over: str = ""
    days: int = 0
    seen: str = ""
    post: str = ""
    until: str = ""
    asked: str = ""
    times: int = 1
    by: str = ""
    into: str = ""


def headlines(
    *,
    places: Mapping[str, str],
    kind: str,
    level: int,
    people: People,
    usual: float | None,
    usual_below: int | None = None,
    reasons: Sequence[str],
    facts: Facts,
    direction: Direction = Direction.RISE,
    missing: float | None = None,
) -> dict[str, str]:
    """Return the headline in each language, from figures as published (floor applied).

    places: what the place is called in each language. level: of now, at the end the worst one.
    usual_below: usually fewer than this are there, and how many is not told. missing: of a drop,
    how many fewer than usual are there; None = not told.
    """
    young = usual is None and usual_below is None and not _UNUSUAL.isdisjoint(reasons)
    # Where people are coming back the words of a crowd fit better than those of a flight.
    head = (
        "drop."
        if direction is Direction.DROP and not any(one.startswith("hold") for one in reasons)
        else ""
    )
    form = f"{head}ended" if kind in _ENDED else f"{head}line"
    lines: dict[str, str] = {}
    for language, texts in CATALOGUES.items():
        lines[language] = texts["young" if young and form == "line" else form].format(
            place=places[language],
            colour=texts[f"colour.{level}"],
            grade=GRADES[level],
            kind=_happened(texts, kind, facts),
            now=_now(texts, people, facts),
            usual=_usual(texts, people, usual, usual_below),
            why=texts["stop"].join(_reason(texts, one, young=young) for one in reasons),
            since=facts.since,
            over=ended_at(texts, facts.over, facts.days),
            fewer=_fewer(texts, people, missing, young=usual is None and usual_below is None),
        )
    return lines


def _happened(texts: dict[str, str], kind: str, facts: Facts) -> str:
    return texts[f"kind.{kind}"].format(
        post=post_name(facts.post, texts),
        until=facts.until,
        asked=facts.asked,
        times=facts.times,
        by=facts.by or texts["desk"],
        into=went_into(texts, facts.into),
    )


def ended_at(texts: dict[str, str], clock: str, days: int) -> str:
    """Return when it ended; a time of day alone would mislead where that is a day later."""
    return texts["over.later"].format(clock=clock, days=days) if days else clock


def went_into(texts: dict[str, str], place: str) -> str:
    """Return what the warning is called into which another one went; empty place = not named."""
    return texts["into.place"].format(place=place) if place else texts["into.beside"]


def _reason(texts: dict[str, str], reason: str, *, young: bool) -> str:
    """Return a reason in words; of a young place nobody knows what is usual, it is estimated."""
    usual = f"reason.{reason}"
    return texts.get(f"{usual}.young", texts[usual]) if young else texts[usual]


def _now(texts: dict[str, str], people: People, facts: Facts) -> str:
    form = f"seen.{people.unit}" if facts.seen else f"unit.{people.unit}"
    if people.best is not None:
        return texts[form].format(number=people.best, clock=facts.seen)
    if people.high is None:
        return texts["seen.unknown" if facts.seen else "unknown"]
    below = texts["below"].format(number=people.high + 1)
    return texts[form].format(number=below, clock=facts.seen)


def _fewer(texts: dict[str, str], people: People, missing: float | None, *, young: bool) -> str:
    if missing is None or young:
        return texts["fewer.young" if young else "fewer.unknown"]
    return texts[f"fewer.{people.unit}"].format(number=missing)


def _usual(texts: dict[str, str], people: People, usual: float | None, below: int | None) -> str:
    if below is not None:
        return texts[f"usual.{people.unit}"].format(number=texts["below"].format(number=below))
    if usual is None:
        return texts["usual.unknown"]
    return texts[f"usual.{people.unit}"].format(number=usual)
