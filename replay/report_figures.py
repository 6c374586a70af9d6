"""Figures of a backtest beyond the events: by level, lead and delay, budget promised and spent."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

import msgspec

from alerts.text import GRADES, colours
from replay.labels import OPEN_MS_MAX, meets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alerts.summary import Episode
    from replay.labels import Found, Label, Span
    from replay.sweep import Point

__all__ = [
    "BudgetRow",
    "LeadRow",
    "LevelRow",
    "SweepRow",
    "budget_row",
    "lead_row",
    "level_rows",
    "sweep_rows",
]

_UNUSUAL: Final = {"baseline_ratio", "drop", "hold", "blind"}
"""Reasons of an incident that is unusual for its place and hour and nothing more."""


class LevelRow(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents by the highest level they reached. grade: as people are shown it.

    off_list: of them, those that met no label. events: labels met by an incident that reached
    this level or a higher one.
    """

    level: int
    grade: str
    colour: str
    incidents: int
    off_list: int
    events: int


class LeadRow(msgspec.Struct, frozen=True, kw_only=True):
    """Of found events: minutes from alert to start (negative = after it), least to most.

    before: events told before their start. delay_median_min, delay_max_min: minutes from start
    to alert, 0 where it came before.
    """

    least_min: float
    median_min: float
    most_min: float
    before: int
    delay_median_min: float
    delay_max_min: float


class BudgetRow(msgspec.Struct, frozen=True, kw_only=True):
    """False alarms a day: promised, and what was raised as unusual and nothing more.

    raised_per_day: all such incidents. spent_per_day: of them those that met no label (without
    labels: all of them). ratio: spent over promised.
    """

    promised_per_day: float
    raised_per_day: float
    spent_per_day: float
    ratio: float


class SweepRow(msgspec.Struct, frozen=True, kw_only=True):
    """One budget of the trade-off. found: numbers of the events found, counted from 0."""

    per_day: float
    found: list[int]
    incidents: int
    off_list: int
    per_week: float


def level_rows(
    episodes: Sequence[Episode],
    spans: Sequence[Span],
    found: Sequence[Found],
    *,
    tiles_of: Mapping[str, frozenset[int]],
) -> list[LevelRow]:
    """Return one row for each level, the highest first.

    spans: of the episodes, in their order. found: what became of the labels.
    """
    labels = [one.label for one in found]
    off = [not any(meets(label, span, tiles_of) for label in labels) for span in spans]
    rows = []
    for level in sorted(GRADES, reverse=True):
        mine = [one.level_max == level for one in episodes]
        able = [
            span
            for span, one in zip(spans, episodes, strict=True)
            if one.level_max >= level and span.closed_ms - span.opened_ms <= OPEN_MS_MAX
        ]
        rows.append(
            LevelRow(
                level=level,
                grade=GRADES[level],
                colour=colours(level)["en"],
                incidents=sum(mine),
                off_list=sum(here and away for here, away in zip(mine, off, strict=True)),
                events=sum(any(meets(one, span, tiles_of) for span in able) for one in labels),
            )
        )
    return rows


def lead_row(found: Sequence[Found]) -> LeadRow | None:
    """Return the leads of the found events; None where none was found."""
    leads = [one.lead_min for one in found if one.lead_min is not None]
    if not leads:
        return None
    delays = [max(-lead, 0.0) for lead in leads]
    return LeadRow(
        least_min=min(leads),
        median_min=round(median(leads), 1),
        most_min=max(leads),
        before=sum(lead >= 0 for lead in leads),
        delay_median_min=round(median(delays), 1),
        delay_max_min=max(delays),
    )


def budget_row(
    episodes: Sequence[Episode],
    spans: Sequence[Span],
    labels: Sequence[Label],
    *,
    tiles_of: Mapping[str, frozenset[int]],
    per_day: float,
    days: float,
) -> BudgetRow:
    """Return what was promised and what was spent over this many days."""
    unusual = [
        span for span, one in zip(spans, episodes, strict=True) if _UNUSUAL.issuperset(one.reasons)
    ]
    false = sum(
        not (span.rise and any(meets(label, span, tiles_of) for label in labels))
        for span in unusual
    )
    spent = false / days if days > 0 else 0.0
    return BudgetRow(
        promised_per_day=per_day,
        raised_per_day=round(len(unusual) / days, 4) if days > 0 else 0.0,
        spent_per_day=round(spent, 4),
        ratio=round(spent / per_day, 3),
    )


def sweep_rows(points: Sequence[Point]) -> list[SweepRow]:
    """Return the trade-off as rows."""
    return [
        SweepRow(
            per_day=round(one.per_day, 4),
            found=list(one.found),
            incidents=one.incidents,
            off_list=one.off_list,
            per_week=round(one.per_week, 4),
        )
        for one in points
    ]
