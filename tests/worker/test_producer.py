"""Laws of the way out: order, headers, and an end to the process when a record cannot land."""

from __future__ import annotations

import asyncio

from replay.embedded import EmbeddedBroker
from stream.worker.producer import OutputProducer
from stream.worker.reader import LogReader

TOPIC = "out"


def test_records_arrive_in_order_and_tombstones_are_records() -> None:
    async def story(bootstrap: str) -> None:
        options = {"bootstrap_servers": bootstrap}
        producer = OutputProducer(options, timeout_s=30, linger_ms=0)
        await producer.start()
        sent = [await producer.send(TOPIC, b"%d" % n, key=b"k", partition=0) for n in range(500)]
        sent.append(await producer.send(TOPIC, None, key=b"k", partition=0))
        await producer.settle()
        assert all(future.done() for future in sent)
        assert producer.undelivered == 0
        assert producer.oldest_s == 0.0
        async with LogReader(options) as reader:
            held = (await reader.bounds([(TOPIC, 0)]))[TOPIC, 0]
            values = [record.value async for record in reader.records(TOPIC, 0, held)]
            assert values == [*(b"%d" % n for n in range(500)), None]
            assert await reader.newest_by_key(TOPIC, 0) == {}
        assert await producer.stop()

    with EmbeddedBroker({TOPIC: 1}) as broker:
        asyncio.run(story(broker.bootstrap))


def test_a_record_that_is_not_acknowledged_in_time_ends_the_process() -> None:
    ends: list[str] = []

    async def story(broker: EmbeddedBroker) -> None:
        ended = asyncio.Event()

        def die(reason: str) -> None:
            ends.append(reason)
            ended.set()

        options = {"bootstrap_servers": broker.bootstrap}
        producer = OutputProducer(options, timeout_s=2, linger_ms=0, die=die)
        await producer.start()
        await (await producer.send(TOPIC, b"first", partition=0))
        broker.close()
        await producer.send(TOPIC, b"second", partition=0)
        assert producer.undelivered == 1
        await ended.wait()
        assert not await producer.stop(), "something was left undelivered"

    with EmbeddedBroker({TOPIC: 1}) as broker:
        asyncio.run(story(broker))
    assert "out could not be delivered: not acknowledged within 2 s" in ends[0]
