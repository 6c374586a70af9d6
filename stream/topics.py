"""Names and shapes of all Kafka topics: the plan that `topics ensure` creates and checks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = [
    "DLQ_SUFFIX",
    "MIB",
    "SNAPSHOT_BYTES_MAX",
    "PlannedTopic",
    "Topic",
    "murmur2",
    "partition_of",
    "plan",
]

MIB: Final = 1024 * 1024
SNAPSHOT_BYTES_MAX: Final = 16 * MIB
"""Largest record of saved state. Usual ones are 100 times smaller; a large incident stage whose
partitions are hours apart is not."""
DAY_MS: Final = 86_400_000
DLQ_SUFFIX: Final = ".dlq"


class Topic(StrEnum):
    """A topic by its name without the deployment's prefix."""

    COUNTS = "cell-counts.v1"
    COUNTS_DLQ = "cell-counts.v1.dlq"
    READINGS = "readings.v1"
    DENSITY = "density.v1"
    DETECTIONS = "detections.v1"
    POLICE = "alerts.police.v1"
    FIRE = "alerts.fire.v1"
    SYSTEM = "alerts.system.v1"
    ACKS = "alerts.acks.v1"
    ACKS_DLQ = "alerts.acks.v1.dlq"
    REPLIES = "alerts.replies.v1"
    QUARANTINE = "quarantine.v1"
    SNAPSHOTS = "snapshots.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTopic:
    """One topic as it must be on the broker.

    name: with the prefix. partitions: exact count; another count on the broker is refused.
    config: Kafka topic settings, values as the broker prints them.
    """

    name: str
    partitions: int
    config: dict[str, str]


def _kept(days: int, **more: str) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(days * DAY_MS), **more}


def plan(prefix: str, *, counts: int, blocks: int, snapshots: int = 4) -> list[PlannedTopic]:
    """Return every topic of the contract (DESIGN 5) in a fixed order.

    counts, blocks: partition counts of the input topic and of the block stage's topics.
    Snapshot segments are small so that compaction reaches them soon.

    >>> [t.name for t in plan("crowd.", counts=1, blocks=1)][:2]
    ['crowd.cell-counts.v1', 'crowd.cell-counts.v1.dlq']
    """
    arrival = {"message.timestamp.type": "LogAppendTime"}
    big = {"max.message.bytes": str(2 * MIB)}
    shapes: dict[Topic, tuple[int, dict[str, str]]] = {
        Topic.COUNTS: (counts, _kept(7, **arrival, **{"max.message.bytes": str(MIB)})),
        Topic.COUNTS_DLQ: (1, _kept(14, **big)),
        Topic.READINGS: (blocks, _kept(7, **arrival, **big)),
        Topic.DENSITY: (blocks, _kept(7, **arrival, **big)),
        Topic.DETECTIONS: (1, _kept(7, **arrival, **big)),
        Topic.POLICE: (1, _kept(400, **arrival)),
        Topic.FIRE: (1, _kept(400, **arrival)),
        Topic.SYSTEM: (1, _kept(30, **arrival)),
        Topic.ACKS: (1, _kept(30, **arrival)),
        Topic.ACKS_DLQ: (1, _kept(14, **big)),
        Topic.REPLIES: (1, _kept(30, **arrival)),
        Topic.QUARANTINE: (1, _kept(400, **arrival)),
        Topic.SNAPSHOTS: (
            snapshots,
            {
                "cleanup.policy": "compact",
                "segment.bytes": str(64 * MIB),
                "min.cleanable.dirty.ratio": "0.1",
                # Room for the batch around the record.
                "max.message.bytes": str(SNAPSHOT_BYTES_MAX + MIB),
            },
        ),
    }
    return [
        PlannedTopic(name=prefix + topic, partitions=count, config=config)
        for topic, (count, config) in shapes.items()
    ]


def murmur2(data: bytes) -> int:
    """Return Kafka's 32-bit murmur2 hash of `data`, made positive as all clients do.

    The client libraries keep their own as a private detail; block ids must land on the same
    partition in every host, so the function is fixed here (A. Appleby, MurmurHash2; the seed
    and the sign mask are Kafka's).

    >>> murmur2(b"21"), murmur2(b"foobar")
    (1173551340, 1357151166)
    """
    mask, mix = 0xFFFFFFFF, 0x5BD1E995
    length = len(data)
    state = (0x9747B28C ^ length) & mask
    whole = length - length % 4
    for start in range(0, whole, 4):
        word = int.from_bytes(data[start : start + 4], "little") * mix & mask
        word = (word ^ (word >> 24)) * mix & mask
        state = (state * mix & mask) ^ word
    tail = data[whole:]
    if tail:
        state = (state ^ int.from_bytes(tail, "little")) * mix & mask
    state = (state ^ (state >> 13)) * mix & mask
    return (state ^ (state >> 15)) & 0x7FFFFFFF


def partition_of(key: str, partitions: int) -> int:
    """Return the partition of a block id: the same on every topic and in every host."""
    return murmur2(key.encode()) % partitions
