"""Writing and reading the snapshot topic, in the one order that is safe (PROTOCOL 10, 11).

Entries of an input partition live in snapshot partition `partition % snapshots`, together with
those of other input partitions and of the incident stage; a machine knows its own keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.machine import SnapshotError
from stream.topics import SNAPSHOT_BYTES_MAX

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Sequence

    from stream.machine import Snapshot
    from stream.worker.producer import OutputProducer
    from stream.worker.reader import LogReader

__all__ = ["SnapshotLog"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotLog:
    """The snapshot topic of one deployment. topic: with the prefix. partitions: its count."""

    topic: str
    partitions: int

    def partition_of(self, input_partition: int) -> int:
        """Return where the entries of an input partition are kept."""
        return input_partition % self.partitions

    async def write(
        self, producer: OutputProducer, input_partition: int, snapshot: Snapshot
    ) -> int:
        """Write a snapshot and return its bytes; durable when this returns.

        Raises SnapshotError, before anything is written, if a record is too large for the topic.
        Finished slots come before the hot records that name them. Tombstones may land later:
        they only tidy up what no hot record names any more.
        """
        place = self.partition_of(input_partition)
        size = 0
        for entry in (*snapshot.slots, *snapshot.hot):
            if len(entry.value) > SNAPSHOT_BYTES_MAX:
                raise SnapshotError(
                    f"{entry.key}: its state takes {len(entry.value)} bytes and may take"
                    f" {SNAPSHOT_BYTES_MAX}: too much waits for a source that stands still; see"
                    " crowd_waiting_readings and crowd_source_clock_age_seconds"
                )
        for entries in (snapshot.slots, snapshot.hot):
            sent: list[asyncio.Future[object]] = []
            for entry in entries:
                size += len(entry.value)
                sent.append(
                    await producer.send(
                        self.topic, entry.value, key=entry.key.encode(), partition=place
                    )
                )
            await _all(sent)
        for key in snapshot.gone:
            await producer.send(self.topic, None, key=key.encode(), partition=place)
        return size

    async def read(
        self, reader: LogReader, input_partitions: Iterable[int]
    ) -> dict[int, dict[str, bytes]]:
        """Return, for each input partition, all live entries of the partition they are kept in.

        Input partitions that share a snapshot partition share one mapping; a machine takes its
        own keys from it.
        """
        inputs = sorted(set(input_partitions))
        newest = {
            place: await reader.newest_by_key(self.topic, place)
            for place in sorted({self.partition_of(partition) for partition in inputs})
        }
        return {partition: newest[self.partition_of(partition)] for partition in inputs}


async def _all(sent: Sequence[asyncio.Future[object]]) -> None:
    for future in sent:
        await future
