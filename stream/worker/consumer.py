"""Faust's one consumer, mended in four places; each was seen to lose or starve records.

*Start*: Faust seeks to committed offsets after a rebalance, and leaves partitions without one
(or with offset 0) wherever the fetcher has already read on: messages prefetched and dropped then
never come again. So its `perform_seek` is wrapped: after it, every partition is moved to the
start that `Fleet.begin` names. If a broker does not answer, Faust gives that wait up after 30 s
without a word and never deals partitions out again; so we give up before it does, and the
worker ends.

*Fairness*: Faust takes all that was fetched at once and works it off before it looks again. A
backlog on one topic (4 MB of small records) then holds up the alerts' own log for a minute. So
a poll takes a few records of each partition in turn.

*Waiting*: the time a broker may hold an empty fetch, which Faust fixes at 1.5 s, is set to ours. A
fetch leaves out partitions whose records still wait here, and only one fetch is on its way to a
broker; so whoever is worked off meanwhile would stand still until that time is over. A fetch
that leaves anyone out is therefore held only briefly.

*Pausing*: Faust drops what it has fetched of a partition that is paused meanwhile. So it is never
told to; partitions that we hold are left where they are, in the client's own buffer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from aiokafka.errors import ConsumerStoppedError, KafkaError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping

    from aiokafka import AIOKafkaConsumer
    from faust.types import TP

__all__ = ["SeekStalledError", "guard_consumer", "hold_partial_fetches_briefly"]

EACH_POLL: Final = 64  # records of one partition; 2.5 MB of the intended batches
BRIEFLY_MS: Final = 10
SEEK_S_MAX: Final = 20.0  # well below the 30 s after which Faust stops working without a word


class SeekStalledError(RuntimeError):
    """The group's offsets could not be had in time: the worker must stop and start again."""


def guard_consumer(
    consumer: Consumer,
    *,
    starts: Callable[[Mapping[TP, int | None]], dict[TP, int]],
    polled: Callable[[], None],
    held: Callable[[], Collection[TP]],
    fail: Callable[[BaseException], None],
    fetch_max_wait_ms: int,
) -> None:
    """Wrap one consumer. starts: committed offsets to start offsets. polled: called each poll.

    held: partitions that are left out for the time being. fail: stops the worker with an error.
    """
    seek_as_faust_does = consumer.perform_seek
    getmany_as_faust_does: Callable[[float], AsyncIterator[tuple[TP, Any]]] = consumer.getmany
    one_at_a_time = asyncio.Lock()

    async def perform_seek() -> None:
        await _in_time(seek_to_starts(), fail)

    async def seek_to_starts() -> None:
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
    _mend_thread(consumer, held, fetch_max_wait_ms)


async def _in_time(seek: Awaitable[None], fail: Callable[[BaseException], None]) -> None:
    """Wait for a seek, or stop the worker with one line."""
    limit = asyncio.timeout(SEEK_S_MAX)
    try:
        async with limit:
            await seek
    except TimeoutError:
        if not limit.expired():
            raise
        why = f"no broker said within {SEEK_S_MAX:g} s where this group goes on; start again"
        fault = SeekStalledError(why)
        fail(fault)  # whoever waits for us may have turned away meanwhile
        raise fault from None


def _mend_thread(
    consumer: Consumer, held: Callable[[], Collection[TP]], fetch_max_wait_ms: int
) -> None:
    """Give the thread that owns the client our wait, and a fair way to take records."""
    thread = consumer._thread  # noqa: SLF001  Faust has no setting for any of this
    assert isinstance(thread, AIOKafkaConsumerThread)
    create_as_faust_does = thread._create_consumer  # noqa: SLF001  see above

    def _create_consumer(loop: asyncio.AbstractEventLoop) -> AIOKafkaConsumer:
        client = create_as_faust_does(loop)
        client._fetch_max_wait_ms = fetch_max_wait_ms  # noqa: SLF001  read when it starts
        start_as_aiokafka_does = client.start

        async def start() -> None:
            await start_as_aiokafka_does()
            hold_partial_fetches_briefly(client._fetcher, fetch_max_wait_ms, held)  # noqa: SLF001  see above

        setattr(client, start.__name__, start)
        return client

    async def _fetch_records(
        client: AIOKafkaConsumer,
        active_partitions: Collection[TP],
        timeout: float | None = None,  # noqa: ASYNC109  Faust's own signature
        max_records: int | None = None,  # noqa: ARG001  ours is EACH_POLL
    ) -> dict[TP, list[Any]]:
        if not consumer.flow_active:
            return {}
        now_held = held()
        # Copied whole at first: the set is another thread's.
        wanted = {place for place in list(active_partitions) if place not in now_held}
        if not wanted:  # to the client, no partition means all of them
            await asyncio.sleep(timeout or 0.0)
            return {}
        return await _take_in_turn(client, wanted, timeout or 0.0)

    for mended in (_create_consumer, _fetch_records):
        setattr(thread, mended.__name__, mended)


def hold_partial_fetches_briefly(
    fetcher: Any, fetch_max_wait_ms: int, held: Callable[[], Collection[TP]]
) -> None:
    """Let a broker hold a fetch for long only if it asks for all partitions that we read.

    A held partition stays out of every fetch for as long as it is held: nobody waits for it.
    """
    plan_as_aiokafka_does = fetcher._get_actions_per_node  # noqa: SLF001  there is no other place

    def _get_actions_per_node(assignment: object) -> Any:
        left_out = not set(fetcher._records) <= set(held())  # noqa: SLF001  as the wrapped one does
        wait_ms = min(BRIEFLY_MS, fetch_max_wait_ms) if left_out else fetch_max_wait_ms
        fetcher._fetch_max_wait_ms = wait_ms  # noqa: SLF001  what the wrapped one reads
        return plan_as_aiokafka_does(assignment)

    setattr(fetcher, _get_actions_per_node.__name__, _get_actions_per_node)


async def _take_in_turn(
    client: AIOKafkaConsumer, active: Collection[TP], wait_s: float
) -> dict[TP, list[Any]]:
    """Take up to EACH_POLL records of every partition; wait only if there is none at all."""
    fetcher = client._fetcher  # noqa: SLF001  as Faust's own way does
    if client._closed or fetcher._closed:  # noqa: SLF001  as Faust's own way does
        raise ConsumerStoppedError
    subscriptions = fetcher._subscriptions  # noqa: SLF001  as Faust's own way does
    taken: dict[TP, list[Any]] = {}
    with subscriptions.fetch_context():
        for place in sorted(active):
            if subscriptions.reassignment_in_progress:
                return {}  # all positions are set anew after a rebalance
            try:
                taken |= await fetcher.fetched_records({place}, 0, EACH_POLL)
            except KafkaError:
                if not taken:
                    raise
                break  # it comes again; what was taken must not be lost
        if taken:
            return taken
        waited: dict[TP, list[Any]] = await fetcher.fetched_records(active, wait_s, EACH_POLL)
        return waited
