"""What a message says in words: one sentence to read aloud, what to do now, and why it was raised.

All of it is made of figures as published, so words tell no more than the message does. Times are
absolute, relative ones stand beside them; grades are spoken by colour and grade, never by level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from alerts import publish
from alerts.catalogue import CATALOGUES
from alerts.desk import Desk
from alerts.phrases import PHRASES
from alerts.reasoning import reasoning
from alerts.sofar import (
    aloud,
    comes_back,
    doubted,
    happened,
    has_it,
    is_handled,
    seen_ms,
    was,
    went_on,
)
from alerts.text import Facts, colours, ended_at, headlines, news, went_into

if TYPE_CHECKING:
    from alerts.ground import Ground
    from alerts.incident import Incident
    from alerts.message import AlertData
    from alerts.phrases import Texts
    from alerts.spec import AlertSpec

__all__ = ["in_words"]

MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
LEVEL_MAX: Final = 4
NAME_MAX: Final = 40
"""Characters of a person's name in a headline."""

Response = Literal["Assess", "Monitor", "Prepare", "Execute", "AllClear", "None"]

_LASTING: Final = {"hold", "blind", "planned", "beyond_plan"}

_LOOKS: Final = {"police.1", "police.2", "fire.1", "fire.2"}

_RESPONSES: Final[dict[str, Response]] = {
    "police.1": "Assess",
    "police.2": "Assess",
    "police.3": "Execute",
    "police.4": "Execute",
    "fire.1": "Monitor",
    "fire.2": "Assess",
    "fire.3": "Prepare",
    "fire.4": "Execute",
    "seen": "Monitor",
    "hold": "Monitor",
    "hold.back": "Assess",
    "hold.seen": "Assess",
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
            language: has_it(ground, data, language) + texts[f"do.{key}"]
            for language, texts in PHRASES.items()
        },
    }


def _headline(
    ground: Ground, incident: Incident, data: AlertData, *, seldom: bool
) -> dict[str, str]:
    return headlines(
        places={language: _place(texts, data) for language, texts in PHRASES.items()},
        kind=_news(data),
        level=data.level if data.ended_ms is None else data.peak.level,
        people=data.people,
        usual=_expected(data),
        usual_below=ground.floor if seldom and data.baseline.sightings else None,
        reasons=_telling(data),
        facts=_facts(ground, data),
        direction=incident.direction,
        missing=publish.missing(incident, data.baseline),
    )


def _facts(ground: Ground, data: AlertData) -> Facts:
    asked, has = data.unanswered, data.confirmed or data.acknowledged
    return Facts(
        since=ground.clock(data.opened_ms),
        over="" if data.ended_ms is None else ground.clock(data.ended_ms),
        days=_days(data),
        seen="" if data.certainty != "Unknown" else ground.clock(seen_ms(data)),
        post=data.duty_post or "",
        until="" if data.hold is None else ground.clock(data.hold.until_ms),
        asked="" if asked is None else ground.clock(asked.since_ms),
        times=1 if asked is None else asked.times,
        by="" if has is None else has.by[:NAME_MAX],
        into=went_on(data),
    )


def _days(data: AlertData) -> int:
    return 0 if data.ended_ms is None else (data.ended_ms - data.opened_ms) // DAY_MS


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


def _telling(data: AlertData) -> list[str]:
    """Return the reasons that say most: of what is only held, not what it was once raised for."""
    if "hold" not in data.reasons:
        return data.reasons
    return [_held(data) if one == "hold" else one for one in data.reasons if one in _LASTING]


def _held(data: AlertData) -> str:
    """Return how it stands with what is below its thresholds: falling, coming back, or unclear."""
    if data.direction == "drop":
        return "hold.drop"
    if "seen_again" in data.changed:
        return "hold.seen"
    return "hold.back" if comes_back(data) else "hold"


def _response(data: AlertData) -> str:
    if data.msg_type == "Cancel" or data.lifecycle in {"resolved", "expired", "withdrawn"}:
        return _ended(data)
    if "hold" in data.reasons:
        return _held(data)
    if data.direction == "drop":
        return "drop"
    key = f"{Desk(data.desk)}.{data.level}"
    # Who looks already is not asked to look; what is to be done is said until it is over.
    looks = (is_handled(data) or data.lifecycle == "shelved") and data.certainty != "Unknown"
    return "seen" if looks and key in _LOOKS else key


def _spoken(texts: Texts, ground: Ground, data: AlertData, *, response: str, seldom: bool) -> str:
    language = next(name for name, one in PHRASES.items() if one is texts)
    now, since = _now(texts, ground, data), ground.clock(data.opened_ms)
    if data.ended_ms is not None:
        return texts["spoken.ended"].format(
            place=_place(texts, data),
            end=texts[f"end.{_ended(data)}"].format(
                into=went_into(CATALOGUES[language], went_on(data))
            ),
            since=since,
            over=ended_at(CATALOGUES[language], ground.clock(data.ended_ms), _days(data)),
            grade=_grade(texts, data.peak.level, language),
            now=now,
            response=response,
        )
    form = "spoken"
    if data.direction == "drop" and "hold" not in data.reasons:
        form, now = "spoken.drop", texts["left"].format(now=now[:1].lower() + now[1:])
    if data.certainty == "Unknown":
        form = "spoken.dark"
    back = form == "spoken" and _held(data) == "hold.back" and data.trend.direction == "rising"
    return texts[form].format(
        place=_place(texts, data),
        grade=_grade(texts, data.level, language),
        news=happened(ground, data, language) + doubted(data, language),
        now=now,
        seen=now,
        was=was(ground, data, language),
        trend=texts["trend.back" if back else f"trend.{data.trend.direction}"],
        next=_next(texts, ground, data, language=language),
        plan=_plan(texts, data),
        usual=_usual(texts, ground, data, seldom=seldom),
        since=since,
        response=response,
    )


def _place(texts: Texts, data: AlertData) -> str:
    """Return what the place is called; a city-wide incident says how many places it holds."""
    if data.parts_total is None:
        return data.place
    return texts["city"].format(parts=data.parts_total)


def _grade(texts: Texts, level: int, language: str) -> str:
    return texts["grade"].format(colour=colours(level)[language], ordinal=texts[f"ordinal.{level}"])


def _now(texts: Texts, ground: Ground, data: AlertData) -> str:
    """Return how many are there, or were when something was last seen there."""
    people = data.people
    form, facts = _counted(data)
    when = "seen" if data.certainty == "Unknown" else "now"
    return texts[f"{when}.{form}"].format(
        **facts,
        best=aloud(people.best),
        top=None if people.high is None else people.high + 1,
        clock=ground.clock(seen_ms(data)),
    )


def _counted(data: AlertData) -> tuple[str, dict[str, float | int | None]]:
    """Return the form in which people are counted: a range, one figure, below one, or unknown."""
    people = data.people
    low, high = aloud(people.low), aloud(people.high)
    shown = {"low": low, "high": high}
    if people.unit == "activity":
        return ("unknown" if people.best is None else "activity"), shown
    if people.best is None:
        return ("unknown" if people.high is None else "below"), shown
    return ("same" if low is None or high is None or low == high else "people"), shown


def _next(texts: Texts, ground: Ground, data: AlertData, *, language: str) -> str:
    """Return when the next grade is reached, at the clock and from now; empty where it is not."""
    minutes = data.trend.next_level_min
    if minutes is None or data.level >= LEVEL_MAX or data.direction == "drop":
        return ""
    return texts["next" if minutes else "next.soon"].format(
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
