"""Laws of the ledger's room: what an entry is, what a desk heard and did, what is handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.action import Action, DeskAction, Outcome
from alerts.desk import Desk
from alerts.ledger import START, EntryKind, entry_of, linked, stories_of
from alerts.ledger.entry import NAME_MAX, Origin, data_of
from alerts.ledger.handover import handover
from alerts.ledger.judged import judged_of
from alerts.ledger.note import LedgerNote, note_of, read_note
from alerts.system import FeedSuspect, HeldNow, system_envelope
from tests.alerts.booked import HOUR_MS, Evening, Records, beat
from tests.alerts.scenario import MINUTE_MS

if TYPE_CHECKING:
    from alerts.ledger.entry import Entry, Source

SOURCES: tuple[Source, ...] = ("police", "fire", "system", "acks", "replies")


@pytest.fixture(name="evening")
def fixture_evening() -> Evening:
    """Return a dense place, acknowledged, and one that rises to orange, which nobody answers."""
    evening = Evening()
    evening.hops(3, {0: 2.4, 4: 3.3})
    evening.act(Action.ACK, evening.incidents[0])
    evening.hops(6, {0: 2.4, 4: 4.4})
    return evening


@given(value=st.binary(max_size=200), source=st.sampled_from(SOURCES))
def test_any_bytes_are_an_entry(value: bytes, source: Source) -> None:
    origin = Origin(topic="crowd.x", partition=0, offset=7, stamp_ms=5)
    entry = entry_of(source, origin, value)
    assert entry is not None
    assert (entry.value, entry.at_ms, entry.stamp_ms, entry.offset) == (value, 5, 5, 7)
    assert data_of(entry) == value


def test_heartbeats_and_ticks_only_pass() -> None:
    origin = Origin(topic="crowd.system", partition=0, offset=0, stamp_ms=5)
    heartbeat = system_envelope(beat(5), source="/test", status="Actual")
    assert entry_of("system", origin, heartbeat) is None
    assert entry_of("acks", origin, b'{"schema":"tick/1","now_ms":5}') is None


def test_names_fit_any_database_and_differ_where_they_did() -> None:
    def made(incident: str, at: int) -> Entry:
        origin = Origin(topic="crowd.acks", partition=0, offset=at, stamp_ms=5)
        value = {"schema": "desk-action/1", "incident": incident, "desk": "police\0"}
        entry = entry_of("acks", origin, msgspec.json.encode(value))
        assert entry is not None
        return entry

    long = made("x" * 5000, 1)
    assert (len(long.incident), long.desk) == (NAME_MAX, "police\ufffd")
    assert made("x" * 5000, 2).id != long.id
    for number in ("1e400", "99999999999999999999999"):
        reply = f'{{"schema":"desk-reply/1","incident":"i","revision":{number}}}'.encode()
        origin = Origin(topic="crowd.replies", partition=0, offset=0, stamp_ms=5)
        entry = entry_of("replies", origin, reply)
        assert entry is not None
        assert entry.kind is EntryKind.UNREAD


def test_the_moment_is_that_of_the_log_and_the_stamp_the_brokers(evening: Evening) -> None:
    alert = evening.records.entries()[0]
    assert alert.kind is EntryKind.ALERT
    assert alert.at_ms == evening.scene.sent[0].data.decided_ms
    assert alert.stamp_ms == alert.at_ms + 1000


def test_an_alert_that_is_published_again_is_the_same_entry_and_an_action_is_another() -> None:
    evening = Evening()
    evening.hops(3, {0: 2.4})
    evening.act(Action.ACK, evening.incidents[0])
    for source, origin, value in list(evening.records.all):
        evening.records.put(source, value, origin.stamp_ms + 9)
    kinds = [entry.kind for entry in evening.records.entries()]
    ids = {(entry.kind, entry.id) for entry in evening.records.entries()}
    again = {kind: kinds.count(kind) / sum(one == kind for one, _ in ids) for kind in set(kinds)}
    assert again == {EntryKind.ALERT: 2, EntryKind.REPLY: 2, EntryKind.ACTION: 1}


@given(st.data())
def test_no_change_of_an_entry_leaves_its_link(data: st.DataObject) -> None:
    entry = note_of(LedgerNote(what="silence", at_ms=9, since_ms=1, until_ms=9, topic="crowd.s"))
    name = data.draw(st.sampled_from([one for one in entry.__struct_fields__ if one != "kind"]))
    old = getattr(entry, name)
    new: object = old + b"x" if isinstance(old, bytes) else old + ("x" if name in TEXTS else 1)
    changed = msgspec.structs.replace(entry, **{name: new})
    assert linked(START, changed) != linked(START, entry)
    assert linked(linked(START, entry), entry) != linked(START, entry)


TEXTS = {"id", "topic", "desk", "incident"}


def test_parts_cannot_be_moved_from_one_name_to_the_next() -> None:
    entry = note_of(LedgerNote(what="lost", at_ms=9, topic="t", first=1, last=2))
    one = msgspec.structs.replace(entry, desk="ab", incident="c")
    other = msgspec.structs.replace(entry, desk="a", incident="bc")
    assert linked(START, one) != linked(START, other)


def test_a_story_holds_what_was_told_and_done(evening: Evening) -> None:
    dense, rising = evening.incidents
    evening.act(Action.CLOSE, dense, outcome=Outcome.REAL)
    evening.hops(8, {4: 1.0})
    stories = stories_of(evening.records.entries())
    one = stories[("police", dense)]
    assert (one.status, one.first.level, one.worst.level) == ("Actual", 1, 1)
    assert one.answered_ms is not None
    assert one.answered_ms - one.told_ms == 11 * MINUTE_MS - 30_000
    assert [reply.action for reply in one.replies] == ["ack", "close"]
    two = stories[("police", rising)]
    assert (two.worst.level, two.passed_on, two.answered_ms) == (3, 2, None)
    assert two.peak is not None
    assert two.peak.count == 4400
    # The first ending counts, whatever is said of it later.
    end = next(a for a in evening.scene.sent if a.incident == rising and a.kind == "resolved")
    assert two.ended_ms == end.data.decided_ms
    evening.act(Action.CLOSE, rising, outcome=Outcome.UNFOUNDED)
    later = stories_of(evening.records.entries())[("police", rising)]
    assert later.ended_ms == two.ended_ms
    assert later.newest.outcome is not None


def test_old_revisions_that_come_again_change_no_story(evening: Evening) -> None:
    before = stories_of(evening.records.entries())
    for source, origin, value in evening.records.all[:4]:
        evening.records.put(source, value, origin.stamp_ms + 3 * HOUR_MS)
    after = stories_of(evening.records.entries())
    assert after.keys() == before.keys()
    for key, story in before.items():
        assert (after[key].newest, after[key].revisions) == (story.newest, story.revisions)


def test_a_shift_is_handed_what_rings_first(evening: Evening) -> None:
    told = evening.handed()
    dense, rising = evening.incidents
    assert [(one.incident, one.desk) for one in told.open] == [
        (rising, "police"),
        (rising, "fire"),
        (dense, "police"),
    ]
    assert [one.passed_on for one in told.open] == [2, 2, 0]
    assert told.open[2].answered_ms is not None
    assert (told.unjudged, told.judged, told.drills) == ([], [], [])
    assert [one.incident for one in evening.handed("fire").open] == [rising]


def test_what_is_over_is_asked_for_until_somebody_says_what_came_of_it(evening: Evening) -> None:
    dense, rising = evening.incidents
    evening.hops(8, {})
    told = evening.handed()
    assert told.open == []
    assert {(one.incident, one.desk) for one in told.unjudged} == {
        (dense, "police"),
        (rising, "police"),
        (rising, "fire"),
    }
    evening.act(Action.CLOSE, rising, outcome=Outcome.REAL)
    evening.act(Action.CLOSE, dense)
    told = evening.handed()
    assert [(one.incident, one.desk) for one in told.judged] == [(rising, "police")]
    # One that was closed without a word of what it was is still to be judged.
    assert {(one.incident, one.desk) for one in told.unjudged} == {
        (dense, "police"),
        (rising, "fire"),
    }


def test_an_action_that_lost_a_race_is_handed_over_and_a_doubled_one_is_not(
    evening: Evening,
) -> None:
    rising = evening.incidents[1]
    evening.act(Action.ACK, rising, level=1)
    evening.act(Action.COMMENT, rising, text="on our way", id="c1")
    evening.act(Action.COMMENT, rising, text="on our way", id="c1")
    (lost,) = evening.handed().refused
    assert (lost.reply.action, lost.reply.by) == ("ack", "officer 7")
    assert evening.handed(at_ms=evening.scene.now_ms + 13 * HOUR_MS).refused == []


def test_what_was_known_then_is_told_of_then(evening: Evening) -> None:
    early_ms = evening.scene.sent[0].data.decided_ms + 1000
    told = evening.handed(at_ms=early_ms, heartbeat=(evening.scene.now_ms, b"{}"))
    assert [one.alert.level for one in told.open] == [2, 1]
    assert told.heard_ms == early_ms


def test_drills_stand_apart() -> None:
    evening = Evening()
    evening.records = Records(status="Exercise")
    evening.hops(3, {0: 2.4})
    told = evening.handed()
    assert told.open == []
    assert [one.status for one in told.drills] == ["Exercise"]


def test_troubles_last_until_they_end_and_single_ones_for_the_shift(evening: Evening) -> None:
    def feed(name: str, at_min: int, *, suspect: bool) -> None:
        at_ms = evening.scene.now_ms - at_min * MINUTE_MS
        news = FeedSuspect(
            feed=name,
            suspect=suspect,
            since_ms=at_ms,
            hop_ms=at_ms,
            total=9.0,
            usual=3.0,
            rising_ratio=0.5,
        )
        evening.records.system(news, stamp_ms=at_ms)

    feed("cmcc", 30, suspect=True)
    feed("cucc", 25, suspect=True)
    feed("cmcc", 20, suspect=False)
    (trouble,) = evening.handed().troubles
    assert (trouble.kind, trouble.subject) == ("feed_suspect", "cucc")


def test_held_and_self_tests_and_silences_are_handed_over(evening: Evening) -> None:
    now_ms = evening.scene.now_ms
    held = HeldNow(incident="i", desk="fire", reason="silenced", by="chief", text="fair")
    heartbeat = system_envelope(beat(now_ms, held), source="/test", status="Actual")
    test = DeskAction(
        incident="self-test",
        desk=Desk.POLICE,
        action=Action.TEST,
        revision_seen=0,
        level_seen=0,
        by="notify",
        id="t",
    )
    evening.records.tested(test, at_ms=now_ms - HOUR_MS)
    told = evening.handed(heartbeat=(now_ms, heartbeat))
    assert told.held == [held]
    assert (told.unusual_last_day, told.promised_per_day) == (3, 1.0)
    assert evening.handed("police", heartbeat=(now_ms, heartbeat)).held == []
    assert [(one.desk, one.is_fresh) for one in told.tests] == [("police", True), ("fire", False)]
    late = evening.handed(at_ms=now_ms + 2 * HOUR_MS, heartbeat=(now_ms, heartbeat))
    assert [one.is_fresh for one in late.tests] == [False, False]
    silence = LedgerNote(what="silence", at_ms=now_ms, since_ms=now_ms - HOUR_MS, until_ms=now_ms)
    entries = [*evening.records.entries(), note_of(silence)]
    mid_ms = now_ms - HOUR_MS // 2
    then = handover(
        entries, (now_ms, heartbeat), desks=("police",), since_ms=mid_ms - HOUR_MS, at_ms=mid_ms
    )
    assert then.heard_ms == silence.since_ms
    assert then.held == []  # what is held is known of now only


def test_notes_say_what_they_said() -> None:
    note = LedgerNote(what="lost", at_ms=9, topic="crowd.x", partition=2, first=4, last=8)
    assert read_note(note_of(note).value) == note


def test_two_desks_give_one_outcome_and_a_crowd_that_was_seen_was_there(evening: Evening) -> None:
    dense, rising = evening.incidents
    evening.hops(8, {})
    evening.act(Action.CLOSE, rising, outcome=Outcome.UNFOUNDED)
    evening.act(Action.CLOSE, rising, outcome=Outcome.REAL, desk=Desk.FIRE)
    evening.act(Action.CLOSE, dense, outcome=Outcome.UNFOUNDED)
    by_incident = {
        one.incident: one for one in judged_of(stories_of(evening.records.entries()).values())
    }
    one = by_incident[rising]
    assert (one.outcome, one.desks, one.level, one.tile) == ("real", ["fire", "police"], 3, "r0c4")
    assert one.people == 4400
    assert by_incident[dense].outcome == "unfounded"
    assert one.start_ms < one.end_ms
