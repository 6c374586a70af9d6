"""Laws of the way out: order, headers, and an end to the process when a record cannot land."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from replay.embedded import EmbeddedBroker
from stream.worker.producer import OutputProducer
from stream.worker.reader import LogReader

if TYPE_CHECKING:
    import pytest

TOPIC = "out"


class FakeClient:
    """Takes records for `slow` in only after a while, and acknowledges none."""

    def __init__(self, **_: object) -> None:
        self.stopped = False

    async def start(self) -> None:
        """Is ready at once."""

    async def stop(self) -> None:
        self.stopped = True

    async def send(self, topic: str, *_: object, **__: object) -> asyncio.Future[object]:
        if topic == "slow":
            await asyncio.sleep(0.6)
        return asyncio.get_running_loop().create_future()


def hold_the_loop_up(seconds: float) -> None:
    """Do something long, as a machine that has much to work out does."""
    time.sleep(seconds)


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


def test_the_record_that_was_handed_over_first_ends_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the one that was taken in first: buffers may have been full for the other one."""
    monkeypatch.setattr("stream.worker.producer.AIOKafkaProducer", FakeClient)
    ends: list[tuple[str, float]] = []

    async def story() -> None:
        ended = asyncio.Event()

        def die(reason: str) -> None:
            ends.append((reason, producer.oldest_s))
            ended.set()

        producer = OutputProducer({}, timeout_s=1.5, linger_ms=0, die=die)
        await producer.start()
        slow = asyncio.create_task(producer.send("slow", b"first", partition=0))
        await asyncio.sleep(0.3)
        for _ in range(2):
            await producer.send("quick", b"second", partition=0)
        await slow
        await ended.wait()
        await producer.stop()

    asyncio.run(story())
    reason, oldest_s = ends[0]
    assert "a record for slow could not be delivered: not acknowledged within 1.5 s" in reason
    assert oldest_s >= 1.5


def test_acknowledgements_that_came_during_a_long_step_are_seen_before_it_is_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stream.worker.producer.LATE_S_MAX", 0.2)
    ends: list[str] = []

    async def story(bootstrap: str) -> None:
        options = {"bootstrap_servers": bootstrap}
        producer = OutputProducer(options, timeout_s=1, linger_ms=0, die=ends.append)
        await producer.start()
        sent = await producer.send(TOPIC, b"x", partition=0)
        hold_the_loop_up(1.5)
        await sent
        await asyncio.sleep(1)
        assert await producer.stop()

    with EmbeddedBroker({TOPIC: 1}) as broker:
        asyncio.run(story(broker.bootstrap))
    assert ends == []


def test_a_loop_that_is_late_every_time_still_ends_what_is_not_acknowledged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stream.worker.producer.LATE_S_MAX", 0.0)
    monkeypatch.setattr("stream.worker.producer.AIOKafkaProducer", FakeClient)

    async def story() -> None:
        ended = asyncio.Event()
        producer = OutputProducer({}, timeout_s=1, linger_ms=0, die=lambda _: ended.set())
        await producer.start()
        await producer.send("quick", b"x", partition=0)
        while not ended.is_set():
            hold_the_loop_up(0.01)
            await asyncio.sleep(0)
        await producer.stop()

    asyncio.run(story())
