"""Which rules raised an incident, each with the figure it reached and the threshold it met.

Made of what the message tells, so nothing below the privacy floor is told by the way. Where a
figure is not told, or has fallen again since, the rule is named without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from alerts.handling import Reasoning
from alerts.phrases import PHRASES
from alerts.text import colours

if TYPE_CHECKING:
    from collections.abc import Callable

    from alerts.ground import Ground
    from alerts.incident import Incident
    from alerts.message import AlertData
    from alerts.spec import AlertSpec

__all__ = ["reasoning"]

MINUTE_S: Final = 60
RED: Final = 4
Made = dict[str, Any]
"""Fields of a Reasoning but its rule and text, and under `phrase`, `site` what its text needs."""


def reasoning(
    spec: AlertSpec, ground: Ground, incident: Incident, data: AlertData
) -> list[Reasoning]:
    """Return the rules of `reasons`, in their order."""
    return [_told(code, _RULES[code](spec, ground, incident, data)) for code in data.reasons]


def _told(code: str, made: Made) -> Reasoning:
    phrase, site = made.pop("phrase", f"why.{code}"), made.pop("site", "")
    shown = {name: made.get(name) for name in ("value", "threshold", "baseline", "spread")}
    if made["unit"] == "ratio":
        shown = {name: None if one is None else f"{one:.0%}" for name, one in shown.items()}
    text = {}
    for language, texts in PHRASES.items():
        facts = {name: texts["unknown"] if one is None else one for name, one in shown.items()}
        colour = colours(made["level"])[language] if made.get("level") else ""
        text[language] = texts[phrase].format(
            **facts, colour=colour, site=site, sightings=made.get("sightings")
        )
    return Reasoning(rule=code, text=text, **made)


def _density(spec: AlertSpec, ground: Ground, incident: Incident, data: AlertData) -> Made:
    site = int(ground.site[incident.picture.worst_tile])
    own = ground.sites[site].rungs if site >= 0 else None
    rungs = own or spec.at(incident.picture.area).rungs_per_m2
    rolling = newest = None
    if data.density is not None:
        rolling, newest = data.density.rolling_per_m2, data.density.newest_per_m2
    if newest is not None and newest >= rungs[-1]:
        made = {"value": newest, "threshold": rungs[-1], "level": RED}
        return made | {"unit": "people/m2", "phrase": "why.density.newest"}
    reached = [(level, rung) for level, rung in enumerate(rungs, start=1) if _met(rolling, rung)]
    if not reached:
        return {"value": rolling, "threshold": None, "unit": "people/m2"} | {
            "phrase": "why.density.past"
        }
    level, rung = reached[-1]
    # Red is for the newest density; a rolling one above it stands for the rung below.
    return {"value": rolling, "threshold": rung, "level": level, "unit": "people/m2"}


def _met(value: float | None, threshold: float) -> bool:
    return value is not None and value >= threshold


def _occupancy(spec: AlertSpec, _: Ground, __: Incident, data: AlertData) -> Made:
    full = data.occupancy
    ratio = None if full is None else full.ratio
    site = "" if full is None else full.site
    for level, rung in ((RED, spec.occupancy_red_ratio), (2, spec.occupancy_yellow_ratio)):
        if _met(ratio, rung):
            made = {"value": ratio, "threshold": rung, "level": level}
            return made | {"unit": "ratio", "site": site}
    return {"value": ratio, "threshold": None, "unit": "ratio", "phrase": "why.occupancy.past"}


def _unusual(_: AlertSpec, __: Ground, ___: Incident, data: AlertData) -> Made:
    usual = data.baseline
    code = "drop" if data.direction == "drop" else "baseline_ratio"
    young = code == "baseline_ratio" and not usual.sightings
    plain = {"phrase": "why.baseline_ratio.young"} if young else {}
    return (
        plain
        | _kept(code, usual.score, usual.threshold)
        | {
            "value": usual.score,
            "threshold": usual.threshold,
            "unit": "score",
            "baseline": usual.expected,
            "spread": usual.spread,
            "sightings": usual.sightings,
        }
    )


def _near(_: AlertSpec, __: Ground, ___: Incident, data: AlertData) -> Made:
    usual = data.baseline
    told = {"value": usual.near_score, "threshold": usual.near_threshold, "unit": "score"}
    return _kept("neighbourhood", usual.near_score, usual.near_threshold) | told


def _kept(code: str, score: float | None, threshold: float | None) -> Made:
    """Return the phrase of a rule that only keeps a level: below its threshold, and not far."""
    kept = score is not None and threshold is not None and score < threshold
    return {"phrase": f"why.{code}.kept"} if kept else {}


def _filling(spec: AlertSpec, _: Ground, __: Incident, data: AlertData) -> Made:
    minutes, most = data.trend.next_level_min, round(spec.fast_min)
    if minutes is not None and minutes < most:
        return {"value": minutes, "threshold": most, "unit": "min"}
    # Another tile fills fast than the one whose forecast is told, or it did so before.
    past = {"value": None, "threshold": most, "unit": "min"}
    return past | {"phrase": "why.rate_of_change.past"}


def _forecast(spec: AlertSpec, _: Ground, __: Incident, ___: AlertData) -> Made:
    # What is told of the next level is of the level it was lifted to, so no figure stands here.
    return {"value": None, "threshold": spec.forecast_ratio, "unit": "ratio"}


def _plan(_: AlertSpec, __: Ground, ___: Incident, data: AlertData) -> Made:
    plan = data.planned_event
    if plan is None:  # it is over, or its worst tile lies elsewhere by now
        return {"value": None, "threshold": None, "unit": "people"}
    return {
        "value": plan.people,
        "threshold": plan.attendance,
        "unit": "people",
        "site": plan.name,
    }


def _hold(spec: AlertSpec, _: Ground, __: Incident, ___: AlertData) -> Made:
    return {"value": None, "threshold": spec.hold_s // MINUTE_S, "unit": "min"}


def _blind(_: AlertSpec, __: Ground, ___: Incident, data: AlertData) -> Made:
    return {"value": data.data_quality.blind_tiles, "threshold": None, "unit": "tiles"}


_RULES: Final[dict[str, Callable[[AlertSpec, Ground, Incident, AlertData], Made]]] = {
    "density": _density,
    "occupancy": _occupancy,
    "baseline_ratio": _unusual,
    "neighbourhood": _near,
    "drop": _unusual,
    "rate_of_change": _filling,
    "forecast": _forecast,
    "planned": _plan,
    "beyond_plan": _plan,
    "hold": _hold,
    "blind": _blind,
}
