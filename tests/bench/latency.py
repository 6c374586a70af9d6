"""Append of the tick that closes a hop -> alert in a consumer's hands, 20,000 tiles, real broker.

Every hop has a crowd at a new place, so every hop raises an incident. The tick's append time and
the moment of receipt are on one machine's clock.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from stream.topics import plan
from tests.bench import city
from tests.bench.pinned import free_the_other_core, pinned
from tests.bench.rates import make
from tests.kafka.broker import Broker

__all__ = ["SETS", "main", "send_tick"]

READY_S: Final = 60.0
WAIT_S: Final = 20.0
WARM_HOPS: Final = 5
# Escalated: where chance had opened a small incident before.
RISES: Final = {"crowd.alert.raised.v1", "crowd.alert.escalated.v1"}
# So little ground that 8,000 people more are on the red rung, which looks at the newest frame.
SETS: Final = (*city.SETS, "grid.walkable_share=0.02", "worker.web_port=7413")


def measure(broker: Broker, folder: Path, *, hops: int) -> list[float]:
    """Return one latency a hop, milliseconds, the first hops left out."""
    make(broker, [(t.name, t.partitions, t.config) for t in plan("crowd.", counts=1, blocks=1)])
    cells = city.cells_file(folder)
    sets = (*SETS, f"kafka.bootstrap={broker.bootstrap}", "kafka.fetch_max_wait_ms=100")
    options = [word for one in sets for word in ("--set", one)]
    with pinned(["stream.cli", "run", "--cells", str(cells), *options], folder / "worker.log"):
        producer = KafkaProducer(
            bootstrap_servers=broker.bootstrap, linger_ms=0, max_request_size=2_000_000
        )
        desk = KafkaConsumer(bootstrap_servers=broker.bootstrap, fetch_max_wait_ms=100)
        desk.assign([TopicPartition("crowd.alerts.police.v1", 0)])
        desk.seek_to_beginning()
        send_tick(producer, -1)
        waits = []
        for hop, crowd in enumerate(city.far_apart(hops)):
            for value in city.batches(hop, crowd=crowd):
                producer.send("crowd.cell-counts.v1", value, partition=0)
            producer.flush()
            time.sleep(0.3)  # readings come before the deadline, not with it
            appended_ms = send_tick(producer, hop)
            received_ms = raised_at(desk, hop, wait_s=READY_S if hop == 0 else WAIT_S)
            waits.append(received_ms - appended_ms)
        return waits[WARM_HOPS:]


def send_tick(producer: KafkaProducer, hop: int, *, prefix: str = "crowd.") -> float:
    """Send one tick to the clocks of both inputs; return its append time, epoch ms."""
    producer.send(prefix + "alerts.acks.v1", city.tick(hop), partition=0).get(10)
    sent = producer.send(prefix + "cell-counts.v1", city.tick(hop), partition=0)
    return float(sent.get(10).timestamp)


def raised_at(desk: KafkaConsumer, hop: int, *, wait_s: float) -> float:
    """Return when the alert that this hop led to was received, epoch ms."""
    end_ms = city.START_MS + (hop + 1) * city.HOP_MS
    stop = time.monotonic() + wait_s
    while time.monotonic() < stop:
        polled = desk.poll(timeout_ms=200)
        received_ms = time.time() * 1000
        for records in polled.values():
            for record in records:
                event = msgspec.json.decode(record.value)
                if event["type"] in RISES and event["data"]["hop_ms"] == end_ms:
                    return received_ms
    message = f"hop {hop} raised no alert within {wait_s} s"
    raise TimeoutError(message)


def main() -> None:
    """Measure and print p50, p90, p99 and the worst."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hops", type=int, default=105)
    asked = parser.parse_args()
    with Broker(heap_mb=512) as broker, tempfile.TemporaryDirectory() as folder:
        free_the_other_core(broker.pid)
        waits = sorted(measure(broker, Path(folder), hops=asked.hops))
    at = {p: waits[min(int(len(waits) * p / 100), len(waits) - 1)] for p in (50, 90, 99)}
    figures = ", ".join(f"p{p} {ms:.0f} ms" for p, ms in at.items())
    print(f"tick to alert, {len(waits)} hops: {figures}, worst {waits[-1]:.0f} ms")


if __name__ == "__main__":
    main()
