"""A ledger for tests: what is written to it, and a scribe that is handed records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from stream.ledger.metrics import LedgerMetrics
from stream.ledger.run import SOURCES
from stream.ledger.scribe import Scribe
from stream.settings_load import read
from stream.topic_reader import Received
from tests.alerts.booked import Records
from tests.alerts.scenario import START_MS, Scenario, crowd, grid

if TYPE_CHECKING:
    from alerts.ledger.entry import Entry
    from stream.ledger.store import Store
    from stream.settings import Settings

__all__ = ["Desk", "entries_in", "scene", "settings_of"]


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
