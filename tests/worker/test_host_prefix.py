"""The law of a host: acks are a prefix, and only of what is durable, whatever comes twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.worker.diary import Script, World, record, run, stateful

if TYPE_CHECKING:
    from collections.abc import Sequence


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
