"""The facts behind an answer of `explain`, in sections of labelled lines, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from replay.explain_report import BudgetRow
from replay.explain_say import Said, ages, digits_of, figure

if TYPE_CHECKING:
    from replay.explain_report import FeedRow

__all__ = ["Section", "sections"]

_ENDS: Final = ("low", "best", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled list of (label, text) rows."""

    title: str
    rows: list[tuple[str, str]]


def sections(said: Said) -> list[Section]:
    """Return the facts behind the verdict, most needed first."""
    words, found = said.words, said.found
    sections = [
        Section(title=words["section.there"], rows=_there(said)),
        Section(title=words["section.usual"], rows=_usual(said)),
        Section(title=words["section.level"], rows=_level(said)),
        Section(
            title=words["section.scores"],
            rows=[
                (words.get(f"channel.{name}", name), figure(value, words["unknown"]))
                for name, value in found.channels.items()
            ],
        ),
        Section(title=words["section.threshold"], rows=_thresholds(said)),
        Section(title=words["section.feeds"], rows=_feeds(said)),
    ]
    if found.labels:
        rows = [
            (one.name, f"{said.when(one.start)} – {said.when(one.end)}") for one in found.labels
        ]
        sections.append(Section(title=words["section.events"], rows=rows))
    return sections


def _there(said: Said) -> list[tuple[str, str]]:
    found, words = said.found, said.words
    unknown = words["unknown"]
    rows = [(words["state"], words[f"state.{found.seen.state}"])]
    low, best, high = (figure(found.seen.people[key], unknown, digits=1) for key in _ENDS)
    people = best if low == high else words["range"].format(best=best, low=low, high=high)
    rows.append((words[found.unit], people))
    if found.seen.density is not None:
        rows.append(
            (
                words["density"],
                words["density.of"].format(
                    newest=figure(found.seen.density["newest"], unknown),
                    rolling=figure(found.seen.density["rolling"], unknown),
                    area=figure(found.seen.density["walkable_m2"], unknown),
                ),
            )
        )
    if found.seen.occupancy is not None:
        rows.append((words["occupancy"], f"{found.seen.occupancy:.0%}"))
    slope = words["slope.of"].format(slope=_signed(found.seen.slope_per_min, unknown))
    rows.append((words["slope"], slope))
    return rows


def _usual(said: Said) -> list[tuple[str, str]]:
    found, words, day = said.found, said.words, said.found.day
    unknown = words["unknown"]
    name = day.holiday.get(said.lang, "")
    weekday = words["weekdays"].split()[day.weekday]
    why = words[f"why.{day.why}"].format(name=name)
    return [
        (
            words["expected"],
            words["expected.of"].format(
                expected=figure(found.seen.expected, unknown, digits=1),
                spread=figure(found.seen.spread, unknown, digits=1),
                excess=_signed(found.seen.excess, unknown),
            ),
        ),
        (
            words["day"],
            words["day.of"].format(weekday=weekday, why=why, kind=words[f"kind.{day.kind}"]),
        ),
        (
            words["sample"],
            words["sample.of"].format(
                days=found.seen.sightings, begin=day.slot[0], end=day.slot[1]
            ),
        ),
    ]


def _level(said: Said) -> list[tuple[str, str]]:
    found, words, level = said.found, said.words, said.found.level
    line = words["level.of"].format(
        now=said.grade(level.now),
        before=said.grade(level.before),
        asked=said.grade(level.asked),
        kept=said.grade(level.kept),
    )
    rows = [(words["level.now"], line)]
    for one in found.incidents:
        incident = words["incident.of"].format(
            id=one.incident,
            since=said.when(one.opened),
            peak=said.grade(one.level_max),
            tiles=one.tiles,
        )
        told = [
            words[f"told.{desk}"].format(grade=said.grade(known))
            for desk, known in one.told.items()
            if known
        ]
        rows.append((words["incident"], incident))
        rows.append((words["told"], words["list"].join(told) or words["told.none"]))
    return rows


def _thresholds(said: Said) -> list[tuple[str, str]]:
    found, words = said.found, said.words
    rows = _threshold(words, found.budget, head="threshold.of")
    if found.near_budget is not None:
        rows += _threshold(words, found.near_budget, head="threshold.near")
    if isinstance(found.drop_budget, BudgetRow):
        rows += _threshold(words, found.drop_budget, head="threshold.drop")
    return rows


def _threshold(words: dict[str, str], budget: BudgetRow, *, head: str) -> list[tuple[str, str]]:
    numbers = {
        "mark": figure(budget.mark, ""),
        "rate": figure(budget.rates[0], ""),
        "wanted": figure(budget.per_tile_week, "", digits=digits_of(budget.per_tile_week)),
        "threshold": figure(budget.threshold, ""),
        "runs": f"{budget.runs:,}",
        "weeks": figure(budget.tile_weeks, "", digits=1),
        "daily": figure(budget.false_alarms_per_day * budget.share, ""),
        "tiles": f"{budget.tiles:,}",
    }
    return [
        (words[head].format(**numbers), words["threshold.how"].format(**numbers)),
        ("", words["threshold.rate"].format(**numbers)),
        ("", words["threshold.seen"].format(**numbers)),
        ("", words["threshold.wanted"].format(**numbers)),
    ]


def _feeds(said: Said) -> list[tuple[str, str]]:
    found, words = said.found, said.words
    share = words["coverage.of"].format(share=f"{found.seen.present_ratio:.0%}")
    # A cells file does not say whose cells it lists: feeds never heard here are of elsewhere.
    heard = [one for one in found.feeds if one.newest is not None] or found.feeds
    rows = [(one.feed, _feed(said, one)) for one in heard]
    rows.append((words["coverage"], share))
    if found.seen.withheld_ratio:
        hidden = words["feed.hidden"].format(share=f"{found.seen.withheld_ratio:.0%}")
        rows.append(("", hidden))
    return rows


def _feed(said: Said, one: FeedRow) -> str:
    words = said.words
    if one.newest is None or one.age_s is None:
        return words["feed.none"]
    line = words["feed.of"].format(
        present=one.present,
        usual=one.usual,
        newest=said.when(one.newest),
        age=ages(one.age_s, words),
    )
    if one.withheld:
        line += words["list"] + words["feed.withheld"].format(withheld=one.withheld)
    if one.supports is not None:
        line += words["list"] + words["feed.supports"].format(part=figure(one.supports, ""))
    return f"{words['feed.blind']}; {line}" if one.blind else line


def _signed(value: float | None, unknown: str) -> str:
    text = figure(value, unknown, digits=1)
    return text if value is None or value <= 0 or text == "0" else f"+{text}"
