"""The report of a backtest as one HTML page: what an analyst hands to a chief."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replay.page import callout, figures, page, paragraph, section
from replay.report_budget import budget_part, levels_part
from replay.report_cases import false_part, found_part, missed_part
from replay.report_course import data_part, days_part, timeline_part
from replay.report_days import worst_days
from replay.report_outlook import forecast_part
from replay.report_say import Speaker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replay.report_seen import Seen

__all__ = ["report_page"]


def report_page(seen: Seen, lang: str) -> str:
    """Return the page in a language."""
    speaker = Speaker(seen, lang)
    title = f"{speaker.words['title']} · {seen.feed.name.rpartition('/')[2]}"
    return page(title, _body(speaker, title), lang=lang)


def _body(speaker: Speaker, title: str) -> Iterator[str]:
    seen, words = speaker.seen, speaker.words
    parts = {
        "timeline": timeline_part,
        "missed": missed_part,
        "false": false_part,
        "days": days_part,
        "found": found_part,
        "budget": budget_part,
        "levels": levels_part,
        "forecast": forecast_part,
        "data": data_part,
    }
    yield f"<h1>{title}</h1>"
    if is_simulated(seen):
        yield f'<p class="badge b3">{words["simulated"]}</p>'
    yield paragraph(speaker.headline(), "headline")
    yield figures(_figures(speaker))
    yield from _answers(speaker)
    yield (
        "<nav>" + "".join(f'<a href="#{one}">{words["nav." + one]}</a>' for one in parts) + "</nav>"
    )
    for name, part in parts.items():
        yield section(name, words[f"nav.{name}"])
        yield from part(speaker)


def is_simulated(seen: Seen) -> bool:
    """Tell whether the feed says that it was simulated: by its file's or its feeds' names."""
    names = (seen.feed.name, *seen.feed.feeds, *seen.course.notes)
    return any("simulated" in name.lower() for name in names)


def _figures(speaker: Speaker) -> list[tuple[str, str]]:
    report, words = speaker.seen.report, speaker.words
    days = speaker.seen.weeks * 7
    rows = []
    if report.labels.total:
        rows.append((f"{report.labels.found} / {report.labels.total}", words["fig.found"]))
    if report.lead is not None:
        rows.append((f"{report.lead.median_min:+.0f}", words["fig.lead"]))
        rows.append((f"{report.lead.delay_median_min:.0f}", words["fig.delay"]))
    rows.append((f"{speaker.false_weekly():g}", words["fig.false"]))
    rows.append((f"{report.budget.ratio:.0%}", words["fig.spent"]))
    told = [
        sum(n for topic, n in report.messages.items() if desk in topic) / days
        for desk in ("police", "fire")
    ]
    rows.append((f"{told[0]:.2g} / {told[1]:.2g}", words["fig.messages"]))
    return rows


def _answers(speaker: Speaker) -> Iterator[str]:
    """Answer what every reader asks before anything else."""
    words = speaker.words
    if speaker.seen.report.labels.total:
        yield callout(words["trade.q"], " ".join(speaker.trade()))
    days = worst_days(speaker.seen, most=1)
    yield callout(words["days.q"], speaker.day(days[0]) if days else words["days.none"])
