"""Laws of a host, for any machine: order of delivery, batches, holes, quarantine, the end."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from stream.machine import Delivered
from stream.topics import Topic
from stream.worker.host import Host, LostRecordsError
from tests.worker.diary import Script, World, drive, run, settle, stateful


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
