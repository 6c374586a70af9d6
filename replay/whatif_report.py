"""The answer of `crowdtide whatif` as a value: schema `whatif/1`, read by texts and pages."""

from __future__ import annotations

from typing import Literal

import msgspec

from replay.explain_report import RuleRow

__all__ = [
    "DiffRow",
    "EventPair",
    "Figures",
    "Moved",
    "RuleCost",
    "SettingDiff",
    "WhatIf",
]


class SettingDiff(msgspec.Struct, frozen=True, kw_only=True):
    """One setting that differs. says: what it is and why to turn it, in English."""

    key: str
    base: str
    other: str
    says: str


class RuleCost(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents by the rule that opened them; off_list: of them, those that met no label."""

    code: str
    incidents: int
    off_list: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One side in figures.

    lead_min: of found events, least, median and most minutes from alert to start. by_level:
    incidents by the highest level they reached, 1 to 4. messages_per_day: to each desk.
    threshold: of the budget at the first and the last hop.
    """

    settings_hash: str
    incidents: int
    incidents_per_day: float
    found: int
    total: int
    lead_min: tuple[float, float, float] | None
    off_list: int
    off_list_per_week: float
    by_level: tuple[int, int, int, int]
    messages_per_day: dict[str, float]
    threshold: tuple[float | None, float | None]
    rules: list[RuleCost]


class DiffRow(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that only one side has.

    rule: what raised it; null where its opening was not seen. there: the nearest rule of the
    other side at that tile and hop. event: the known event it met; null = off the list.
    """

    incident: str
    place: str
    tile: str
    opened: str
    closed: str | None
    level_max: int
    people_max: float | None
    event: str | None
    rule: RuleRow | None
    there: RuleRow | None


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that both sides have, but another time or level. minutes: later, in other."""

    incident: str
    place: str
    opened: tuple[str, str]
    minutes: float
    level_max: tuple[int, int]
    event: str | None


class EventPair(msgspec.Struct, frozen=True, kw_only=True):
    """A known event, and the minutes it was told before its start; null = missed."""

    name: str
    start: str
    lead_min: tuple[float | None, float | None]


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """Two settings over one feed. gained: only in other. lost: only in base."""

    schema: Literal["whatif/1"] = "whatif/1"
    feed: str
    tz: str
    unit: str
    span: tuple[str, str]
    tiles: int
    settings: list[SettingDiff]
    base: Figures
    other: Figures
    gained: list[DiffRow]
    lost: list[DiffRow]
    moved: list[Moved]
    events: list[EventPair]
    notes: list[str]
