"""What a host may do to the world: send, save, look into a hole, leave a mark, be counted."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from stream.topics import Topic
from stream.worker.journal import note
from stream.worker.quarantine import crash_mark, key_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.machine import Delivered, Outgoing, Snapshot
    from stream.metrics import Metrics
    from stream.worker.deployment import Deployment
    from stream.worker.host import Batch
    from stream.worker.producer import OutputProducer
    from stream.worker.snapshots import SnapshotLog

__all__ = ["WorkerPorts"]

DESKS: Final = {Topic.POLICE: "police", Topic.FIRE: "fire", Topic.SYSTEM: "system"}
LETTERS: Final = (Topic.COUNTS_DLQ, Topic.ACKS_DLQ)
MARK_S_MAX: Final = 5.0
BACKLOG: Final = 100  # records: fewer are worked off before they could fill another batch


class _Envelope(msgspec.Struct, frozen=True):
    """What a log line says of an alert."""

    id: str = ""
    type: str = ""
    time: str = ""


_envelope: Final = msgspec.json.Decoder(_Envelope)


class WorkerPorts:
    """The ports of one host. lag: records not yet read. fail: stops the worker with an error."""

    def __init__(
        self,
        topic: Topic,
        partition: int,
        *,
        deployment: Deployment,
        producer: OutputProducer,
        snapshots: SnapshotLog,
        metrics: Metrics,
        lag: Callable[[], int],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._topic, self._partition = topic, partition
        self._deployment = deployment
        self._producer = producer
        self._snapshots = snapshots
        self._metrics = metrics
        self._lag = lag
        self._fail = fail
        self.saved_at = time.monotonic()
        self.durable_at = time.monotonic()

    async def send(self, out: Outgoing, cause: Delivered) -> asyncio.Future[object]:
        """Hand an output to the producer; alerts also say when, who and why in headers."""
        headers = list(out.headers)
        if out.topic in DESKS:
            # Never in the value: a replay must give the same bytes (PROTOCOL 19).
            headers += [
                ("published_ms", str(time.time_ns() // 1_000_000).encode()),
                ("worker", self._deployment.worker.encode()),
                ("cause", key_of(self._topic, self._partition, cause.offset)),
            ]
        return await self._producer.send(
            self._deployment.name(out.topic),
            out.value,
            key=out.key,
            partition=out.partition,
            headers=headers,
        )

    async def save(self, snapshot: Snapshot) -> None:
        """Write a snapshot of this partition's machine."""
        size = await self._snapshots.write(self._producer, self._partition, snapshot)
        self._metrics.snapshot_bytes.labels(self._topic, self._partition).set(size)
        self.saved_at = time.monotonic()

    async def hole_is_empty(self, offsets: range) -> bool:
        """Read the range from outside the group; count it if there is nothing in it."""
        name = self._deployment.name(self._topic)
        async with self._deployment.reader() as reader:
            held = (await reader.bounds([(name, self._partition)]))[name, self._partition]
            if held.start > offsets.start:
                return False  # retention took records that nobody had read
            async for _ in reader.records(name, self._partition, offsets):
                return False
        self._metrics.gaps.labels("empty").inc()
        return True

    def behind(self) -> bool:
        """Tell whether there is a backlog; the broker's last answer says so, never too much."""
        return self._lag() > BACKLOG

    async def crashed(self, record: Delivered, fault: Exception) -> None:
        """Leave a mark in the quarantine log, so that the third crash parks the partition."""
        note(
            "record.crashed",
            level="error",
            topic=self._topic,
            partition=self._partition,
            offset=record.offset,
            fault=repr(fault),
        )
        mark = crash_mark(
            self._topic,
            self._partition,
            record.offset,
            worker=self._deployment.worker,
            fault=repr(fault),
        )
        key = key_of(self._topic, self._partition, record.offset)
        with suppress(TimeoutError):  # an unreachable broker must not hide the crash itself
            async with asyncio.timeout(MARK_S_MAX):
                name = self._deployment.name(Topic.QUARANTINE)
                await (await self._producer.send(name, mark, key=key, partition=0))

    def skipped(self, record: Delivered) -> None:
        """Count a record passed over, and say which."""
        self._metrics.quarantined.inc()
        place = {"topic": self._topic, "partition": self._partition}
        note("record.skipped", level="warning", **place, offset=record.offset)

    def finished(self, batch: Batch) -> None:
        """Count a durable batch; one log line for each alert in it."""
        self.durable_at = time.monotonic()
        self._metrics.consumed.labels(self._topic).inc(len(batch.acks))
        if batch.last is not None and batch.snapshot is not None:
            delay_s = time.time() - batch.last.timestamp_ms / 1000
            self._metrics.hop_close_delay.labels(self._topic).observe(max(delay_s, 0.0))
        for out in batch.out:
            if out.topic in DESKS:
                self._note_alert(out)
            elif out.topic in LETTERS:
                self._count_letter(out)

    def failed(self, fault: BaseException) -> None:
        """Stop the worker."""
        self._fail(fault)

    def _note_alert(self, out: Outgoing) -> None:
        self._metrics.alerts.labels(DESKS[out.topic]).inc()
        with suppress(msgspec.MsgspecError):
            seen = _envelope.decode(out.value)
            note(
                "alert.published",
                desk=DESKS[out.topic],
                incident=(out.key or b"").decode(errors="replace"),
                id=seen.id,
                type=seen.type,
                hop=seen.time,
            )

    def _count_letter(self, out: Outgoing) -> None:
        self._metrics.dead_lettered.labels(self._topic).inc()
        for name, value in out.headers:
            if name != "crowd-reasons":
                continue
            for item in value.decode().split(","):
                reason, _, count = item.partition("=")
                self._metrics.rejected.labels(reason).inc(int(count or 1))
