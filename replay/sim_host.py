"""The simulator's host of one partition: the same order as the worker's, but it may die anywhere.

Records are stepped in offset order; a batch ends where the machine says so, now and then earlier
(64 MB of input, in the real one) or some hops later (a busy one). Ended batches become durable
in order: outputs landed, finished slots landed, hot records landed, tombstones sent, then the
offset may be committed (PROTOCOL 10). Waiting is a generator that yields, so each death between
two steps of the simulator leaves a different half behind.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from replay.sim_broker import Sent
from stream.block import BlockMachine
from stream.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from replay.sim_broker import Place, Producer
    from stream.machine import Delivered, Machine, Outgoing, Snapshot, Step

__all__ = ["Batch", "Host", "Stage", "start_offset"]

AHEAD_MAX: Final = {True: 2, False: 64}  # batches ended but not durable: stateful, stateless
RUN_ON_MAX: Final = 7  # closed hops that a batch may run over before it ends


class Stage(Protocol):
    """A stage without state: the gateway, the relay."""

    def step(self, record: Delivered) -> Step:
        """Return what one record leads to."""


@dataclass(slots=True, kw_only=True, eq=False)
class Batch:
    """Records that become durable together. last: offset of the newest. closes: of hops in it."""

    last: int = -1
    closes: int = 0
    sent: list[Sent] = field(default_factory=list)
    snapshot: Snapshot | None = None
    hop_ms: int = -1


def start_offset(applied: int | None, committed: int | None) -> int:
    """Return where to start reading: never above what state or group still need (PROTOCOL 13).

    applied: None for a stage without state.

    >>> start_offset(9, 4), start_offset(9, 40), start_offset(None, None)
    (4, 10, 0)
    """
    known = [] if applied is None else [applied + 1]
    return min([*known, *([] if committed is None else [committed])], default=0)


class Host:
    """Drives one stage over one partition, for as long as its worker owns it, or thinks so.

    owns: False once the partition was given to somebody else; then nothing is committed.
    is_gone: it went on for so long after that, that nothing it saves may land any more.
    durable: everything up to this offset may be committed. snapshot_place: where state goes.
    """

    def __init__(
        self, place: Place, producer: Producer, *, machine: Machine | None, stage: Stage | None
    ) -> None:
        self.place, self.producer = place, producer
        self.machine = machine
        self._step = machine.step if machine is not None else stage.step if stage else None
        self.owns, self.is_gone = True, False
        broker = producer.broker
        self._log = broker.log(place)
        self.snapshot_place: Place = (Topic.SNAPSHOTS, place[1] % len(broker.snapshots))
        applied = None if machine is None else machine.applied
        self.position = self.start(applied, broker.committed.get(place))
        self.durable = self.position - 1 if applied is None else applied
        self._open = Batch()
        self.ended: deque[Batch] = deque()
        self._finisher = self.finishing()

    def start(self, applied: int | None, committed: int | None) -> int:
        """Return the first offset to read."""
        return start_offset(applied, committed)

    @property
    def backlog(self) -> int:
        """Records of the log not read yet."""
        return len(self._log) - self.position

    @property
    def is_done(self) -> bool:
        """Whether all is read and every ended batch is durable."""
        return not self.ended and self.backlog == 0

    def take(self, *, cut: bool, run_on: bool = False) -> bool:
        """Step the next record, if there is one and room for it; return whether there was.

        cut: end the batch with it. run_on: do not, though it may end here (a busy worker).
        """
        if self.backlog <= 0 or len(self.ended) >= AHEAD_MAX[self.machine is not None]:
            return False
        assert self._step is not None, "a host has a machine or a stage"
        record = self._log[self.position]
        done = self._step(record)
        self.position += 1
        self._open.sent += self.deliver(done.out)
        self._open.last = record.offset
        self._open.closes += done.closes or self.machine is None
        if cut or self._open.closes > RUN_ON_MAX * run_on:
            self._end_batch()
        return True

    def deliver(self, outputs: Iterable[Outgoing]) -> list[Sent]:
        """Hand outputs to the producer."""
        return [self.producer.send(out) for out in outputs]

    def _end_batch(self) -> None:
        batch, self._open = self._open, Batch()
        if self.machine is not None:
            batch.snapshot = self.machine.snapshot()
            batch.hop_ms = next_hop_ms(self.machine)
        self.ended.append(batch)

    def finish(self) -> None:
        """Go on with making batches durable, as far as what has landed allows."""
        next(self._finisher)

    def finishing(self) -> Iterator[None]:
        """Make one batch after the other durable; yields where it has to wait."""
        while True:
            while not self.ended:
                yield
            batch = self.ended[0]
            yield from self.landed(batch.sent)
            if batch.snapshot is not None:
                yield from self.landed(self.save_slots(batch))
                yield from self.landed(self.save_hot(batch))
                self.save_gone(batch)
            self.ended.popleft()
            self.durable = max(self.durable, batch.last)

    def landed(self, sent: Iterable[Sent]) -> Iterator[None]:
        """Wait until all of them have landed."""
        for one in list(sent):
            while not one.landed:
                yield

    def save_slots(self, batch: Batch) -> list[Sent]:
        """Send the baseline slots that a batch finished."""
        assert batch.snapshot is not None, "only stages with state save"
        return [self._save(batch, entry.key, entry.value) for entry in batch.snapshot.slots]

    def save_hot(self, batch: Batch) -> list[Sent]:
        """Send the hot records of a batch, block by block."""
        assert batch.snapshot is not None, "only stages with state save"
        return [
            self._save(batch, entry.key, entry.value, is_hot=True) for entry in batch.snapshot.hot
        ]

    def save_gone(self, batch: Batch) -> None:
        """Send tombstones; nobody waits for them."""
        assert batch.snapshot is not None, "only stages with state save"
        for key in batch.snapshot.gone:
            self._save(batch, key, None)

    def _save(self, batch: Batch, key: str, value: bytes | None, *, is_hot: bool = False) -> Sent:
        sent = Sent(
            place=self.snapshot_place,
            key=key.encode(),
            value=value,
            hop_ms=batch.hop_ms,
            by=self,
            is_hot=is_hot,
        )
        return self.producer.put(sent)

    def commit(self) -> None:
        """Tell the group what is durable; only an owner is heard."""
        if self.owns and self.durable >= 0:
            self.producer.broker.committed[self.place] = self.durable + 1


def next_hop_ms(machine: Machine) -> int:
    """Return the next hop of the oldest part of a block partition; -1 for other stages."""
    if not isinstance(machine, BlockMachine):
        return -1
    return min(state.clocks.state.next_hop_ms for state in machine.states)
