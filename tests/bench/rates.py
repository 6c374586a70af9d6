"""Readings a second on one core through a real broker: the worker against idiomatic Faust.

Both read the same readings from a topic that is filled before they start. The product gets them
as operators are asked to send them, 5,000 a record; the peer as its guide shows, one record a
reading. Rates run from append to append of what each writes, so start-up does not count.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from stream.topics import plan
from stream.wire import Closed, decode_detections
from stream.worker.announcement import is_announcement
from tests.bench import city
from tests.bench.pinned import free_the_other_core, pinned
from tests.kafka.broker import Broker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Rate", "main"]

WARM_HOPS: Final = 10
WAIT_S: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """readings handled in seconds, both measured on the broker's clock."""

    readings: int
    seconds: float

    @property
    def per_s(self) -> float:
        """Readings a second."""
        return self.readings / self.seconds


def fill(bootstrap: str, topic: str, values: Iterable[bytes]) -> int:
    """Append values to a topic's partition 0; return how many."""
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, linger_ms=20, batch_size=1_000_000, max_request_size=2_000_000
    )
    count = 0
    for value in values:
        producer.send(topic, value, partition=0)
        count += 1
    producer.flush()
    producer.close()
    return count


def stamps(
    bootstrap: str, topic: str, *, want: int, of: Callable[[bytes], bool] = lambda _: True
) -> list[int]:
    """Read the append times (ms) of a topic's records of a kind until `want` came or time is up."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=8_000_000,
    )
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    read: list[int] = []
    end = time.monotonic() + WAIT_S
    while len(read) < want and time.monotonic() < end:
        for records in consumer.poll(timeout_ms=500).values():
            read += [record.timestamp for record in records if of(record.value)]
    consumer.close()
    return read


def ours(broker: Broker, folder: Path, *, hops: int) -> Rate:
    """Let one worker, with all three stages on one core, work off a number of hops."""
    make(broker, [(t.name, t.partitions, t.config) for t in plan("crowd.", counts=1, blocks=1)])
    values = [city.tick(-1)]
    for hop in range(hops):
        values += [*city.batches(hop), city.tick(hop)]
    fill(broker.bootstrap, "crowd.cell-counts.v1", values)
    fill(broker.bootstrap, "crowd.alerts.acks.v1", [city.tick(hop) for hop in range(-1, hops)])
    cells = city.cells_file(folder)
    sets = [*city.SETS, f"kafka.bootstrap={broker.bootstrap}", "worker.web_port=7411"]
    arguments = [
        "stream.cli",
        "run",
        "--cells",
        str(cells),
        *(x for s in sets for x in ("--set", s)),
    ]
    started = time.monotonic()
    with pinned(arguments, folder / "worker.log"):
        closed = stamps(broker.bootstrap, "crowd.detections.v1", want=hops, of=is_closed_hop)
    print(f"  whole run {time.monotonic() - started:.1f} s")
    if len(closed) < hops:
        sys.exit(
            f"only {len(closed)} of {hops} hops in {WAIT_S:.0f} s; see the worker's log:\n"
            + (folder / "worker.log").read_text()[-1000:]
        )
    first, last = closed[WARM_HOPS - 1], closed[-1]
    readings = (len(closed) - WARM_HOPS) * city.CELLS
    return Rate(readings=readings, seconds=(last - first) / 1000)


def is_closed_hop(value: bytes) -> bool:
    """Tell a record of a closed hop from settings, beats and clocks."""
    return not is_announcement(value) and isinstance(decode_detections(value), Closed)


def peer(broker: Broker, folder: Path, *, readings: int) -> Rate:
    """Let the idiomatic Faust program work off readings of the same kind."""
    make(
        broker,
        [
            ("peer-readings", 1, {}),
            ("peer-alerts", 1, {"message.timestamp.type": "LogAppendTime"}),
            ("bench-peer-people-changelog", 1, {"cleanup.policy": "compact"}),
            ("bench-peer-__assignor-__leader", 1, {}),
        ],
    )
    fill(broker.bootstrap, "peer-readings", one_by_one(readings))
    variables = {"PEER_BOOTSTRAP": broker.bootstrap, "PEER_FOLDER": str(folder)}
    with pinned(["tests.bench.peer_faust"], folder / "peer.log", variables=variables):
        marks = stamps(broker.bootstrap, "peer-alerts", want=readings // 1000)
    read = len(marks) * 1000
    return Rate(readings=read - 1000, seconds=(marks[-1] - marks[0]) / 1000)


def one_by_one(count: int) -> Iterable[bytes]:
    """Yield readings of the benchmark city, one record each, as the peer's guide shows."""
    for hop in range(-(-count // city.CELLS)):
        for value in city.batches(hop):
            batch = msgspec.json.decode(value)
            for cell, people in zip(batch["cells"], batch["counts"], strict=True):
                if count == 0:
                    return
                count -= 1
                reading = {"cell": cell, "start": batch["start"], "count": people}
                yield msgspec.json.encode(reading)


def make(broker: Broker, topics: list[tuple[str, int, dict[str, str]]]) -> None:
    """Create topics on the broker."""
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.create_topics(
        [
            NewTopic(name=name, num_partitions=count, replication_factor=1, topic_configs=config)
            for name, count, config in topics
        ]
    )
    admin.close()


def main() -> None:
    """Measure both in one go and print the rates and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hops", type=int, default=300, help="hops of 50,000 readings")
    parser.add_argument("--peer-readings", type=int, default=60_000)
    asked = parser.parse_args()
    with Broker(heap_mb=512) as broker, tempfile.TemporaryDirectory() as folder:
        free_the_other_core(broker.pid)
        product = ours(broker, Path(folder), hops=asked.hops)
        print(f"crowdtide: {product.per_s:,.0f} readings/s ({product.readings:,})")
        faust = peer(broker, Path(folder), readings=asked.peer_readings)
        print(f"idiomatic Faust: {faust.per_s:,.0f} readings/s ({faust.readings:,})")
        print(f"ratio: {product.per_s / faust.per_s:,.0f}")


if __name__ == "__main__":
    main()
