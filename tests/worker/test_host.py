"""Laws of a host, for any machine: order of delivery, acks as a durable prefix, holes, parking."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.machine import Delivered, Entry, Outgoing, Snapshot, Step
from stream.topics import Topic
from stream.worker.host import Batch, Host, LostRecordsError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence


class Script:
    """A machine that closes a batch where it is told to, and notes what it was given."""

    def __init__(self, *, closes: Iterable[int] = (), breaks: Iterable[int] = ()) -> None:
        self.applied = -1
        self.stepped: list[int] = []
        self._closes, self._breaks = frozenset(closes), frozenset(breaks)

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


def test_outputs_then_snapshot_then_acks() -> None:
    async def story() -> None:
        world = World()
        await drive(stateful(Script(closes=[1]), world), world, range(3))
        world.diary.remove("out 2")  # the third record may go out before or after
        assert world.diary == ["out 0", "out 1", "save 1", "ack 0", "ack 1"]

    run(story)


def test_a_snapshot_waits_for_every_output_before_it() -> None:
    async def story() -> None:
        world = World(at_once=False)
        await drive(stateful(Script(closes=[1]), world), world, range(2))
        assert world.diary == []
        world.waiting.popleft()()
        await settle()
        assert world.diary == ["out 0"]
        world.waiting.popleft()()
        await settle()
        assert world.diary == ["out 0", "out 1"]
        world.waiting.popleft()()
        await settle()
        assert world.diary == ["out 0", "out 1", "save 1", "ack 0", "ack 1"]

    run(story)


def test_a_stage_without_state_acks_each_record_once_its_outputs_are_durable() -> None:
    async def story() -> None:
        world = World(at_once=False)
        host = Host(Topic.COUNTS, 0, relay=Script(), ports=world)
        await drive(host, world, range(3))
        last = world.waiting.pop()
        last()  # the third is durable first; it still waits for its turn
        await settle()
        assert world.acked == []
        world.waiting.popleft()()
        await settle()
        assert world.acked == [0]
        world.waiting.popleft()()
        await settle()
        assert world.acked == [0, 1, 2]

    run(story)


def test_64_mb_of_input_end_a_batch_of_their_own() -> None:
    async def story() -> None:
        world, big = World(), b"x" * (33 * 1024 * 1024)
        host = stateful(Script(), world)
        host.begin(0)
        for offset in range(2):
            one = Delivered(partition=0, offset=offset, timestamp_ms=0, key=None, value=big)
            await host.take(one, world.ack(offset))
        await settle()
        assert world.acked == [0, 1]

    run(story)


def test_what_is_durable_is_acked_at_once_and_not_stepped() -> None:
    async def story() -> None:
        world, machine = World(), Script()
        machine.applied = 4
        await drive(stateful(machine, world), world, [2, 3, 4, 5], start=2)
        assert machine.stepped == [5]
        assert world.acked == [2, 3, 4]
        assert not [line for line in world.diary if line.startswith("hole")]

    run(story)


def test_a_record_that_comes_twice_is_stepped_once_and_waits_for_its_batch() -> None:
    async def story() -> None:
        world = World()
        again = Script(closes=[2])
        await drive(stateful(again, world), world, [0, 1, 0, 1, 2])
        assert again.stepped == [0, 1, 2]
        assert sorted(set(world.acked)) == [0, 1, 2]

    run(story)


def test_a_hole_without_records_is_passed_over() -> None:
    async def story() -> None:
        world, machine = World(), Script(closes=[7])
        await drive(stateful(machine, world), world, [0, 1, 5, 7])
        assert machine.stepped == [0, 1, 5, 7]
        assert [line for line in world.diary if line.startswith("hole")] == ["hole 2-4", "hole 6-6"]
        assert world.acked == [0, 1, 5, 7]

    run(story)


def test_a_hole_with_records_stops_the_worker_and_nothing_behind_it_is_stepped() -> None:
    async def story() -> None:
        world, machine = World(empty_holes=False), Script()
        with pytest.raises(LostRecordsError, match="records 1 to 1 are in the log"):
            await drive(stateful(machine, world), world, [0, 2])
        assert machine.stepped == [0]

    run(story)


def test_a_crash_leaves_a_mark_before_it_is_raised() -> None:
    async def story() -> None:
        world = World()
        with pytest.raises(ZeroDivisionError):
            await drive(stateful(Script(breaks=[1]), world), world, [0, 1])
        assert world.diary[-1] == "mark 1"

    run(story)


def test_a_quarantined_record_is_skipped_and_acked_with_its_batch() -> None:
    async def story() -> None:
        world, machine = World(), Script(closes=[2], breaks=[1])
        host = stateful(machine, world, skip=frozenset([1]))
        await drive(host, world, [0, 1, 2])
        assert machine.stepped == [0, 2]
        assert "skip 1" in world.diary
        assert world.acked == [0, 1, 2]

    run(story)


def test_a_parked_partition_holds_everything_from_the_bad_record_on() -> None:
    async def story() -> None:
        world, machine = World(), Script(closes=[0, 2])
        host = stateful(machine, world, parked_at=1)
        await drive(host, world, [0, 1, 2])
        assert host.parked
        assert machine.stepped == [0]
        assert world.acked == [0]

    run(story)


def test_a_dropped_host_acks_nothing_and_holds_nobody_up() -> None:
    async def story() -> None:
        world = World(at_once=False)
        host = stateful(Script(closes=range(99)), world)
        taking = asyncio.create_task(drive(host, world, range(99)))
        await settle()
        assert not taking.done(), "two batches ahead is the limit"
        host.drop()
        while world.waiting:
            world.waiting.popleft()()
        await asyncio.wait_for(taking, 5)
        assert world.acked == []

    run(story)


def test_while_the_broker_is_busy_a_batch_runs_over_several_closes_but_not_for_ever() -> None:
    async def story() -> None:
        world = World(at_once=False)
        host = stateful(Script(closes=range(99)), world)
        taking = asyncio.create_task(drive(host, world, range(99)))
        for _ in range(2000):
            await settle()
            if world.waiting:
                world.waiting.popleft()()
        await taking
        saves = [int(line.split()[1]) for line in world.diary if line.startswith("save")]
        steps = [b - a for a, b in pairwise(saves)]
        assert max(steps) == 8
        assert world.acked == list(range(99))

    run(story)


def test_a_backlog_puts_several_closes_into_one_batch_and_its_end_closes_the_last() -> None:
    async def story() -> None:
        world = World()
        world.backlog = True
        host = stateful(Script(closes=range(99)), world)
        await drive(host, world, range(10))
        assert world.acked == list(range(8))
        world.backlog = False
        await drive(host, world, [10])
        assert world.acked == list(range(11))

    run(story)


def test_a_failed_save_stops_the_worker() -> None:
    async def story() -> None:
        world = World(saves=False)
        await drive(stateful(Script(closes=[0]), world), world, [0])
        assert [type(fault) for fault in world.faults] == [ConnectionError]
        assert world.acked == []

    run(story)


@given(
    closes=st.frozensets(st.integers(0, 30)),
    rewinds=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4),
    lets=st.lists(st.integers(0, 3), max_size=200),
)
def test_acks_are_a_durable_prefix_whatever_comes_twice_and_however_slow_the_broker(
    closes: frozenset[int], rewinds: list[tuple[int, int]], lets: Sequence[int]
) -> None:
    async def story() -> None:
        world, machine = World(at_once=False), Script(closes=closes)
        host = stateful(machine, world)
        host.begin(0)
        slow = iter(lets)

        async def broker() -> None:
            while True:
                await asyncio.sleep(0)
                for _ in range(next(slow, 3)):
                    if world.waiting:
                        world.waiting.popleft()()

        serving = asyncio.create_task(broker())
        for offset in with_rewinds(range(31), rewinds):
            await host.take(record(offset), world.ack(offset))
        for _ in range(200):
            await asyncio.sleep(0)
        serving.cancel()
        check_diary(world.diary)
        assert machine.stepped == list(range(31))
        assert set(world.acked) >= set(range(max(closes, default=-1) + 1))

    run(story)


def with_rewinds(offsets: range, rewinds: list[tuple[int, int]]) -> list[int]:
    """Return the offsets in order, with some stretches delivered again."""
    way = list(offsets)
    for at, back in rewinds:
        way[at:at] = range(min(back, way[at]), way[at])
    return way


def check_diary(diary: list[str]) -> None:
    """Walk through the diary: every ack needs all outputs and the snapshot up to its batch."""
    out, saved, firsts = -1, -1, []
    for line in diary:
        what, _, number = line.partition(" ")
        if what == "out":
            out = int(number)
        elif what == "save":
            saved = int(number)
            assert saved <= out, "a snapshot before the outputs that led to it"
        elif what == "ack":
            assert int(number) <= saved, "acked, but not in a durable snapshot"
            if int(number) not in firsts:
                firsts.append(int(number))
    assert firsts == list(range(len(firsts))), "acks are no prefix"
