"""Reads topics as a bystander: no group, no commits, from the first record or the next one."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from kafka import KafkaConsumer, TopicPartition

from stream.kafka_clients import ANSWER_MS, BrokerError, broker_errors, reading_options
from stream.knock import knock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stream.settings import Settings

__all__ = ["Received", "Start", "read_topics"]

Start = Literal["earliest", "latest"]

POLL_MS: Final = 500
SILENCE_S: Final = 10.0  # then ask the broker whether it is still there


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One record. timestamp_ms: the broker's stamp."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def read_topics(
    settings: Settings, starts: Mapping[str, Start], *, until_end: bool
) -> Iterator[Received | None]:
    """Yield records as they come, and None now and then while none does.

    starts: where to begin in each topic (full name). until_end: stop at what was the end when
    the call began. Raises BrokerError for a missing topic and a broker that does not answer.
    """
    with broker_errors(settings.kafka):
        knock(settings.kafka, answer_ms=ANSWER_MS)
        with closing(_consumer(settings)) as consumer:
            yield from _records(consumer, starts, until_end=until_end)


def _consumer(settings: Settings) -> KafkaConsumer:
    return KafkaConsumer(**reading_options(settings.kafka))


def _records(
    consumer: KafkaConsumer, starts: Mapping[str, Start], *, until_end: bool
) -> Iterator[Received | None]:
    ends = _seek(consumer, starts)
    heard_s = time.monotonic()
    while True:
        batches = consumer.poll(timeout_ms=POLL_MS)
        for records in batches.values():
            yield from (_received(record) for record in records)
        if until_end and all(consumer.position(place) >= end for place, end in ends.items()):
            return
        if batches:
            heard_s = time.monotonic()
        elif time.monotonic() - heard_s > SILENCE_S:
            # A client goes on polling a dead broker without a word; silence is not calm.
            consumer.end_offsets(list(ends))
            heard_s = time.monotonic()
        yield None


def _seek(consumer: KafkaConsumer, starts: Mapping[str, Start]) -> dict[TopicPartition, int]:
    """Go to the start of every partition; return their ends."""
    places: dict[TopicPartition, Start] = {}
    known = consumer.topics()
    for topic, start in starts.items():
        if topic not in known:
            raise BrokerError(f"{topic}: no such topic; make it with crowdtide topics ensure")
        for partition in sorted(consumer.partitions_for_topic(topic) or ()):
            places[TopicPartition(topic, partition)] = start
    consumer.assign(list(places))
    ends: dict[TopicPartition, int] = consumer.end_offsets(list(places))
    firsts = consumer.beginning_offsets(list(places))
    for place, start in places.items():
        consumer.seek(place, firsts[place] if start == "earliest" else ends[place])
    return ends


def _received(record: Any) -> Received:  # noqa: ANN401 - kafka-python ships no types
    return Received(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp,
        key=record.key,
        value=record.value,
        headers=tuple((name, value or b"") for name, value in record.headers),
    )
