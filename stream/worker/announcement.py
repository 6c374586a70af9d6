"""The `settings/1` record: which settings decide this log, said once at its start.

The first worker writes it; every later one compares its own settings and ground, and refuses to
join with others. A worker that follows a replay and has no feed register waits for it and adopts
it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from stream.fitting import check_feeds
from stream.ground_identity import check_ground, identity
from stream.settings import adopt, announce
from stream.topics import Topic

if TYPE_CHECKING:
    from stream.worker.deployment import Deployment
    from stream.worker.producer import OutputProducer
    from stream.worker.reader import LogReader

__all__ = ["is_announcement", "settle_settings"]

LOOK_INTO: Final = 200  # records from the start of detections; the announcement is among them
MARK: Final = b'"settings/1"'


def is_announcement(value: bytes | None) -> bool:
    """Tell an announcement from a record of a stage: those are msgpack, never a JSON object."""
    return value is not None and value[:1] == b"{" and MARK in value[:100]


async def settle_settings(
    deployment: Deployment, reader: LogReader, producer: OutputProducer
) -> bool:
    """Adopt or compare the announced settings, or announce ours; False = wait for a replay's.

    Of two workers that announce at the same time the first one in the log is right: what was
    announced is read back. Raises ConfigError where ours and the announced ones differ.
    """
    if await _announced(deployment, reader):
        return True
    if not deployment.settings.feeds:
        return False
    topic = deployment.name(Topic.DETECTIONS)
    record = announce(deployment.settings, ground=identity(deployment.city))
    await (await producer.send(topic, record, partition=0))
    # Not found where retention has taken the beginning of the log: then ours is the only one.
    await _announced(deployment, reader)
    return True


async def _announced(deployment: Deployment, reader: LogReader) -> bool:
    """Adopt the first announcement of the log; False if there is none."""
    topic = deployment.name(Topic.DETECTIONS)
    held = (await reader.bounds([(topic, 0)]))[topic, 0]
    first = range(held.start, min(held.stop, held.start + LOOK_INTO))
    async for record in reader.records(topic, 0, first):
        if is_announcement(record.value):
            said = record.value or b""
            deployment.settings = adopt(deployment.settings, said, explicit=deployment.explicit)
            check_feeds(deployment.settings, deployment.city)
            check_ground(
                said,
                deployment.city,
                now_ms=time.time_ns() // 1_000_000,
                accept_duty=deployment.accept_duty,
            )
            return True
    return False
