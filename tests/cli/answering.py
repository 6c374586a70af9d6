"""The incident table behind an embedded broker: it tells its alerts and answers what desks do."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from alerts.action import DeskAction
from alerts.desk import Desk
from alerts.message import envelope
from replay.embedded import CLIENT_WAIT_MS, KAFKA_PYTHON_API
from stream.incident_out import reply_record
from stream.topics import Topic
from tests.alerts.scenario import MINUTE_MS, START_MS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.message import Alert
    from tests.alerts.scenario import Scenario

__all__ = ["TOPICS", "Answering"]

TOPICS: Final = {
    f"crowd.{topic}": 1
    for topic in (Topic.POLICE, Topic.FIRE, Topic.SYSTEM, Topic.ACKS, Topic.REPLIES)
}
OF: Final = {Desk.POLICE: Topic.POLICE, Desk.FIRE: Topic.FIRE}


class Answering:
    """Carries out the acks log on a table, for the length of a `with` block.

    deaf: takes actions down, but answers none.
    """

    def __init__(self, bootstrap: str, scene: Scenario, *, deaf: bool = False) -> None:
        self._scene, self._deaf = scene, deaf
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="table")
        client: dict[str, Any] = {
            "bootstrap_servers": bootstrap,
            "api_version": KAFKA_PYTHON_API,
        }
        self._producer = KafkaProducer(**client, acks="all")
        self._consumer = KafkaConsumer(**client, fetch_max_wait_ms=CLIENT_WAIT_MS)
        place = TopicPartition(f"crowd.{Topic.ACKS}", 0)
        self._consumer.assign([place])
        self._consumer.seek_to_end(place)
        self._consumer.position(place)
        self.taken: list[tuple[bytes, DeskAction]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._consumer.close(autocommit=False)
        self._producer.close(timeout=5)

    def tell(self, alerts: Iterable[Alert], *, status: str = "Test") -> None:
        for alert in alerts:
            value = envelope(alert, source="/test", status=status)  # type: ignore[arg-type]
            self._send(OF[alert.desk], alert.incident.encode(), value)

    def _send(self, topic: Topic, key: bytes | None, value: bytes) -> None:
        self._producer.send(f"crowd.{topic}", value, key=key).get(timeout=30)

    def _work(self) -> None:
        while not self._over.is_set():
            for records in self._consumer.poll(timeout_ms=50).values():
                for record in records:
                    self._answer(record)

    def _answer(self, record: Any) -> None:  # noqa: ANN401  kafka-python ships no types
        action = msgspec.json.decode(record.value, type=DeskAction)
        self.taken.append((record.key, action))
        if self._deaf:
            return
        moment_ms = START_MS + self._scene.minute * MINUTE_MS + 120_000
        told, reply = self._scene.table.act(action, moment_ms=moment_ms)
        self._scene.sent += told
        self.tell(told)
        out = reply_record(reply)
        self._send(Topic.REPLIES, out.key, out.value)
