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
    from collections.abc import Callable, Generator, Iterator, Mapping

    from stream.settings import Settings
    from stream.settings_hosting import Kafka

__all__ = ["Place", "Received", "Start", "follow_topics", "read_topics", "seek"]

Start = Literal["earliest", "latest"] | int
"""Where to begin; a number: at the first record that the broker stamped then or later, epoch ms."""

Place = tuple[str, int]
"""Topic and partition."""
NOWHERE: Final[Mapping[Place, int]] = {}
POLL_MS: Final = 500
SILENCE_S: Final = 10.0  # then ask the broker whether it is still there
KNOCK_MS: Final = 2_000  # for one that was there before, and is tried again and again
UNSTAMPED_MAX: Final = 2_000
AGAIN_S: Final = 1.0  # between attempts to reach a broker that went away


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
            ends = seek(consumer, starts)
            yield from _records(settings.kafka, consumer, ends, until_end=until_end)


def follow_topics(
    settings: Settings,
    starts: Mapping[str, Start],
    *,
    lost: Callable[[BrokerError], None],
    connected: Callable[[Mapping[Place, int]], None],
    places: Mapping[Place, int] | None = None,
) -> Generator[Received | None]:
    """Yield records as they come, for ever, through any absence of the broker.

    lost: called once when it goes away. connected: called at the start, and whenever it is there
    again, with the ends of the partitions in which there is something to be read; reading goes on
    at the record after the last one.
    places: offsets to go on from, of an earlier reader; others begin as `starts` says. Raises
    BrokerError only where the broker was never there.
    """
    at = dict(places or {})
    is_up = was_up = False
    while True:
        try:
            for record in _from_places(settings, starts, at, connected):
                is_up = was_up = True
                yield record
        except BrokerError as fault:
            if not was_up:
                raise
            if is_up:
                is_up = False
                lost(fault)
            yield None
            time.sleep(AGAIN_S)


def _from_places(
    settings: Settings,
    starts: Mapping[str, Start],
    at: dict[Place, int],
    connected: Callable[[Mapping[Place, int]], None],
) -> Iterator[Received | None]:
    """Yield None once connected, then records; keep in `at` where reading goes on.

    Raises BrokerError once the broker is not there any more.
    """
    with broker_errors(settings.kafka):
        knock(settings.kafka, answer_ms=KNOCK_MS if at else ANSWER_MS)
        with closing(_consumer(settings)) as consumer:
            ends = seek(consumer, starts, at)
            at |= {_place(where): consumer.position(where) for where in ends}
            connected(
                {_place(where): end for where, end in ends.items() if at[_place(where)] < end}
            )
            yield None
            for record in _records(settings.kafka, consumer, ends, until_end=False):
                if record is not None:
                    at[(record.topic, record.partition)] = record.offset + 1
                yield record


def _consumer(settings: Settings) -> KafkaConsumer:
    return KafkaConsumer(**reading_options(settings.kafka))


def _records(
    kafka: Kafka,
    consumer: KafkaConsumer,
    ends: Mapping[TopicPartition, int],
    *,
    until_end: bool,
) -> Iterator[Received | None]:
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
            # One that is gone refuses a knock at once; the client would ask for half a minute.
            knock(kafka, answer_ms=KNOCK_MS)
            consumer.end_offsets(list(ends))
            heard_s = time.monotonic()
        yield None


def seek(
    consumer: KafkaConsumer, starts: Mapping[str, Start], at: Mapping[Place, int] = NOWHERE
) -> dict[TopicPartition, int]:
    """Go to where reading goes on in every partition, else to its start; return their ends.

    Raises BrokerError for a missing topic.
    """
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
    for where, start in places.items():
        first, end = firsts[where], ends[where]
        offset = at.get(_place(where), -1)
        if offset < 0:
            offset = _start_of(consumer, where, start, first=first, end=end)
        # Outside: retention took it, or the topic was made anew; then all that is there is news.
        consumer.seek(where, offset if first <= offset <= end else first)
    return ends


def _start_of(
    consumer: KafkaConsumer, where: TopicPartition, start: Start, *, first: int, end: int
) -> int:
    if isinstance(start, int):
        found = consumer.offsets_for_times({where: start})[where]
        # None: nothing so new, or a broker that cannot tell; a few older ones do no harm.
        return int(found.offset) if found else max(first, end - UNSTAMPED_MAX)
    return first if start == "earliest" else end


def _place(where: TopicPartition) -> Place:
    return where.topic, where.partition


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
