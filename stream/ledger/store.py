"""The entries of the ledger in a database: written once, in order, linked by digests.

One transaction a step: what records led to, and how far was read, land together, so a process
that is killed at any time goes on without a gap and without a double. Others may read meanwhile.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from alerts.ledger.chain import START, linked
from alerts.ledger.entry import ID_BYTES, Entry, EntryKind, data_of
from stream.ledger.database import open_database
from stream.settings_fault import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from stream.ledger.database import Database
    from stream.settings import Settings
    from stream.topic_reader import Place

__all__ = ["HEARTBEAT", "Linked", "Store", "open_store"]

VERSION: Final = "1"
HEARTBEAT: Final = "heartbeat"
"""Name of the fact that holds the newest heartbeat, as `stamp_ms value`."""
REPEATED: Final = "repeated"
_COLUMNS: Final = (
    "kind, id, at_ms, stamp_ms, topic, part, place, desk, incident, revision, value, link"
)
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS facts (name {text} PRIMARY KEY, value {bytes} NOT NULL);
CREATE TABLE IF NOT EXISTS places (topic {text}, part BIGINT, next BIGINT NOT NULL,
    PRIMARY KEY (topic, part));
CREATE TABLE IF NOT EXISTS entries (seq BIGINT PRIMARY KEY, kind {text} NOT NULL,
    id {text} NOT NULL, at_ms BIGINT NOT NULL, stamp_ms BIGINT NOT NULL, topic {text} NOT NULL,
    part BIGINT NOT NULL, place BIGINT NOT NULL, desk {text} NOT NULL, incident {text} NOT NULL,
    revision BIGINT NOT NULL, value {bytes} NOT NULL, link {bytes} NOT NULL, UNIQUE (kind, id));
CREATE INDEX IF NOT EXISTS entries_at ON entries (at_ms);
CREATE INDEX IF NOT EXISTS entries_incident ON entries (incident, seq)
"""


class Linked(msgspec.Struct, frozen=True, kw_only=True):
    """An entry where it stands. seq: 1, 2, 3, ... without a gap; link: digest up to here."""

    seq: int
    entry: Entry
    link: bytes


class Store:
    """The database, open. What it raises: StoreError where the database cannot do it now."""

    def __init__(self, database: Database, *, prefix: str, write: bool) -> None:
        """Look whether it is ours; make its tables if it is to be written.

        prefix: of the deployment's topics; a ledger is of one deployment. Raises ConfigError.
        """
        self._database = database
        if write:
            self._make(prefix)
        elif not database.has("entries"):
            told = f"{database.where}: no ledger there; has crowdtide ledger run here?"
            raise ConfigError.one(told, key="ledger")
        self._check(prefix)
        self._seq, self._link = self.head()

    def _make(self, prefix: str) -> None:
        with self.step():
            for table in _TABLES.split(";"):
                types = {"bytes": self._database.bytes_type, "text": self._database.text_type}
                self._database.execute(table.format_map(types))
            self._database.forbid_change("entries")
            for name, value in (("version", VERSION), ("prefix", prefix)):
                if self.fact(name) is None:
                    self.keep_fact(name, value.encode())

    def _check(self, prefix: str) -> None:
        version, of = ((self.fact(name) or b"").decode() for name in ("version", "prefix"))
        if version != VERSION:
            told = f"{self.where} is of version {version}, known is {VERSION}"
            raise ConfigError.one(told, key="ledger", instead="the crowdtide that wrote it")
        if of != prefix:
            told = f"{self.where} is the ledger of topics {of!r}, not {prefix!r}"
            raise ConfigError.one(told, key="ledger", instead="a file or a schema of its own")

    @property
    def where(self) -> str:
        """Where it is, for people."""
        return self._database.where

    def close(self) -> None:
        """Let the database go."""
        self._database.close()

    def step(self) -> AbstractContextManager[None]:
        """All or nothing of what is written within."""
        return self._database.step()

    def write(
        self,
        entries: Iterable[Entry],
        places: Mapping[Place, int],
        facts: Mapping[str, bytes],
    ) -> Counter[str]:
        """Write entries and how far was read, all or nothing; return how many of each kind.

        What is there already is not written again, and counted as repeated; the same id with
        other contents is an entry of its own, a conflict.
        """
        seq, link = self._seq, self._link
        written: Counter[str] = Counter()
        try:
            with self.step():
                for entry in entries:
                    written[self._append(entry)] += 1
                for place, following in places.items():
                    self._move(place, following)
                for name, value in facts.items():
                    self.keep_fact(name, value)
        except BaseException:
            self._seq, self._link = seq, link
            raise
        return written

    def _append(self, entry: Entry) -> str:
        before = self._of_id(entry)
        if before is not None and data_of(before) != data_of(entry):
            digest = hashlib.sha256(entry.value).hexdigest()[: 2 * ID_BYTES]
            other = EntryKind.CONFLICT
            entry = msgspec.structs.replace(entry, kind=other, id=f"{entry.kind}/{digest}")
            before = self._of_id(entry)
        if before is not None:
            return REPEATED
        self._seq, self._link = self._seq + 1, linked(self._link, entry)
        row = (self._seq, *_row(entry), self._link)
        marks = ", ".join("?" * len(row))
        self._database.execute(f"INSERT INTO entries (seq, {_COLUMNS}) VALUES ({marks})", row)
        return str(entry.kind)

    def _of_id(self, entry: Entry) -> Entry | None:
        query = f"SELECT seq, {_COLUMNS} FROM entries WHERE kind = ? AND id = ?"
        rows = self._database.execute(query, (str(entry.kind), entry.id))
        return _linked(rows[0]).entry if rows else None

    def _move(self, place: Place, following: int) -> None:
        self._database.execute(
            "INSERT INTO places (topic, part, next) VALUES (?, ?, ?) "
            "ON CONFLICT (topic, part) DO UPDATE SET next = excluded.next",
            (*place, following),
        )

    def keep_fact(self, name: str, value: bytes) -> None:
        """Write a fact over what it was."""
        self._database.execute(
            "INSERT INTO facts (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def fact(self, name: str) -> bytes | None:
        """Return a fact."""
        rows = self._database.execute("SELECT value FROM facts WHERE name = ?", (name,))
        return bytes(rows[0][0]) if rows else None

    def places(self) -> dict[Place, int]:
        """Return where reading goes on."""
        rows = self._database.execute("SELECT topic, part, next FROM places")
        return {(topic, part): following for topic, part, following in rows}

    def head(self) -> tuple[int, bytes]:
        """Return number and digest of the newest entry."""
        rows = self._database.execute("SELECT seq, link FROM entries ORDER BY seq DESC LIMIT 1")
        return (rows[0][0], bytes(rows[0][1])) if rows else (0, START)

    def every(self) -> Iterator[Linked]:
        """Yield all entries in order."""
        query = f"SELECT seq, {_COLUMNS} FROM entries ORDER BY seq"
        return map(_linked, self._database.rows(query))

    def between(self, since_ms: int, until_ms: int) -> Iterator[Entry]:
        """Yield entries of a span, and all others of the incidents that were told of in it."""
        query = (
            f"SELECT seq, {_COLUMNS} FROM entries WHERE (at_ms >= ? AND at_ms < ?) OR incident IN "
            "(SELECT incident FROM entries WHERE at_ms >= ? AND at_ms < ? AND incident <> '') "
            "ORDER BY seq"
        )
        span = (since_ms, until_ms)
        return (_linked(row).entry for row in self._database.rows(query, span + span))

    def of_incident(self, beginning: str) -> Iterator[Entry]:
        """Yield the entries of incidents whose ids begin so, in order."""
        query = (
            f"SELECT seq, {_COLUMNS} FROM entries WHERE incident >= ? AND incident < ? ORDER BY seq"
        )
        # Ids are ASCII; this letter comes after all of theirs.
        values = (beginning, beginning + "\ufffd")
        return (_linked(row).entry for row in self._database.rows(query, values))

    def oldest_ms(self) -> int | None:
        """Return the oldest moment of an entry; None where there is none."""
        return self._database.execute("SELECT min(at_ms) FROM entries")[0][0]  # type: ignore[no-any-return]

    def newest_ms(self) -> int | None:
        """Return the newest moment of an entry; None where there is none."""
        return self._database.execute("SELECT max(at_ms) FROM entries")[0][0]  # type: ignore[no-any-return]


def open_store(settings: Settings, *, write: bool = False) -> Store:
    """Open the ledger of the settings. Raises ConfigError, and StoreError."""
    database = open_database(settings.ledger, write=write)
    try:
        return Store(database, prefix=settings.topics.prefix, write=write)
    except BaseException:
        database.close()
        raise


def _row(entry: Entry) -> tuple[Any, ...]:
    return (
        str(entry.kind),
        entry.id,
        entry.at_ms,
        entry.stamp_ms,
        entry.topic,
        entry.partition,
        entry.offset,
        entry.desk,
        entry.incident,
        entry.revision,
        entry.value,
    )


def _linked(row: Sequence[Any]) -> Linked:
    seq, kind, id_, at_ms, stamp_ms, topic, part, place, desk, incident, revision, value, link = row
    entry = Entry(
        kind=EntryKind(kind),
        id=id_,
        at_ms=at_ms,
        stamp_ms=stamp_ms,
        topic=topic,
        partition=part,
        offset=place,
        desk=desk,
        incident=incident,
        revision=revision,
        value=bytes(value),
    )
    return Linked(seq=seq, entry=entry, link=bytes(link))
