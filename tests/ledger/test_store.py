"""Laws of the ledger's store, on SQLite and on a real PostgreSQL server alike."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import msgspec
import pytest

from alerts.ledger.entry import Origin, entry_of
from stream.ledger.database import StoreError
from stream.ledger.store import REPEATED, open_store
from stream.ledger.verify import verified
from stream.settings import ConfigError
from tests.alerts.scenario import START_MS
from tests.ledger.booking import entries_in, scene

if TYPE_CHECKING:
    from stream.settings import Settings


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
