"""The texts of a CAP message, from an event's own: event, description, instruction, parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CATALOGUES", "description", "event_name", "headline", "instruction", "parameters"]

CATALOGUES: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "event.rise": "人群密集",
        "event.drop": "人群异常离开",
        "event.blind": "监测中断",
        "note": "数值为网格平均，局部可能更高",
        "blind": "{number}个网格无数据",
        "reason": "依据：{text}",
        "stop": "；",
        "end": "。",
        "issues": "发布",
        "lifts": "解除",
        "chinese.headline": "{sender}{verb}{event}{colour}色预警",
    },
    "en": {
        "event.rise": "Crowding",
        "event.drop": "People leaving",
        "event.blind": "Monitoring interrupted",
        "note": "Figures are tile averages, local peaks may be higher",
        "blind": "{number} tiles without data",
        "reason": "Because: {text}",
        "stop": "; ",
        "end": ".",
        "issues": "issues",
        "lifts": "lifts",
        "chinese.headline": "{sender} {verb} {event}: {colour} warning",
    },
}
"""Language to texts; a test holds their keys equal."""

_FIGURES: Final = (
    ("people_low", ("people", "low")),
    ("people_best", ("people", "best")),
    ("people_high", ("people", "high")),
    ("people_unit", ("people", "unit")),
    ("density_per_m2", ("density", "newest_per_m2")),
    ("density_rolling_per_m2", ("density", "rolling_per_m2")),
    ("walkable_m2", ("density", "walkable_m2")),
    ("occupancy_ratio", ("occupancy", "ratio")),
    ("expected", ("baseline", "expected")),
    ("spread", ("baseline", "spread")),
    ("score", ("baseline", "score")),
    ("threshold", ("baseline", "threshold")),
    ("trend", ("trend", "direction")),
    ("next_grade_min", ("trend", "next_level_min")),
    ("present_ratio", ("data_quality", "present_ratio")),
    ("tiles_total", ("area", "tiles_total")),
    ("outcome", ("outcome", "outcome")),
    ("hold_until", ("hold", "until")),
)
_PLAIN: Final = ("grade", "lifecycle", "kind", "revision", "duty_post", "ack_by", "settings_hash")


def event_name(data: dict[str, Any], language: str) -> str:
    """Return what happens, in a word or two."""
    return CATALOGUES[language][f"event.{data.get('direction') or 'rise'}"]


def headline(data: dict[str, Any], language: str) -> str:
    """Return the event's own headline."""
    return str((data.get("headline") or {}).get(language) or data.get("place") or "")


def description(data: dict[str, Any], language: str) -> str:
    """Return the sentence to read aloud, why it was raised, and how far to trust it."""
    texts = CATALOGUES[language]
    said = (data.get("spoken") or {}).get(language) or headline(data, language)
    lines = [said]
    rules = [rule["text"][language] for rule in data.get("why") or ()]
    if rules:
        lines.append(texts["reason"].format(text=texts["stop"].join(rules)) + texts["end"])
    blind = (data.get("data_quality") or {}).get("blind_tiles") or 0
    if blind:
        lines.append(texts["blind"].format(number=blind) + texts["end"])
    lines.append(texts["note"] + texts["end"])
    return "\n".join(lines)


def instruction(data: dict[str, Any], language: str) -> str | None:
    """Return what the desk is to do now; None where the event says nothing of it."""
    said = (data.get("recommended_response") or {}).get(language)
    return None if said is None else str(said)


def parameters(data: dict[str, Any], language: str) -> Iterator[tuple[str, str]]:
    """Yield figures by name; the level's number is none of them: people see colour and grade."""
    yield "colour", str((data.get("colour") or {}).get(language, ""))
    for name in _PLAIN:
        if data.get(name) is not None:
            yield name, str(data[name])
    for name, (part, figure) in _FIGURES:
        value = (data.get(part) or {}).get(figure)
        if value is not None:
            yield name, str(value)
    if reasons := data.get("reasons"):
        yield "reasons", " ".join(reasons)
