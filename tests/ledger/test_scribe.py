"""Laws of the scribe: no gap and no double whatever ends it, silence and holes are noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alerts.ledger import EntryKind
from alerts.ledger.note import read_note
from alerts.system import system_envelope
from stream.ledger.database import StoreError
from stream.ledger.scribe import STEP_MS, STEP_RECORDS, heartbeat_of
from stream.ledger.store import open_store
from stream.ledger.verify import verified
from tests.alerts.booked import Records, beat
from tests.alerts.scenario import MINUTE_MS, START_MS, Scenario, crowd, grid
from tests.ledger.booking import Desk, entries_in, scene, settings_of

if TYPE_CHECKING:
    from pathlib import Path

    from stream.settings import Settings


def test_a_scribe_goes_on_where_the_last_one_was_killed(settings: Settings) -> None:
    records = scene()
    store = open_store(settings, write=True)
    first = Desk(store)
    first.take_all(records)  # and is killed before it wrote the rest
    assert entries_in(store) == []
    first.scribe.write()
    killed_at = len(records.all)
    second = Scenario(grid(1, 9))
    records.alerts(second.hop(crowd({2: 4.4})))
    first.take_all(records, since=killed_at)
    again = Desk(store)
    assert again.scribe.places() == store.places()
    again.take_all(records, since=killed_at)
    again.scribe.write()
    assert entries_in(store) == records.entries()
    assert verified(store).is_whole
    store.close()


def test_a_step_is_written_when_it_is_long_or_old(settings: Settings) -> None:
    store = open_store(settings, write=True)
    desk = Desk(store)
    desk.now_ms = 1
    for offset in range(STEP_RECORDS + 1):
        desk.take("acks", b"junk", offset=offset)
    assert store.head()[0] == STEP_RECORDS
    desk.now_ms += STEP_MS - 1
    desk.scribe.tick()
    assert store.head()[0] == STEP_RECORDS
    desk.now_ms += 1
    desk.scribe.tick()
    assert store.head()[0] == STEP_RECORDS + 1
    assert desk.count("crowd_ledger_entries_total", kind="unread") == STEP_RECORDS + 1
    store.close()


def test_silence_is_noted_at_its_end_and_through_a_restart(settings: Settings) -> None:
    store = open_store(settings, write=True)
    desk, at_ms, value = Desk(store), START_MS, b""
    for offset, minutes in enumerate((0, 1, 2)):
        at_ms = START_MS + minutes * MINUTE_MS
        value = system_envelope(beat(at_ms), source="/t", status="Actual")
        desk.take("system", value, offset=offset, stamp_ms=at_ms)
    desk.scribe.write()
    assert heartbeat_of(store) == (at_ms, value)
    late_ms = at_ms + 7 * MINUTE_MS
    value = system_envelope(beat(late_ms), source="/t", status="Actual")
    again = Desk(store)
    again.take("system", value, offset=3, stamp_ms=late_ms)
    again.scribe.write()
    (note,) = entries_in(store)
    told = read_note(note.value)
    assert (note.kind, told.what) == (EntryKind.NOTE, "silence")
    assert (told.since_ms, told.until_ms) == (at_ms, late_ms)
    store.close()


def test_records_that_were_gone_before_they_were_read_are_a_hole(settings: Settings) -> None:
    store = open_store(settings, write=True)
    desk = Desk(store)
    desk.take("replies", b"a", offset=5)  # the first start: what is older is no hole
    desk.take("replies", b"b", offset=6)
    desk.take("replies", b"c", offset=9)
    desk.take("replies", b"d", offset=0)  # the topic was made anew
    desk.scribe.write()
    notes = [read_note(one.value) for one in entries_in(store) if one.kind is EntryKind.NOTE]
    assert [(one.what, one.first, one.last) for one in notes] == [("lost", 7, 8), ("anew", 10, 0)]
    assert store.places() == {("crowd.replies", 0): 1}
    store.close()


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    settings = settings_of(f"ledger.file={tmp_path / 'book'}")
    store = open_store(settings, write=True)
    records = scene()
    desk = Desk(store)
    store._database.execute("PRAGMA max_page_count = 12")  # noqa: SLF001 - the disk is full
    desk.take_all(records)
    with pytest.raises(StoreError, match="full"):
        desk.take_all(Records.of_bytes("acks", bytes(200_000), count=STEP_RECORDS))
    store._database.execute("PRAGMA max_page_count = 100000")  # noqa: SLF001 - somebody made room
    again = Desk(store)
    again.take_all(records)
    again.scribe.write()
    alerts = [one for one in entries_in(store) if one.kind is EntryKind.ALERT]
    assert alerts == records.entries()
    assert verified(store).is_whole
    store.close()
