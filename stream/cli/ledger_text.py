"""A handover as a person at a terminal reads it: what is to be done, what is wrong, the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from alerts.notify.wording import TEXTS as NOTES
from alerts.phrases import STATUS
from alerts.system import SILENT_MS
from alerts.text import GRADES, colours
from stream.calendar import Calendar
from stream.cli.ack_text import WHY, AckText
from stream.cli.alert_handling import Handling
from stream.cli.ledger_words import TEXTS
from stream.cli.paint import BETWEEN, Line, Span, paint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alerts.ledger.handover import Handover, Item, SelfTest, Trouble
    from alerts.ledger.note import LedgerNote
    from alerts.system import HeldNow
    from stream.ledger.verify import Verdict

__all__ = ["LedgerText"]

SHOWN: Final = 5  # silences, the longest ones
MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerText:
    """Says it in one language. width: columns, None = no wrapping. now_ms: epoch ms."""

    lang: str
    tz: str
    width: int | None
    now_ms: int

    def say(self, form: str, /, **values: object) -> str:
        """Return one text of the catalogue."""
        return TEXTS[self.lang][form].format(**values)

    def clock(self, at_ms: int) -> str:
        """Return local month, day and time."""
        local = Calendar(tz=self.tz, country="none").local_iso(at_ms)
        return local[5:16].replace("T", " ")

    def why(self, reason: str) -> str:
        """Return the reason of a reply in this language."""
        return reason if self.lang == "en" else WHY.get(reason, reason)

    def badge(self, level: int) -> str:
        """Return colour and grade; people never see the number of a level."""
        return f"{colours(level)[self.lang]} {GRADES[level]}" if level in GRADES else ""

    def verdict(self, found: Verdict, *, where: str) -> Iterator[str]:
        """Yield whether a ledger is whole, line by line."""
        if found.missing is not None:
            yield click.style(self.say("gap", n=found.missing), fg="red")
        elif found.broken is not None:
            yield click.style(self.say("broken", n=found.broken), fg="red")
        else:
            yield self.say("verified", where=where, n=found.entries)
            kinds = (self.say(f"kind.{kind}", n=n) for kind, n in found.kinds.items())
            yield self.say("kinds", kinds=self.say("pause").join(kinds))
            yield self.say("head", n=found.entries, digest=found.head)
        if found.expected is None:
            return
        if found.found_at is None:
            yield click.style(self.say("unexpected", digest=found.expected), fg="red")
        else:
            yield self.say("expected", digest=found.expected, n=found.found_at)

    def handover(self, told: Handover) -> str:
        """Return the whole handover."""
        desks = self.say("pause").join(self.desk(desk) for desk in told.desks)
        since = self.clock(told.since_ms)
        title = self.say("title", at=self.clock(told.at_ms), desks=desks, since=since)
        parts = [
            paint([Line((Span(title, bold=True),)), *self._pulse(told)], self.width),
            self._open(told),
            self._list("held", told.held_total, self._held(told)),
            self._items("unjudged", told.unjudged),
            self._list("refused", len(told.refused), self._refused(told), fg="red"),
            self._list("troubles", len(told.troubles), map(self._trouble, told.troubles), fg="red"),
            self._silences(told.silences),
            self._list("holes", len(told.holes), map(self._hole, told.holes), fg="red"),
            self._list("unread", told.unread, (), fg="red"),
            self._items("judged", told.judged),
            self._items("drills", told.drills),
        ]
        return "\n\n".join(part for part in parts if part)

    def _pulse(self, told: Handover) -> Iterator[Line]:
        """Yield whether the system lives, and whether what it says reaches the desks."""
        if told.heard_ms is None:
            yield Line((Span(self.say("never"), fg="red", bold=True),), 2)
        else:
            silent = told.at_ms - told.heard_ms > SILENT_MS
            at = {"at": self.clock(told.heard_ms), "relative": self._relative(told.heard_ms)}
            tint = "red" if silent else "green"
            form = "silent" if silent else "beat"
            yield Line((Span(self.say(form, **at), fg=tint, bold=silent),), 2)
        for one in told.tests:
            yield Line((self._test(one),), 2)
        if told.unusual_last_day is not None and told.promised_per_day:
            spent, promised = told.unusual_last_day, told.promised_per_day
            text = self.say("budget", spent=spent, promised=f"{promised:g}")
            yield Line((Span(text, fg="yellow" if spent > promised else None),), 2)

    def _test(self, one: SelfTest) -> Span:
        desk = self.desk(one.desk)
        if one.back_ms is None:
            return Span(self.say("test.none", desk=desk), fg="red")
        at = self.clock(one.back_ms)
        if one.is_fresh:
            return Span(self.say("test.good", desk=desk, at=at), fg="green")
        return Span(self.say("test.old", desk=desk, at=at), fg="red")

    def _open(self, told: Handover) -> str:
        if not told.open:
            return self.say("open.none")
        return self._items("open", told.open)

    def _items(self, form: str, items: list[Item]) -> str:
        """Return incidents under their heading, each with what a desk's tool says of it."""
        if not items:
            return ""
        lines = [click.style(self.say(form, n=len(items)), bold=True)]
        text = AckText(lang=self.lang, tz=self.tz, width=self.width, now=lambda: self.now_ms)
        for item in items:
            before = STATUS[self.lang].get(item.status, "")
            lines.append(before + text.incidents([item.alert]))
            more = BETWEEN.join(self._more(item))
            lines += [paint([Line((Span("    " + more),), 4)], self.width)] if more else []
            lines += list(self._said(item))
        return "\n".join(lines)

    def _more(self, item: Item) -> Iterator[str]:
        """Yield what the newest message alone does not say."""
        yield self.say("told", at=self.clock(item.told_ms))
        if item.worst != item.alert.level:
            yield self.say("worst", badge=self.badge(item.worst))
        if item.passed_on:
            yield self.say("passed_on", n=item.passed_on)
        if item.ended_ms is not None:
            yield self.say("ended", at=self.clock(item.ended_ms))

    def _said(self, item: Item) -> Iterator[str]:
        """Yield what was done and said: holds, comments, the outcome."""
        from msgspec import to_builtins

        handling = Handling(self.lang, self.clock, lambda: self.now_ms)
        data = to_builtins(item.alert)
        # Those who acknowledged stand in the line above already.
        data |= {"acknowledged": None, "confirmed": None}
        for spans in handling.history(data):
            if spans:
                told = [part for one in spans for part in (Span(BETWEEN), one)][1:]
                yield paint([Line((Span("    "), *told), 4)], self.width)

    def _list(
        self, form: str, n: int, lines: Iterable[str], *, fg: str | None = None, **more: object
    ) -> str:
        """Return lines under their heading; nothing where there is none."""
        if not n:
            return ""
        head = Line((Span(self.say(form, n=n, **more), fg=fg, bold=True),), 2)
        return paint([head, *(Line((Span(f"  {one}"),), 4) for one in lines)], self.width)

    def _held(self, told: Handover) -> Iterator[str]:
        yield from map(self._held_one, told.held)
        if told.held_total > len(told.held):
            yield self.say("held.more", n=told.held_total - len(told.held))

    def _held_one(self, one: HeldNow) -> str:
        until = "" if one.until_ms is None else self.say("until", at=self.clock(one.until_ms))
        return self.say(
            "held.one",
            incident=one.incident,
            desk=self.desk(one.desk),
            reason=one.reason,
            by=one.by or "-",
            text=f" {one.text}" if one.text else "",
            until=until,
        )

    def _refused(self, told: Handover) -> Iterator[str]:
        for one in told.refused:
            reply = one.reply
            yield self.say(
                "refused.one",
                at=self.clock(one.at_ms),
                desk=self.desk(reply.desk),
                by=reply.by or "-",
                action=reply.action,
                incident=reply.incident,
                why=self.why(reply.why),
            )

    def _trouble(self, one: Trouble) -> str:
        notes = NOTES[self.lang]
        form = notes.get(one.kind, notes["host"])
        subject = self.desk(one.subject)
        what = form.format(subject=subject, kind=one.kind, what=one.what)
        return self.say("trouble", what=what, at=self.clock(one.since_ms))

    def _silences(self, notes: list[LedgerNote]) -> str:
        """Return how long nothing was heard in all, and the longest of these times."""
        longest = sorted(notes, key=lambda one: one.since_ms - one.until_ms)[:SHOWN]
        spans = (
            self.say("span", since=self.clock(one.since_ms), until=self.clock(one.until_ms))
            for one in sorted(longest, key=lambda one: one.since_ms)
        )
        minutes = round(sum(one.until_ms - one.since_ms for one in notes) / MINUTE_MS)
        return self._list("silences", len(notes), spans, fg="red", minutes=minutes)

    def _hole(self, note: LedgerNote) -> str:
        at = self.clock(note.at_ms)
        form = f"hole.{note.what}"
        return self.say(form, at=at, topic=note.topic, first=note.first, last=note.last)

    def desk(self, desk: str) -> str:
        """Return what people call a desk."""
        return TEXTS[self.lang].get(desk, desk) if desk in {"police", "fire"} else desk

    def _relative(self, at_ms: int) -> str:
        return Handling(self.lang, self.clock, lambda: self.now_ms).relative(at_ms)
