"""A world of ports that keeps a diary, and a machine that does as it is told: fakes for a host."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from stream.machine import Delivered, Entry, Outgoing, Snapshot, Step
from stream.topics import Topic
from stream.worker.host import Batch, Host

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping

__all__ = ["Script", "World", "drive", "record", "run", "settle", "stateful"]


class Script:
    """A machine that closes a batch where it is told to, and notes what it was given."""

    def __init__(self, *, closes: Iterable[int] = (), breaks: Iterable[int] = ()) -> None:
        self.applied = -1
        self.stepped: list[int] = []
        self._closes, self._breaks = frozenset(closes), frozenset(breaks)

    def origins(self) -> dict[tuple[Topic, int], int]:
        """Say nothing of sources: these trials never make a topic anew."""
        return {}

    def step(self, record: Delivered) -> Step:
        if record.offset in self._breaks:
            raise ZeroDivisionError
        self.applied = record.offset
        self.stepped.append(record.offset)
        out = Outgoing(topic=Topic.DENSITY, partition=0, key=None, value=b"%d" % record.offset)
        return Step(out=(out,), closes=record.offset in self._closes)

    def snapshot(self) -> Snapshot:
        return Snapshot(hot=(Entry("hot", b"%d" % self.applied),))

    def load(self, entries: Mapping[str, bytes]) -> None:
        """Nothing is ever saved here."""


class World:
    """Ports that keep a diary; sends and saves are durable only when the test lets them."""

    def __init__(
        self, *, at_once: bool = True, empty_holes: bool = True, saves: bool = True
    ) -> None:
        self.diary: list[str] = []
        self.waiting: deque[Callable[[], None]] = deque()
        self.faults: list[BaseException] = []
        self.batches: list[Batch] = []
        self.backlog = False
        self._at_once, self._empty_holes, self._saves = at_once, empty_holes, saves

    async def send(self, out: Outgoing, cause: Delivered) -> asyncio.Future[object]:
        return self._later(f"out {out.value.decode()}")

    async def save(self, snapshot: Snapshot) -> None:
        if not self._saves:
            raise ConnectionError("the broker is gone")
        for entry in (*snapshot.slots, *snapshot.hot):
            await self._later(f"save {entry.value.decode()}")

    async def hole_is_empty(self, offsets: range) -> bool:
        self.diary.append(f"hole {offsets.start}-{offsets.stop - 1}")
        return self._empty_holes

    def behind(self) -> bool:
        return self.backlog

    async def crashed(self, record: Delivered, fault: Exception) -> None:
        self.diary.append(f"mark {record.offset}")

    def skipped(self, record: Delivered) -> None:
        self.diary.append(f"skip {record.offset}")

    def finished(self, batch: Batch) -> None:
        self.batches.append(batch)

    def failed(self, fault: BaseException) -> None:
        self.faults.append(fault)

    def ack(self, offset: int) -> Callable[[], object]:
        return lambda: self.diary.append(f"ack {offset}")

    @property
    def acked(self) -> list[int]:
        return [int(line.split()[1]) for line in self.diary if line.startswith("ack")]

    def _later(self, what: str) -> asyncio.Future[object]:
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()

        def durable() -> None:
            self.diary.append(what)
            if not future.done():
                future.set_result(None)

        if self._at_once:
            durable()
        else:
            self.waiting.append(durable)
        return future


def record(offset: int) -> Delivered:
    return Delivered(partition=0, offset=offset, timestamp_ms=0, key=None, value=b"x")


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def drive(host: Host, world: World, offsets: Iterable[int], *, start: int = 0) -> None:
    host.begin(start)
    for offset in offsets:
        await host.take(record(offset), world.ack(offset))
    await settle()


def stateful(
    machine: Script,
    world: World,
    *,
    skip: frozenset[int] = frozenset(),
    parked_at: int | None = None,
) -> Host:
    return Host(Topic.READINGS, 0, machine=machine, ports=world, skip=skip, parked_at=parked_at)


def run(story: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(story())
