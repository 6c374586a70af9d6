"""A month of the ledger in figures: what desks were told, how they answered, what came of it.

An incident belongs to the month, and to the local day, on which a desk first heard of it; what was
answered, judged or seen of it later still counts for it. So a month looks a little different a day
after its end: the ledger's head, named with the figures, says which state of the book they are of.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from alerts.ledger.month_case import Case, case_of
from alerts.ledger.month_desk import DaySpan, DeskMonth, figures_of
from alerts.ledger.month_tally import DeedCount, HoldTold, Refusals, Tally, deed_counts
from alerts.ledger.note import LedgerNote
from alerts.ledger.story import stories_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alerts.ledger.entry import Entry
    from alerts.ledger.story import Story

__all__ = ["Drills", "Head", "Month", "SelfTests", "Worst", "month"]

DAY_MS: Final = 86_400_000
MINUTE_MS: Final = 60_000
WORST_MAX: Final = 10
ACTUAL: Final = "Actual"


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The newest entry of the ledger that a report was made of: its number and digest (hex)."""

    seq: int
    link: str


class Drills(msgspec.Struct, frozen=True, kw_only=True):
    """What came under another status than the report's: incidents first told, and messages."""

    status: str
    incidents: int
    messages: int


class SelfTests(msgspec.Struct, frozen=True, kw_only=True):
    """Self-tests of a desk's path: how many were asked for, and how many came back."""

    desk: str
    sent: int
    back: int


class Worst(msgspec.Struct, frozen=True, kw_only=True):
    """One of the worst incidents: as the desk knows it that saw most of it.

    verdicts: what each desk that was told said came of it.
    """

    case: Case
    verdicts: dict[str, str]


class Month(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="ledger-month/1"):
    """A month of the ledger.

    since_ms, until_ms: the month. known_since_ms, known_until_ms: the part of it that the ledger
    covers, empty if they are equal; days: how many that are. read_until_ms: newest moment of the
    ledger, which may lie after the month. desks: figures of incidents of one status; drills: those
    of others, apart. silences: of the system, in the month in which each ended, and their minutes
    in all. holes: records that were never read. unread, conflicts: of the month, records nobody
    understands, and ids that came again with other contents.
    """

    since_ms: int
    until_ms: int
    known_since_ms: int
    known_until_ms: int
    read_until_ms: int
    days: float
    status: str
    desks: list[DeskMonth]
    worst: list[Worst]
    deeds: list[DeedCount]
    refusals: list[Refusals]
    holds: list[HoldTold]
    tests: list[SelfTests]
    silences: list[LedgerNote]
    silent_min: float
    holes: list[LedgerNote]
    unread: int
    conflicts: int
    drills: list[Drills]
    head: Head | None = None

    @property
    def is_empty(self) -> bool:
        """No desk was told anything in it under this status."""
        return not any(one.incidents or one.messages for one in self.desks)


def month(
    entries: Iterable[Entry],
    *,
    days: Sequence[DaySpan],
    known: tuple[int, int],
    desks: Sequence[str],
    per_day: float,
    status: str = ACTUAL,
) -> Month:
    """Return the figures of a month.

    entries: of the month, and all others of the incidents told of in it; they are read once. days:
    its local days, at least one, without a gap. known: moments from and until which the ledger
    knows. per_day: the budget of one desk.
    """
    since_ms, until_ms = days[0].since_ms, days[-1].until_ms
    tally = Tally(days)
    stories = stories_of(tally.watch(entries))
    begun = [one for one in stories.values() if since_ms <= one.told_ms < until_ms]
    cases = [case_of(one) for one in begun if one.status == status and one.desk in desks]
    begin, end = _covered(days, known)
    deeds, refusals = _deeds(tally, stories, status=status, desks=desks)
    silences = [one for one in tally.notes if one.what == "silence"]
    covered = (end - begin) / DAY_MS
    told = partial(figures_of, days=days, known_ms=known[1], promise=(per_day, covered))
    return Month(
        since_ms=since_ms,
        until_ms=until_ms,
        known_since_ms=begin,
        known_until_ms=end,
        read_until_ms=known[1],
        days=round(covered, 3),
        status=status,
        desks=[told(one, _of(one, cases), _messages(tally, status, one)) for one in desks],
        worst=_worst(cases),
        deeds=deeds,
        refusals=refusals,
        holds=[hold for of, hold in tally.holds if of == status and hold.desk in desks],
        tests=[_tests(tally, one) for one in desks],
        silences=silences,
        silent_min=_sum_min(silences),
        holes=[one for one in tally.notes if one.what != "silence"],
        unread=tally.unread,
        conflicts=tally.conflicts,
        drills=_drills(tally, begun, status=status, desks=desks),
    )


def _covered(days: Sequence[DaySpan], known: tuple[int, int]) -> tuple[int, int]:
    begin = min(max(days[0].since_ms, known[0]), days[-1].until_ms)
    return begin, max(begin, min(days[-1].until_ms, known[1]))


def _sum_min(silences: Sequence[LedgerNote]) -> float:
    return round(sum(one.until_ms - one.since_ms for one in silences) / MINUTE_MS, 1)


def _of(desk: str, cases: Sequence[Case]) -> list[Case]:
    return [one for one in cases if one.desk == desk]


def _tests(tally: Tally, desk: str) -> SelfTests:
    return SelfTests(desk=desk, sent=tally.tests_sent[desk], back=tally.tests_back[desk])


def _messages(tally: Tally, status: str, desk: str) -> dict[int, int]:
    return {
        day: count for (of, to, day), count in tally.messages.items() if (of, to) == (status, desk)
    }


def _deeds(
    tally: Tally,
    stories: dict[tuple[str, str], Story],
    *,
    status: str,
    desks: Sequence[str],
) -> tuple[list[DeedCount], list[Refusals]]:
    """Count actions on incidents of the status; those on none that is known are in earnest."""

    def counts(desk: str, incident: str) -> bool:
        story = stories.get((desk, incident))
        return desk in desks and (ACTUAL if story is None else story.status) == status

    return deed_counts(
        (one for one in tally.deeds if counts(one.desk, one.incident)),
        (one for one in tally.replies if counts(one.desk, one.incident)),
    )


def _worst(cases: Sequence[Case]) -> list[Worst]:
    """Return the worst incidents, by level, then people; each once, however many desks heard."""
    by_incident: dict[str, list[Case]] = {}
    for one in cases:
        by_incident.setdefault(one.incident, []).append(one)
    seen = [
        Worst(
            case=max(many, key=lambda one: (one.level, one.people or 0.0)),
            verdicts={one.desk: one.verdict for one in many},
        )
        for many in by_incident.values()
    ]
    seen.sort(key=lambda one: (-one.case.level, -(one.case.people or 0.0), one.case.told_ms))
    return seen[:WORST_MAX]


def _drills(
    tally: Tally, begun: Sequence[Story], *, status: str, desks: Sequence[str]
) -> list[Drills]:
    incidents = Counter(one.status for one in begun if one.desk in desks)
    messages: Counter[str] = Counter()
    for (of, desk, _), count in tally.messages.items():
        messages[of] += count if desk in desks else 0
    others = sorted({of for of in (*incidents, *messages) if of != status})
    return [
        Drills(status=of, incidents=incidents[of], messages=messages[of])
        for of in others
        if incidents[of] or messages[of]
    ]
