"""Reading a log from outside the consumer group: bounds, ranges and whole compacted partitions.

A reader has no group and commits nothing. It is opened for one task (loading state, looking
into a hole, reading the quarantine) and closed again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from stream.machine import Delivered
from stream.topics import MIB

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from types import TracebackType

__all__ = ["LogReader"]

FETCH_BYTES: Final = 4 * MIB
FETCH_WAIT_MS: Final = 10
STALLED_S_MAX: Final = 30.0
POLL_MS: Final = 1000


class LogReader:
    """A consumer without group, for the length of an `async with` block.

    options: connection options of aiokafka. Raises aiokafka's KafkaError on entry if no broker
    answers.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._consumer = AIOKafkaConsumer(
            **options,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=FETCH_BYTES,
            # A broker answers one request of a connection after the other: a fetch that it held
            # at the end of one partition would keep the next question waiting.
            fetch_max_wait_ms=FETCH_WAIT_MS,
            retry_backoff_ms=FETCH_WAIT_MS,
        )

    async def __aenter__(self) -> Self:
        """Connect."""
        try:
            await self._consumer.start()
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Disconnect; whatever ended the block goes on."""
        await self._consumer.stop()

    async def partition_counts(self) -> dict[str, int]:
        """Return the number of partitions of every topic on the broker."""
        # By the client's own call: asking for topics by name would create a misspelt one on
        # brokers that allow it.
        cluster = await self._consumer._client.fetch_all_metadata()  # noqa: SLF001  no public way
        return {name: len(cluster.partitions_for_topic(name) or ()) for name in cluster.topics()}

    async def bounds(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], range]:
        """Return, for each partition, the offsets its log holds now (end not included)."""
        wanted = [TopicPartition(*place) for place in places]
        if not wanted:
            return {}
        begin = await self._consumer.beginning_offsets(wanted)
        end = await self._consumer.end_offsets(wanted)
        return {(tp.topic, tp.partition): range(begin[tp], end[tp]) for tp in wanted}

    async def records(self, topic: str, partition: int, offsets: range) -> AsyncIterator[Delivered]:
        """Yield the records of a partition whose offsets lie in a range, in order.

        Offsets without a record (control records, compaction, retention) are passed over.
        Raises TimeoutError if the log does not move on for 30 s.
        """
        if not offsets:
            return
        place = TopicPartition(topic, partition)
        self._consumer.assign([place])
        self._consumer.seek(place, offsets.start)
        position, moved_at = offsets.start, asyncio.get_running_loop().time()
        while position < offsets.stop:
            batches = await self._consumer.getmany(place, timeout_ms=POLL_MS)
            for record in batches.get(place, ()):
                if record.offset in offsets:
                    yield _delivered(record)
            now_s, before = asyncio.get_running_loop().time(), position
            position = await self._consumer.position(place)
            if position > before:
                moved_at = now_s
            elif now_s - moved_at > STALLED_S_MAX:
                raise TimeoutError(f"{topic}/{partition} stands still at offset {position}")

    async def newest_by_key(self, topic: str, partition: int) -> dict[str, bytes]:
        """Return the newest value of every key, deleted keys left out."""
        place = (topic, partition)
        newest: dict[str, bytes] = {}
        async for record in self.records(topic, partition, (await self.bounds([place]))[place]):
            key = (record.key or b"").decode()
            if record.value is None:
                newest.pop(key, None)
            else:
                newest[key] = record.value
        return newest


def _delivered(record: ConsumerRecord) -> Delivered:
    return Delivered(
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp,
        key=record.key,
        value=record.value,
    )
