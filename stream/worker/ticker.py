"""Time as a record: one tick a second into every input partition that this worker owns."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import msgspec

from stream.records import Tick
from stream.topics import Topic

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable

    from stream.worker.deployment import Deployment
    from stream.worker.fleet import Place
    from stream.worker.producer import OutputProducer

__all__ = ["Ticker"]

TICKED: Final = (Topic.COUNTS, Topic.ACKS)
SECOND_MS: Final = 1000


class Ticker:
    """Writes ticks with `time.ticks = "worker"`; with "feed" a replay brings its own.

    clock_ms: wall clock, epoch ms.
    """

    def __init__(
        self,
        deployment: Deployment,
        producer: OutputProducer,
        *,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._deployment = deployment
        self._producer = producer
        self._clock_ms = clock_ms
        self._on_its_way: dict[Place, asyncio.Future[object]] = {}

    async def tick(self, owned: Iterable[Place]) -> None:
        """Write the second that has begun; a partition whose last tick still waits is left out.

        A late tick would say an old time, and a queue of them would say nothing else.
        """
        if self._deployment.settings.time.ticks != "worker":
            return
        now_ms = self._clock_ms() // SECOND_MS * SECOND_MS
        value = msgspec.json.encode(Tick(now_ms=now_ms))
        for topic, partition in sorted(owned):
            if topic not in TICKED:
                continue
            last = self._on_its_way.get((topic, partition))
            if last is not None and not last.done():
                continue
            self._on_its_way[topic, partition] = await self._producer.send(
                self._deployment.name(topic), value, partition=partition
            )
