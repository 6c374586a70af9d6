"""The only way out: one idempotent producer with a deadline of its own for every record.

aiokafka's idempotent producer never expires a batch by itself and retries for ever, in order.
So a record that is not acknowledged within `timeout_s`, or refused by the broker, ends the
process at once, without any clean-up that could still let a later record land: nothing behind
a failed send is ever appended, and the worker starts again from its snapshots (PROTOCOL 9).
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections import deque
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, NoReturn

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError

from stream.topics import MIB, SNAPSHOT_BYTES_MAX
from stream.worker.journal import note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["EXIT_UNDELIVERED", "OutputProducer", "end_process"]

EXIT_UNDELIVERED: Final = 70  # EX_SOFTWARE: a supervisor starts us again
REQUEST_BYTES_MAX: Final = SNAPSHOT_BYTES_MAX + MIB  # with key, headers and batch overhead
BATCH_BYTES: Final = 512 * 1024  # one request in flight per broker: small batches would starve it
STOP_S_MAX: Final = 2.0
WATCH_S: Final = 0.5
LATE_S_MAX: Final = 2.0  # a loop held up for longer has acknowledgements in its sockets


def end_process(reason: str) -> NoReturn:
    """Leave one line and end the process, with no clean-up whatever."""
    note("worker.undelivered", level="critical", reason=reason)
    os._exit(EXIT_UNDELIVERED)


class OutputProducer:
    """Sends records in call order; a failed one ends the process.

    options: connection options of aiokafka. timeout_s: from the call to the acknowledgement;
    raise it if failovers of the brokers take longer. linger_ms: how long a record waits for
    company. die: what ending means; tests pass something milder.
    """

    def __init__(
        self,
        options: Mapping[str, object],
        *,
        timeout_s: float,
        linger_ms: int,
        die: Callable[[str], None] = end_process,
    ) -> None:
        self._options = dict(options)
        self._timeout_s = timeout_s
        self._linger_ms = linger_ms
        self._die = die
        self._producer: AIOKafkaProducer | None = None
        self._pending: deque[tuple[float, str, asyncio.Future[object]]] = deque()
        # Deadlines of those that wait to be taken in: a timer each would cost more than the send.
        self._entering: dict[object, tuple[float, str]] = {}
        self._undelivered = 0
        self._watch: asyncio.Task[None] | None = None

    @property
    def undelivered(self) -> int:
        """Number of records handed over and not yet acknowledged."""
        return self._undelivered

    @property
    def oldest_s(self) -> float:
        """Age of the oldest record not yet acknowledged, seconds; 0 if there is none."""
        deadline, _ = self._earliest()
        if deadline == math.inf:
            return 0.0
        return time.monotonic() - (deadline - self._timeout_s)

    async def start(self) -> None:
        """Connect. Raises aiokafka's KafkaError if no broker answers."""
        self._producer = AIOKafkaProducer(
            **self._options,
            enable_idempotence=True,
            acks="all",
            linger_ms=self._linger_ms,
            max_request_size=REQUEST_BYTES_MAX,
            max_batch_size=BATCH_BYTES,
            # Half of our own deadline: a broker that hangs is asked a second time.
            request_timeout_ms=max(1000, int(self._timeout_s * 500)),
        )
        await self._producer.start()
        self._watch = asyncio.create_task(self._watch_deadlines())

    async def stop(self) -> bool:
        """Flush and close within 2 s; return False if something was left undelivered."""
        if self._watch is not None:
            self._watch.cancel()
        if self._producer is None:
            return True
        try:
            await asyncio.wait_for(self._producer.stop(), STOP_S_MAX)
        except TimeoutError:
            return False
        return self._undelivered == 0

    async def send(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> asyncio.Future[object]:
        """Hand a record over; the future is done once all replicas in step have it.

        Waits only while buffers are full. value None: a tombstone. Records of one caller keep
        their order per partition.
        """
        assert self._producer is not None, "send before start"
        deadline = time.monotonic() + self._timeout_s
        me = object()
        self._entering[me] = deadline, topic
        try:
            future: asyncio.Future[object] | None = None
            while future is None:
                # Full buffers raise this after one request timeout; our own deadline decides.
                with suppress(KafkaTimeoutError):
                    future = await self._producer.send(
                        topic, value, key, partition, headers=list(headers)
                    )
        except Exception as fault:
            self._fail(topic, repr(fault))
            raise
        finally:
            del self._entering[me]
        self._undelivered += 1
        self._pending.append((deadline, topic, future))
        future.add_done_callback(partial(self._on_done, topic))
        return future

    async def settle(self) -> None:
        """Wait until everything handed over so far is acknowledged."""
        waiting = [future for _, _, future in self._pending if not future.done()]
        if waiting:
            await asyncio.wait(waiting)

    def _on_done(self, topic: str, future: asyncio.Future[object]) -> None:
        self._undelivered -= 1
        if future.cancelled():
            return
        fault = future.exception()
        if fault is not None:
            self._fail(topic, repr(fault))

    def _earliest(self) -> tuple[float, str]:
        """Return the earliest deadline of all not acknowledged, and its topic; none = infinity.

        Records come in here when they are taken in, so the first one need not be the earliest.
        """
        while self._pending and self._pending[0][2].done():
            self._pending.popleft()
        waiting = ((deadline, topic) for deadline, topic, sent in self._pending if not sent.done())
        return min(waiting, default=(math.inf, ""))

    async def _watch_deadlines(self) -> None:
        while True:
            due = time.monotonic() + WATCH_S
            await asyncio.sleep(WATCH_S)
            if time.monotonic() - due > LATE_S_MAX:
                # After a long step of the loop acknowledgements may be here and not yet handled:
                # one more round for them, and no more, for the loop may be late every time.
                await asyncio.sleep(WATCH_S)
            now = time.monotonic()
            deadline, topic = self._earliest()
            if deadline < now:
                self._fail(topic, f"not acknowledged within {self._timeout_s:g} s")
            # The one that came first waits longest.
            for deadline, topic in islice(self._entering.values(), 1):
                if deadline < now:
                    self._fail(topic, "buffers full for the whole send timeout")

    def _fail(self, topic: str, why: str) -> None:
        self._die(f"a record for {topic} could not be delivered: {why}")
