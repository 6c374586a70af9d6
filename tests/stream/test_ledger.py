"""Laws of the ledger's store and scribe, on SQLite and on a real PostgreSQL server alike."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from alerts.ledger import EntryKind
from alerts.ledger.entry import Origin, entry_of
from alerts.ledger.note import read_note
from alerts.system import system_envelope
from stream.ledger.database import StoreError
from stream.ledger.metrics import LedgerMetrics
from stream.ledger.run import SOURCES
from stream.ledger.scribe import STEP_MS, STEP_RECORDS, Scribe, heartbeat_of
from stream.ledger.store import REPEATED, Store, open_store
from stream.ledger.verify import verified
from stream.settings import ConfigError
from stream.settings_load import read
from stream.topic_reader import Received
from tests.alerts.booked import Records, beat
from tests.alerts.scenario import MINUTE_MS, START_MS, Scenario, crowd, grid
from tests.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alerts.ledger.entry import Entry
    from stream.settings import Settings


@pytest.fixture(scope="module", name="server")
def fixture_server() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(name="settings", params=["sqlite", "postgres"])
def fixture_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "sqlite":
        return settings_of(f"ledger.file={tmp_path / 'book'}")
    server: Postgres = request.getfixturevalue("server")
    schema = f"t{abs(hash(request.node.name)) % 10**9}"
    return settings_of(f'ledger.url="{server.url}"', f"ledger.schema={schema}")


def settings_of(*sets: str) -> Settings:
    return read(None, env={}, sets=sets).settings


def scene() -> Records:
    """Return what the topics carry of two crowds."""
    records, scenario = Records(), Scenario(grid(1, 9))
    for dense in (2.3, 3.3, 4.3):
        records.alerts(scenario.hop(crowd({0: dense, 4: dense - 0.2})))
    records.alerts(scenario.until(60))
    return records


def entries_in(store: Store) -> list[Entry]:
    return [one.entry for one in store.every()]


class Desk:
    """A scribe at its desk: records go in as a topic reader brings them."""

    def __init__(self, store: Store) -> None:
        self.now_ms = 0
        self.registry = CollectorRegistry()
        self.scribe = Scribe(
            store,
            LedgerMetrics.on(self.registry),
            sources={f"crowd.{source}": source for source in SOURCES.values()},
            now=lambda: self.now_ms,
        )

    def take(self, source: str, value: bytes, *, offset: int, stamp_ms: int = START_MS) -> None:
        self.scribe.take_in(
            Received(
                topic=f"crowd.{source}",
                partition=0,
                offset=offset,
                timestamp_ms=stamp_ms,
                key=None,
                value=value,
                headers=(),
            )
        )

    def take_all(self, records: Records, *, since: int = 0) -> None:
        for source, origin, value in records.all[since:]:
            self.take(source, value, offset=origin.offset, stamp_ms=origin.stamp_ms)

    def count(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0


def test_what_is_written_is_read_as_it_came_and_linked(settings: Settings) -> None:
    entries = scene().entries()
    store = open_store(settings, write=True)
    written = store.write(entries[:4], {("crowd.police", 0): 4}, {})
    assert written == {"alert": 4}
    store.write(entries[4:], {("crowd.fire", 0): 9, ("crowd.police", 0): 7}, {"x": b"\x00\xff"})
    store.close()
    book = open_store(settings)
    assert entries_in(book) == entries
    assert book.places() == {("crowd.police", 0): 7, ("crowd.fire", 0): 9}
    assert book.fact("x") == b"\x00\xff"
    verdict = verified(book)
    assert verdict.is_whole
    assert (verdict.entries, verdict.kinds) == (len(entries), {"alert": len(entries)})
    assert book.head() == (len(entries), bytes.fromhex(verdict.head))
    middle = [one.link.hex() for one in book.every()][3]
    assert verified(book, expect=middle[:12]).found_at == 4
    assert not verified(book, expect="00" * 6).is_whole
    book.close()


def test_a_repeated_alert_is_one_and_another_under_its_id_a_conflict(settings: Settings) -> None:
    entries = scene().entries()
    store = open_store(settings, write=True)
    store.write(entries, {}, {})
    # A worker that restarts publishes again, and may name itself otherwise in the envelope.
    other = entries[0].value.replace(b'"source":"/test"', b'"source":"/test2"')
    again = msgspec.structs.replace(entries[0], offset=99, value=other)
    assert store.write([*entries, again], {}, {}) == {REPEATED: len(entries) + 1}
    forged = msgspec.structs.replace(
        entries[0], value=other.replace(b'"level":', b'"level":4,"x":')
    )
    assert store.write([forged, forged], {}, {}) == {"conflict": 1, REPEATED: 1}
    assert entries_in(store)[-1].value == forged.value
    assert verified(store).is_whole
    store.close()


def test_a_step_that_fails_leaves_nothing_and_the_next_one_links(settings: Settings) -> None:
    entries = scene().entries()
    store = open_store(settings, write=True)
    store.write(entries[:3], {("t", 0): 3}, {})
    broken = msgspec.structs.replace(entries[4], revision=2**70)
    with pytest.raises((StoreError, OverflowError)):
        store.write([entries[3], broken], {("t", 0): 5}, {})
    assert (store.head()[0], store.places()) == (3, {("t", 0): 3})
    store.write(entries[3:], {}, {})
    assert verified(store).is_whole
    assert entries_in(store) == entries
    store.close()


def test_the_database_itself_refuses_to_change_an_entry(settings: Settings) -> None:
    store = open_store(settings, write=True)
    store.write(scene().entries(), {}, {})
    database = store._database  # noqa: SLF001 - what somebody with a console would do
    for deed in ("UPDATE entries SET at_ms = 1", "DELETE FROM entries WHERE seq = 2"):
        with pytest.raises(StoreError, match="append-only"):
            database.execute(deed)
    store.close()


def test_there_is_one_writer_and_any_number_of_readers(settings: Settings) -> None:
    store = open_store(settings, write=True)
    with pytest.raises(ConfigError, match="in use by another ledger process"):
        open_store(settings, write=True)
    store.write(scene().entries(), {}, {})
    books = [open_store(settings) for _ in range(3)]
    assert {book.head() for book in books} == {store.head()}
    for book in books:
        with pytest.raises(StoreError):
            book.write(scene().entries(), {("t", 0): 1}, {})
        book.close()
    store.close()
    open_store(settings, write=True).close()


def test_a_ledger_is_of_one_deployment(settings: Settings) -> None:
    open_store(settings, write=True).close()
    topics = msgspec.structs.replace(settings.topics, prefix="other.")
    other = msgspec.structs.replace(settings, topics=topics)
    with pytest.raises(ConfigError, match=r"is the ledger of topics 'crowd\.', not 'other\.'"):
        open_store(other)


def test_a_span_brings_all_of_the_incidents_told_of_in_it(settings: Settings) -> None:
    entries = scene().entries()
    store = open_store(settings, write=True)
    store.write(entries, {}, {})
    last = entries[-1]
    found = list(store.between(last.at_ms, last.at_ms + 1))
    assert found == [one for one in entries if one.incident in {e.incident for e in found}]
    assert list(store.between(0, START_MS)) == []
    assert list(store.of_incident(last.incident[:20]))
    assert list(store.of_incident(last.incident)) == [
        one for one in entries if one.incident == last.incident
    ]
    assert list(store.of_incident("2099")) == []
    assert store.newest_ms() == max(one.at_ms for one in entries)
    store.close()


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


def test_names_with_letters_that_databases_refuse_are_written(settings: Settings) -> None:
    store = open_store(settings, write=True)
    value = msgspec.json.encode(
        {"schema": "desk-action/1", "incident": "\0" + "人" * 900, "desk": "p\0", "by": "\0"}
    )
    origin = Origin(topic="crowd.acks", partition=0, offset=0, stamp_ms=5)
    entry = entry_of("acks", origin, value)
    assert entry is not None
    store.write([entry], {}, {})
    assert entries_in(store) == [entry]
    store.close()


def test_a_changed_entry_and_a_missing_one_are_found(tmp_path: Path) -> None:
    settings = settings_of(f"ledger.file={tmp_path / 'book'}")
    store = open_store(settings, write=True)
    store.write(scene().entries(), {}, {})
    store.close()
    for name, deed, found in (
        ("changed", "UPDATE entries SET value = x'00' WHERE seq = 5", {"broken": 5}),
        ("relinked", "UPDATE entries SET link = x'00' WHERE seq = 2", {"broken": 2}),
        ("removed", "DELETE FROM entries WHERE seq = 3", {"missing": 3}),
    ):
        path = tmp_path / name
        path.write_bytes((tmp_path / "book").read_bytes())
        file = sqlite3.connect(path)
        file.executescript("DROP TRIGGER entries_no_update; DROP TRIGGER entries_no_delete")
        file.execute(deed)
        file.commit()
        file.close()
        book = open_store(settings_of(f"ledger.file={path}"))
        verdict = verified(book)
        book.close()
        assert not verdict.is_whole
        assert {"broken": verdict.broken, "missing": verdict.missing} == (
            {"broken": None, "missing": None} | found
        )


def test_what_was_cut_off_is_found_by_a_digest_kept_elsewhere(tmp_path: Path) -> None:
    settings = settings_of(f"ledger.file={tmp_path / 'book'}")
    store = open_store(settings, write=True)
    store.write(scene().entries(), {}, {})
    digest = verified(store).head
    store._database.execute("DROP TRIGGER entries_no_delete")  # noqa: SLF001 - as above
    store._database.execute("DELETE FROM entries WHERE seq > 4")  # noqa: SLF001 - as above
    assert verified(store).is_whole
    assert not verified(store, expect=digest).is_whole
    store.close()


@pytest.mark.parametrize(
    ("sets", "told"),
    [
        (("ledger.file=/nowhere/book",), "cannot be used"),
        (('ledger.url="mysql://h"',), "postgres"),
        (("ledger.url_file=/nowhere/url",), "ledger.url_file: /nowhere/url cannot be read"),
        (("ledger.schema=Bad-Name",), "ledger.schema"),
    ],
)
def test_what_an_operator_mistyped_is_one_clear_line(sets: tuple[str, ...], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        open_store(settings_of(*sets), write=True)


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "book").write_text("a letter home" * 99)
    with pytest.raises(ConfigError, match="cannot be used"):
        open_store(settings_of(f"ledger.file={tmp_path / 'book'}"))
    sqlite3.connect(tmp_path / "other").executescript("CREATE TABLE pigs (name TEXT)")
    with pytest.raises(ConfigError, match="no ledger there"):
        open_store(settings_of(f"ledger.file={tmp_path / 'other'}"))
    open_store(settings_of(f"ledger.file={tmp_path / 'newer'}"), write=True).close()
    sqlite3.connect(tmp_path / "newer").executescript(
        "UPDATE facts SET value = x'39' WHERE name = 'version'"
    )
    with pytest.raises(ConfigError, match="version 9, known is 1"):
        open_store(settings_of(f"ledger.file={tmp_path / 'newer'}"))


def test_a_server_that_is_not_there_says_so_without_its_password() -> None:
    url = "postgresql://crowd:sesame@127.0.0.1:9/book"
    settings = settings_of(f'ledger.url="{url}"')
    with pytest.raises(StoreError) as told:
        open_store(settings)
    assert "sesame" not in str(told.value)
    assert "127.0.0.1" in str(told.value)
    assert "sesame" not in repr(settings)


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


def test_readers_see_whole_steps_while_somebody_writes(settings: Settings) -> None:
    store = open_store(settings, write=True)
    entries = scene().entries()
    seen: list[int] = []
    over = threading.Event()

    def look() -> None:
        book = open_store(settings)
        while not over.is_set():
            seen.append(len(entries_in(book)))
        book.close()

    reader = threading.Thread(target=look)
    reader.start()
    many = [
        msgspec.structs.replace(one, id=f"{one.id}/{turn}")
        for turn in range(40)
        for one in entries[:5]
    ]
    for start in range(0, len(many), 5):
        store.write(many[start : start + 5], {}, {})
    over.set()
    reader.join()
    assert set(seen) <= set(range(0, len(many) + 1, 5))
    store.close()
