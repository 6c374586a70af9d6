"""The figures of a report page: budget promised and spent, trade-off, grades."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replay.chart_budget import trade_chart, weekly_chart
from replay.page import paragraph, table
from replay.report_days import weekly_false

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replay.report_say import Speaker

__all__ = ["budget_part", "levels_part"]


def budget_part(speaker: Speaker) -> Iterator[str]:
    """Show what was promised, what was spent, and what other budgets buy."""
    report, words = speaker.seen.report, speaker.words
    budget = report.budget
    yield paragraph(
        speaker.say(
            "budget.says",
            budget=budget.promised_per_day,
            spent=budget.spent_per_day,
            ratio=budget.ratio,
            raised=budget.raised_per_day,
        )
    )
    allowed = 7.0 * budget.promised_per_day
    says = speaker.say("budget.weeks", allowed=allowed)
    yield paragraph(says, "soft")
    counts = weekly_false(speaker.seen)
    yield weekly_chart(counts, allowed, words, says=f"{says} {_listed(counts)}")
    if not report.labels.total:
        return
    yield f"<h3>{words['trade.q']}</h3>"
    for text in speaker.trade():
        yield paragraph(text)
    if report.sweep:
        yield paragraph(words["trade.how"], "soft")
        yield _trade(speaker)


def _listed(counts: list[tuple[str, int]]) -> str:
    return ", ".join(f"{day}: {count}" for day, count in counts)


def _trade(speaker: Speaker) -> str:
    report, weeks = speaker.seen.report, speaker.seen.weeks
    points = [(row.per_day, row.off_list / weeks, len(row.found)) for row in report.sweep]
    own = min(
        range(len(points)), key=lambda at: abs(points[at][0] - report.budget.promised_per_day)
    )
    told = "; ".join(f"{budget:g}: {found}, {rate:.2f}" for budget, rate, found in points)
    says = speaker.say("trade.says", count=len(points), points=told)
    return trade_chart(points, total=report.labels.total, own=own, words=speaker.words, says=says)


def levels_part(speaker: Speaker) -> Iterator[str]:
    """Show incidents by grade."""
    words = speaker.words
    head = [words[f"col.{one}"] for one in ("grade", "incidents", "false", "events")]
    rows = [
        (speaker.grade(row.level), str(row.incidents), str(row.off_list), str(row.events))
        for row in speaker.seen.report.levels
    ]
    yield table(head, rows, numbers="-nnn")
