"""One way to speak to SQLite and to PostgreSQL: the few statements of the store run on both."""

from __future__ import annotations

import fcntl
import re
import sqlite3
from abc import ABC, abstractmethod
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from typing_extensions import override

from stream.settings_fault import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stream.settings_ledger import Ledger

__all__ = ["Database", "StoreError", "open_database"]

LOCK_KEY: Final = 0x0C0D71DE
"""Of PostgreSQL's advisory lock of the one writer, with the schema's number beside it."""
BUSY_S: Final = 30.0
PATIENCE: Final = {
    "connect_timeout": "10",
    "keepalives_idle": "20",
    "keepalives_interval": "10",
    "keepalives_count": "4",
    "tcp_user_timeout": "60000",
}
"""A server that is gone without a word is noticed within a minute, unless the address asks for
something else."""
WRITER: Final = {
    # A writer whose machine is gone without a word lets go of its lock within a minute, too.
    "tcp_keepalives_idle": "20s",
    "tcp_keepalives_interval": "10s",
    "tcp_keepalives_count": "4",
    # Whoever locks the tables for longer is told of, as for SQLite.
    "lock_timeout": f"{BUSY_S:.0f}s",
}
"""Settings of the writer's session on the server."""
ROWS: Final = 1000  # fetched at a time by who reads much
_LOGIN: Final = re.compile(r"://[^/]*@")


class StoreError(Exception):
    """The database cannot do it now: full, gone, or in somebody's way. What, and where."""


class Database(ABC):
    """A connection. where: what people are told of it, without its password.

    Statements have `?` for values; `{bytes}` and `{text}` are the types of columns.
    """

    bytes_type: str
    text_type: str  # compared byte by byte, whatever the server's language

    def __init__(self, where: str) -> None:
        self.where = where

    @abstractmethod
    def execute(self, statement: str, values: Sequence[Any] = ()) -> list[Sequence[Any]]:
        """Run a statement and return its rows. Raises StoreError."""

    @abstractmethod
    def rows(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Sequence[Any]]:
        """Yield the rows of a statement, few of them in memory at a time. Raises StoreError."""

    @abstractmethod
    def forbid_change(self, table: str) -> None:
        """Let the database itself refuse to change or delete rows of a table."""

    @abstractmethod
    def has(self, table: str) -> bool:
        """Tell whether there is such a table."""

    @abstractmethod
    def close(self) -> None:
        """Let it go, and its lock."""

    @contextmanager
    def step(self) -> Iterator[None]:
        """All or nothing of what is written within."""
        self.execute("BEGIN")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            self._undo()
            raise

    @abstractmethod
    def _undo(self) -> None:
        """Take back what was begun, if the connection still lives."""


class _Sqlite(Database):
    """A file. Others may read it while one process writes."""

    bytes_type = "BLOB"
    text_type = "TEXT"

    def __init__(self, path: Path, *, write: bool) -> None:
        super().__init__(str(path))
        self._guard: IO[str] | None = None
        if not write and not path.is_file():
            told = f"{path}: no such file; has crowdtide ledger run here?"
            raise ConfigError.one(told, key="ledger.file")
        try:
            if write:
                self._guard = path.with_name(path.name + ".lock").open("w")
                fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # With a mode, a file is not made by looking at it.
            address = f"{path.absolute().as_uri()}?mode={'rwc' if write else 'rw'}"
            self._file = sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_S)
            self._file.execute("PRAGMA journal_mode")
            if write:
                self._file.execute("PRAGMA journal_mode=WAL")
                # What is committed survives a power cut: a desk may have been told of it.
                self._file.execute("PRAGMA synchronous=FULL")
            else:
                self._file.execute("PRAGMA query_only=ON")
        except BlockingIOError:
            self._let_go()
            told = f"{path} is in use by another ledger process"
            raise ConfigError.one(told, key="ledger.file", instead="a file of its own") from None
        except (OSError, sqlite3.Error) as fault:
            self._let_go()
            raise ConfigError.one(f"{path} cannot be used: {fault}", key="ledger.file") from None

    @override
    def execute(self, statement: str, values: Sequence[Any] = ()) -> list[Sequence[Any]]:
        try:
            return self._file.execute(statement, values).fetchall()
        except sqlite3.Error as fault:
            raise StoreError(f"{self.where}: {fault}") from None

    @override
    def rows(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Sequence[Any]]:
        try:
            yield from self._file.execute(statement, values)
        except sqlite3.Error as fault:
            raise StoreError(f"{self.where}: {fault}") from None

    @override
    def forbid_change(self, table: str) -> None:
        for deed in ("UPDATE", "DELETE"):
            self.execute(
                f"CREATE TRIGGER IF NOT EXISTS {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )

    @override
    def has(self, table: str) -> bool:
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return bool(self.execute(query, (table,)))

    @override
    def close(self) -> None:
        self._file.close()
        self._let_go()

    @override
    def _undo(self) -> None:
        if self._file.in_transaction:
            self._file.execute("ROLLBACK")

    def _let_go(self) -> None:
        if self._guard is not None:
            self._guard.close()


class _Postgres(Database):
    """A schema of a PostgreSQL database; its one writer holds an advisory lock."""

    bytes_type = "BYTEA"
    text_type = 'TEXT COLLATE "C"'

    def __init__(self, url: str, schema: str, *, write: bool) -> None:
        super().__init__(f"{_shown(url)} schema {schema}")
        try:
            import psycopg
        except ModuleNotFoundError:
            told = "psycopg is not installed"
            instead = "pip install 'crowdtide[postgres]'"
            raise ConfigError.one(told, key="ledger.url", instead=instead) from None
        self._faults = psycopg.Error
        try:
            asked = psycopg.conninfo.conninfo_to_dict(url)
            more = {name: value for name, value in PATIENCE.items() if name not in asked}
            address = psycopg.conninfo.make_conninfo(url, **more)
            self._server = psycopg.connect(address, autocommit=True)
        except psycopg.Error as fault:
            raise StoreError(f"{self.where}: {_one_line(fault, url)}") from None
        try:
            self._enter(schema, write=write)
        except BaseException:
            self._server.close()
            raise

    def _enter(self, schema: str, *, write: bool) -> None:
        if write:
            self.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        # No other schema is searched: the tables of somebody else are none of ours.
        self.execute(f'SET search_path TO "{schema}"')
        if not write:
            self.execute("SET default_transaction_read_only TO on")
            return
        for name, value in WRITER.items():
            self.execute(f"SET {name} TO '{value}'")
        lock = "SELECT pg_try_advisory_lock(?, hashtext(?))"
        if not self.execute(lock, (LOCK_KEY, schema))[0][0]:
            told = f"{self.where} is in use by another ledger process"
            raise ConfigError.one(told, key="ledger.schema", instead="a schema of its own")

    @override
    def execute(self, statement: str, values: Sequence[Any] = ()) -> list[Sequence[Any]]:
        try:
            cursor = self._server.execute(statement.replace("?", "%s").encode(), values or None)
            return list(cursor.fetchall()) if cursor.description else []
        except self._faults as fault:
            raise StoreError(f"{self.where}: {_one_line(fault)}") from None

    @override
    def rows(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Sequence[Any]]:
        try:
            with self._server.transaction(), self._server.cursor(name="rows") as cursor:
                cursor.itersize = ROWS
                yield from cursor.execute(statement.replace("?", "%s").encode(), values or None)
        except self._faults as fault:
            raise StoreError(f"{self.where}: {_one_line(fault)}") from None

    @override
    def forbid_change(self, table: str) -> None:
        self.execute(
            "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
        )
        self.execute(
            f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )

    @override
    def has(self, table: str) -> bool:
        query = "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?"
        return bool(self.execute(query, (table,)))

    @override
    def close(self) -> None:
        self._server.close()

    @override
    def _undo(self) -> None:
        if not self._server.closed:
            self._server.rollback()


def _shown(url: str) -> str:
    """Return an address as people may see it: without login, and without what follows a `?`.

    >>> _shown("postgresql://crowd:p@ss@db.example/book?password=sesame")
    'postgresql://db.example/book'
    """
    return _LOGIN.sub("://", url).partition("?")[0]


def _one_line(fault: Exception, url: str = "") -> str:
    r"""Return an error in one line, without the address it was given or parts of its login.

    >>> _one_line(ValueError("no host\n p@ss@db"), "postgresql://me:my@p@ss@db/book")
    'no host ***@***@db'
    """
    text = " ".join(str(fault).split()) or type(fault).__name__
    if url:
        text = text.replace(url, "the server")
    login = _LOGIN.search(url)
    # An `@` in a password is taken for the end of it, and what follows for the server's name.
    for part in re.split(r"[:/@]+", login[0]) if login else ():
        text = text.replace(part, "***") if part else text
    return text


def open_database(ledger: Ledger, *, write: bool) -> Database:
    """Open the database of the settings.

    write: be its one writer, and make what is not there. Raises ConfigError where it cannot be
    used at all, StoreError where a server does not answer now.
    """
    if ledger.url is None:
        return _Sqlite(Path(ledger.file), write=write)
    return _Postgres(ledger.url, ledger.schema, write=write)
