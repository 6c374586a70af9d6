"""A notify process on a test's broker, and the topics it reads, written by the test itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

import msgspec
from kafka import KafkaProducer

from alerts.desk import Desk
from alerts.message import envelope
from alerts.system import Heartbeat, system_envelope
from stream.topics import Topic
from stream.wall import wall_ms
from tests.kafka.beside import Beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from alerts.message import Alert
    from tests.kafka.broker import Broker

__all__ = ["OF", "Notifying", "Publisher"]

OF: Final = {Desk.POLICE: Topic.POLICE, Desk.FIRE: Topic.FIRE}


class Notifying(Beside):
    """`crowdtide notify`."""

    def __init__(self, folder: Path, options: Sequence[str], *sets: str) -> None:
        super().__init__("notify", folder, options, f"notify.state={folder / 'state'}", *sets)


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

    def write(self, topic: Topic, value: bytes | None, *, key: str) -> None:
        self._producer.send(self._prefix + topic, value, key=key.encode()).get(timeout=30)
