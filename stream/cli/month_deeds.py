"""The parts of a month's page about those who act: the desks, and the system itself."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from replay.page import badge, paragraph, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alerts.ledger.month_tally import HoldTold
    from stream.cli.month_say import MonthSpeaker

__all__ = ["deeds_part", "system_part"]

MINUTE_MS: Final = 60_000
SHOWN: Final = 15


def deeds_part(say: MonthSpeaker) -> Iterator[str]:
    """Show what desks did, what of it was refused and why, and what they put off."""
    words, told = say.words, say.told
    if not told.deeds:
        yield paragraph(words["deeds.none"])
    else:
        yield paragraph(words["deeds.how"], "soft")
        names = ["desk", "action", "accepted", "refused", "sent"]
        # On a phone there is room for no column that says nothing.
        names += ["repeated"] if any(one.repeated for one in told.deeds) else []
        rows = [
            (
                escape(say.desk(one.desk)),
                escape(_action(say, one.action)),
                *(str(getattr(one, name)) for name in names[2:]),
            )
            for one in told.deeds
        ]
        yield table([words[f"col.{name}"] for name in names], rows, numbers="--nnnn"[: len(names)])
        yield from _refused(say)
    yield from _holds(say)


def _action(say: MonthSpeaker, action: str) -> str:
    return say.words.get(f"action.{action}", action)


def _refused(say: MonthSpeaker) -> Iterator[str]:
    words = say.words
    if not say.told.refusals:
        yield paragraph(words["refused.none"])
        return
    yield paragraph(words["refused.how"])
    rows = [
        (
            escape(say.desk(one.desk)),
            escape(_action(say, one.action)),
            escape(say.why(one.why)),
            str(one.count),
        )
        for one in say.told.refusals
    ]
    names = ("desk", "action", "why", "count")
    yield table([words[f"col.{name}"] for name in names], rows, tall=True, numbers="---n")


def _holds(say: MonthSpeaker) -> Iterator[str]:
    words, holds = say.words, say.told.holds
    if not holds:
        yield paragraph(words["holds.none"])
        return
    yield paragraph(words["holds.how"])
    names = ("since", "until", "desk", "kind", "grade", "place", "by", "why")
    rows = [_hold(say, one) for one in holds[:SHOWN]]
    yield table([words[f"col.{name}"] for name in names], rows, tall=True)
    if len(holds) > SHOWN:
        yield paragraph(say.say("holds.more", count=len(holds) - SHOWN), "soft")


def _hold(say: MonthSpeaker, one: HoldTold) -> tuple[str, ...]:
    none = say.words["none"]
    return (
        say.clock(one.at_ms),
        none if one.until_ms is None else say.clock(one.until_ms),
        escape(say.desk(one.desk)),
        say.words[f"hold.{one.kind}"],
        badge(one.level, say.grade(one.level)),
        escape(one.place),
        escape(one.by or none),
        escape(one.text or none),
    )


def system_part(say: MonthSpeaker) -> Iterator[str]:
    """Show when the system was silent, whether self-tests came back, and what the book lacks."""
    words, told = say.words, say.told
    for text in say.system():
        yield paragraph(text)
    if told.silences:
        longest = sorted(told.silences, key=lambda one: one.since_ms - one.until_ms)[:SHOWN]
        rows = [
            (
                say.clock(one.since_ms),
                say.clock(one.until_ms),
                say.span((one.until_ms - one.since_ms) / MINUTE_MS),
            )
            for one in sorted(longest, key=lambda one: one.since_ms)
        ]
        yield table([words[f"col.{name}"] for name in ("since", "until", "lasts")], rows)
        if len(told.silences) > SHOWN:
            yield paragraph(say.say("silences.more", shown=SHOWN, count=len(told.silences)), "soft")
    yield from _tests(say)
    for text in say.drills():
        yield paragraph(text)


def _tests(say: MonthSpeaker) -> Iterator[str]:
    words, tests = say.words, say.told.tests
    if not any(one.sent or one.back for one in tests):
        yield paragraph(words["tests.none"])
        return
    yield paragraph(words["tests.how"], "soft")
    rows = [(escape(say.desk(one.desk)), str(one.sent), str(one.back)) for one in tests]
    yield table([words[f"col.{name}"] for name in ("desk", "sent", "back")], rows, numbers="-nn")
