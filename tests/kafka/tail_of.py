"""Reads whole topics, and goes on where it stopped: what a test knows of a log on a broker."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from stream.machine import Delivered

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Received", "TailOf"]

POLL_MS: Final = 500
ANSWER_S: Final = 180.0  # of a broker that is being restarted, on a machine that is busy

Received = Any  # a record of kafka-python, which ships no types


class TailOf:
    """All partitions of some topics, read in turns, each time to its end of that moment."""

    def __init__(self, bootstrap: str, *topics: str) -> None:
        self._bootstrap, self._topics = bootstrap, topics
        self._at: dict[TopicPartition, int] = {}
        self._consumer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._let_go()

    def catch_up(self) -> Iterator[Received]:
        """Yield what was appended since the last call, in order within each partition."""
        deadline = time.monotonic() + ANSWER_S
        ends: dict[TopicPartition, int] = {}
        while not ends or any(self._at[place] < end for place, end in ends.items()):
            try:
                ends = ends or self._ends()
                records = self._consumer.poll(timeout_ms=POLL_MS)
            except (KafkaError, OSError, ValueError):
                # A broker that is down is part of these tests; a new client asks it anew.
                self._let_go()
                records, ends = {}, {}
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._topics} on {self._bootstrap} do not move on")
            for place, batch in records.items():
                for record in batch:
                    if record.offset >= self._at[place]:
                        self._at[place] = record.offset + 1
                        yield record
                deadline = time.monotonic() + ANSWER_S

    def _ends(self) -> dict[TopicPartition, int]:
        if self._consumer is None:
            self._consumer = KafkaConsumer(
                bootstrap_servers=self._bootstrap,
                enable_auto_commit=False,
                allow_auto_create_topics=False,
                auto_offset_reset="earliest",
                max_partition_fetch_bytes=4 * 1024 * 1024,
            )
            places = [
                TopicPartition(topic, number)
                for topic in self._topics
                for number in sorted(self._consumer.partitions_for_topic(topic) or ())
            ]
            if not places:
                raise ValueError(f"no such topic yet: {self._topics}")
            self._consumer.assign(places)
            for place in places:
                self._consumer.seek(place, self._at.setdefault(place, 0))
        ends: dict[TopicPartition, int] = self._consumer.end_offsets(list(self._at))
        return ends

    def _let_go(self) -> None:
        if self._consumer is not None:
            self._consumer.close(autocommit=False)
            self._consumer = None


def delivered(record: Received) -> Delivered:
    """Return a record as the stages get it."""
    return Delivered(
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp,
        key=record.key,
        value=record.value,
    )
