"""The course of a report page: calendar of events and incidents, worst days, and the data."""

from __future__ import annotations

from html import escape
from math import isnan
from typing import TYPE_CHECKING

from replay.chart_weeks import Bar, weeks_chart
from replay.page import paragraph, table
from replay.report_days import worst_days

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replay.report_say import Speaker

__all__ = ["data_part", "days_part", "timeline_part"]

_DAYS_MAX = 5


def timeline_part(speaker: Speaker) -> Iterator[str]:
    """Show the calendar."""
    seen, words = speaker.seen, speaker.words
    found = seen.found()
    false = {one.incident for one, _ in seen.false_alarms()} if seen.labels else set()
    bars = [
        Bar(
            begin_ms=max(one.label.start_ms, seen.course.begin_ms),
            end_ms=min(one.label.end_ms, seen.course.last_hop_ms),
            kind="event" if one.incident else "event missed",
            says=f"{one.label.name} · {speaker.time(one.label.start_ms)}",
        )
        for one in found
    ]
    bars += [
        Bar(
            begin_ms=span.opened_ms,
            end_ms=span.closed_ms,
            kind=f"g{one.level_max}",
            says=f"{one.place} · {speaker.time(one.opened_ms)}",
            is_false=one.incident in false,
        )
        for one, span in zip(seen.episodes, seen.spans, strict=True)
    ]
    yield paragraph(speaker.say("timeline.how", zone=seen.zone.key), "soft")
    yield "<p>" + " ".join(speaker.grade(level) for level in (4, 3, 2, 1)) + "</p>"
    says = speaker.say(
        "timeline.says",
        weeks=round(seen.weeks, 1),
        events=len(found),
        found=sum(one.incident is not None for one in found),
        incidents=len(seen.episodes),
        false=len(seen.false_alarms()),
    )
    span = (seen.course.begin_ms, seen.course.last_hop_ms)
    yield weeks_chart(bars, span, words, seen.zone, says=says)


def days_part(speaker: Speaker) -> Iterator[str]:
    """Show the worst days, each with what was different on it."""
    words = speaker.words
    days = worst_days(speaker.seen, most=_DAYS_MAX)
    if not days:
        yield paragraph(words["days.none"])
        return
    head = [words[f"col.{one}"] for one in ("date", "false", "missed", "level", "unseen", "why")]
    rows = [
        (
            day.date,
            str(day.false),
            str(day.missed),
            "?" if isnan(day.level) else f"{day.level:.2f} ×",
            f"{day.unseen:.0%}",
            escape(speaker.why(day)),
        )
        for day in days
    ]
    yield table(head, rows, tall=True, numbers="-nnnn-")


def data_part(speaker: Speaker) -> Iterator[str]:
    """Show what went in: span, gaps, rejects, notes, settings."""
    seen, words, report = speaker.seen, speaker.words, speaker.seen.report
    account = report.account
    lost = {
        "duplicate": account.duplicate,
        "conflict": account.conflict,
        "late": account.late,
        "from_future": account.from_future,
        "waiting": account.waiting,
        **account.bad_rows,
        **account.refused,
    }
    told = ", ".join(f"{name} {count:,}" for name, count in lost.items() if count)
    rows = [
        (words["data.feed"], escape(seen.feed.name.rpartition("/")[2])),
        (
            words["data.span"],
            speaker.say(
                "data.hops",
                begin=speaker.time(seen.course.begin_ms),
                end=speaker.time(seen.course.last_hop_ms),
                zone=seen.zone.key,
                frames=report.frames,
                hop=seen.course.hop_ms / 60_000,
            ),
        ),
        (words["data.tiles"], f"{report.tiles:,}"),
        (
            words["data.rows"],
            speaker.say("data.account", rows=account.rows, accepted=account.accepted),
        ),
        (words["data.lost"], escape(told or words["data.nothing"])),
        (words["data.gaps"], escape(_gaps(speaker))),
        (words["data.settings"], f"<code>{escape(report.settings_hash)}</code>"),
        (words["data.notes"], "<br>".join(map(escape, report.notes)) or words["data.nothing"]),
    ]
    if report.labels.outside:
        rows.append((words["data.labels"], escape(", ".join(report.labels.outside))))
    yield table(("", ""), rows)


def _gaps(speaker: Speaker) -> str:
    hops = speaker.seen.curves.read()
    unseen = hops["unseen"].sum()
    if not unseen:
        return speaker.words["data.nogap"]
    day = (hops["hop_ms"] - 1) // 86_400_000
    tiles = hops["states"].sum(axis=1)
    by_day = {
        int(one): hops["unseen"][day == one].sum() / tiles[day == one].sum()
        for one in set(day.tolist())
    }
    worst = max(sorted(by_day), key=lambda one: by_day[one])
    return speaker.say(
        "data.gap",
        gap=unseen / tiles.sum(),
        date=speaker.time(worst * 86_400_000)[:10],
        worst=by_day[worst],
    )
