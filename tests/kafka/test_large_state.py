"""Saved state far above what brokers take by default is written and read back on a real Kafka."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest

from stream.machine import Entry, Snapshot, SnapshotError
from stream.topics import SNAPSHOT_BYTES_MAX, Topic, plan
from stream.worker.producer import OutputProducer
from stream.worker.reader import LogReader
from stream.worker.snapshots import SnapshotLog
from tests.kafka.test_broker import create

if TYPE_CHECKING:
    from tests.kafka.broker import Broker

pytestmark = [pytest.mark.kafka, pytest.mark.jvm]


def test_a_record_of_the_largest_size_is_saved_and_a_larger_one_is_refused(broker: Broker) -> None:
    topics = plan("large.", counts=1, blocks=1)
    create(broker, [one for one in topics if one.name.endswith(Topic.SNAPSHOTS)])
    log = SnapshotLog(topic=f"large.{Topic.SNAPSHOTS}", partitions=4)
    options = {"bootstrap_servers": broker.bootstrap}
    largest = Entry("incident", random.Random(1).randbytes(SNAPSHOT_BYTES_MAX))
    usual = Entry("b0001-0001", b"usual")

    async def story() -> dict[str, bytes]:
        producer = OutputProducer(options, timeout_s=60, linger_ms=0)
        await producer.start()
        await log.write(producer, 0, Snapshot(hot=(largest, usual)))
        too_large = Entry("incident", largest.value + b"x")
        with pytest.raises(SnapshotError, match="incident: its state takes 16777217 bytes"):
            await log.write(producer, 0, Snapshot(hot=(usual, too_large)))
        assert await producer.stop()
        async with LogReader(options) as reader:
            return (await log.read(reader, [0]))[0]

    assert asyncio.run(story()) == {one.key: one.value for one in (largest, usual)}
