"""A ledger process on a test's broker, and a look into what it wrote."""

from __future__ import annotations

import json
import subprocess
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from stream.ledger.store import open_store
from stream.settings_load import load
from tests.arch.house import ROOT
from tests.kafka.beside import CLI, Beside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stream.ledger.store import Store

__all__ = ["Keeping"]


class Keeping(Beside):
    """`crowdtide ledger`. where: the setting that says where, `ledger.url=...`; a file else."""

    def __init__(self, folder: Path, options: Sequence[str], *, where: str | None = None) -> None:
        self._in_server = where is not None and where.startswith("ledger.url=")
        super().__init__(
            "ledger", folder, options, where or f"ledger.file={folder / 'ledger.sqlite3'}"
        )

    @property
    def kind(self) -> str:
        """Return what it writes to, in a word."""
        return "PostgreSQL" if self._in_server else "SQLite"

    @contextmanager
    def book(self) -> Iterator[Store]:
        """Open what it wrote, as any reader does."""
        names, values = self.options[::2], self.options[1::2]
        sets = [value for name, value in zip(names, values, strict=True) if name == "--set"]
        with closing(open_store(load(None, env={}, sets=sets))) as store:
            yield store

    def read(self, *words: str) -> Any:  # noqa: ANN401 - JSON
        """Return what a command says that reads the ledger."""
        done = subprocess.run(
            [*CLI, "ledger", *words, "--json", *self.options],
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
        )
        return json.loads(done.stdout)

    def said(self, event: str) -> list[str]:
        """Return why it said an event, each time that it did."""
        lines = (json.loads(one) for one in self.log.read_text().splitlines() if one[:1] == "{")
        return [str(one.get("why", "")) for one in lines if one["event"] == event]
