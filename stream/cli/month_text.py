"""A month's report at a terminal, short, and as a table of days for a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from alerts.text import GRADES
from stream.cli.paint import Line, Span, columns, paint

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from alerts.ledger.month import Month
    from alerts.ledger.month_desk import DeskMonth
    from stream.cli.month_say import MonthSpeaker

__all__ = ["days_csv", "month_text"]

NAME_COLUMNS: Final = 34
FIGURE_COLUMNS: Final = 20
WORST_SHOWN: Final = 3
HEAD: Final = (
    "date",
    "desk",
    "incidents",
    "blue",
    "yellow",
    "orange",
    "red",
    "messages",
    "real",
    "unfounded",
    "unjudged",
    "median_ack_min",
)


def month_text(say: MonthSpeaker, width: int | None) -> str:
    """Return the report as lines. width: columns of the terminal, None = do not wrap."""
    return paint(list(_lines(say)), width)


def _lines(say: MonthSpeaker) -> Iterator[Line]:
    yield Line((Span(say.title(), bold=True),), 2)
    yield Line((Span(say.headline()),), 2)
    covered, is_less = say.covered()
    yield Line((Span(covered, fg="yellow" if is_less else None, dim=not is_less),), 2)
    if not say.told.is_empty:
        yield Line((Span(_row("", [say.desk(one.desk) for one in say.told.desks]), bold=True),))
        for name, figure in _figures(say).items():
            yield Line((Span(_row(name, [figure(one) for one in say.told.desks])),))
        yield from _worst(say)
    if say.is_known:
        yield from _rest(say)
    yield Line((Span(say.head(), dim=True),), 2)


def _row(name: str, cells: list[str]) -> str:
    """Return one row in columns; Chinese letters take two."""
    padded = name + " " * max(NAME_COLUMNS - columns(name), 1)
    return (
        padded + "".join(" " * max(FIGURE_COLUMNS - columns(one), 1) + one for one in cells)
    ).rstrip()


def _figures(say: MonthSpeaker) -> dict[str, Callable[[DeskMonth], str]]:
    words = say.words
    rows: dict[str, Callable[[DeskMonth], str]] = {
        words["text.first"]: lambda one: str(one.incidents)
    }
    for level in sorted(GRADES, reverse=True):
        rows[f"  {say.grade(level)}"] = lambda one, at=level: str(one.by_level[at - 1])  # type: ignore[misc]  # a level of its own
    rows |= {
        words["text.messages"]: lambda one: str(one.messages),
        words["text.share"]: lambda one: _share(say, one),
        words["text.unjudged"]: lambda one: str(one.unjudged),
        words["text.median"]: lambda one: say.span(one.answers.first.median_min),
        words["text.p90"]: lambda one: say.span(one.answers.first.p90_min),
        words["text.never"]: lambda one: _part(say, one.answers.never, one.answers.asked),
        words["text.over"]: lambda one: str(one.answers.over_first),
        words["text.passed"]: lambda one: str(one.answers.passed_on),
        words["text.promised"]: lambda one: f"{one.budget.promised:g}",
        words["text.told"]: lambda one: str(one.budget.told),
    }
    return rows


def _share(say: MonthSpeaker, one: DeskMonth) -> str:
    if not one.judged:
        return say.words["none"]
    return say.say(
        "text.share.of",
        unfounded=one.verdicts["unfounded"],
        judged=one.judged,
        ratio=say.ratio(one),
    )


def _part(say: MonthSpeaker, part: int, whole: int, kind: str = "") -> str:
    return say.say(f"text.of{kind}", part=part, whole=whole)


def _worst(say: MonthSpeaker) -> Iterator[Line]:
    yield Line((Span(say.words["text.worst"]),))
    for one in say.told.worst[:WORST_SHOWN]:
        case = one.case
        facts = (
            f"{say.clock(case.told_ms)}  {say.grade(case.level)}  {case.place}",
            say.people(case),
            say.verdicts(one.verdicts),
            case.incident,
        )
        yield Line((Span("  " + "  ".join(facts)),), 15)


def _rest(say: MonthSpeaker) -> Iterator[Line]:
    told = say.told
    refused = sum(one.refused for one in told.deeds)
    shelved = sum(one.kind == "shelved" for one in told.holds)
    if refused:
        yield Line((Span(say.say("text.refused", count=refused), fg="yellow"),))
    if told.holds:
        silenced = len(told.holds) - shelved
        yield Line((Span(say.say("text.holds", shelved=shelved, silenced=silenced)),))
    for one in told.tests:
        if one.sent or one.back:
            name = f"{say.words['text.tests']} ({say.desk(one.desk)})"
            yield Line((Span(f"{name}: {_part(say, one.back, one.sent, '.tests')}"),))
    for text in (*say.system(), *say.drills()):
        yield Line((Span(text),), 2)


def days_csv(told: Month, dark: Container[str]) -> bytes:
    """Return one row a desk and day: incidents first told on it, and messages sent on it.

    unjudged: over, and nobody said whether it was real. median_ack_min: empty where nobody
    answered. dark: dates of which nothing is known; their rows have no figures, for 0 would say
    that they were calm.
    """
    paper = io.StringIO()
    rows = csv.writer(paper, lineterminator="\n")
    rows.writerow(HEAD)
    for one in told.desks:
        for day in one.days:
            if day.date in dark:
                rows.writerow((day.date, one.desk, *[""] * (len(HEAD) - 2)))
                continue
            median = "" if day.answer.median_min is None else f"{day.answer.median_min:g}"
            counts = (day.messages, day.real, day.unfounded, day.unjudged, median)
            rows.writerow((day.date, one.desk, day.incidents, *day.by_level, *counts))
    return paper.getvalue().encode()
