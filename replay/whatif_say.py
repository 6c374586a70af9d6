"""An answer of `whatif` as tables of words: what a terminal and a page both show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alerts.catalogue import CATALOGUES
from alerts.text import GRADES
from replay.explain_say import figure, needs_said
from replay.whatif_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replay.explain_report import RuleRow
    from replay.whatif_report import DiffRow, Figures, WhatIf

__all__ = ["ROWS_MAX", "Compared", "Table"]

ROWS_MAX: Final = 40
"""Incidents listed for people; the JSON has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A titled table; no rows means there is nothing of the kind. more: rows left out."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    more: str = ""


class Compared:
    """One answer in one language (`zh-CN` or `en`)."""

    def __init__(self, found: WhatIf, lang: str) -> None:
        """Take the words."""
        self.found, self.lang, self.words = found, lang, WORDS[lang]
        self._desk = CATALOGUES[lang]

    def title(self) -> str:
        """Return what was compared."""
        begin, end = (moment[:16].replace("T", " ") for moment in self.found.span)
        return self.words["head"].format(
            feed=self.found.feed.rpartition("/")[2],
            begin=begin,
            end=end,
            tz=self.found.tz,
            tiles=f"{self.found.tiles:,}",
        )

    def verdict(self) -> str:
        """Return the difference in one line."""
        found, words = self.found, self.words
        line = words["verdict"].format(
            gained=len(found.gained), lost=len(found.lost), moved=len(found.moved)
        )
        if not found.base.total:
            return line
        events = words["verdict.events"].format(
            found0=found.base.found, found1=found.other.found, total=found.base.total
        )
        off = words["verdict.off"].format(off0=found.base.off_list, off1=found.other.off_list)
        return events + off + line

    def settings(self) -> Table:
        """Return the settings that differ, with their meaning."""
        words = self.words
        rows = [(one.key, one.base, one.other, one.says) for one in self.found.settings]
        return Table(
            title=words["section.settings"],
            head=("", words["base"], words["other"], ""),
            rows=rows,
        )

    def tables(self) -> list[Table]:
        """Return figures, events, incidents gained, lost and moved, and what each rule cost."""
        return [self._figures(), self._rules(), self._events(), *self._diffs(), self._moved()]

    def _figures(self) -> Table:
        words, sides = self.words, (self.found.base, self.found.other)
        joined = ("found", "lead", "off", "off.week") if self.found.base.total else ()
        names = (
            *joined,
            "incidents",
            "levels",
            "messages.police",
            "messages.fire",
            "threshold",
        )
        rows = [(words[name], *(self._figure(name, side) for side in sides)) for name in names]
        return Table(
            title=words["section.figures"], head=("", words["base"], words["other"]), rows=rows
        )

    def _figure(self, name: str, side: Figures) -> str:
        words = self.words
        if name == "found":
            return words["found.of"].format(found=side.found, total=side.total)
        if name == "lead":
            low, mid, high = side.lead_min or (0.0, 0.0, 0.0)
            return words["lead.of"].format(low=low, mid=mid, high=high) if side.lead_min else "–"
        if name == "levels":
            return " / ".join(map(str, side.by_level))
        if name == "threshold":
            return " / ".join(figure(one, "∞") for one in side.threshold)
        if name.startswith("messages."):
            return figure(side.messages_per_day[name.partition(".")[2]], "")
        numbers = {
            "off": float(side.off_list),
            "off.week": side.off_list_per_week,
            "incidents": side.incidents_per_day,
        }
        return figure(numbers[name], "", digits=3 if name == "off.week" else 2)

    def _rules(self) -> Table:
        words = self.words
        base = {one.code: one for one in self.found.base.rules}
        other = {one.code: one for one in self.found.other.rules}
        rows = [
            (
                self._reason(code),
                *(
                    f"{one.incidents} ({one.off_list})" if one is not None else "0 (0)"
                    for one in (base.get(code), other.get(code))
                ),
            )
            for code in dict.fromkeys((*base, *other))
        ]
        head = (words["rule"], words["base"], words["other"])
        return Table(title=words["section.rules"], head=head, rows=rows)

    def _events(self) -> Table:
        words = self.words
        rows = [
            (_when(one.start), one.name, *(self._lead(lead) for lead in one.lead_min))
            for one in self.found.events
        ]
        head = (words["start"], words["event"], words["base"], words["other"])
        return Table(title=words["section.events"], head=head, rows=rows)

    def _lead(self, minutes: float | None) -> str:
        if minutes is None:
            return self.words["missed"]
        return self.words["minutes"].format(minutes=minutes)

    def _diffs(self) -> list[Table]:
        words = self.words
        head = tuple(words[name] for name in ("opened", "place", "level", "event", "why", "there"))
        return [
            self._cut(Table(title=words[f"section.{name}"], head=head, rows=rows))
            for name, rows in (
                ("gained", [self._diff(one) for one in self.found.gained]),
                ("lost", [self._diff(one) for one in self.found.lost]),
            )
        ]

    def _diff(self, one: DiffRow) -> tuple[str, ...]:
        words = self.words
        there = words["there.none"]
        if one.there is not None:
            there = words["already"] if one.there.met else self._rule(one.there)
        return (
            _when(one.opened),
            one.place,
            self.grade(one.level_max),
            one.event or words["event.none"],
            words["why.none"] if one.rule is None else self._rule(one.rule),
            there,
        )

    def _moved(self) -> Table:
        words = self.words
        rows = [
            (
                _when(one.opened[0]),
                one.place,
                self._lead(one.minutes),
                " → ".join(self.grade(level) for level in dict.fromkeys(one.level_max)),
                one.event or words["event.none"],
            )
            for one in self.found.moved
        ]
        head = tuple(words[name] for name in ("opened", "place", "shift", "level", "event"))
        return self._cut(Table(title=words["section.moved"], head=head, rows=rows))

    def _cut(self, table: Table) -> Table:
        """Return a table of no more rows than people read."""
        left = len(table.rows) - ROWS_MAX
        if left <= 0:
            return table
        more = self.words["more"].format(more=left)
        return Table(title=table.title, head=table.head, rows=table.rows[:ROWS_MAX], more=more)

    def _rule(self, rule: RuleRow) -> str:
        """Return a rule with what it needed; the needs it missed alone, where it missed some."""
        return f"{self._reason(rule.code)}{self.words['colon']}{needs_said(rule, self.lang)}"

    def _reason(self, code: str) -> str:
        return self._desk.get(f"reason.{code}", self.words.get(code, code))

    def grade(self, level: int) -> str:
        """Return a level as people are shown it."""
        return f"{self._desk[f'colour.{level}']} {GRADES[level]}"


def _when(moment: str) -> str:
    return moment[:16].replace("T", " ")
