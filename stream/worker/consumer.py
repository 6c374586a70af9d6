"""Faust's one consumer, made to start where the state says instead of where the group committed.

Faust seeks to committed offsets after a rebalance, and leaves partitions without one (or with
offset 0) wherever the fetcher has already read on: messages prefetched and dropped then never
come again. So its `perform_seek` is wrapped, once: after it, every partition is moved to the
start that `Fleet.begin` names. Its `getmany` is wrapped to notice that polling goes on, and the
time a broker may hold an empty fetch, which Faust fixes at 1.5 s, is set to ours.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from faust.types import TP

__all__ = ["guard_consumer"]


def guard_consumer(
    consumer: Consumer,
    *,
    starts: Callable[[Mapping[TP, int | None]], dict[TP, int]],
    polled: Callable[[], None],
    fetch_max_wait_ms: int,
) -> None:
    """Wrap one consumer. starts: committed offsets to start offsets. polled: called each poll."""
    seek_as_faust_does = consumer.perform_seek
    getmany_as_faust_does: Callable[[float], AsyncIterator[tuple[TP, Any]]] = consumer.getmany
    one_at_a_time = asyncio.Lock()

    async def perform_seek() -> None:
        async with one_at_a_time:
            await seek_as_faust_does()
            committed = await consumer.seek_to_committed()
            assigned = consumer.assignment()
            wanted = {tp: start for tp, start in starts(committed).items() if tp in assigned}
            # A falsy committed offset was not sought to: see the head of this file.
            moved = {tp: to for tp, to in wanted.items() if not to or committed.get(tp) != to}
            if moved:
                await consumer.seek_wait(moved)

    def getmany(timeout: float) -> AsyncIterator[tuple[TP, Any]]:
        polled()
        return getmany_as_faust_does(timeout)

    # By name: methods of one instance are replaced on purpose, for this consumer alone.
    for wrapped in (perform_seek, getmany):
        setattr(consumer, wrapped.__name__, wrapped)
    _set_fetch_wait(consumer, fetch_max_wait_ms)


def _set_fetch_wait(consumer: Consumer, fetch_max_wait_ms: int) -> None:
    """Have the consumer's thread make its client with our wait instead of Faust's 1.5 s."""
    thread = consumer._thread  # noqa: SLF001  Faust has no setting for it
    assert isinstance(thread, AIOKafkaConsumerThread)
    create_as_faust_does = thread._create_consumer  # noqa: SLF001  see above

    def create(loop: asyncio.AbstractEventLoop) -> object:
        client = create_as_faust_does(loop)
        client._fetch_max_wait_ms = fetch_max_wait_ms  # noqa: SLF001  read at its start
        return client

    setattr(thread, create_as_faust_does.__name__, create)
