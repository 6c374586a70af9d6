"""Laws of a month's figures: what desks did and put off, drills, and the system's troubles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from alerts.action import Action, DeskAction, Outcome
from alerts.desk import Desk
from alerts.ledger.note import LedgerNote, note_of
from tests.alerts.booked import Records
from tests.alerts.november import SINCE_MS, counted, crowded, day, judged, of
from tests.alerts.scenario import MINUTE_MS

if TYPE_CHECKING:
    from alerts.ledger.entry import Entry


def probe(at_ms: int) -> DeskAction:
    return DeskAction(
        incident="self-test",
        desk=Desk.POLICE,
        action=Action.TEST,
        revision_seen=0,
        level_seen=0,
        by="notify",
        id=str(at_ms),
    )


def test_actions_are_counted_by_what_became_of_them() -> None:
    book = Records()
    evening, incident = crowded(book, day(1), 2.3)
    evening.do(Action.ACK, incident, level=1)
    evening.see({0: 3.3})
    evening.do(Action.CLOSE, incident, level=1, outcome=Outcome.REAL)  # it rose meanwhile
    evening.do(Action.COMMENT, incident, level=2, text="gate 2", id="7")
    evening.do(Action.COMMENT, incident, level=2, text="gate 2", id="7")
    evening.do(Action.ACK, "nothing", level=1)
    probes = [probe(at_ms) for at_ms in (day(2), day(3))]
    for one in probes:
        book.put("acks", msgspec.json.encode(one), day(2))
    book.tested(probes[-1], at_ms=day(3))
    figures = counted(book)
    assert [(one.action, one.sent, one.accepted, one.refused) for one in figures.deeds] == [
        ("ack", 2, 1, 1),
        ("close", 1, 0, 1),
        ("comment", 2, 1, 0),
    ]
    assert figures.deeds[2].repeated == 1
    assert [(one.action, one.why[:16], one.count) for one in figures.refusals] == [
        ("ack", "unknown incident", 1),
        ("close", "the level is hig", 1),
    ]
    assert [(one.sent, one.back) for one in figures.tests] == [(2, 1), (0, 0)]


def test_holds_are_listed_with_who_and_why() -> None:
    book = Records()
    evening, incident = crowded(book, day(1))
    until = day(1, 25)
    evening.do(Action.SHELVE, incident, level=1, text="market day", until=until)
    other, incident = crowded(book, day(2))
    other.do(Action.SILENCE, incident, level=1, text="concert", until=day(2, 90))
    assert [(one.kind, one.by, one.text, one.until_ms) for one in counted(book).holds] == [
        ("shelved", "officer 7", "market day", until),
        ("silenced", "officer 7", "concert", day(2, 90)),
    ]


def test_a_silence_on_what_is_shelved_is_not_told_in_the_words_of_the_shelf() -> None:
    book = Records()
    evening, incident = crowded(book, day(1))
    evening.do(Action.SHELVE, incident, level=1, text="market day", until=day(1, 25))
    evening.do(Action.SILENCE, incident, level=1, text="concert", until=day(1, 90))
    assert [(one.kind, one.text, one.until_ms) for one in counted(book).holds] == [
        ("shelved", "market day", day(1, 25)),
        ("silenced", "", None),
    ]


def silence(since_ms: int, minutes: float) -> Entry:
    until_ms = since_ms + int(minutes * MINUTE_MS)
    note = LedgerNote(what="silence", at_ms=until_ms, since_ms=since_ms, until_ms=until_ms)
    return note_of(note)


def test_silences_holes_and_what_nobody_can_read_are_counted() -> None:
    book = Records()
    book.put("police", b"junk", day(5))
    hole = note_of(LedgerNote(what="lost", at_ms=day(4), first=3, last=9))
    over_midnight = silence(SINCE_MS - 5 * MINUTE_MS, 10)
    notes = [silence(day(2), 12.5), silence(day(3), 3), over_midnight, hole]
    figures = counted(book, more=notes)
    assert (len(figures.silences), figures.silent_min) == (3, 25.5)
    assert (len(figures.holes), figures.unread, figures.conflicts) == (1, 1, 0)
    assert figures.is_empty


def test_drills_stand_apart() -> None:
    book, drills = Records(), Records(status="Exercise")
    judged(book, day(1), Outcome.REAL)
    drill, incident = crowded(drills, day(2), 4.3)
    drill.do(Action.ACK, incident, level=3)
    drill.see(*[None] * 12)
    apart = drills.entries()
    actual, exercise = counted(book, more=apart), counted(book, more=apart, status="Exercise")
    assert (of("police", actual).incidents, of("police", exercise).incidents) == (1, 1)
    assert of("fire", actual).incidents == 0
    (other,) = actual.drills
    assert (other.status, other.incidents) == ("Exercise", 2)
    assert other.messages == sum(one.messages for one in exercise.desks)
    assert [one.status for one in exercise.drills] == ["Actual"]
    assert [one.action for one in actual.deeds] == ["close"]
    assert [one.action for one in exercise.deeds] == ["ack"]
