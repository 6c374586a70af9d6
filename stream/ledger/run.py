"""The process: it reads five topics and writes the book, through any absence of either side."""

from __future__ import annotations

import logging
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, start_http_server

from stream.kafka_clients import BrokerError
from stream.ledger.database import StoreError
from stream.ledger.metrics import LedgerMetrics
from stream.ledger.scribe import Scribe
from stream.ledger.store import open_store
from stream.log_line import line
from stream.topic_reader import follow_topics
from stream.topics import Topic

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    from alerts.ledger.entry import Source
    from stream.settings import Settings
    from stream.topic_reader import Place, Start

__all__ = ["SOURCES", "run"]

SOURCES: Final[dict[Topic, Source]] = {
    Topic.POLICE: "police",
    Topic.FIRE: "fire",
    Topic.SYSTEM: "system",
    Topic.ACKS: "acks",
    Topic.REPLIES: "replies",
}
AGAIN_S: Final = 2.0


def wall_ms() -> int:
    """Return the wall clock, epoch ms."""
    return time.time_ns() // 1_000_000


def run(settings: Settings, *, over: threading.Event) -> None:
    """Keep the book until `over` is set. Raises ConfigError, before anything is read.

    A database that cannot be written and a broker that is gone are told of once, and tried again
    until they are back: what was not written is read again from the topics.
    """
    # The clients' own complaints: what matters of them is told in lines of ours.
    logging.getLogger("kafka").addHandler(logging.NullHandler())
    registry = CollectorRegistry()
    metrics = LedgerMetrics.on(registry)
    if settings.ledger.web_port is not None:
        start_http_server(
            settings.ledger.web_port, addr=settings.ledger.web_bind, registry=registry
        )
    told = ""
    while not over.is_set():
        try:
            _keep(settings, metrics, over)
        except (BrokerError, StoreError) as fault:
            metrics.stuck.set(1)
            if str(fault) != told:
                told = str(fault)
                event = "broker.lost" if isinstance(fault, BrokerError) else "ledger.stuck"
                line(event, why=told)
            over.wait(AGAIN_S)


def _keep(settings: Settings, metrics: LedgerMetrics, over: threading.Event) -> None:
    """Read and write until it is over, or one side fails."""
    prefix = settings.topics.prefix
    topics: dict[str, Start] = {prefix + topic: "earliest" for topic in SOURCES}
    sources = {prefix + topic: short for topic, short in SOURCES.items()}
    with closing(open_store(settings, write=True)) as store:
        line("ledger.started", where=store.where, entries=store.head()[0])
        scribe = Scribe(store, metrics, sources=sources, now=wall_ms)

        def connected(ends: Mapping[Place, int]) -> None:
            line("broker.reached")
            scribe.connected(ends)

        def lost(fault: BrokerError) -> None:
            metrics.stuck.set(1)
            line("broker.lost", why=str(fault))

        records = follow_topics(
            settings, topics, lost=lost, connected=connected, places=scribe.places()
        )
        with closing(records):
            for record in records:
                if record is not None:
                    scribe.take_in(record)
                scribe.tick()
                if over.is_set():
                    scribe.write()
                    return
