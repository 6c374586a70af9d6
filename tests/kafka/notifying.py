"""A notify process on a test's broker, and the topics it reads, written by the test itself."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec
from kafka import KafkaProducer

from alerts.desk import Desk
from alerts.message import envelope
from alerts.system import Heartbeat, system_envelope
from stream.notify.run import wall_ms
from stream.topics import Topic
from tests.arch.house import ROOT
from tests.kafka.broker import tied_to_parent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from alerts.message import Alert
    from tests.kafka.broker import Broker

__all__ = ["CLI", "Notifying", "Publisher"]

CLI: Final = (sys.executable, "-m", "stream.cli")
OF: Final = {Desk.POLICE: Topic.POLICE, Desk.FIRE: Topic.FIRE}
END_S: Final = 60.0


class Notifying:
    """One process with a state of its own, started again by whoever ends it."""

    def __init__(self, broker: Broker, folder: Path, *sets: str, prefix: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        mine = (
            f"kafka.bootstrap={broker.bootstrap}",
            f"topics.prefix={prefix}",
            f"notify.state={folder / 'state'}",
            *sets,
        )
        self.options = [part for one in mine for part in ("--set", one)]
        self.log = folder / "notify.log"
        self._process: subprocess.Popen[bytes] | None = None
        made = [*CLI, "topics", "ensure", *self.options]
        subprocess.run(made, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def start(self) -> None:
        with self.log.open("ab") as log:
            command = [*tied_to_parent(), *CLI, "notify", *self.options]
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """End it as a power cut would. Raises AssertionError if it had ended by itself."""
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Ask it to end; return its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(END_S)


class Publisher:
    """What the incident stage would write."""

    def __init__(self, broker: Broker, prefix: str) -> None:
        self._prefix = prefix
        self._producer: Any = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._producer.close(timeout=10)

    def tell(self, alerts: Iterable[Alert]) -> None:
        for alert in alerts:
            value = envelope(alert, source="/test", status="Test")
            self.write(OF[alert.desk], value, key=alert.incident)

    def beat(self) -> None:
        now_ms = wall_ms()
        beat = Heartbeat(
            worker="w0",
            at_ms=now_ms,
            hop_ms=now_ms,
            open_by_level=(0, 0, 0, 0),
            unacknowledged=0,
            feeds=[],
            blind_ratio=None,
            last_ids={},
        )
        self.write(Topic.SYSTEM, system_envelope(beat, source="/test", status="Test"), key="w0")

    def answer_test(self, desk: str, probe_id: str) -> None:
        """Answer a self-test as the incident stage does, by the contract of its message."""
        data = {"schema": "self-test/1", "desk": desk, "by": "notify", "id": probe_id}
        event = {"id": probe_id, "type": "crowd.alert.test.v1", "status": "Test", "data": data}
        self.write(OF[Desk(desk)], msgspec.json.encode(event), key="self-test")

    def write(self, topic: Topic, value: bytes, *, key: str) -> None:
        self._producer.send(self._prefix + topic, value, key=key.encode()).get(timeout=30)
