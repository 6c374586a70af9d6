"""Every law of the store holds on both databases."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.ledger.booking import settings_of
from tests.postgres import Postgres, missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stream.settings import Settings


@pytest.fixture(scope="package", name="server")
def fixture_server() -> Iterator[Postgres]:
    why = missing()
    assert why is None or "CROWDTIDE_CI" not in os.environ, f"CI promises these tests: {why}"
    with Postgres() as server:
        yield server


@pytest.fixture(name="settings", params=["sqlite", "postgres"])
def fixture_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "sqlite":
        return settings_of(f"ledger.file={tmp_path / 'book'}")
    server: Postgres = request.getfixturevalue("server")
    schema = f"t{abs(hash(request.node.name)) % 10**9}"
    return settings_of(f'ledger.url="{server.url}"', f"ledger.schema={schema}")
