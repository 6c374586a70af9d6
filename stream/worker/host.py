"""The host of one machine on one input partition: exactly the order that PROTOCOL 10 asks for.

Theory of operation. Records come in offset order. Each is stepped once; its outputs are handed
to the producer at once, and its ack is kept in the open *batch*. A batch ends where the machine
says so (`Step.closes`; a stage without state says it with each record), or after 64 MB of
input. An ended batch goes to the finisher, a task that takes batches in order: outputs
delivered, snapshot written, then all acks in offset order without a pause in between. So
Faust commits a prefix, and only what is durable. Stepping goes on meanwhile: while the finisher
is busy, or more input waits, a batch may run over a few closes (a worker that catches up saves
snapshots that way), and whoever is too far ahead waits.

What is delivered twice is told apart by three offsets, `durable <= delivered`: up to `durable`
it is acknowledged at once, up to `delivered` it waits for its batch, above it is new. A record
above `delivered + 1` follows a hole, which is looked into before it is stepped (PROTOCOL 16).

A host lives for one assignment. `drop` ends it: nothing it still does can acknowledge anything.
It knows neither Faust nor Kafka, only the ports it is given.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from stream.topics import MIB

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.machine import Delivered, Machine, Outgoing, Snapshot, Step
    from stream.topics import Topic

__all__ = ["BATCH_BYTES_MAX", "Host", "LostRecordsError", "Ports", "Relaying"]

BATCH_BYTES_MAX: Final = 64 * MIB
AHEAD_MAX: Final = 2  # batches ended but not durable; more would only hold memory
# Closes in one batch. With state: hops, fewer than bring a baseline slot round again, so that a
# slot's record is taken before the slot is learned on. Without: records of at most 1 MiB.
HOPS_MAX: Final = 8
RELAYED_MAX: Final = 64


class LostRecordsError(RuntimeError):
    """Records of the log did not reach us: the worker must stop and read again."""


class Relaying(Protocol):
    """A stage without state: the gateway, the relay."""

    def step(self, record: Delivered) -> Step:
        """Return what one record leads to."""


class Ports(Protocol):
    """What a host asks of its worker."""

    async def send(self, out: Outgoing, cause: Delivered) -> asyncio.Future[object]:
        """Hand an output to the producer; the future is done when it is durable."""

    async def save(self, snapshot: Snapshot) -> None:
        """Write a snapshot; durable on return."""

    async def hole_is_empty(self, offsets: range) -> bool:
        """Look whether the log really has no record at these offsets."""

    def behind(self) -> bool:
        """Tell whether more records wait than one batch wants to leave to the next."""

    async def crashed(self, record: Delivered, fault: Exception) -> None:
        """Leave a mark that this record crashed the machine."""

    def skipped(self, record: Delivered) -> None:
        """Take note of a record passed over by order."""

    def finished(self, batch: Batch) -> None:
        """Take note of a batch that is durable and acknowledged."""

    def failed(self, fault: BaseException) -> None:
        """Stop the worker: a finisher ended with an error."""


@dataclass(slots=True, kw_only=True)
class Batch:
    """Records that become durable together. last: the newest of them."""

    acks: list[Callable[[], object]] = field(default_factory=list)
    sent: list[asyncio.Future[object]] = field(default_factory=list)
    out: list[Outgoing] = field(default_factory=list)
    input_bytes: int = 0
    closes: int = 0
    last: Delivered | None = None
    snapshot: Snapshot | None = None


class Host:
    """Drives one machine (or one stage without state) over one partition.

    skip: offsets the operator ordered to pass over. parked_at: an offset that crashed workers
    too often; the host stops before it and holds everything behind it (PROTOCOL 18).
    """

    def __init__(
        self,
        topic: Topic,
        partition: int,
        *,
        machine: Machine | None = None,
        relay: Relaying | None = None,
        ports: Ports,
        skip: frozenset[int] = frozenset(),
        parked_at: int | None = None,
    ) -> None:
        assert (machine is None) != (relay is None), "a stage either has state or has none"
        self.topic, self.partition = topic, partition
        self.machine = machine
        self._step = machine.step if machine is not None else _step_of(relay)
        self._ports = ports
        self._skip = skip
        self._parked_at = parked_at
        self.durable = machine.applied if machine is not None else -1
        self.start: int | None = None
        self.delivered = -1
        self.parked = False
        self._live = True
        self._open = Batch()
        self._ended: deque[Batch] = deque()
        self._more = asyncio.Event()
        self._closes_max = HOPS_MAX if machine is not None else RELAYED_MAX
        self._unfinished = 0
        self._stepping = False
        self._room = asyncio.Event()
        self._finisher: asyncio.Task[None] | None = None

    def begin(self, start: int) -> None:
        """Say which offset comes first; called again with the same one it changes nothing."""
        if self.start is not None:
            return
        self.start = start
        self.delivered = start - 1
        if self.machine is None:
            self.durable = start - 1
        self._finisher = asyncio.create_task(self._finish())
        self._finisher.add_done_callback(self._finisher_ended)

    def drop(self) -> None:
        """End this host; no ack will leave it any more."""
        self._live = False
        # Whoever waits for room must not wait for a finisher that is gone.
        self._unfinished = 0
        self._room.set()
        if self._finisher is not None:
            self._finisher.cancel()

    async def take(self, record: Delivered, ack: Callable[[], object]) -> None:
        """Take the next record. Waits while too much is not durable yet.

        Raises LostRecordsError on a hole with records in it, and whatever the machine raises.
        """
        if not self._live or self.parked or self.start is None or self._is_old(record, ack):
            return
        # What is durable was read before: a hole below it is no loss.
        next_one = max(self.delivered, self.durable) + 1
        if record.offset > next_one:
            await self._look_into(range(next_one, record.offset))
            if not self._live:
                return
        if record.offset == self._parked_at:
            self.parked = True
            return
        self.delivered = record.offset
        closes = await self._apply(record)
        if not self._live:
            return
        batch = self._open
        batch.acks.append(ack)
        batch.last = record
        batch.input_bytes += len(record.value or b"")
        batch.closes += closes
        self._stepping = False
        if batch.closes >= self._closes_max or batch.input_bytes >= BATCH_BYTES_MAX:
            self._end_batch()
        self._end_if_idle()
        while self._unfinished >= AHEAD_MAX:
            self._room.clear()
            await self._room.wait()

    def _is_old(self, record: Delivered, ack: Callable[[], object]) -> bool:
        """Tell a record that came before; its ack is given now, or with the batch it waits for."""
        if record.offset <= self.durable:
            self.delivered = max(self.delivered, record.offset)
            ack()
            return True
        if record.offset <= self.delivered:
            self._open.acks.append(ack)
            return True
        return False

    async def _apply(self, record: Delivered) -> bool:
        """Step the machine and hand over the outputs; return whether the batch ends here."""
        self._stepping = True  # from here on the state is ahead of the open batch
        if record.offset in self._skip:
            self._ports.skipped(record)
            return self.machine is None
        try:
            step = self._step(record)
        except Exception as fault:
            await self._ports.crashed(record, fault)
            raise
        for out in step.out:
            sent = await self._ports.send(out, record)
            if not self._live:
                return False
            self._open.sent.append(sent)
            self._open.out.append(out)
        return step.closes or self.machine is None

    async def _look_into(self, hole: range) -> None:
        if not await self._ports.hole_is_empty(hole):
            raise LostRecordsError(
                f"{self.topic}/{self.partition}: records {hole.start} to {hole.stop - 1} are in"
                " the log but were not delivered to the worker; starting again reads them"
            )

    def _end_batch(self) -> None:
        batch, self._open = self._open, Batch()
        if self.machine is not None:
            # Taken before the next step, so that it says exactly what this batch led to.
            batch.snapshot = self.machine.snapshot()
        self._unfinished += 1
        self._ended.append(batch)
        self._more.set()

    def _end_if_idle(self) -> None:
        """End the open batch if it may end, nobody is before it and nothing presses from behind."""
        may_end = self._open.closes and not self._unfinished and not self._stepping
        if may_end and not self._ports.behind():
            self._end_batch()

    async def _finish(self) -> None:
        while True:
            while not self._ended:
                self._more.clear()
                await self._more.wait()
            batch = self._ended.popleft()
            for sent in batch.sent:
                await sent
            if batch.snapshot is not None:
                await self._ports.save(batch.snapshot)
            self._acknowledge(batch)
            self._unfinished -= 1
            self._room.set()
            self._end_if_idle()

    def _acknowledge(self, batch: Batch) -> None:
        """Ack a durable batch in offset order; never from an assignment that has ended."""
        if not self._live or batch.last is None:
            return
        self.durable = max(self.durable, batch.last.offset)
        for ack in batch.acks:
            ack()
        self._ports.finished(batch)

    def _finisher_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            fault = task.exception()
            if fault is not None and self._live:
                self._ports.failed(fault)


def _step_of(relay: Relaying | None) -> Callable[[Delivered], Step]:
    assert relay is not None
    return relay.step
