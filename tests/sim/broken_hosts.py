"""Hosts, workers and readers that break a rule of PROTOCOL, for the mutants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from replay.sim_broker import Sent
from replay.sim_check import Reader
from replay.sim_host import Host
from replay.sim_worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from replay.sim_host import Batch
    from stream.machine import Outgoing

__all__ = [
    "AcksFirst",
    "HotBeforeSlots",
    "HotFirst",
    "LandsBehind",
    "StartsAtCommitted",
    "Unfolding",
]


class LandsBehind(Worker):
    """A send fails, and the process lives long enough for what is behind it to land."""

    @override
    def fail_send(self) -> None:
        place = self._chance.choice(self.producer.waiting)
        self.producer.queues[place].popleft()
        self.producer.land_all()
        self.die()


class AcksFirst(Host):
    """An offset is committed before its outputs have landed."""

    @override
    def finishing(self) -> Iterator[None]:
        usual = super().finishing()
        while True:
            if self.ended:
                self.durable = max(self.durable, self.ended[0].last)
            yield next(usual)


class HotFirst(Host):
    """Hot records land before the outputs that they vouch for are even sent."""

    @override
    def deliver(self, outputs: Iterable[Outgoing]) -> list[Sent]:
        return [
            Sent(place=(out.topic, out.partition or 0), key=out.key, value=out.value)
            for out in outputs
        ]

    @override
    def finishing(self) -> Iterator[None]:
        while True:
            while not self.ended:
                yield
            batch = self.ended[0]
            if batch.snapshot is not None:
                yield from self.landed(self.save_slots(batch))
                yield from self.landed(self.save_hot(batch))
                self.save_gone(batch)
            yield from self.landed([self.producer.put(one) for one in batch.sent])
            self.ended.popleft()
            self.durable = max(self.durable, batch.last)


class HotBeforeSlots(Host):
    """Hot records name slots that have not landed yet."""

    @override
    def save_slots(self, batch: Batch) -> list[Sent]:
        return [*super().save_hot(batch), *super().save_slots(batch)]

    @override
    def save_hot(self, batch: Batch) -> list[Sent]:
        return []


class StartsAtCommitted(Host):
    """The group's offset alone says where to start."""

    @override
    def start(self, applied: int | None, committed: int | None) -> int:
        return committed if committed is not None else super().start(applied, committed)


class Unfolding(Reader):
    """A subscriber that takes every record for news."""

    @override
    def is_news(self, incident: str, revision: int) -> bool:
        return True
