"""Every tile raised in one hop, 20,000 tiles, real broker: tick appended -> last alert received.

Two floods: one crowd over the whole city, and as many separate ones as it has room for. The desks
may get ten messages; what is timed is until the last of both desks is in a consumer's hands.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from stream.topics import plan
from tests.bench import city
from tests.bench.latency import SETS, send_tick
from tests.bench.pinned import free_the_other_core, pinned
from tests.bench.rates import make
from tests.kafka.broker import Broker

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["main"]

CALM_HOPS: Final = 3
ROUNDS: Final = 3
MORE: Final = 900.0  # people more in each cell: red on so little ground
APART_M: Final = 300.0
NEAR_M: Final = 60.0
DESKS: Final = ("alerts.police.v1", "alerts.fire.v1")
QUIET_S: Final = 3.0
WAIT_S: Final = 60.0


def flood(kind: str) -> NDArray[np.float64]:
    """Return people more in each cell: in all of them, or around points 300 m apart."""
    if kind == "one crowd":
        return np.full(city.CELLS, MORE)
    places = np.array(city.places())
    off = np.abs((places + APART_M / 2) % APART_M - APART_M / 2)
    return np.where((off < NEAR_M).all(axis=1), MORE, 0.0)


def measure(broker: Broker, folder: Path, kind: str, prefix: str) -> tuple[float, int, int]:
    """Return ms from the tick to the last message, how many came, and the largest, bytes."""
    topics = plan(prefix, counts=1, blocks=1)
    make(broker, [(one.name, one.partitions, one.config) for one in topics])
    cells = city.cells_file(folder)
    ours = (f"kafka.bootstrap={broker.bootstrap}", f"topics.prefix={prefix}")
    options = [word for one in (*SETS, *ours) for word in ("--set", one)]
    with pinned(["stream.cli", "run", "--cells", str(cells), *options], folder / "worker.log"):
        producer = KafkaProducer(
            bootstrap_servers=broker.bootstrap, linger_ms=0, max_request_size=2_000_000
        )
        desks = KafkaConsumer(bootstrap_servers=broker.bootstrap, fetch_max_wait_ms=100)
        desks.assign([TopicPartition(prefix + desk, 0) for desk in DESKS])
        desks.seek_to_beginning()
        send_tick(producer, -1, prefix=prefix)
        for hop in range(CALM_HOPS):
            _send_hop(producer, hop, prefix)
            send_tick(producer, hop, prefix=prefix)
        _wait_for_hop(broker, prefix, CALM_HOPS - 1)
        _send_hop(producer, CALM_HOPS, prefix, more=flood(kind))
        time.sleep(1.0)  # readings come before the deadline, not with it
        appended_ms = send_tick(producer, CALM_HOPS, prefix=prefix)
        return _received(desks, appended_ms)


def _send_hop(
    producer: KafkaProducer, hop: int, prefix: str, *, more: NDArray[np.float64] | None = None
) -> None:
    for value in city.batches(hop, more=more):
        producer.send(prefix + "cell-counts.v1", value, partition=0)
    producer.flush()


def _wait_for_hop(broker: Broker, prefix: str, hop: int) -> None:
    """Wait until the worker has told the densities of a hop: it is there, and has caught up."""
    densities = KafkaConsumer(bootstrap_servers=broker.bootstrap, fetch_max_wait_ms=100)
    densities.assign([TopicPartition(prefix + "density.v1", 0)])
    densities.seek_to_beginning()
    end = str(city.START_MS + (hop + 1) * city.HOP_MS).encode()
    until_s = time.monotonic() + WAIT_S
    while time.monotonic() < until_s:
        for records in densities.poll(timeout_ms=200).values():
            if any(end in record.value for record in records):
                densities.close()
                return
    raise TimeoutError(f"the worker closed no hop within {WAIT_S} s")


def _received(desks: KafkaConsumer, appended_ms: float) -> tuple[float, int, int]:
    """Wait for the messages of the flooded hop until none comes any more."""
    end_ms = city.START_MS + (CALM_HOPS + 1) * city.HOP_MS
    last_ms, sizes = 0.0, []
    until_s = time.monotonic() + WAIT_S
    while time.monotonic() < until_s:
        for records in desks.poll(timeout_ms=100).values():
            for record in records:
                if msgspec.json.decode(record.value)["data"]["hop_ms"] == end_ms:
                    last_ms = time.time() * 1000
                    sizes.append(len(record.value))
                    until_s = time.monotonic() + QUIET_S
    if not sizes:
        raise TimeoutError(f"the flood raised no alert within {WAIT_S} s")
    return last_ms - appended_ms, len(sizes), max(sizes)


def main() -> None:
    """Measure both floods, three times each, and print the medians."""
    with Broker(heap_mb=512) as broker:
        free_the_other_core(broker.pid)
        for kind in ("one crowd", "apart"):
            seen = []
            for turn in range(ROUNDS):
                with tempfile.TemporaryDirectory() as folder:
                    prefix = f"flood-{kind[:3]}-{turn}."
                    seen.append(measure(broker, Path(folder), kind, prefix))
            waits, counts, sizes = zip(*seen, strict=True)
            told = f"{median(waits):.0f} ms (worst {max(waits):.0f}), {max(counts)} messages"
            print(f"flood, {kind}: tick to last alert {told}, largest {max(sizes)} bytes")


if __name__ == "__main__":
    main()
