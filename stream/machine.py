"""The contract between a stage and its host: records in, records out, snapshots, nothing else.

A *machine* is one stage bound to one input partition. Hosts (the Faust worker, the offline
engine, the simulator) read records from a log and hand them over in offset order; what the
machine returns they deliver. The order a host must keep (PROTOCOL 10): the outputs of all
records up to offset o are delivered, then `snapshot().slots`, then `.hot`, then `.gone`, then o
is acknowledged. The stateless gateway has no snapshot: outputs delivered, then acknowledged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.topics import Topic

__all__ = ["Delivered", "Entry", "Machine", "Outgoing", "Snapshot", "SnapshotError", "Step"]


class SnapshotError(ValueError):
    """Saved state that cannot be trusted; the message says which key, what and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One record as read from a log.

    timestamp_ms: the broker's stamp (LogAppendTime on input topics), epoch ms.
    value: None is a tombstone.
    """

    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One record to deliver. partition None: the host's partitioner decides (murmur2 of key)."""

    topic: Topic
    key: bytes | None
    value: bytes
    partition: int | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one record led to.

    out: records to deliver, in this order. closes: the batch may end here (a hop closed, or the
    incident stage published): snapshot, then acknowledge everything up to this record.
    """

    out: tuple[Outgoing, ...] = ()
    closes: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the snapshot topic."""

    key: str
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What to write at the end of a batch, in this order: slots, hot, gone (tombstones)."""

    slots: tuple[Entry, ...] = ()
    hot: tuple[Entry, ...] = ()
    gone: tuple[str, ...] = field(default=())


class Machine(Protocol):
    """A stage with state, bound to one input partition."""

    @property
    def applied(self) -> int:
        """Highest offset that is in the whole state; -1 at first.

        After `load` the host reads again from `applied + 1`; records up to `applied` need not
        be handed over at all.
        """

    def origins(self) -> Mapping[tuple[Topic, int], int]:
        """Return the newest offset seen of every source partition; -1 = none yet.

        A source that now ends below that was made anew, and its offsets mean other records.
        """

    def step(self, record: Delivered) -> Step:
        """Apply the next record. Offsets come in order; replayed ones are harmless."""

    def snapshot(self) -> Snapshot:
        """Return what must be written so that `load` gives this very state.

        Clears nothing that a second call would need: two calls without a step between give
        equal bytes.
        """

    def load(self, entries: Mapping[str, bytes]) -> None:
        """Take the newest value of every key (tombstoned keys left out).

        Raises SnapshotError where the entries do not fit together or belong to other settings.
        """
