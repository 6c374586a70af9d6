"""What is wrong with a ledger is found, and said in one line."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from stream.ledger.database import StoreError
from stream.ledger.store import open_store
from stream.ledger.verify import verified
from stream.settings import ConfigError
from tests.ledger.booking import scene, settings_of

if TYPE_CHECKING:
    from pathlib import Path


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


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://crowd:sesame@127.0.0.1:9/book",
        "postgresql://crowd:open@sesame@127.0.0.1:9/book",
        "postgresql://127.0.0.1:9/book?user=crowd&password=sesame",
        "postgresql://crowd:sesame@127.0.0.1:9/book?nonsense=sesame",
    ],
)
def test_a_server_that_is_not_there_says_so_without_its_password(url: str) -> None:
    settings = settings_of(f'ledger.url="{url}"')
    with pytest.raises(StoreError) as told:
        open_store(settings)
    assert "sesame" not in str(told.value)
    assert "127.0.0.1" in str(told.value)
    assert "sesame" not in repr(settings)
