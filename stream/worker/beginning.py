"""State that a deployment begins in, put into its snapshot topic before its first worker starts.

Workers load what is there and do not ask who wrote it. So nobody may have begun: not a record in
the snapshots, the readings or the detections. It is looked at again afterwards, for a worker that
starts meanwhile knows nothing of what was written.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from stream.kafka_clients import BrokerError, broker_errors
from stream.machine import SnapshotError
from stream.topics import MIB, SNAPSHOT_BYTES_MAX, Topic
from stream.worker.preflight import check_broker
from stream.worker.producer import OutputProducer
from stream.worker.snapshots import SnapshotLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.machine import Snapshot
    from stream.worker.deployment import Deployment

__all__ = ["check_unbegun", "write_start"]

INTERNAL: Final = (Topic.SNAPSHOTS, Topic.READINGS, Topic.DETECTIONS)
WITHOUT_WORKER: Final = (Topic.READINGS, Topic.DETECTIONS)


def check_unbegun(deployment: Deployment) -> None:
    """Refuse a deployment that cannot be begun: no broker, wrong topics, or begun already.

    Raises ConfigError with every fault of the topics, BrokerError in one line for all else.
    """
    with broker_errors(deployment.settings.kafka):
        asyncio.run(_check(deployment))


def write_start(deployment: Deployment, snapshots: Sequence[Snapshot]) -> int:
    """Write the state to begin in and return its bytes; durable when this returns.

    snapshots: of each block partition, then of the incident stage. Raises SnapshotError, before
    anything is written, where a record is too large, and BrokerError in one line that says how
    much was written where it was not all.
    """
    for entry in (one for shot in snapshots for one in (*shot.slots, *shot.hot)):
        if len(entry.value) > SNAPSHOT_BYTES_MAX:
            raise SnapshotError(
                f"{entry.key}: its state takes {len(entry.value)} bytes and may take"
                f" {SNAPSHOT_BYTES_MAX}; nothing was written"
            )
    with broker_errors(deployment.settings.kafka):
        return asyncio.run(_write(deployment, snapshots))


def _lost(_: str) -> None:
    """Go on: whoever waits for the record gets its error, or is out of time."""


def _slowest_s(snapshot: Snapshot) -> float:
    """Return the seconds that a snapshot takes at a mebibyte a second, a slow broker's rate."""
    return sum(len(entry.value) for entry in (*snapshot.slots, *snapshot.hot)) / MIB


def _line(fault: Exception) -> str:
    return " ".join(str(fault).split()) or type(fault).__name__


async def _check(deployment: Deployment) -> None:
    await check_broker(deployment)
    begun = await _filled(deployment, INTERNAL)
    if begun:
        raise BrokerError(
            f"{begun} holds records: this deployment has begun and cannot begin with a memory;"
            " nothing was written; take another topics.prefix"
        )


async def _filled(deployment: Deployment, topics: Sequence[Topic]) -> str:
    """Return the name of the first topic that was ever written to; "" if none was."""
    shapes = {one.name: one.partitions for one in deployment.planned()}
    names = [deployment.name(topic) for topic in topics]
    async with deployment.reader() as reader:
        held = await reader.bounds([(name, p) for name in names for p in range(shapes[name])])
    return next((name for (name, _), offsets in held.items() if offsets.stop > 0), "")


async def _write(deployment: Deployment, snapshots: Sequence[Snapshot]) -> int:
    kafka, parts = deployment.settings.kafka, deployment.settings.topics.partitions
    log = SnapshotLog(topic=deployment.name(Topic.SNAPSHOTS), partitions=parts.snapshots)
    producer = OutputProducer(
        deployment.options, timeout_s=kafka.send_timeout_s, linger_ms=kafka.linger_ms, die=_lost
    )
    places = [*range(parts.blocks), 0]  # The incident stage reads the one partition 0.
    size, done = 0, 0
    await producer.start()
    try:
        for place, snapshot in zip(places, snapshots, strict=True):
            async with asyncio.timeout(kafka.send_timeout_s + _slowest_s(snapshot)):
                size += await log.write(producer, place, snapshot)
            done += 1
    except Exception as fault:
        raise BrokerError(
            f"{log.topic}: written for {done} of {len(places)} partitions, then:"
            f" {_line(fault)}; delete its records or take another topics.prefix, then learn again"
        ) from fault
    finally:
        await producer.stop()
    begun = await _filled(deployment, WITHOUT_WORKER)
    if begun:
        raise BrokerError(
            f"{begun}: a worker began while the state was written and knows nothing of it; stop all"
            " workers and take another topics.prefix"
        )
    return size
