"""A backtest's report for a person at a terminal: what came in, what was raised, what was found."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from alerts.text import GRADES, colours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replay.badrow import BadRows
    from replay.report import AlertRow, BacktestReport, LabelRow
    from replay.report_forecast import ForecastRow, Held

__all__ = ["summary"]

_ROWS_MAX: Final = 40
_ENDLESS: Final = "open"


def summary(report: BacktestReport, rejects: Sequence[BadRows], *, tz: str) -> str:
    """Return the summary as text, its last line ended.

    rejects: the reader's bad rows, for their first examples. tz: zone in which times are shown;
    the report itself keeps UTC.
    """
    zone = ZoneInfo(tz)
    lines = [*_intake(report, rejects, zone), *_alerts(report.alerts, zone)]
    if report.labels.total:
        lines += _labels(report, zone)
    off = report.off_list
    tile = " and tile" if report.tiles > 1 else ""
    if report.labels.total:
        lines.append(f"off the list: {off.count}, {off.per_week:g} a week{tile}")
    lines += _forecasts(report.forecast)
    lines += [f"note: {note}" for note in report.notes]
    lines.append(f"settings {report.settings_hash}, {report.wall_s:.1f} s")
    return "\n".join(lines) + "\n"


def _intake(report: BacktestReport, rejects: Sequence[BadRows], zone: ZoneInfo) -> list[str]:
    account = report.account
    begin, end = (_local(moment, zone) for moment in report.span)
    tiles = "1 tile" if report.tiles == 1 else f"{report.tiles:,} tiles"
    lines = [
        f"{account.rows:,} rows, {report.frames:,} hops, {tiles}, {begin} to {end} ({zone.key})",
        f"accepted {account.accepted:,}"
        + "".join(f", {name} {count:,}" for name, count in _others(report) if count),
    ]
    lines += [
        f"bad rows: {bad.count:,} {bad.reason}, first row {bad.row}: {bad.what}" for bad in rejects
    ]
    return lines


def _others(report: BacktestReport) -> list[tuple[str, int]]:
    account = report.account
    return [
        ("duplicate", account.duplicate),
        ("conflict", account.conflict),
        ("late", account.late),
        ("from_future", account.from_future),
        ("waiting", account.waiting),
        *account.refused.items(),
    ]


def _alerts(alerts: Sequence[AlertRow], zone: ZoneInfo) -> list[str]:
    if not alerts:
        return ["no incident"]
    shown = [_alert(one, zone) for one in alerts[:_ROWS_MAX]]
    lines = [
        f"incidents: {len(alerts)}",
        *_table(("opened", "lasted", "", "peak", "score", "place", "why"), shown),
    ]
    if len(alerts) > _ROWS_MAX:
        lines.append(f"  ... and {len(alerts) - _ROWS_MAX} more; --out has them all")
    return lines


def _alert(one: AlertRow, zone: ZoneInfo) -> tuple[str, ...]:
    lasted = _ENDLESS
    if one.closed is not None:
        span = datetime.fromisoformat(one.closed) - datetime.fromisoformat(one.opened)
        minutes = span.days * 1440 + span.seconds // 60
        lasted = f"{minutes // 60}:{minutes % 60:02d} h"
    return (
        _local(one.opened, zone),
        lasted,
        f"{colours(one.level_max)['en']} {GRADES[one.level_max]}",
        "?" if one.people_max is None else f"{one.people_max:,.0f}",
        "?" if one.score_max is None else f"{one.score_max:.1f}",
        one.place,
        ", ".join(one.reasons),
    )


def _labels(report: BacktestReport, zone: ZoneInfo) -> list[str]:
    labels = report.labels
    rows = [_label(one, zone) for one in labels.events]
    return [
        f"found {labels.found} of {labels.total} events",
        *_table(("start", "lead", "name"), rows),
    ]


def _label(one: LabelRow, zone: ZoneInfo) -> tuple[str, ...]:
    lead = "missed" if one.lead_min is None else f"{one.lead_min:+.0f} min"
    return _local(one.start, zone), lead, one.name


def _forecasts(rows: Sequence[ForecastRow]) -> list[str]:
    """Return how the forecasts held; nothing where none could be compared."""
    if not rows:
        return []
    shown = [
        (f"{row.minutes:g} min", which, *_held(held))
        for which in ("all", "crowded")
        for row in rows
        if (held := row.all if which == "all" else row.crowded) is not None
    ]
    head = ("ahead", "places", "compared", "in 80 %", "error, of the baseline's")
    return ["forecasts against what came:", *_table(head, shown)]


def _held(held: Held) -> tuple[str, str, str]:
    ratio = "-" if held.error_ratio is None else f"{held.error_ratio:.2f}"
    return f"{held.outcomes:,}", f"{held.inside_ratio:.1%}", ratio


def _local(moment: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    ]
