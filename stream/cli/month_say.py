"""What a month's report says in words: its headline, times, grades, shares, and sentences."""

from __future__ import annotations

from datetime import datetime
from math import floor
from typing import TYPE_CHECKING, Final

from alerts.text import GRADES, colours
from stream.cli.ack_text import WHY
from stream.cli.month_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    from alerts.ledger.month import Month
    from alerts.ledger.month_case import Case
    from alerts.ledger.month_desk import DeskMonth

__all__ = ["MonthSpeaker"]

MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
LONG_MIN: Final = 90  # from here on hours read better
SHORT_MIN: Final = 10  # up to here a tenth matters
DIGEST_SHOWN: Final = 16


class MonthSpeaker:
    """Says a month's figures in one language; times are local."""

    def __init__(self, told: Month, lang: str, zone: ZoneInfo) -> None:
        self.told, self.lang, self.zone = told, lang, zone
        self.words = WORDS[lang]

    def say(self, key: str, /, **values: object) -> str:
        """Return a text with its values."""
        return self.words[key].format(**values)

    def local(self, at_ms: int) -> datetime:
        """Return a local time."""
        return datetime.fromtimestamp(at_ms / 1000, self.zone)

    def clock(self, at_ms: int) -> str:
        """Return local month, day and time."""
        return f"{self.local(at_ms):%m-%d %H:%M}"

    def month(self) -> str:
        """Return the month as people write it."""
        first = self.local(self.told.since_ms)
        return self.say(
            "month", name=self.words["months"].split()[first.month - 1], year=first.year
        )

    def desk(self, desk: str) -> str:
        """Return what people call a desk."""
        return self.words.get(desk, desk)

    def name(self, desk: str) -> str:
        """Return what people call a desk, at the beginning of a line."""
        text = self.desk(desk)
        return text[:1].upper() + text[1:]

    def desks(self) -> str:
        """Return the desks of the report, in the order of its figures."""
        return self.words["slash"].join(self.desk(one.desk) for one in self.told.desks)

    def grade(self, level: int) -> str:
        """Return colour and grade; people never see the number of a level."""
        return self.say("badge", colour=colours(level)[self.lang], grade=GRADES[level])

    def span(self, minutes: float | None) -> str:
        """Return how long something took."""
        if minutes is None:
            return self.words["none"]
        if abs(minutes) >= LONG_MIN:
            hours, rest = divmod(round(abs(minutes)), 60)
            before = "-" if minutes < 0 else ""
            return before + self.say("span.hours", hours=hours, minutes=rest)
        return self.say("span.min", minutes=self.minutes(minutes))

    def minutes(self, minutes: float | None) -> str:
        """Return minutes as a figure.

        A tenth matters where there are few of them.
        """
        if minutes is None:
            return self.words["none"]
        return f"{minutes:.1f}" if 0 < abs(minutes) < SHORT_MIN else f"{minutes:.0f}"

    def ratio(self, one: DeskMonth) -> str:
        """Return the share of false alarms."""
        return self.words["none"] if one.unfounded_ratio is None else f"{one.unfounded_ratio:.0%}"

    def incidents(self, count: int) -> str:
        """Return so many incidents."""
        return self.say("incidents.one" if count == 1 else "incidents.many", count=count)

    def why(self, reason: str) -> str:
        """Return the reason of a reply in this language."""
        return reason if self.lang == "en" else WHY.get(reason, reason)

    def people(self, case: Case) -> str:
        """Return how many there were."""
        if case.people is None:
            return self.words["none"]
        number = f"{case.people:,.0f}"
        return self.say("activity", number=number) if case.unit == "activity" else number

    def answer(self, case: Case) -> str:
        """Return how soon an incident was answered, or why there is nothing to tell."""
        if not case.is_asked:
            return self.words["answer.unasked"]
        if case.answer_min is not None:
            span = self.span(case.answer_min)
            return self.say("answer.late", span=span) if case.is_late else span
        if case.was_over_first:
            return self.words["answer.over"]
        waits = case.is_waiting(self.told.read_until_ms)
        return self.words["answer.waiting" if waits else "answer.never"]

    def lasted(self, case: Case) -> str:
        """Return how long the desk had it before it."""
        if case.ended_ms is None:
            return self.words["lasted.open"]
        return self.span((case.ended_ms - case.told_ms) / MINUTE_MS)

    def verdicts(self, verdicts: dict[str, str]) -> str:
        """Return what each desk said came of an incident."""
        return self.words["semicolon"].join(
            self.say("verdict.of", desk=self.desk(desk), verdict=self.words[f"verdict.{one}"])
            for desk, one in verdicts.items()
        )

    def title(self) -> str:
        """Return the title of the report."""
        status = self.told.status
        drill = "" if status == "Actual" else f" · {self.words.get('status.' + status, status)}"
        return f"{self.words['title']} · {self.month()}{drill}"

    @property
    def is_known(self) -> bool:
        """The ledger covers some of the month: of any other nothing is said."""
        return self.told.known_since_ms < self.told.known_until_ms

    def headline(self) -> str:
        """Return the month in a few sentences."""
        status = self.words.get(f"status.{self.told.status}", self.told.status)
        if not self.is_known:
            return self.say("head.unknown", month=self.month())
        if self.told.is_empty:
            return self.say("head.empty", month=self.month(), status=status)
        return self.words["stop"].join(self._headline())

    def _headline(self) -> Iterator[str]:
        desks = (
            self.say("head.desk", desk=self.desk(one.desk), incidents=self.incidents(one.incidents))
            for one in self.told.desks
        )
        yield self.say("head.heard", month=self.month(), desks=self.words["pause"].join(desks))
        worst = {one.incident: one.level for desk in self.told.desks for one in desk.cases}
        if worst:
            top = max(worst.values())
            count = sum(level == top for level in worst.values())
            yield self.say("head.grave", count=count, grade=self.grade(top))
        for one in self.told.desks:
            if one.incidents:
                yield self.say(
                    "head.judged" if one.judged else "head.unjudged", **self._judged(one)
                )

    def _judged(self, one: DeskMonth) -> dict[str, object]:
        return {
            "desk": self.name(one.desk),
            "unfounded": one.verdicts["unfounded"],
            "judged": one.judged,
            "ratio": self.ratio(one),
            "unjudged": one.unjudged,
        }

    def share(self, one: DeskMonth) -> str:
        """Return the share of false alarms, with what it rests on."""
        return self.say(f"outcomes.share{'' if one.judged else '.none'}", **self._judged(one))

    def covered(self) -> tuple[str, bool]:
        """Return which part of the month the ledger knows, and whether that is less than all."""
        told = self.told
        if not self.is_known:
            return self.words["covered.none"], True
        if (told.known_since_ms, told.known_until_ms) == (told.since_ms, told.until_ms):
            return self.say("covered.whole", zone=self.zone.key), False
        days = round((told.until_ms - told.since_ms) / DAY_MS, 2)
        text = self.say(
            "covered",
            since=self.clock(told.known_since_ms),
            until=self.clock(told.known_until_ms),
            # Rounded down: what is missing must show.
            days=floor(told.days * 100) / 100,
            all=round(days),
        )
        return text, True

    def dark_days(self) -> set[str]:
        """Return the dates of which the ledger knows nothing."""
        told = self.told
        if not self.is_known:
            return {day.date for one in told.desks for day in one.days}
        begin, end = (
            self.local(at_ms).date().isoformat()
            for at_ms in (told.known_since_ms, told.known_until_ms - 1)
        )
        return {day.date for one in told.desks for day in one.days if not begin <= day.date <= end}

    def answers(self, one: DeskMonth) -> str:
        """Return how a desk answered."""
        found = one.answers
        return self.say(
            "answers.sum" if found.answered else "answers.sum.none",
            desk=self.name(one.desk),
            asked=found.asked,
            answered=found.answered,
            median=self.span(found.first.median_min),
            p90=self.span(found.first.p90_min),
            late=found.late,
            never=found.never,
            over=found.over_first,
            waiting=found.waiting,
            passed=found.passed_on,
        )

    def response(self, one: DeskMonth) -> Iterator[str]:
        """Yield how long real ones grew, and when people came."""
        found, desk = one.response, self.name(one.desk)
        if found.peak.n:
            median = self.span(found.peak.median_min)
            yield self.say("response.peak", desk=desk, median=median, n=found.peak.n)
        if found.arrival.n:
            yield self.say(
                "response.arrival",
                desk=desk,
                median=self.span(found.arrival.median_min),
                n=found.arrival.n,
                before=found.there_before,
            )
        elif found.real:
            yield self.say("response.arrival.none", desk=desk, real=found.real)

    def budget(self, one: DeskMonth) -> str:
        """Return what was promised and what was told."""
        found = one.budget
        text = self.say(
            "budget.sum",
            desk=self.name(one.desk),
            promised=found.promised,
            told=found.told,
            real=found.real,
            unfounded=found.unfounded,
            unjudged=found.unjudged,
        )
        if not found.drops:
            return text
        return text + self.words["stop"] + self.say("budget.drops", drops=found.drops)

    def system(self) -> Iterator[str]:
        """Yield how the system and its book themselves were."""
        told = self.told
        minutes = f"{told.silent_min:g}"
        count = len(told.silences)
        yield self.say("system.silences" if count else "system.calm", count=count, minutes=minutes)
        holes = len(told.holes)
        yield self.say("system.holes" if holes else "system.whole", count=holes)
        if told.unread or told.conflicts:
            yield self.say("system.unread", unread=told.unread, conflicts=told.conflicts)

    def drills(self) -> Iterator[str]:
        """Yield what came under another status."""
        for one in self.told.drills:
            yield self.say(
                "drills",
                status=self.words.get(f"status.{one.status}", one.status),
                incidents=self.incidents(one.incidents),
                messages=one.messages,
            )

    def head(self) -> str:
        """Return the newest entry of the ledger, by which it can be held against this report."""
        head = self.told.head
        if head is None:
            return ""
        return self.say("ledger.head", seq=head.seq, link=head.link, short=head.link[:DIGEST_SHOWN])

    def listed(self, pairs: Iterable[tuple[str, object]]) -> str:
        """Return names and values in one line, for those who see no picture."""
        return self.words["pause"].join(f"{name} {value}" for name, value in pairs)
