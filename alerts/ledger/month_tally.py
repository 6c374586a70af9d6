"""What a month's report counts entry by entry, while the entries pass by once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from alerts.ledger.entry import EntryKind
from alerts.ledger.month_desk import day_of
from alerts.ledger.note import read_note
from alerts.ledger.recorded import read_alert, read_deed, read_reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from alerts.ledger.entry import Entry
    from alerts.ledger.month_desk import DaySpan
    from alerts.ledger.note import LedgerNote
    from alerts.ledger.recorded import DeedRecord, Recorded, ReplyRecord

__all__ = ["DeedCount", "HoldTold", "Refusals", "Tally", "deed_counts"]

SELF_TEST: Final = "test"
_HOLDS: Final = ("shelved", "silenced")
_REPEATED: Final = "this action was taken before"


class DeedCount(msgspec.Struct, frozen=True, kw_only=True):
    """Actions of one kind at one desk.

    sent: records of the desk. Of their answers: accepted, refused, and repeated (the same deed
    came again and was not done twice). More sent than answered: some got no answer in the month.
    """

    desk: str
    action: str
    sent: int
    accepted: int
    refused: int
    repeated: int


class Refusals(msgspec.Struct, frozen=True, kw_only=True):
    """How often a desk's actions of a kind were refused for one reason."""

    desk: str
    action: str
    why: str
    count: int


class HoldTold(msgspec.Struct, frozen=True, kw_only=True):
    """A desk put one incident off (shelved), or silenced its ground: who, why, until when.

    Of ground that was silenced while the incident itself was shelved its message tells the shelf:
    then by and text are empty, until_ms null.
    """

    desk: str
    incident: str
    place: str
    level: int
    kind: str
    at_ms: int
    until_ms: int | None
    by: str
    text: str


class Tally:
    """Counts of the entries that passed. messages: by status, desk and number of the day."""

    def __init__(self, days: Sequence[DaySpan]) -> None:
        self._days = days
        self._since_ms, self._until_ms = days[0].since_ms, days[-1].until_ms
        self.messages: Counter[tuple[str, str, int]] = Counter()
        self.holds: list[tuple[str, HoldTold]] = []
        self.deeds: list[DeedRecord] = []
        self.replies: list[ReplyRecord] = []
        self.tests_sent: Counter[str] = Counter()
        self.tests_back: Counter[str] = Counter()
        self.notes: list[LedgerNote] = []
        self.unread = self.conflicts = 0

    def watch(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yield the entries as they come, having counted those of the month."""
        for entry in entries:
            if self._since_ms <= entry.at_ms < self._until_ms:
                self._count(entry)
            yield entry

    def _count(self, entry: Entry) -> None:
        match entry.kind:
            case EntryKind.ALERT:
                self._count_alert(entry)
            case EntryKind.ACTION:
                self._count_deed(entry)
            case EntryKind.REPLY:
                self._count_reply(entry)
            case EntryKind.TEST:
                self.tests_back[entry.desk] += 1
            case EntryKind.NOTE:
                self.notes.append(read_note(entry.value))
            case _:
                self.unread += entry.kind is EntryKind.UNREAD
                self.conflicts += entry.kind is EntryKind.CONFLICT

    def _count_alert(self, entry: Entry) -> None:
        read = read_alert(entry.value)
        if read is None:
            self.unread += 1
            return
        status, alert = read
        self.messages[status, alert.desk, day_of(self._days, entry.at_ms)] += 1
        kind = next((one for one in _HOLDS if one in alert.changed), None)
        if kind is not None and alert.hold is not None:
            self.holds.append((status, _hold(kind, alert)))

    def _count_deed(self, entry: Entry) -> None:
        deed = read_deed(entry.value)
        if deed is None:
            self.unread += 1
        elif deed.action == SELF_TEST:
            self.tests_sent[deed.desk] += 1
        else:
            self.deeds.append(deed)

    def _count_reply(self, entry: Entry) -> None:
        reply = read_reply(entry.value)
        if reply is None:
            self.unread += 1
        elif reply.action != SELF_TEST:
            self.replies.append(reply)


def _hold(kind: str, alert: Recorded) -> HoldTold:
    hold = alert.hold if alert.hold is not None and alert.hold.kind == kind else None
    return HoldTold(
        desk=alert.desk,
        incident=alert.incident,
        place=alert.place,
        level=alert.level,
        kind=kind,
        at_ms=alert.moment_ms,
        until_ms=None if hold is None else hold.until_ms,
        by="" if hold is None else hold.by,
        text="" if hold is None else hold.text,
    )


def deed_counts(
    deeds: Iterable[DeedRecord], replies: Iterable[ReplyRecord]
) -> tuple[list[DeedCount], list[Refusals]]:
    """Return actions by desk and kind, and why they were refused, the commonest first."""
    sent = Counter((one.desk, one.action) for one in deeds)
    kinds: Counter[tuple[str, str, str]] = Counter()
    whys: Counter[tuple[str, str, str]] = Counter()
    for one in replies:
        kind = "accepted" if one.accepted else "refused"
        if not one.accepted and one.why.startswith(_REPEATED):
            kind = "repeated"
        kinds[one.desk, one.action, kind] += 1
        if kind == "refused":
            whys[one.desk, one.action, one.why] += 1
    counts = [
        DeedCount(
            desk=desk,
            action=action,
            sent=sent[desk, action],
            accepted=kinds[desk, action, "accepted"],
            refused=kinds[desk, action, "refused"],
            repeated=kinds[desk, action, "repeated"],
        )
        for desk, action in sorted({*sent, *(key[:2] for key in kinds)})
    ]
    refused = sorted(whys.items(), key=lambda item: (-item[1], item[0]))
    return counts, [
        Refusals(desk=desk, action=action, why=why, count=count)
        for (desk, action, why), count in refused
    ]
