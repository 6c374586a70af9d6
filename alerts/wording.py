"""What a message says in words: one sentence to read aloud, what to do now, and why it was raised.

All of it is made of figures as published, so words tell no more than the message does. Times are
absolute, relative ones stand beside them; grades are spoken by colour and grade, never by level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from alerts import publish
from alerts.desk import Desk
from alerts.phrases import PHRASES
from alerts.reasoning import reasoning
from alerts.sofar import aloud, happened, was
from alerts.text import colours, headlines, news

if TYPE_CHECKING:
    from alerts.ground import Ground
    from alerts.incident import Incident
    from alerts.message import AlertData
    from alerts.phrases import Texts
    from alerts.spec import AlertSpec

__all__ = ["in_words"]

MINUTE_MS: Final = 60_000
LEVEL_MAX: Final = 4

Response = Literal["Assess", "Monitor", "Prepare", "Execute", "AllClear", "None"]

_LASTING: Final = {"hold", "blind", "planned", "beyond_plan"}

_RESPONSES: Final[dict[str, Response]] = {
    "police.1": "Assess",
    "police.2": "Assess",
    "police.3": "Execute",
    "police.4": "Execute",
    "fire.1": "Monitor",
    "fire.2": "Assess",
    "fire.3": "Prepare",
    "fire.4": "Execute",
    "hold": "Monitor",
    "hold.drop": "Monitor",
    "drop": "Assess",
    "resolved": "AllClear",
    "apart": "Assess",
    "expired": "Assess",
    "withdrawn": "AllClear",
    "merged": "None",
}
"""What a desk is to do, by CAP's response types (domain D3): look first, act from orange on."""


def in_words(
    spec: AlertSpec, ground: Ground, incident: Incident, data: AlertData
) -> dict[str, Any]:
    """Return headline, spoken sentence, response and reasons, from a message's figures."""
    key, seldom = _response(data), publish.under_floor(ground, incident.picture.expected)
    return {
        "headline": _headline(ground, incident, data, seldom=seldom),
        "spoken": {
            language: _spoken(texts, ground, data, response=texts[f"do.{key}"], seldom=seldom)
            for language, texts in PHRASES.items()
        },
        "why": reasoning(spec, ground, incident, data),
        "response_type": _RESPONSES[key],
        "recommended_response": {
            language: texts[f"do.{key}"] for language, texts in PHRASES.items()
        },
    }


def _headline(
    ground: Ground, incident: Incident, data: AlertData, *, seldom: bool
) -> dict[str, str]:
    return headlines(
        places={language: _place(texts, data) for language, texts in PHRASES.items()},
        kind=_news(data),
        level=data.level,
        people=data.people,
        usual=_expected(data),
        usual_below=ground.floor if seldom and data.baseline.sightings else None,
        reasons=_telling(data.reasons),
        since=ground.clock(data.opened_ms),
        direction=incident.direction,
        missing=publish.missing(incident, data.baseline),
        post=data.duty_post or "",
        until="" if data.hold is None else ground.clock(data.hold.until_ms),
        asked="" if data.unanswered is None else ground.clock(data.unanswered.since_ms),
        times=1 if data.unanswered is None else data.unanswered.times,
    )


def _news(data: AlertData) -> str:
    told = news(data.kind, data.changed)
    if told == "resolved":
        return _ended(data)
    return "loud" if told == "silenced" and data.hold is None else told


def _ended(data: AlertData) -> str:
    """Return how it ended; a city-wide one of which places are left is told apart from then on."""
    return "apart" if data.lifecycle == "resolved" and data.parts_total else data.lifecycle


def _expected(data: AlertData) -> int | float | None:
    """Return what is usual as words tell it: before a first day of its own nobody knows."""
    return data.baseline.expected if data.baseline.sightings else None


def _telling(reasons: list[str]) -> list[str]:
    """Return the reasons that say most: of what is only held, not what it was once raised for."""
    if "hold" not in reasons:
        return reasons
    return [one for one in reasons if one in _LASTING]


def _response(data: AlertData) -> str:
    if data.msg_type == "Cancel" or data.lifecycle in {"resolved", "expired", "withdrawn"}:
        return _ended(data)
    if data.direction == "drop":
        return "hold.drop" if "hold" in data.reasons else "drop"
    if "hold" in data.reasons:
        return "hold"
    return f"{Desk(data.desk)}.{data.level}"


def _spoken(texts: Texts, ground: Ground, data: AlertData, *, response: str, seldom: bool) -> str:
    language = next(name for name, one in PHRASES.items() if one is texts)
    now = _now(texts, data)
    grade = _grade(texts, data.level, language)
    since = ground.clock(data.opened_ms)
    if f"end.{data.lifecycle}" in texts:
        end, grade = texts[f"end.{_ended(data)}"], _grade(texts, data.peak.level, language)
        return texts["spoken.ended"].format(
            place=_place(texts, data), end=end, since=since, grade=grade, now=now, response=response
        )
    leaving = data.direction == "drop" and "hold" not in data.reasons
    if leaving:
        now = texts["left"].format(now=now)
    return texts["spoken.drop" if leaving else "spoken"].format(
        place=_place(texts, data),
        grade=grade,
        news=happened(ground, data, language),
        now=now,
        was=was(ground, data, language),
        trend=texts[f"trend.{data.trend.direction}"],
        next=_next(texts, ground, data, language=language),
        plan=_plan(texts, data),
        usual=_usual(texts, ground, data, seldom=seldom),
        since=since,
        seen=_seen(texts, ground, data),
        response=response,
    )


def _place(texts: Texts, data: AlertData) -> str:
    """Return what the place is called; a city-wide incident says how many places it holds."""
    if data.parts_total is None:
        return data.place
    return texts["city"].format(parts=data.parts_total)


def _grade(texts: Texts, level: int, language: str) -> str:
    return texts["grade"].format(colour=colours(level)[language], ordinal=texts[f"ordinal.{level}"])


def _now(texts: Texts, data: AlertData) -> str:
    people = data.people
    if people.unit == "activity":
        unknown = people.best is None
        return texts["now.unknown" if unknown else "now.activity"].format(best=aloud(people.best))
    if people.best is None:
        if people.high is None:
            return texts["now.unknown"]
        return texts["now.below"].format(top=people.high + 1)
    if people.low is None or people.high is None or people.low == people.high:
        return texts["now.same"].format(best=aloud(people.best))
    low, high = aloud(people.low), aloud(people.high)
    if low == high:
        return texts["now.same"].format(best=low)
    return texts["now.people"].format(low=low, high=high)


def _next(texts: Texts, ground: Ground, data: AlertData, *, language: str) -> str:
    """Return when the next grade is reached, at the clock and from now; empty where it is not."""
    minutes = data.trend.next_level_min
    if minutes is None or data.level >= LEVEL_MAX or data.direction == "drop":
        return ""
    return texts["next"].format(
        clock=ground.clock(data.hop_ms + minutes * MINUTE_MS),
        minutes=minutes,
        colour=colours(data.level + 1)[language],
        ordinal=texts[f"ordinal.{data.level + 1}"],
    )


def _plan(texts: Texts, data: AlertData) -> str:
    """Return how the crowd stands to a licensed event; empty where there is none."""
    plan = data.planned_event
    if plan is None:
        return ""
    key = f"plan.{plan.verdict}"
    if plan.verdict == "beyond" and plan.excess is None:
        key = "plan.beyond.untold"
    return texts[key].format(
        name=plan.name, attendance=plan.attendance, excess=plan.excess, ratio=plan.ratio
    )


def _usual(texts: Texts, ground: Ground, data: AlertData, *, seldom: bool) -> str:
    """Return what is usual here at this hour; seldom: fewer than the privacy floor are."""
    expected, unit = _expected(data), data.people.unit
    if expected is not None:
        return texts[f"usual.{unit}"].format(expected=aloud(expected))
    if seldom and data.baseline.sightings:
        return texts["usual.below"].format(floor=ground.floor)
    return texts["usual.unknown"]


def _seen(texts: Texts, ground: Ground, data: AlertData) -> str:
    if data.certainty != "Unknown":
        return ""
    seen_ms = data.hop_ms - data.data_quality.age_s * 1000
    return texts["seen"].format(clock=ground.clock(seen_ms))
