"""Counting workers as processes on a broker, and a count of what came out."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from kafka import KafkaProducer

from stream.settings_load import load
from stream.topic_admin import ensure
from tests.kafka.broker import free_ports, tied_to_parent
from tests.kafka.tail_of import TailOf
from tests.worker.counting import EVERY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["PARTITIONS", "CountingCrew"]

PARTITIONS: Final = 3
WAIT_S: Final = 240.0
POLL_S: Final = 0.25


class CountingCrew:
    """Some counting workers of one prefix; all of them end with the `with` block."""

    def __init__(self, bootstrap: str, prefix: str, folder: Path, *, size: int) -> None:
        self.bootstrap, self.prefix = bootstrap, prefix
        self._folder = folder
        self._ports = free_ports(size)
        self.processes: list[subprocess.Popen[bytes] | None] = [None] * size
        ensure(load(None, env={}, sets=self.sets(0)))

    def __enter__(self) -> CountingCrew:
        for number in range(len(self.processes)):
            self.start(number)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            if process is not None:
                process.kill()
                process.wait()

    def sets(self, number: int) -> list[str]:
        return [
            f'kafka.bootstrap="{self.bootstrap}"',
            "kafka.session_timeout_s=6",
            f'topics.prefix="{self.prefix}"',
            f"topics.partitions.counts={PARTITIONS}",
            f"topics.partitions.blocks={PARTITIONS}",
            f"worker.id=w{number}",
            f"worker.web_port={self._ports[number]}",
            "feeds.numbers.period_s=300",
        ]

    def start(self, number: int) -> subprocess.Popen[bytes]:
        """Start a worker (again)."""
        module = [sys.executable, "-m", "tests.worker.counting_worker"]
        with self._log(number).open("ab") as log:
            process = subprocess.Popen(
                [*tied_to_parent(), *module, *self.sets(number)], stdout=log, stderr=log
            )
        self.processes[number] = process
        return process

    def feed(self, numbers: Iterable[int | str], *, pause_s: float = 0.0) -> None:
        """Send numbers to the input partitions in turn."""
        client = KafkaProducer(bootstrap_servers=self.bootstrap, acks="all")
        for place, n in enumerate(numbers):
            value = json.dumps({"n": n}).encode()
            client.send(f"{self.prefix}cell-counts.v1", value, partition=place % PARTITIONS)
            if pause_s and place % 20 == 0:
                time.sleep(pause_s)
        client.flush()
        client.close()

    def lines(self, number: int) -> list[dict[str, Any]]:
        """Return what a worker has logged, all its lives."""
        text = self._log(number).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def page(self, number: int, name: str) -> tuple[int, str]:
        """Return status and text of a page; status 0 while nobody answers."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self._ports[number]}/{name}", timeout=5
            ) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as fault:
            with fault:
                return fault.code, fault.read().decode()
        except OSError:
            return 0, ""

    def told(self) -> Counter[str]:
        """Return the keys of the police topic and how often each came."""
        with TailOf(self.bootstrap, f"{self.prefix}alerts.police.v1") as tail:
            return Counter((record.key or b"").decode() for record in tail.catch_up())

    def totals(self) -> dict[int, tuple[int, int]]:
        """Return (count, sum) of each readings partition, as the newest snapshot has them."""
        newest: dict[str, bytes] = {}
        with TailOf(self.bootstrap, f"{self.prefix}snapshots.v1") as tail:
            for record in tail.catch_up():
                newest[(record.key or b"").decode()] = record.value
        states = {p: json.loads(newest.get(f"count/{p}", b"[0,0,0,0]")) for p in range(PARTITIONS)}
        return {p: (state[2], state[3]) for p, state in states.items()}

    def wait_for(self, what: str, is_so: Any) -> None:
        """Wait until something is so; a worker that ended meanwhile is started again."""
        deadline = time.monotonic() + WAIT_S
        while not is_so():
            assert time.monotonic() < deadline, f"not so after {WAIT_S:.0f} s: {what}"
            for number, process in enumerate(self.processes):
                if process is not None and process.poll() is not None:
                    self.start(number)
            time.sleep(POLL_S)

    def _log(self, number: int) -> Path:
        return self._folder / f"w{number}.log"


def wanted(numbers: int) -> tuple[set[str], dict[int, tuple[int, int]]]:
    """Return the keys and totals that 0 to numbers - 1 lead to, by a plain loop."""
    keys, totals = set(), {}
    for partition in range(PARTITIONS):
        mine = [n for n in range(numbers) if n % PARTITIONS == partition]
        totals[partition] = (len(mine), sum(mine))
        keys |= {f"{partition}/{count}" for count in range(EVERY, len(mine) + 1, EVERY)}
    return keys, totals
