"""Laws of the way in: no partition waits for another's empty fetch, no seek waits for ever."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.protocol.fetch import FetchRequest
from faust.transport.consumer import Consumer
from faust.types import TP

from replay.embedded import EmbeddedBroker
from stream.settings_load import read
from stream.worker.consumer import (
    BRIEFLY_MS,
    SEEK_S_MAX,
    SeekStalledError,
    hold_partial_fetches_briefly,
)
from stream.worker.deployment import Deployment
from stream.worker.faust_options import faust_options
from stream.worker.run import assemble
from tests.worker.counting import counting_stages

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo.city import City

BUSY, QUIET = TopicPartition("busy", 0), TopicPartition("quiet", 0)
LONG_MS = 200


def waits_of_the_quiet(
    monkeypatch: pytest.MonkeyPatch, held: frozenset[TP]
) -> tuple[set[int], set[int]]:
    """Return the waits of fetches for both, and of those that leave the busy one out."""
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
        hold_partial_fetches_briefly(consumer._fetcher, LONG_MS, lambda: held)  # noqa: SLF001  what is mended is private
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
    return (
        {wait for topics, wait in asked if topics == both},
        {wait for topics, wait in asked if topics == {QUIET.topic}},
    )


def test_a_fetch_that_leaves_a_partition_out_is_held_briefly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert waits_of_the_quiet(monkeypatch, frozenset()) == ({LONG_MS}, {BRIEFLY_MS})


def test_a_partition_that_is_held_hurries_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its records wait here for as long as it is held; asking on would never end."""
    held = frozenset({TP(*BUSY)})
    assert waits_of_the_quiet(monkeypatch, held) == ({LONG_MS}, {LONG_MS})


def seek(monkeypatch: pytest.MonkeyPatch, as_faust_does: Callable[..., object]) -> list[object]:
    """Seek with the consumer of a worker; return what the worker was stopped with."""
    failed: list[object] = []

    async def story() -> None:
        deployment = Deployment(read(None, env={}, sets=[]), cast("City", None))
        app = assemble(deployment, counting_stages(), accept_gap=False)
        monkeypatch.setattr(app, "fail", failed.append)
        monkeypatch.setattr(Consumer, "perform_seek", as_faust_does)
        await app.consumer.perform_seek()

    with pytest.raises((SeekStalledError, TimeoutError)):
        asyncio.run(story())
    return failed


def test_a_seek_that_no_broker_answers_ends_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faust's own wait would end in silence, with partitions that are never dealt out again."""
    monkeypatch.setattr("stream.worker.consumer.SEEK_S_MAX", 0.05)

    async def never(_: Consumer) -> None:
        await asyncio.Event().wait()

    (fault,) = seek(monkeypatch, never)
    assert isinstance(fault, SeekStalledError)
    assert "where this group goes on" in str(fault)


def test_a_timeout_of_another_kind_is_not_renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def late(_: Consumer) -> None:
        raise TimeoutError

    assert seek(monkeypatch, late) == []


def test_we_give_a_seek_up_before_faust_does() -> None:
    deployment = Deployment(read(None, env={}, sets=[]), cast("City", None))
    assert faust_options(deployment)["broker_request_timeout"] - SEEK_S_MAX >= 10
