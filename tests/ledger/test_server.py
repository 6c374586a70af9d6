"""What a PostgreSQL server does that a file cannot: it waits, and it outlives its writer."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from stream.ledger import database
from stream.ledger.database import StoreError, open_database
from stream.ledger.store import open_store
from tests.ledger.booking import entries_in, scene, settings_of

if TYPE_CHECKING:
    from stream.settings import Settings
    from tests.postgres import Postgres

psycopg = pytest.importorskip("psycopg")


def settings_on(server: Postgres, schema: str) -> Settings:
    return settings_of(f'ledger.url="{server.url}"', f"ledger.schema={schema}")


def test_whoever_locks_the_tables_for_long_is_a_fault_that_is_told(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(database.WRITER, "lock_timeout", "200ms")
    entries = scene().entries()
    with closing(open_store(settings_on(server, "locked"), write=True)) as store:
        with psycopg.connect(server.url) as other:
            other.execute("LOCK TABLE locked.entries IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(StoreError, match="lock timeout"):
                store.write(entries, {}, {})
            other.rollback()
        store.write(entries, {}, {})
        assert entries_in(store) == entries


def test_the_lock_of_a_writer_whose_machine_is_gone_is_free_within_a_minute(
    server: Postgres,
) -> None:
    """The server asks the writer's machine, and counts; two hours are what systems ask by."""
    with closing(open_database(settings_on(server, "asks").ledger, write=True)) as writer:
        idle, interval, count = (
            int(writer.execute(f"SHOW tcp_keepalives_{name}")[0][0])
            for name in ("idle", "interval", "count")
        )
    assert idle + interval * count <= 60


def test_an_address_may_ask_for_other_patience(server: Postgres) -> None:
    address = f"{server.url}?connect_timeout=3&keepalives_idle=7"
    with closing(open_store(settings_of(f'ledger.url="{address}"'), write=True)) as store:
        asked = store._database._server.info.get_parameters()  # type: ignore[attr-defined]  # noqa: SLF001 - told nowhere else
    assert asked["connect_timeout"] == "3"
    assert asked["keepalives_idle"] == "7"
    assert asked["tcp_user_timeout"] == database.PATIENCE["tcp_user_timeout"]
