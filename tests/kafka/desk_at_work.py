"""A desk that reads its alerts and answers them, rightly and wrongly, while everything goes on.

What it does depends on when it reads, so no two runs have the same actions. That is no matter:
an action counts from its place in the acks log, and the log is what the offline run is given.
"""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError

from stream.topics import Topic
from tests.kafka.tail_of import TailOf

if TYPE_CHECKING:
    from tests.kafka.tail_of import Received

__all__ = ["DeskAtWork"]

PAUSE_S: Final = 0.5
SELF_TEST: Final = b"self-test"
"""Key of a message in which nobody is to do anything."""
ACTIONS: Final = (
    *("ack", "ack", "ack", "confirm", "close", "comment"),
    *("shelve", "silence", "escalate", "reopen"),
)
OUTCOMES: Final = ("real", "unfounded", "exercise", None)


class DeskAtWork:
    """Both desks, in a thread of their own, for the length of a `with` block."""

    def __init__(self, bootstrap: str, prefix: str, *, seed: int) -> None:
        self._bootstrap, self._prefix = bootstrap, prefix
        self._chance = random.Random(seed)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="desk")
        self._producer: Any = None
        self.fault: Exception | None = None
        self.posted = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Go home; raises what went wrong."""
        self._over.set()
        self._thread.join()
        if self.fault is not None:
            raise self.fault

    def _work(self) -> None:
        desks = (self._prefix + Topic.POLICE, self._prefix + Topic.FIRE)
        try:
            with TailOf(self._bootstrap, *desks) as tail:
                while not self._over.wait(PAUSE_S):
                    for record in tail.catch_up():
                        if record.key != SELF_TEST:
                            self._answer(record)
        except Exception as fault:  # noqa: BLE001  told by `stop`, in the thread of the test
            self.fault = fault
        finally:
            if self._producer is not None:
                self._producer.close(timeout=5)

    def _answer(self, record: Received) -> None:
        """Do something about every other alert; now and then write nonsense."""
        data = msgspec.json.decode(record.value)["data"]
        drawn = self._chance.random()
        if drawn < 0.5:
            return
        action: dict[str, object] = {
            "schema": "desk-action/1",
            "incident": data["incident"],
            "desk": data["desk"],
            "action": self._chance.choice(ACTIONS),
            "revision_seen": data["revision"],
            "level_seen": data["level"],
            "by": f"officer {self._chance.randrange(5)}",
        }
        if action["action"] == "close":
            action["outcome"] = self._chance.choice(OUTCOMES)
        if action["action"] in {"shelve", "silence"}:
            action["until"] = data["decided_ms"] + self._chance.choice((0, 600_000, 1_200_000))
            action["text"] = "known"
        if action["action"] == "comment":
            action["text"] = "on our way"
        if drawn > 0.9:
            action["id"] = f"deed {self._chance.randrange(20)}"
        if drawn > 0.97:
            action["incident"] = "no such incident"
        self._post(msgspec.json.encode(action), record.key)
        if drawn > 0.98:
            self._post(self._chance.randbytes(40), None)

    def _post(self, value: bytes, key: bytes | None) -> None:
        """Append to the acks log; an action lost to a broker's restart was never made."""
        try:
            if self._producer is None:
                self._producer = KafkaProducer(
                    bootstrap_servers=self._bootstrap, acks="all", allow_auto_create_topics=False
                )
            self._producer.send(self._prefix + Topic.ACKS, value, key=key).get(timeout=30)
            self.posted += 1
        except (KafkaError, OSError):
            if self._producer is not None:
                self._producer.close(timeout=1)
            self._producer = None
