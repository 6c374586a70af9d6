"""The report of a backtest: the JSON of `backtest --out`, schema `backtest/1` (DESIGN 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from replay.labels import find, off_list, within
from replay.report_figures import (
    BudgetRow,
    LeadRow,
    LevelRow,
    SweepRow,
    budget_row,
    lead_row,
    level_rows,
    sweep_rows,
)
from replay.report_forecast import ForecastRow
from replay.sweep import spans_of
from replay.times import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.summary import Episode
    from replay.labels import Found, Label
    from replay.sweep import Point

__all__ = ["Account", "BacktestReport", "Course", "encode_report", "make_report"]

_NAMES_MAX: Final = 5
_DAY_MS: Final = 86_400_000
_WEEK_MS: Final = 7 * _DAY_MS


class AlertRow(msgspec.Struct, frozen=True, kw_only=True):
    """One incident. opened: end of the hop that raised it. closed: null = open at the end.

    tiles: ids of all tiles it ever stood on. end: how it ended. people_max: in the feed's unit; of
    a drop the fewest.
    """

    incident: str
    place: str
    opened: str
    closed: str | None
    end: str | None
    level_max: int
    direction: Literal["rise", "drop", "blind"]
    tiles: list[str]
    reasons: list[str]
    score_max: float | None
    people_max: float | None


class LabelRow(msgspec.Struct, frozen=True, kw_only=True):
    """One labelled event, the incident that found it, and the minutes it was told before."""

    name: str
    start: str
    end: str
    found: bool
    incident: str | None
    lead_min: float | None


class LabelRows(msgspec.Struct, frozen=True, kw_only=True):
    """All labelled events in the span. outside: names of those that are not: no misses."""

    total: int
    found: int
    events: list[LabelRow]
    outside: list[str]


class OffList(msgspec.Struct, frozen=True, kw_only=True):
    """Rise incidents that met no label; per week, and per tile where there are several."""

    count: int
    per_week: float


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Where the rows of the file went; `rows` is the sum of all others.

    bad_rows: refused by the reader. refused: by the gateway. Both by reason. waiting: acted at
    no hop, as the log ended before theirs closed.
    """

    rows: int
    accepted: int
    duplicate: int
    conflict: int
    late: int
    from_future: int
    waiting: int
    bad_rows: dict[str, int]
    refused: dict[str, int]


class BacktestReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a backtest saw.

    start_hop: end of the first hop. span: from its begin to the end of the last one. frames:
    hops. readings: rows that reached the engine. wall_s: what the run took. messages: alerts by
    topic of a desk. sweep: the trade-off of budgets, where one was asked for. forecast: how well
    the forecasts held, by horizon; empty where none could be compared.
    """

    schema: Literal["backtest/1"] = "backtest/1"
    settings_hash: str
    start_hop: str
    span: tuple[str, str]
    frames: int
    tiles: int
    readings: int
    wall_s: float
    alerts: list[AlertRow]
    labels: LabelRows
    off_list: OffList
    levels: list[LevelRow]
    lead: LeadRow | None
    budget: BudgetRow
    messages: dict[str, int]
    sweep: list[SweepRow]
    forecast: list[ForecastRow]
    account: Account
    notes: list[str]


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """What a finished run is made into a report from.

    episodes: incidents in order of opening. first_hop_ms, last_hop_ms: ends of hops. tiles_of:
    tiles each labelled cell touches. budget_per_day: promised. messages: by desk topic.
    forecast: what came of the forecasts.
    """

    settings_hash: str
    hop_ms: int
    lateness_ms: int
    first_hop_ms: int
    last_hop_ms: int
    tile_ids: tuple[str, ...]
    tiles_of: dict[str, frozenset[int]]
    wall_s: float
    account: Account
    readings: int
    notes: tuple[str, ...]
    budget_per_day: float
    messages: dict[str, int]
    forecast: tuple[ForecastRow, ...] = ()

    @property
    def begin_ms(self) -> int:
        """Begin of the first hop."""
        return min(self.first_hop_ms - self.hop_ms, self.last_hop_ms)


def make_report(
    course: Course,
    episodes: Sequence[Episode],
    labels: Sequence[Label],
    *,
    sweep: Sequence[Point] = (),
) -> BacktestReport:
    """Join incidents with labels and put everything into the contract's form."""
    begin_ms, end_ms = course.begin_ms, course.last_hop_ms
    labels, outside = within(labels, begin_ms=begin_ms, end_ms=end_ms)
    spans = spans_of(episodes, end_ms=end_ms)
    found = find(labels, spans, tiles_of=course.tiles_of, lateness_ms=course.lateness_ms)
    off = off_list(labels, spans, tiles_of=course.tiles_of)
    weeks = (end_ms - begin_ms) / _WEEK_MS * max(1, len(course.tile_ids))
    return BacktestReport(
        settings_hash=course.settings_hash,
        start_hop=iso(course.first_hop_ms),
        span=(iso(begin_ms), iso(end_ms)),
        frames=(end_ms - begin_ms) // course.hop_ms,
        tiles=len(course.tile_ids),
        readings=course.readings,
        wall_s=round(course.wall_s, 3),
        alerts=[_alert(one, course.tile_ids) for one in episodes],
        labels=_labels(found, outside),
        off_list=OffList(count=off, per_week=round(off / weeks, 4) if weeks > 0 else 0.0),
        levels=level_rows(episodes, spans, found, tiles_of=course.tiles_of),
        lead=lead_row(found),
        budget=budget_row(
            episodes,
            spans,
            labels,
            tiles_of=course.tiles_of,
            per_day=course.budget_per_day,
            days=(end_ms - begin_ms) / _DAY_MS,
        ),
        messages=course.messages,
        sweep=sweep_rows(sweep),
        forecast=list(course.forecast),
        account=course.account,
        notes=[*course.notes, *_outside_note(outside)],
    )


def encode_report(report: BacktestReport) -> bytes:
    """Return the report as JSON for people and programs: indented, a newline at the end."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def _labels(found: Sequence[Found], outside: Sequence[Label]) -> LabelRows:
    return LabelRows(
        total=len(found),
        found=sum(one.incident is not None for one in found),
        events=[_event(one) for one in found],
        outside=[one.name for one in outside],
    )


def _outside_note(outside: Sequence[Label]) -> list[str]:
    if not outside:
        return []
    names = ", ".join(one.name for one in outside[:_NAMES_MAX])
    more = f" and {len(outside) - _NAMES_MAX} more" if len(outside) > _NAMES_MAX else ""
    return [f"labels outside the span of the feed, not counted: {len(outside)} ({names}{more})"]


def _alert(one: Episode, tile_ids: Sequence[str]) -> AlertRow:
    return AlertRow(
        incident=one.incident,
        place=one.place,
        opened=iso(one.opened_ms),
        closed=iso(one.ended_ms) if one.ended_ms else None,
        end=one.end,
        level_max=one.level_max,
        direction=one.direction.value,
        tiles=[tile_ids[tile] for tile in one.tiles.tolist()],
        reasons=list(one.reasons),
        score_max=one.score_max,
        people_max=one.people_max,
    )


def _event(one: Found) -> LabelRow:
    return LabelRow(
        name=one.label.name,
        start=iso(one.label.start_ms),
        end=iso(one.label.end_ms),
        found=one.incident is not None,
        incident=one.incident,
        lead_min=one.lead_min,
    )
