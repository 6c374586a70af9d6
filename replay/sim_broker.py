"""Virtual Kafka: partitions are lists, the snapshot topic keeps the last write of each key.

What a producer has been given lands one record at a time, when the simulator says so: in order
within one destination partition, in any order between two of them, like an idempotent producer
with requests in flight.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from stream.machine import Delivered
from stream.topics import Topic

if TYPE_CHECKING:
    from stream.machine import Outgoing

__all__ = ["HALF_DAY_MS", "Broker", "Place", "Producer", "Sent"]

Place: TypeAlias = tuple[Topic, int]

HALF_DAY_MS: Final = 43_200_000


class Saver(Protocol):
    """A host that saves state.

    owns: it still owns its input. is_gone: it woke too late, and nothing it saves counts.
    """

    owns: bool
    is_gone: bool


@dataclass(slots=True, kw_only=True, eq=False)
class Sent:
    """One record on its way.

    hop_ms: of saved state, its next hop; -1 where that does not matter. by: the host that saved
    it. is_hot: a hot record.
    """

    place: Place
    key: bytes | None
    value: bytes | None
    hop_ms: int = -1
    by: Saver | None = None
    is_hot: bool = False
    landed: bool = False

    def is_too_late(self, now_ms: int) -> bool:
        """Whether a straggler writes state from half a day ago; then it ends for good.

        The snapshot topic keeps two visits of a slot, so a hot record that is older than a day
        may name one that is gone: the longest zombie must be shorter than that (PROTOCOL 11).
        """
        if self.by is None or self.by.owns:
            return False
        self.by.is_gone |= 0 <= self.hop_ms < now_ms - HALF_DAY_MS
        return self.by.is_gone


@dataclass(slots=True, eq=False)
class Broker:
    """All logs, committed offsets and the snapshot topic of one deployment.

    logs: records by topic and partition. snapshots: newest values by key, per partition.
    committed: next offset to read, of the one consumer group. now_ms: true time, the stamp of
    what is appended. hot_hop_ms: next hop of the state in each block's hot record.
    """

    snapshots: list[dict[str, bytes]]
    logs: dict[Place, list[Delivered]] = field(default_factory=dict)
    committed: dict[Place, int] = field(default_factory=dict)
    now_ms: int = 0
    hot_hop_ms: dict[str, int] = field(default_factory=dict)

    def log(self, place: Place) -> list[Delivered]:
        """Return the records of one partition, oldest first."""
        return self.logs.setdefault(place, [])

    def append(
        self,
        place: Place,
        value: bytes | None,
        *,
        key: bytes | None = None,
        at_ms: int | None = None,
    ) -> None:
        """Put a record at the end of a partition, stamped with the true time unless told."""
        log = self.log(place)
        record = Delivered(
            partition=place[1],
            offset=len(log),
            timestamp_ms=self.now_ms if at_ms is None else at_ms,
            key=key,
            value=value,
        )
        log.append(record)

    def land(self, sent: Sent) -> None:
        """Let a record arrive."""
        sent.landed = True
        topic, partition = sent.place
        if topic is not Topic.SNAPSHOTS:
            self.append(sent.place, sent.value, key=sent.key)
            return
        assert sent.key is not None, "entries of the snapshot topic have keys"
        key = sent.key.decode()
        if sent.value is None:
            self.snapshots[partition].pop(key, None)
        elif not sent.is_too_late(self.now_ms):
            self.snapshots[partition][key] = sent.value
            if sent.is_hot and sent.hop_ms >= 0:
                self.hot_hop_ms[key] = sent.hop_ms


class Producer:
    """The one producer of a worker. queues: what has not landed yet, by destination."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.queues: dict[Place, deque[Sent]] = {}

    def send(self, out: Outgoing) -> Sent:
        """Take an output of a stage."""
        return self.put(Sent(place=(out.topic, out.partition or 0), key=out.key, value=out.value))

    def put(self, sent: Sent) -> Sent:
        """Take a record."""
        queue = self.queues.get(sent.place)
        if queue is None:
            queue = self.queues[sent.place] = deque()
        queue.append(sent)
        return sent

    @property
    def waiting(self) -> list[Place]:
        """Destinations for which something waits."""
        return [place for place, queue in self.queues.items() if queue]

    def land(self, place: Place, count: int = 1) -> None:
        """Let the oldest records for one destination arrive."""
        queue = self.queues[place]
        for _ in range(min(count, len(queue))):
            self.broker.land(queue.popleft())

    def land_all(self) -> None:
        """Let everything arrive."""
        for place, queue in self.queues.items():
            self.land(place, len(queue))
