"""A month's report as one HTML page: what a chief reads, and a duty officer must trust."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Final

from alerts.text import GRADES
from replay.page import badge, callout, figures, page, paragraph, section, table
from stream.cli.month_charts import days_chart, hours_chart
from stream.cli.month_deeds import deeds_part, system_part
from stream.cli.month_marks import BarRow, answers_chart, bars_chart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alerts.ledger.month import Worst
    from alerts.ledger.month_case import Verdict
    from alerts.ledger.month_desk import DeskMonth
    from stream.cli.month_say import MonthSpeaker

__all__ = ["month_page"]

_COLOURS: Final[dict[Verdict, str]] = {
    "real": "found",
    "unfounded": "false",
    "exercise": "eventline",
    "unknown": "usual",
    "unsaid": "usual",
    "open": "people",
    "merged": "line",
}
_ALWAYS: Final = ("real", "unfounded", "unknown", "unsaid")
GRAVE: Final = 3  # orange


def month_page(say: MonthSpeaker) -> str:
    """Return the page."""
    return page(say.title(), _body(say), lang=say.lang)


def _body(say: MonthSpeaker) -> Iterator[str]:
    words, told = say.words, say.told
    yield f"<h1>{escape(say.title())}</h1>"
    yield paragraph(say.headline(), "headline")
    covered, is_less = say.covered()
    yield callout(words["covered.q"], covered) if is_less else paragraph(covered, "soft")
    if is_less and say.is_known:
        yield paragraph(say.say("covered.zone", zone=say.zone.key), "soft")
    parts: dict[str, Callable[[MonthSpeaker], Iterator[str]]] = {}
    if not told.is_empty:
        yield figures(_figures(say))
        parts = {
            "days": _days,
            "outcomes": _outcomes,
            "answers": _answers,
            "budget": _budget,
            "hours": _hours,
            "worst": _worst,
        }
    if say.is_known:
        parts |= {"deeds": deeds_part, "system": system_part}
    yield (
        "<nav>" + "".join(f'<a href="#{one}">{words[f"nav.{one}"]}</a>' for one in parts) + "</nav>"
    )
    for name, part in parts.items():
        yield section(name, words[f"nav.{name}"])
        yield from part(say)
    yield f"<footer>{escape(say.head())}</footer>"


def _figures(say: MonthSpeaker) -> list[tuple[str, str]]:
    desks, words = say.told.desks, say.words

    def each(tell: Callable[[DeskMonth], object]) -> str:
        return words["slash"].join(str(tell(one)) for one in desks)

    names = say.desks()
    return [
        (each(lambda one: one.incidents), say.say("fig.incidents", desks=names)),
        (each(lambda one: sum(one.by_level[GRAVE - 1 :])), words["fig.grave"]),
        (each(lambda one: one.messages), say.say("fig.messages", desks=names)),
        (each(say.ratio), say.say("fig.false", rests=each(lambda one: one.judged))),
        (each(lambda one: one.unjudged), words["fig.unjudged"]),
        (each(lambda one: say.minutes(one.answers.first.median_min)), words["fig.answer"]),
        (each(lambda one: one.answers.never), words["fig.never"]),
        (
            each(lambda one: one.budget.told),
            say.say("fig.budget", promised=desks[0].budget.promised),
        ),
        (say.minutes(say.told.silent_min), say.say("fig.silent", count=len(say.told.silences))),
    ]


def _heard(say: MonthSpeaker) -> Iterator[DeskMonth]:
    """Yield the desks that were told of something new."""
    return (one for one in say.told.desks if one.incidents)


def _head(say: MonthSpeaker, one: DeskMonth) -> str:
    return f"<h3>{escape(say.name(one.desk))}</h3>"


def _grades(say: MonthSpeaker) -> dict[int, str]:
    return {level: say.grade(level) for level in GRADES}


def _days(say: MonthSpeaker) -> Iterator[str]:
    dark = say.dark_days()
    how = [say.words["days.how"], *([say.words["days.dark"]] if dark else [])]
    yield paragraph(say.words["stop"].join(how), "soft")
    for one in _heard(say):
        told = say.listed((day.date[5:], day.incidents) for day in one.days if day.incidents)
        says = say.say("days.says", desk=say.desk(one.desk), told=told)
        yield _head(say, one)
        yield days_chart(one.days, _grades(say), dark, name=f"days-{one.desk}", says=says)


def _outcomes(say: MonthSpeaker) -> Iterator[str]:
    yield paragraph(say.words["outcomes.how"], "soft")
    for one in _heard(say):
        rows = [
            BarRow(
                label=say.words[f"verdict.{verdict}"],
                value=count,
                told=str(count),
                colour=_COLOURS[verdict],
            )
            for verdict, count in one.verdicts.items()
            if count or verdict in _ALWAYS
        ]
        told = say.listed((row.label, row.told) for row in rows)
        yield _head(say, one)
        yield paragraph(say.share(one))
        yield bars_chart(rows, says=say.say("outcomes.says", desk=say.desk(one.desk), told=told))
        for text in say.response(one):
            yield paragraph(text)


def _answers(say: MonthSpeaker) -> Iterator[str]:
    yield paragraph(say.words["answers.how"], "soft")
    for one in _heard(say):
        cases = [case for case in one.cases if case.is_asked]
        yield _head(say, one)
        yield paragraph(say.answers(one))
        if cases:
            told = say.listed(
                (say.grade(case.first_level), f"{case.answer_min:.1f}")
                for case in cases
                if case.answer_min is not None
            )
            says = say.say("answers.says", desk=say.desk(one.desk), told=told)
            known_ms = say.told.read_until_ms
            yield answers_chart(cases, _grades(say), say.words, known_ms=known_ms, says=says)


def _budget(say: MonthSpeaker) -> Iterator[str]:
    words = say.words
    yield paragraph(say.say("budget.how", per_day=say.told.desks[0].budget.per_day), "soft")
    for one in say.told.desks:
        found = one.budget
        other = found.told - found.real - found.unfounded - found.unjudged
        counts = {
            "told": (found.told, "people"),
            "real": (found.real, "found"),
            "unfounded": (found.unfounded, "false"),
            "unjudged": (found.unjudged, "usual"),
            "other": (other, "line"),
        }
        rows = [
            BarRow(label=words[f"budget.{name}"], value=count, told=str(count), colour=colour)
            for name, (count, colour) in counts.items()
            if count or name != "other"
        ]
        limit = say.say("chart.promised", promised=found.promised)
        told = say.listed([(row.label, row.told) for row in rows])
        yield _head(say, one)
        yield paragraph(say.budget(one))
        yield bars_chart(
            rows,
            says=say.say("budget.says", desk=say.desk(one.desk), told=f"{limit}, {told}"),
            limit=(found.promised, limit),
        )


def _hours(say: MonthSpeaker) -> Iterator[str]:
    yield paragraph(say.words["hours.how"], "soft")
    for one in _heard(say):
        hours = Counter(say.local(case.told_ms).hour for case in one.cases)
        told = say.listed((f"{hour:02}", count) for hour, count in sorted(hours.items()))
        yield _head(say, one)
        yield hours_chart(
            [hours[hour] for hour in range(24)],
            says=say.say("hours.says", desk=say.desk(one.desk), told=told),
        )


def _worst(say: MonthSpeaker) -> Iterator[str]:
    words = say.words
    yield paragraph(words["worst.how"], "soft")
    names = ("told", "place", "grade", "people", "answer", "lasted", "outcome", "incident")
    head = [words[f"col.{name}"] for name in names]
    yield table(head, [_worst_row(say, one) for one in say.told.worst], tall=True, numbers="---n")


def _worst_row(say: MonthSpeaker, one: Worst) -> tuple[str, ...]:
    case = one.case
    left = "" if case.direction != "drop" else f" ({say.words['worst.left']})"
    return (
        escape(say.clock(case.told_ms)),
        escape(case.place + left),
        badge(case.level, say.grade(case.level)),
        escape(say.people(case)),
        escape(say.answer(case)),
        escape(say.lasted(case)),
        escape(say.verdicts(one.verdicts)),
        f"<code>{escape(case.incident)}</code>",
    )
