"""Counting workers as processes on a broker, and a count of what came out."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from stream.settings_load import load
from stream.topic_admin import ensure
from stream.worker.producer import OutputProducer
from stream.worker.reader import LogReader
from tests.kafka.broker import free_ports, tied_to_parent
from tests.worker.counting import EVERY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stream.machine import Delivered

__all__ = ["PARTITIONS", "CountingCrew"]

PARTITIONS: Final = 3
WAIT_S: Final = 240.0
POLL_S: Final = 0.25
ROOT: Final = Path(__file__).parents[2]


class CountingCrew:
    """Some counting workers of one prefix; all of them end with the `with` block.

    more: settings beside the usual. has_topics: they are there, and this broker makes none.
    """

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        folder: Path,
        *,
        size: int,
        more: Sequence[str] = ("feeds.numbers.period_s=300",),
        has_topics: bool = False,
    ) -> None:
        self.bootstrap, self.prefix = bootstrap, prefix
        self._more = more
        self._folder = folder
        self._ports = free_ports(size)
        self.processes: list[subprocess.Popen[bytes] | None] = [None] * size
        if not has_topics:
            ensure(load(None, env={}, sets=self.sets(0)))

    def __enter__(self) -> Self:
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
            *self._more,
        ]

    def start(self, number: int) -> subprocess.Popen[bytes]:
        """Start a worker (again)."""
        module = [sys.executable, "-m", "tests.worker.counting_worker"]
        with self._log(number).open("ab") as log:
            command = [*tied_to_parent(), *module, *self.sets(number)]
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
        self.processes[number] = process
        return process

    def feed(self, numbers: Iterable[int | str], *, pause_s: float = 0.0) -> None:
        """Send numbers to the input partitions in turn."""

        async def send() -> None:
            producer = OutputProducer(self._options, timeout_s=60, linger_ms=5)
            await producer.start()
            for place, n in enumerate(numbers):
                value = json.dumps({"n": n}).encode()
                name = f"{self.prefix}cell-counts.v1"
                await producer.send(name, value, partition=place % PARTITIONS)
                if pause_s and place % 20 == 0:
                    await asyncio.sleep(pause_s)
            await producer.settle()
            await producer.stop()

        asyncio.run(send())

    def put(self, topic: str, value: bytes, *, key: bytes | None = None) -> None:
        """Send one record to partition 0 of a topic."""

        async def send() -> None:
            producer = OutputProducer(self._options, timeout_s=60, linger_ms=0)
            await producer.start()
            await (await producer.send(self.prefix + topic, value, key=key, partition=0))
            await producer.stop()

        asyncio.run(send())

    def read(self, topic: str, partitions: int) -> list[Delivered]:
        """Return all records of a topic."""

        async def take() -> list[Delivered]:
            name = self.prefix + topic
            async with LogReader(self._options) as reader:
                held = await reader.bounds([(name, p) for p in range(partitions)])
                return [
                    record
                    for (_, partition), offsets in held.items()
                    async for record in reader.records(name, partition, offsets)
                ]

        return asyncio.run(take())

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
        return Counter((one.key or b"").decode() for one in self.read("alerts.police.v1", 1))

    def totals(self) -> dict[int, tuple[int, int]]:
        """Return (count, sum) of each readings partition, as the newest snapshot has them."""
        newest = {(one.key or b"").decode(): one.value for one in self.read("snapshots.v1", 4)}
        states = {
            p: json.loads(newest.get(f"count/{p}") or b"[0,0,0,0]") for p in range(PARTITIONS)
        }
        return {p: (state[2], state[3]) for p, state in states.items()}

    def wait_for(self, what: str, is_so: Callable[[], bool]) -> None:
        """Wait until something is so; a worker that ended meanwhile is started again."""
        deadline = time.monotonic() + WAIT_S
        while not is_so():
            assert time.monotonic() < deadline, f"not so after {WAIT_S:.0f} s: {what}"
            for number, process in enumerate(self.processes):
                if process is not None and process.poll() is not None:
                    self.start(number)
            time.sleep(POLL_S)

    @property
    def _options(self) -> dict[str, Any]:
        return {"bootstrap_servers": self.bootstrap}

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
