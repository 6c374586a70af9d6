"""The one Faust app of a worker: consumer group, agents, a timer, web server, and nothing else.

Faust loses or stalls records where its tables, windows, `take`, automatic acks and its own
producer are used, so none of them is. What is used: group membership (static, so that a restart
gets its partitions back), one agent per input topic on raw bytes with manual acks, and the web
server. Everything that must be right is in `Fleet` and `Host`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import faust
from faust.exceptions import ConsumerNotStarted
from faust.streams import Stream
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP
from faust.web.drivers.aiohttp import Web as AiohttpWeb
from typing_extensions import override

from stream.machine import Delivered
from stream.topics import Topic
from stream.worker.consumer import guard_consumer
from stream.worker.deployment import INPUTS
from stream.worker.faust_options import faust_options
from stream.worker.journal import note
from stream.worker.web import add_pages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faust.types import EventT, StreamT
    from faust.types.transports import ConsumerT
    from faust.types.web import Web
    from prometheus_client import CollectorRegistry

    from stream.worker.deployment import Deployment
    from stream.worker.fleet import Fleet, Place
    from stream.worker.heart import Heart
    from stream.worker.leash import Leash
    from stream.worker.producer import OutputProducer
    from stream.worker.ticker import Ticker
    from stream.worker.watch import Watch

__all__ = ["Parts", "WorkerApp"]

SECOND_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a worker is made of; each made once, before the app starts."""

    deployment: Deployment
    producer: OutputProducer
    fleet: Fleet
    ticker: Ticker
    heart: Heart
    leash: Leash
    watch: Watch
    registry: CollectorRegistry


class WorkerApp(faust.App):
    """Binds Faust to the parts of a worker. `parts` is set before the worker runs."""

    parts: Parts
    _pages_are_up = False

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment.group, **faust_options(deployment))
        self._topic_of = {deployment.name(topic): topic for topic in INPUTS}
        for topic in INPUTS:
            self._add_agent(deployment.name(topic), topic)
        self.on_partitions_revoked.connect(self._revoked)
        self.on_rebalance_complete.connect(self._load)

    def unready(self) -> str | None:
        """Return why Faust itself does no work now, or None."""
        if self.rebalancing or not self.parts.fleet.hosts:
            return "partitions are being dealt out, or none is left for this worker"
        return None

    def lag(self, place: Place) -> int:
        """Return how many records of a partition were appended and not yet read."""
        host = self.parts.fleet.hosts.get(place)
        if host is None or host.start is None:
            return 0
        try:
            end = self.consumer.highwater(self._tp(place))
        except (ConsumerNotStarted, KeyError, AssertionError):
            return 0
        return max(0, (end or 0) - host.delivered - 1)

    def fail(self, fault: BaseException) -> None:
        """Stop the worker with an error; safe to call from any task of its loop."""

        async def raise_it() -> None:
            raise fault

        self.add_future(raise_it())

    @override
    async def on_first_start(self) -> None:
        """Open the way out before anything can come in."""
        await self.parts.producer.start()
        self.add_future(self._every_second())

    @override
    async def on_stop(self) -> None:
        """Stop; batches that are not durable are left to the next owner."""
        self.parts.fleet.revoke()
        await super().on_stop()

    @override
    async def on_shutdown(self) -> None:
        """Close the way out last."""
        if not await self.parts.producer.stop():
            note("worker.stopped_with_undelivered", level="warning")

    @override
    def on_webserver_init(self, web: Web) -> None:
        """Add our pages; Faust calls this three times for one server."""
        if not self._pages_are_up:
            self._pages_are_up = True
            assert isinstance(web, AiohttpWeb)
            add_pages(web.web_app, self.parts.watch, self.parts.registry)

    @override
    def _new_consumer(self) -> ConsumerT:
        consumer = super()._new_consumer()
        assert isinstance(consumer, Consumer)
        guard_consumer(
            consumer,
            starts=self._starts,
            polled=self.parts.watch.polled,
            held=lambda: {self._tp(place) for place in self.parts.leash.held},
            fail=self.fail,
            fetch_max_wait_ms=self.parts.deployment.settings.kafka.fetch_max_wait_ms,
        )
        return consumer

    @override
    def _create_directories(self) -> None:
        """Create none: we keep no tables."""

    def _add_agent(self, name: str, topic: Topic) -> None:
        channel = self.topic(
            name, key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw"
        )

        async def work(stream: StreamT[Any]) -> None:
            assert isinstance(stream, Stream)
            async for event in stream.noack().events():
                await self._take(topic, event)

        self.agent(channel, name=f"stage.{topic}")(work)

    async def _take(self, topic: Topic, event: EventT[bytes]) -> None:
        message = event.message
        if message.generation_id != self.consumer_generation_id:
            return
        record = Delivered(
            partition=message.partition,
            offset=message.offset,
            timestamp_ms=round(message.timestamp * 1000),
            key=message.key,
            value=message.value,
        )
        self.parts.watch.read(topic, record)
        await self.parts.fleet.take(topic, record, event.ack)

    async def _revoked(self, *_: Any, **__: Any) -> None:
        self.parts.fleet.revoke()

    async def _load(self, *_: Any, **__: Any) -> None:
        await self.parts.fleet.load(self._place(tp) for tp in self.consumer.assignment())

    def _starts(self, committed: Mapping[TP, int | None]) -> dict[TP, int]:
        offsets = {self._place(tp): offset for tp, offset in committed.items()}
        return {self._tp(at): start for at, start in self.parts.fleet.begin(offsets).items()}

    def _place(self, tp: TP) -> Place:
        return self._topic_of[tp.topic], tp.partition

    def _tp(self, place: Place) -> TP:
        return TP(self.parts.deployment.name(place[0]), place[1])

    async def _every_second(self) -> None:
        while not self.should_stop:
            self.parts.watch.beat()
            if not self.rebalancing:
                hosts = self.parts.fleet.hosts
                self.parts.leash.look({place: host.machine for place, host in hosts.items()})
                await self.parts.ticker.tick(list(self.parts.fleet.hosts))
                incident = self.parts.fleet.hosts.get((Topic.DETECTIONS, 0))
                await self.parts.heart.beat(incident.machine if incident else None)
            await asyncio.sleep(SECOND_S)
