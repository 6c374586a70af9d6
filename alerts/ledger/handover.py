"""What the next shift must know: open, unanswered, held, unjudged, troubles, drills.

It is told from the book alone, as things stood at a moment; so a shift that was handed over badly
can be looked at again a year later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from alerts.action import Why
from alerts.heard import CLOSED, hear
from alerts.ledger.entry import EntryKind
from alerts.ledger.note import LedgerNote, read_note
from alerts.ledger.recorded import Recorded, ReplyRecord
from alerts.ledger.story import stories_of
from alerts.system import FAMILIES, HeldNow, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alerts.ledger.entry import Entry
    from alerts.ledger.story import Story

__all__ = ["Handover", "Item", "Trouble", "handover"]

RISKY_MS: Final = 7_200_000
"""Self-tests come hourly; one older than two hours is none."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One incident at one desk. told_ms: when it first heard of it; worst: highest level so far.

    alert: the newest message. passed_on: how often nobody answered in time.
    """

    incident: str
    desk: str
    status: str
    told_ms: int
    answered_ms: int | None
    ended_ms: int | None
    worst: int
    passed_on: int
    alert: Recorded


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong with the system. kind: as in its type; what: more, where there is more."""

    kind: str
    subject: str
    since_ms: int
    what: str = ""


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An action that was not carried out: whoever did it may believe that it was."""

    at_ms: int
    reply: ReplyRecord


class SelfTest(msgspec.Struct, frozen=True, kw_only=True):
    """Self-tests of a desk's path. back_ms: when the newest came back; null = none did."""

    desk: str
    back_ms: int | None
    is_fresh: bool


class Handover(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="ledger-handover/1"
):
    """What a shift is handed at at_ms; the shift before it began at since_ms.

    heard_ms: newest heartbeat of the system; null = never heard. Everything that follows from
    messages is of Actual ones, but for drills. open: at the desks, what rings first, then by
    level. unjudged: over since the shift began, and nobody said what came of it. judged: somebody
    said so in this shift. held: what keeps desks from being told; unusual_last_day: incidents that
    were unusual and nothing more, promised_per_day: at most so many were promised; both as the
    newest heartbeat has it.
    """

    at_ms: int
    since_ms: int
    desks: list[str]
    heard_ms: int | None
    open: list[Item]
    unjudged: list[Item]
    judged: list[Item]
    held: list[HeldNow]
    held_total: int
    unusual_last_day: int | None
    promised_per_day: float | None
    refused: list[Refused]
    troubles: list[Trouble]
    silences: list[LedgerNote]
    holes: list[LedgerNote]
    unread: int
    tests: list[SelfTest]
    drills: list[Item]


class _Beat(msgspec.Struct, frozen=True):
    """What is read of a heartbeat."""

    held: list[HeldNow] = []
    held_total: int = 0
    unusual_last_day: int | None = None
    promised_per_day: float | None = None


class _Heartbeat(msgspec.Struct, frozen=True):
    data: _Beat


_heartbeat: Final = msgspec.json.Decoder(_Heartbeat)


def _beat_of(heartbeat: tuple[int, bytes] | None, *, at_ms: int) -> _Beat:
    """Return what the newest heartbeat says; nothing of a moment before it."""
    if heartbeat is None or heartbeat[0] > at_ms:
        return _Beat()
    try:
        return _heartbeat.decode(heartbeat[1]).data
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _Beat()


def handover(
    entries: Sequence[Entry],
    heartbeat: tuple[int, bytes] | None,
    *,
    desks: Sequence[str],
    since_ms: int,
    at_ms: int,
) -> Handover:
    """Return what desks are handed at a moment.

    entries: of the span, and all others of the incidents told of in it; a span that begins 48
    hours before the moment holds everything that is open. heartbeat: the newest, stamp and value.
    """
    known = [entry for entry in entries if entry.at_ms <= at_ms or _is_silence(entry, at_ms)]
    stories = [one for one in stories_of(known).values() if one.desk in desks]
    shift = [entry for entry in known if entry.at_ms >= since_ms]
    actual = [one for one in stories if one.is_actual]
    ended = [
        one for one in actual if (one.ended_ms or 0) >= since_ms or _closed_ms(one) >= since_ms
    ]
    beat = _beat_of(heartbeat, at_ms=at_ms)
    notes = [read_note(entry.value) for entry in shift if entry.kind is EntryKind.NOTE]
    return Handover(
        at_ms=at_ms,
        since_ms=since_ms,
        desks=list(desks),
        heard_ms=_heard_ms(known, heartbeat, at_ms=at_ms),
        open=_items(sorted((one for one in actual if one.newest.is_open), key=_urgency)),
        unjudged=_items(one for one in ended if not _is_judged(one) and not one.newest.is_open),
        judged=_items(one for one in actual if _is_judged(one) and _judged_ms(one) >= since_ms),
        held=[one for one in beat.held if one.desk in desks],
        held_total=beat.held_total,
        unusual_last_day=beat.unusual_last_day,
        promised_per_day=beat.promised_per_day,
        refused=_refused(stories, desks, since_ms=since_ms),
        troubles=_troubles(known, since_ms=since_ms),
        silences=[note for note in notes if note.what == "silence"],
        holes=[note for note in notes if note.what != "silence"],
        unread=sum(one.kind in {EntryKind.UNREAD, EntryKind.CONFLICT} for one in shift),
        tests=[_tested(known, desk, at_ms=at_ms) for desk in desks],
        drills=_items(one for one in stories if not one.is_actual and _is_of(one, since_ms)),
    )


def _is_silence(entry: Entry, at_ms: int) -> bool:
    """Tell whether it is the note of a silence that lay over a moment; it is written at its end."""
    return entry.kind is EntryKind.NOTE and 0 < read_note(entry.value).since_ms <= at_ms


def _heard_ms(
    known: Sequence[Entry], heartbeat: tuple[int, bytes] | None, *, at_ms: int
) -> int | None:
    """Return when the system was heard last before a moment, as far as can be told."""
    if heartbeat is None or heartbeat[0] <= at_ms:
        return None if heartbeat is None else heartbeat[0]
    # It was heard later; a silence over that moment is known by the note of its end.
    notes = (read_note(entry.value) for entry in known if entry.kind is EntryKind.NOTE)
    since = (note.since_ms for note in notes if note.since_ms <= at_ms < note.until_ms)
    return next(since, at_ms)


def _closed_ms(story: Story) -> int:
    return story.newest.moment_ms if story.newest.lifecycle == CLOSED else 0


def _is_of(story: Story, since_ms: int) -> bool:
    """Tell whether something of it was told in the shift, or it goes on."""
    return story.newest.is_open or story.newest.moment_ms >= since_ms


def _is_judged(story: Story) -> bool:
    outcome = story.newest.outcome
    return outcome is not None and outcome.outcome != "unknown"


def _judged_ms(story: Story) -> int:
    outcome = story.newest.outcome
    return 0 if outcome is None else outcome.at_ms


def _urgency(story: Story) -> tuple[bool, int, int, str]:
    newest = story.newest
    return not newest.needs_ack, -newest.level, story.told_ms, story.incident


def _items(stories: Iterable[Story]) -> list[Item]:
    return [
        Item(
            incident=one.incident,
            desk=one.desk,
            status=one.status,
            told_ms=one.told_ms,
            answered_ms=one.answered_ms,
            ended_ms=one.ended_ms,
            worst=one.worst.level,
            passed_on=one.passed_on,
            alert=one.newest,
        )
        for one in stories
    ]


def _refused(stories: Sequence[Story], desks: Sequence[str], *, since_ms: int) -> list[Refused]:
    """Return what was not carried out in the shift; what was asked twice and done once is done."""
    return [
        Refused(at_ms=reply.at_ms, reply=reply)
        for one in stories
        for reply in one.replies
        if not reply.accepted
        and reply.desk in desks
        and reply.at_ms >= since_ms
        and reply.why != Why.DUPLICATE
    ]


def _troubles(known: Sequence[Entry], *, since_ms: int) -> list[Trouble]:
    """Return what is wrong with feeds now, and what was once in the shift with budget and hosts."""
    open_: dict[tuple[str, str], Trouble] = {}
    once: list[Trouble] = []
    for entry in known:
        event = hear(entry.value) if entry.kind is EntryKind.SYSTEM else None
        if event is None:
            continue
        kind = kind_of(event.type)
        raw: dict[str, Any] = event.raw
        at_ms = raw.get("since_ms") or entry.at_ms
        told = Trouble(
            kind=kind, subject=event.subject, since_ms=at_ms, what=str(raw.get("what", ""))
        )
        if kind not in FAMILIES:
            once += [told] if entry.at_ms >= since_ms else []
        elif FAMILIES[kind][1]:
            open_.pop((FAMILIES[kind][0], event.subject), None)
        else:
            open_[(FAMILIES[kind][0], event.subject)] = told
    return [*open_.values(), *once]


def _tested(known: Sequence[Entry], desk: str, *, at_ms: int) -> SelfTest:
    back = [one.at_ms for one in known if one.kind is EntryKind.TEST and one.desk == desk]
    newest = max(back, default=None)
    fresh = newest is not None and at_ms - newest <= RISKY_MS
    return SelfTest(desk=desk, back_ms=newest, is_fresh=fresh)
