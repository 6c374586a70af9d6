"""The sentences of a report page: headline, why an event was missed, what another budget costs."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Final

from alerts.text import GRADES
from replay.page import badge
from replay.report_words import WORDS
from stream.ground import unit_of

if TYPE_CHECKING:
    from replay.report_days import Day
    from replay.report_missed import Missed
    from replay.report_seen import Seen

__all__ = ["Speaker"]

_WITH_UNIT: Final = {"key.people", "chart.errors"}


class Speaker:
    """Says what was seen in one language; times are local."""

    def __init__(self, seen: Seen, lang: str) -> None:
        """Take the catalogue; the unit of the feeds is part of it, and of captions."""
        self.seen = seen
        self.unit = WORDS[lang][f"unit.{unit_of(seen.settings)}"]
        self.words = {
            key: text.replace("{unit}", self.unit) if key in _WITH_UNIT else text
            for key, text in WORDS[lang].items()
        }

    def say(self, key: str, **values: object) -> str:
        """Return a text with its values."""
        return self.words[key].format(**values)

    def time(self, at_ms: int) -> str:
        """Return a local time to the minute."""
        return f"{datetime.fromtimestamp(at_ms / 1000, self.seen.zone):%Y-%m-%d %H:%M}"

    def grade(self, level: int) -> str:
        """Return a grade as HTML: its colour, and the colour's word and the number to read."""
        text = self.say("grade", colour=self.words[f"colour.{level}"], grade=GRADES[level])
        return badge(level, text)

    def reasons(self, codes: tuple[str, ...]) -> str:
        """Return reasons in words; one that has no word here is told by its code."""
        return escape(", ".join(self.words.get(f"reason.{code}", code) for code in codes))

    def lasted(self, begin_ms: int, end_ms: int) -> str:
        """Return how long an incident lasted; end 0: it is open."""
        if not end_ms:
            return self.words["lasted.open"]
        hours, minutes = divmod((end_ms - begin_ms) // 60_000, 60)
        return self.say("lasted.h", hours=hours, minutes=minutes)

    def false_weekly(self) -> float:
        """Return false alarms a week over all places."""
        return round(self.seen.report.off_list.count / self.seen.weeks, 2)

    def headline(self) -> str:
        """Return the whole report in a sentence."""
        report = self.seen.report
        values = {
            "found": report.labels.found,
            "total": report.labels.total,
            "false": self.false_weekly(),
            "spent": report.budget.spent_per_day,
            "budget": report.budget.promised_per_day,
            "incidents": len(report.alerts),
            "weeks": self.seen.weeks,
        }
        if not report.labels.total:
            return self.say("head.free", **values)
        if report.lead is None:
            return self.say("head.none", **values)
        median = report.lead.median_min
        lead = self.say("lead.before" if median >= 0 else "lead.after", minutes=abs(median))
        return self.say("head.found", lead=lead, **values)

    def missed(self, found: Missed) -> list[str]:
        """Return why an event was missed and what would have found it, sentence by sentence."""
        states = found.states
        lines = [
            self.say(
                f"why.{found.why}",
                gap=states.get("missing", 0.0) + states.get("blind", 0.0),
                held=states.get("withheld", 0.0),
                warm=states.get("warming", 0.0),
                score=found.score,
                threshold=found.threshold,
                people=found.people,
                expected=found.expected,
                excess=found.people - found.expected,
                least=found.least,
                at=self.time(found.at_ms),
            )
        ]
        sweep = self.seen.report.sweep
        if found.cheapest is not None:
            budget, false = found.cheapest
            now = self.false_weekly()
            lines.append(self.say("missed.cost", budget=budget, false=round(false, 2), now=now))
        elif sweep:
            lines.append(self.say("missed.never", budget=sweep[-1].per_day))
        if found.place is not None:
            tile = self.seen.course.tile_ids[int(self.seen.curves.tiles[found.place])]
            at = datetime.fromtimestamp(found.at_ms / 1000, self.seen.zone).isoformat()
            lines.append(self.say("missed.ask", tile=tile, time=at))
        return lines

    def trade(self) -> list[str]:
        """Return what one more found event would cost."""
        report = self.seen.report
        if not report.sweep:
            return [self.words["trade.off"]]
        weeks, now = self.seen.weeks, self.false_weekly()
        found = report.labels.found
        lines = []
        more = next((row for row in report.sweep if len(row.found) > found), None)
        if more is None:
            lines.append(self.say("trade.none", budget=report.sweep[-1].per_day))
        else:
            cost = more.off_list / weeks - now
            lines.append(
                self.say(
                    trade_key(cost),
                    budget=more.per_day,
                    found=len(more.found),
                    total=report.labels.total,
                    extra=len(more.found) - found,
                    cost=cost,
                    now=now,
                    then=more.off_list / weeks,
                )
            )
        same = next(row for row in report.sweep if len(row.found) >= found)
        if same is not more and same.per_day < report.budget.promised_per_day:
            cost = same.off_list / weeks
            lines.append(self.say("trade.less", budget=same.per_day, cost=cost))
        return lines

    def day(self, day: Day) -> str:
        """Return a bad day in a sentence."""
        why = self.why(day)
        return self.say("days.worst", date=day.date, false=day.false, missed=day.missed, why=why)

    def why(self, day: Day) -> str:
        """Return what was different on a bad day."""
        reasons: list[str] = [one for one in day.reasons if one != "missed"] or ["plain"]
        return " ".join(
            self.say(
                f"day.{one}",
                unseen=day.unseen,
                warming=day.warming,
                level=day.level,
                place=day.place[0],
                count=day.place[1],
            )
            for one in reasons
        )


def trade_key(cost: float) -> str:
    """Return which sentence tells what further false alarms a week buy; none is a gift.

    >>> trade_key(0.5), trade_key(0.004), trade_key(-0.7)
    ('trade.more', 'trade.free', 'trade.free')
    """
    return "trade.more" if round(cost, 2) > 0.0 else "trade.free"
