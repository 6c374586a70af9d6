"""Stages that count, to prove the host with: exact or visibly wrong, and quick to check.

The relay hands number n on to readings partition n mod blocks. The counter sums what reaches
its partition and says so at every 20th number; the teller turns that into a police record.
Both skip what is not newer than the last offset of its source, as the real stages do, so after
any number of crashes the sums must be those of a plain loop over the input.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stream.machine import Entry, Outgoing, Snapshot, SnapshotError, Step
from stream.topics import Topic
from stream.worker.fleet import Stages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.machine import Delivered
    from stream.settings import Settings

EVERY = 20
POISON = "poison"


def counting_stages() -> Stages:
    return Stages(
        machines={Topic.READINGS: Counter, Topic.DETECTIONS: Teller},
        relays={Topic.COUNTS: Spreader, Topic.ACKS: Spreader},
    )


class Spreader:
    def __init__(self, settings: Settings, city: object, partition: int) -> None:
        self.blocks = settings.topics.partitions.blocks

    def step(self, record: Delivered) -> Step:
        told = json.loads(record.value or b"{}")
        if "n" not in told:
            return Step()
        n = told["n"]
        value = json.dumps({"n": n, "from": [record.partition, record.offset]}).encode()
        to = n % self.blocks if n != POISON else 0
        return Step(out=(Outgoing(topic=Topic.READINGS, partition=to, key=None, value=value),))


class Counter:
    """One sum with a slot record for every told sum; the hot record names the slot."""

    def __init__(self, settings: Settings, city: object, partition: int) -> None:
        self.partition = partition
        self.applied = -1
        self.seen: dict[str, int] = {}
        self.count = self.total = self.visit = 0
        self.finished: list[int] = []
        self.saved = False

    def origins(self) -> dict[tuple[Topic, int], int]:
        """Say nothing of sources: these trials never make a topic anew."""
        return {}

    def step(self, record: Delivered) -> Step:
        if self.saved:
            self.finished, self.saved = [], False
        assert record.offset > self.applied, "the host handed over what was applied"
        told = json.loads(record.value or b"")
        if told["n"] == POISON:
            raise ZeroDivisionError("a bug of ours")
        self.applied = record.offset
        source, offset = str(told["from"][0]), told["from"][1]
        if offset <= self.seen.get(source, -1):
            return Step()
        self.seen[source] = offset
        self.count += 1
        self.total += told["n"]
        if self.count % EVERY:
            return Step()
        self.visit += 1
        self.finished.append(self.visit)
        value = json.dumps({"p": self.partition, "at": record.offset, "count": self.count})
        return Step(
            out=(
                Outgoing(
                    topic=Topic.DETECTIONS, partition=0, key=None, value=b"!" + value.encode()
                ),
            ),
            closes=True,
        )

    def snapshot(self) -> Snapshot:
        self.saved = True
        key = f"count/{self.partition}"
        hot = json.dumps(
            [self.applied, self.seen, self.count, self.total, self.visit], sort_keys=True
        ).encode()
        slots = tuple(Entry(f"{key}/{v}", str(v * EVERY).encode()) for v in self.finished)
        gone = tuple(f"{key}/{v - 2}" for v in self.finished if v > 2)
        return Snapshot(slots=slots, hot=(Entry(key, hot),), gone=gone)

    def load(self, entries: Mapping[str, bytes]) -> None:
        key = f"count/{self.partition}"
        if key not in entries:
            return
        self.applied, self.seen, self.count, self.total, self.visit = json.loads(entries[key])
        slot = entries.get(f"{key}/{self.visit}")
        if self.visit and slot != str(self.visit * EVERY).encode():
            raise SnapshotError(f"{key}/{self.visit}: slot is {slot!r}")


class Teller:
    def __init__(self, settings: Settings, city: object, partition: int) -> None:
        self.applied = -1
        self.seen: dict[str, int] = {}
        self.told = 0

    def origins(self) -> dict[tuple[Topic, int], int]:
        """Say nothing of sources: these trials never make a topic anew."""
        return {}

    def step(self, record: Delivered) -> Step:
        assert record.offset > self.applied, "the host handed over what was applied"
        self.applied = record.offset
        if (record.value or b"")[:1] != b"!":
            return Step()
        news = json.loads((record.value or b"")[1:])
        source = str(news["p"])
        if news["at"] <= self.seen.get(source, -1):
            return Step()
        self.seen[source] = news["at"]
        self.told += 1
        name = f"{source}/{news['count']}"
        value = json.dumps({"id": name, "type": "count", "time": ""}).encode()
        return Step(
            out=(Outgoing(topic=Topic.POLICE, key=name.encode(), value=value),), closes=True
        )

    def snapshot(self) -> Snapshot:
        hot = json.dumps([self.applied, self.seen, self.told], sort_keys=True).encode()
        return Snapshot(hot=(Entry("incident", hot),))

    def load(self, entries: Mapping[str, bytes]) -> None:
        if "incident" in entries:
            self.applied, self.seen, self.told = json.loads(entries["incident"])
