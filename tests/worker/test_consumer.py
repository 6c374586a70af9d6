"""Laws of the way in: no partition waits for the empty fetch of another one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.protocol.fetch import FetchRequest

from replay.embedded import EmbeddedBroker
from stream.worker.consumer import BRIEFLY_MS, hold_partial_fetches_briefly

if TYPE_CHECKING:
    import pytest

BUSY, QUIET = TopicPartition("busy", 0), TopicPartition("quiet", 0)
LONG_MS = 200


def test_a_fetch_that_leaves_a_partition_out_is_held_briefly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[set[str], int]] = []

    async def story(bootstrap: str) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
        await producer.start()
        for _ in range(3):
            await producer.send_and_wait(BUSY.topic, b"x", partition=0)
        await producer.stop()
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=LONG_MS
        )
        await consumer.start()
        hold_partial_fetches_briefly(consumer._fetcher, LONG_MS)  # noqa: SLF001  what is mended is private
        send = consumer._client.send  # noqa: SLF001  requests pass here

        async def noted(node: int, request: object, **more: object) -> object:
            if isinstance(request, FetchRequest):
                asked.append(({topic for topic, _ in request.topics}, request._max_wait_ms))  # noqa: SLF001  no other view of it
            return await send(node, request, **more)

        monkeypatch.setattr(consumer._client, "send", noted)  # noqa: SLF001  see above
        consumer.assign([BUSY, QUIET])
        for _ in range(3):
            await consumer.getone(BUSY)
            await asyncio.sleep(0.3)  # the rest waits here, and the other is asked for meanwhile
        await consumer.stop()

    with EmbeddedBroker({BUSY.topic: 1, QUIET.topic: 1}) as broker:
        asyncio.run(story(broker.bootstrap))
    both = {BUSY.topic, QUIET.topic}
    assert {wait for topics, wait in asked if topics == both} == {LONG_MS}
    assert {wait for topics, wait in asked if topics == {QUIET.topic}} == {BRIEFLY_MS}
