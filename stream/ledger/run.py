"""The process: it reads five topics and writes the book, through any absence of either side."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, start_http_server

from stream.kafka_clients import BrokerError
from stream.ledger.database import StoreError
from stream.ledger.metrics import LedgerMetrics
from stream.ledger.scribe import Scribe
from stream.ledger.store import open_store
from stream.log_line import line
from stream.settings_fault import ConfigError
from stream.topic_reader import follow_topics
from stream.topics import Topic
from stream.wall import wall_ms

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    from alerts.ledger.entry import Source
    from stream.settings import Settings
    from stream.topic_reader import Place, Start

__all__ = ["SOURCES", "Trouble", "run"]

SOURCES: Final[dict[Topic, Source]] = {
    Topic.POLICE: "police",
    Topic.FIRE: "fire",
    Topic.SYSTEM: "system",
    Topic.ACKS: "acks",
    Topic.REPLIES: "replies",
}
AGAIN_S: Final = 2.0


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
    trouble = Trouble(metrics)
    while not over.is_set():
        try:
            _keep(settings, metrics, trouble, over)
        except (BrokerError, StoreError) as fault:
            trouble.tell(fault)
        except ConfigError as fault:
            # What could be opened once is set rightly; its disk has gone, or is full.
            if not trouble.was_open:
                raise
            trouble.tell(fault)
        over.wait(AGAIN_S)


class Trouble:
    """What keeps the book from being kept: told once, and again if it comes back.

    was_open: the database could be opened, once.
    """

    def __init__(self, metrics: LedgerMetrics) -> None:
        self._metrics = metrics
        self._fault: Exception | None = None
        self.was_open = False

    def tell(self, fault: Exception) -> None:
        """Note a fault, and tell it, unless it is the one of the last attempt."""
        is_news = str(fault) != str(self._fault)
        self._fault = fault
        self._metrics.stuck.set(1)
        if is_news:
            event = "broker.lost" if isinstance(fault, BrokerError) else "ledger.stuck"
            line(event, why=str(fault))

    def reached(self) -> None:
        """Note that the broker is there; whether the database can be written is not known yet."""
        line("broker.reached")
        if isinstance(self._fault, BrokerError):
            self.over()

    def over(self) -> None:
        """Note that something was written."""
        if self._fault is not None:
            self._fault = None
            self._metrics.stuck.set(0)


def _keep(
    settings: Settings, metrics: LedgerMetrics, trouble: Trouble, over: threading.Event
) -> None:
    """Read and write until it is over, or one side fails."""
    prefix = settings.topics.prefix
    topics: dict[str, Start] = {prefix + topic: "earliest" for topic in SOURCES}
    sources = {prefix + topic: short for topic, short in SOURCES.items()}
    with closing(open_store(settings, write=True)) as store:
        trouble.was_open = True
        line("ledger.started", where=store.where, entries=store.head()[0])
        scribe = Scribe(store, metrics, sources=sources, now=wall_ms)

        def connected(ends: Mapping[Place, int]) -> None:
            trouble.reached()
            scribe.connected(ends)

        records = follow_topics(
            settings, topics, lost=trouble.tell, connected=connected, places=scribe.places()
        )
        with closing(records):
            for record in records:
                if record is not None:
                    scribe.take_in(record)
                scribe.tick()
                if scribe.steps:
                    trouble.over()
                if over.is_set():
                    scribe.write()
                    return
