"""Laws of our own ticks: the second that has begun, once for each owned input partition."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

from stream.records import Tick, decode
from stream.settings_load import read
from stream.topics import Topic
from stream.worker.deployment import Deployment
from stream.worker.ticker import Ticker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from geo.city import City

OWNED: Final = [
    *((Topic.READINGS, 0), (Topic.COUNTS, 3), (Topic.ACKS, 0)),
    *((Topic.COUNTS, 1), (Topic.DETECTIONS, 0)),
]
INPUTS: Final = {
    ("crowd.cell-counts.v1", 1),
    ("crowd.cell-counts.v1", 3),
    (f"crowd.{Topic.ACKS}", 0),
}


class FakeProducer:
    """Keeps what it is given; acknowledgements come when the test says so."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int, bytes]] = []
        self.futures: dict[tuple[str, int], asyncio.Future[object]] = {}

    async def send(self, topic: str, value: bytes, *, partition: int) -> asyncio.Future[object]:
        self.sent.append((topic, partition, value))
        future = asyncio.get_running_loop().create_future()
        self.futures[topic, partition] = future
        return future


def play(*sets: str, story: Callable[[Ticker, FakeProducer, list[int]], Awaitable[None]]) -> None:
    """Play with a ticker whose clock says the only element of a list."""

    async def run() -> None:
        deployment = Deployment(read(None, env={}, sets=sets), cast("City", None))
        producer, now_ms = FakeProducer(), [1_790_000_000_999]
        ticker = Ticker(deployment, cast("Any", producer), clock_ms=lambda: now_ms[0])
        await story(ticker, producer, now_ms)

    asyncio.run(run())


def test_every_owned_input_partition_gets_one_tick_of_the_second_that_has_begun() -> None:
    async def story(ticker: Ticker, producer: FakeProducer, now_ms: list[int]) -> None:
        assert now_ms == [1_790_000_000_999]
        await ticker.tick(OWNED)
        assert {(topic, partition) for topic, partition, _ in producer.sent} == INPUTS
        assert len(producer.sent) == len(INPUTS)
        for _, _, value in producer.sent:
            assert decode(value) == Tick(now_ms=1_790_000_000_000)

    play(story=story)


def test_a_partition_whose_last_tick_is_still_on_its_way_gets_none() -> None:
    """A tick that waited would say an old time."""

    async def story(ticker: Ticker, producer: FakeProducer, now_ms: list[int]) -> None:
        await ticker.tick(OWNED)
        late = ("crowd.cell-counts.v1", 3)
        for place in INPUTS - {late}:
            producer.futures[place].set_result(None)
        producer.sent.clear()
        now_ms[0] += 1000
        await ticker.tick(OWNED)
        assert {(topic, partition) for topic, partition, _ in producer.sent} == INPUTS - {late}
        producer.futures[late].set_result(None)
        producer.sent.clear()
        now_ms[0] += 1000
        await ticker.tick(OWNED)
        assert [(*late, Tick(now_ms=1_790_000_002_000))] == [
            (topic, partition, decode(value)) for topic, partition, value in producer.sent
        ]

    play(story=story)


def test_a_partition_that_left_gets_no_tick() -> None:
    async def story(ticker: Ticker, producer: FakeProducer, _: list[int]) -> None:
        await ticker.tick([(Topic.COUNTS, 1)])
        assert [(topic, partition) for topic, partition, _ in producer.sent] == [
            ("crowd.cell-counts.v1", 1)
        ]

    play(story=story)


@pytest.mark.parametrize("owned", [OWNED, []])
def test_where_a_replay_brings_the_time_nobody_else_does(owned: list[tuple[Topic, int]]) -> None:
    async def story(ticker: Ticker, producer: FakeProducer, _: list[int]) -> None:
        await ticker.tick(owned)
        assert producer.sent == []

    play("time.ticks=feed", story=story)
