"""The SQLite file of `notify`: places in the topics, slots of each target, what was given up.

One transaction a step, and a place moves on in the same transaction as what its record led to: so
a process that is killed at any time goes on without a gap. Readers (`notify status`) may look at
it meanwhile.
"""

from __future__ import annotations

import fcntl
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import msgspec

from alerts.notify.outbox import Slot
from alerts.notify.watch import Watch
from stream.settings_fault import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from alerts.notify.wording import Note
    from stream.topic_reader import Place

__all__ = ["GivenUp", "Store", "look"]

VERSION: Final = 1
TABLES: Final = """
CREATE TABLE IF NOT EXISTS places (topic TEXT, part INTEGER, next INTEGER,
    PRIMARY KEY (topic, part));
CREATE TABLE IF NOT EXISTS slots (target TEXT, key TEXT, body BLOB, PRIMARY KEY (target, key));
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, body BLOB);
CREATE TABLE IF NOT EXISTS given_up (target TEXT, id TEXT, at_ms INTEGER, title TEXT, why TEXT,
    PRIMARY KEY (target, id));
"""
KEPT_MAX: Final = 1000  # given-up notes of a target
WATCH: Final = "watch"

_slot: Final = msgspec.json.Decoder(Slot)
_watch: Final = msgspec.json.Decoder(Watch)
_encoder: Final = msgspec.json.Encoder()


class GivenUp(msgspec.Struct, frozen=True, kw_only=True):
    """A note that could not be delivered. why: of the last attempt."""

    target: str
    id: str
    at_ms: int
    title: str
    why: str


class Store:
    """The file, open for writing, by one process at a time; not safe for threads by itself."""

    def __init__(self, path: Path) -> None:
        """Open or make it. Raises ConfigError if it cannot be used, or if somebody has it."""
        try:
            self._guard = path.with_name(path.name + ".lock").open("w")
            try:
                fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._file = _opened(path)
            except BaseException:
                self._guard.close()
                raise
        except BlockingIOError:
            told = f"{path} is in use by another notify process"
            raise ConfigError.one(told, key="notify.state", instead="a file of its own") from None
        except (OSError, sqlite3.Error) as fault:
            raise ConfigError.one(f"{path} cannot be used: {fault}", key="notify.state") from None

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
        self._guard.close()

    @contextmanager
    def step(self) -> Iterator[None]:
        """All or nothing of what is written within."""
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    def places(self) -> dict[Place, int]:
        """Return where reading goes on."""
        rows = self._file.execute("SELECT topic, part, next FROM places")
        return {(topic, part): following for topic, part, following in rows}

    def move(self, place: Place, following: int) -> None:
        """Note the offset to go on from."""
        self._file.execute("REPLACE INTO places VALUES (?, ?, ?)", (*place, following))

    def slots(self, target: str) -> list[Slot]:
        """Return the slots of a target."""
        rows = self._file.execute("SELECT body FROM slots WHERE target = ?", (target,))
        return [_slot.decode(body) for (body,) in rows]

    def keep(self, target: str, slot: Slot) -> None:
        """Write a slot down."""
        row = (target, slot.key, _encoder.encode(slot))
        self._file.execute("REPLACE INTO slots VALUES (?, ?, ?)", row)

    def forget(self, target: str, keys: list[str]) -> None:
        """Drop slots."""
        rows = [(target, key) for key in keys]
        self._file.executemany("DELETE FROM slots WHERE target = ? AND key = ?", rows)

    def watch(self) -> Watch | None:
        """Return the watch as it was kept."""
        row = self._file.execute("SELECT body FROM facts WHERE name = ?", (WATCH,)).fetchone()
        return _watch.decode(row[0]) if row else None

    def keep_watch(self, watch: Watch) -> None:
        """Write the watch down."""
        self._file.execute("REPLACE INTO facts VALUES (?, ?)", (WATCH, _encoder.encode(watch)))

    def give_up(self, target: str, note: Note, *, at_ms: int, why: str) -> None:
        """List a note, and what it carried, as undeliverable; the oldest ones are dropped."""
        told = [(target, note.id, at_ms, note.title, why)]
        told += [(target, step.id, at_ms, step.line, why) for step in note.carried]
        self._file.executemany("REPLACE INTO given_up VALUES (?, ?, ?, ?, ?)", told)
        self._file.execute(
            "DELETE FROM given_up WHERE target = ?1 AND id NOT IN (SELECT id FROM given_up "
            "WHERE target = ?1 ORDER BY at_ms DESC, id LIMIT ?2)",
            (target, KEPT_MAX),
        )

    def given_up(self, target: str) -> int:
        """Return how many notes of a target are listed."""
        counted = "SELECT count(*) FROM given_up WHERE target = ?"
        return int(self._file.execute(counted, (target,)).fetchone()[0])


def look(path: Path) -> Mapping[str, Any]:
    """Return what the file holds, for `notify status`: slots by target, given_up, watch.

    Raises ConfigError where there is none.
    """
    if not path.is_file():
        told = f"{path}: no such file; has crowdtide notify run here?"
        raise ConfigError.one(told, key="notify.state")
    # With a mode, the file is not made by looking at it.
    file = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
    try:
        slots: dict[str, list[Slot]] = {}
        for target, body in file.execute("SELECT target, body FROM slots ORDER BY target, key"):
            slots.setdefault(target, []).append(_slot.decode(body))
        listed = file.execute("SELECT target, id, at_ms, title, why FROM given_up ORDER BY at_ms")
        names = GivenUp.__struct_fields__
        given_up = [GivenUp(**dict(zip(names, row, strict=True))) for row in listed]
        row = file.execute("SELECT body FROM facts WHERE name = ?", (WATCH,)).fetchone()
        return {"slots": slots, "given_up": given_up, "watch": _watch.decode(row[0]) if row else 0}
    except sqlite3.Error as fault:
        raise ConfigError.one(f"{path} cannot be read: {fault}", key="notify.state") from None
    finally:
        file.close()


def _opened(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        _check_version(file, path)
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("PRAGMA synchronous=NORMAL")
        file.execute(f"PRAGMA user_version = {VERSION}")
        file.executescript(TABLES)
    except BaseException:
        file.close()
        raise
    return file


def _check_version(file: sqlite3.Connection, path: Path) -> None:
    (found,) = file.execute("PRAGMA user_version").fetchone()
    if found not in {0, VERSION}:
        raise ConfigError.one(
            f"{path} is of version {found}, known is {VERSION}",
            key="notify.state",
            instead="a new file: what is open now is then told again",
        )
