"""Each rule of PROTOCOL 1 to 14 broken once, from outside: the product has no switches.

`python -m tests.sim.mutants --runs 150` prints in how many seeds each one is caught, by
interleaving alone and with faults. Rule 15 on need a real broker; rule 5 has a test of its own,
too.
"""

from __future__ import annotations

import argparse
import copy
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import msgspec
import numpy as np

import stream.block
from replay.sim_check import Reader
from replay.sim_cluster import EVERY_FAULT, NO_FAULT, Parts
from replay.sim_host import Host
from replay.sim_run import simulate
from replay.sim_worker import Worker
from stream.block import BlockMachine
from stream.clock import NEVER, Clocks, beat_of
from stream.gateway import Gateway
from stream.incident import IncidentMachine
from stream.incident_state import IncidentState, WaitingAction
from stream.readings import Readings
from stream.records import Reason, Rejected
from stream.snapshot import load_block
from stream.wire import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from replay.sim_cluster import Fault
    from replay.sim_host import Batch
    from stream.block_state import BlockState
    from stream.machine import Delivered, Outgoing
    from stream.readings import Arrived
    from stream.records import Counts, Tick
    from stream.snapshot import Hot
    from stream.wire import AckClock, Closed, Passed

__all__ = ["MUTANTS", "Mutant", "caught"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One broken rule. product: (class or module, attribute, replacement); parts: of the host."""

    rule: int
    what: str
    product: tuple[tuple[Any, str, Any], ...] = ()
    parts: Parts = Parts()
    needs_faults: bool = False

    @contextmanager
    def alive(self) -> Iterator[Parts]:
        """Break the rule for a while."""
        with ExitStack() as stack:
            for owner, name, broken in self.product:
                stack.enter_context(patch.object(owner, name, broken))
            yield self.parts


# -- time -------------------------------------------------------------------------------------


def _close_by_newest(self: Clocks) -> tuple[int, int] | None:
    state = self.state
    deadline = self.times.deadline(state.next_hop_ms)
    if state.next_hop_ms == NEVER or max(state.now_ms) < deadline:
        return None
    decided = min(tick for ticks in state.crossed for tick in ticks if tick >= deadline)
    state.next_hop_ms += self.times.hop_ms
    return state.next_hop_ms - self.times.hop_ms, decided


def _beats_by_newest(self: Clocks) -> int | None:
    state = self.state
    beat = beat_of(max(state.now_ms))
    if state.first_hop_ms == NEVER or beat <= state.beat_ms:
        return None
    state.beat_ms = beat
    return beat


def _minimum_now(self: Clocks, source: int) -> int:
    return min(self.state.now_ms)


_tick = Clocks.tick


def _first_source_begins(self: Clocks, source: int, now_ms: int) -> None:
    if self.state.first_hop_ms == NEVER:
        hop_ms = self.times.hop_ms
        self.state.first_hop_ms = self.state.next_hop_ms = now_ms // hop_ms * hop_ms + hop_ms
    _tick(self, source, now_ms)


_take = IncidentMachine._take


def _act_on_arrival(
    self: IncidentMachine, source: int, news: Closed | Passed | Desk | AckClock
) -> None:
    _take(self, source, news)
    if isinstance(news, Desk):
        last = self.state.actions.pop()
        now_ms = beat_of(min(self.state.clock_ms))
        self.state.actions.append(WaitingAction(now_ms, last.offset, last.action))


_new_gateway = Gateway.__init__


def _trusting_gateway(self: Gateway, *arguments: Any) -> None:
    _new_gateway(self, *arguments)
    self._ticks_are_checked = False


# -- identity ---------------------------------------------------------------------------------


def _last_writer_wins(self: Readings, feed: int, items: list[Arrived]) -> None:
    for item in items:
        row = int(self._row(feed, np.int64(item.end_ms)))
        self.end_ms[feed, row, item.entry] = -1
        seq = np.full(len(item.entry), item.seq, np.int32)
        self._place(feed, item.end_ms, item.entry, seq, item.value)


def _all_is_news(self: Clocks | IncidentState, *arguments: int) -> bool:
    return True


_forward_tick = Gateway._tick
_split_counts = Gateway._counts


def _remember_tick(self: Gateway, record: Delivered, tick: Tick) -> tuple[Outgoing, ...]:
    self.__dict__["clock_ms"] = max(self.__dict__.get("clock_ms", -1), tick.now_ms)
    return _forward_tick(self, record, tick)


def _judge_late(self: Gateway, record: Delivered, counts: Counts) -> tuple[Outgoing, ...]:
    end_ms = counts.start_ms + counts.period_s * 1000
    if end_ms + 2 * counts.period_s * 1000 < self.__dict__.get("clock_ms", -1):
        late = Rejected(reason=Reason.LATE, what="late", count=max(len(counts.cells), 1))
        return self._refused(record, self._feeds.get(counts.feed, -1), [late])
    return _split_counts(self, record, counts)


# -- durability -------------------------------------------------------------------------------


class LandsBehind(Worker):
    """A send fails, and the process lives long enough for what is behind it to land."""

    def fail_send(self) -> None:
        place = self._chance.choice(self.producer.waiting)
        self.producer.queues[place].popleft()
        self.producer.land_all()
        self.die()


class AcksFirst(Host):
    """An offset is committed before its outputs have landed."""

    def finishing(self) -> Iterator[None]:
        usual = super().finishing()
        while True:
            if self.ended:
                self.durable = max(self.durable, self.ended[0].last)
            yield next(usual)


class HotFirst(Host):
    """Hot records leave before the outputs that they vouch for."""

    def finishing(self) -> Iterator[None]:
        while True:
            while not self.ended:
                yield
            batch = self.ended[0]
            if batch.snapshot is not None:
                yield from self.landed(self.save_slots(batch))
                yield from self.landed(self.save_hot(batch))
                self.save_gone(batch)
            yield from self.landed(batch.sent)
            self.ended.popleft()
            self.durable = max(self.durable, batch.last)

    def take(self, *, cut: bool) -> bool:
        """Hold outputs back until their state is saved, as such a host would."""
        return super().take(cut=cut)


class HotBeforeSlots(Host):
    """Hot records name slots that have not landed yet."""

    def save_slots(self, batch: Batch) -> list[Any]:
        return [*super().save_hot(batch), *super().save_slots(batch)]

    def save_hot(self, batch: Batch) -> list[Any]:
        return []


def _newest_slots(
    state: BlockState, number: int, hot: Hot, entries: Mapping[str, bytes]
) -> None:
    newest: dict[str, tuple[int, bytes]] = {}
    for key, value in entries.items():
        slot, _, visit = key.rpartition("/")
        if slot.count("/") and slot.startswith(hot.block + "/"):
            newest[slot] = max(newest.get(slot, (0, b"")), (int(visit), value))
    named = {f"{s}/{v}": value for s, (_, value) in newest.items() for v in range(1, 99)}
    load_block(state, number, hot, named)


_load = BlockMachine.load


def _clocks_of_highest(self: BlockMachine, entries: Mapping[str, bytes]) -> None:
    _load(self, entries)
    highest = self.states[-1].clocks.state
    for state in self.states:
        state.clocks.state = copy.deepcopy(highest)


class StartsAtCommitted(Host):
    """The group's offset alone says where to start."""

    def start(self, applied: int | None, committed: int | None) -> int:
        return committed if committed is not None else super().start(applied, committed)


class Unfolding(Reader):
    """A subscriber that takes every record for news."""

    def is_news(self, incident: str, revision: int) -> bool:
        return True


MUTANTS: Final = (
    Mutant(
        rule=1,
        what="the newest clock of any source passes hops",
        product=(
            (Clocks, "close_next", _close_by_newest),
            (Clocks, "pass_beats", _beats_by_newest),
        ),
    ),
    Mutant(
        rule=2,
        what="a reading acts from the hop that is open when it arrives",
        product=((Clocks, "now", _minimum_now),),
    ),
    Mutant(
        rule=3,
        what="the first tick of any source begins the deployment",
        product=((Clocks, "tick", _first_source_begins),),
    ),
    Mutant(
        rule=4,
        what="a desk action takes effect when it arrives",
        product=((IncidentMachine, "_take", _act_on_arrival),),
    ),
    Mutant(
        rule=5,
        what="ticks far off their record's stamp are taken",
        product=((Gateway, "__init__", _trusting_gateway),),
    ),
    Mutant(
        rule=6,
        what="the last writer of a reading wins",
        product=((Readings, "_merge", _last_writer_wins),),
    ),
    Mutant(
        rule=7,
        what="the block stage takes repeats",
        product=((Clocks, "is_news", _all_is_news),),
        needs_faults=True,
    ),
    Mutant(
        rule=7,
        what="the incident stage takes repeats",
        product=((IncidentState, "is_news", _all_is_news),),
        needs_faults=True,
    ),
    Mutant(
        rule=8,
        what="the gateway judges what is late",
        product=((Gateway, "_tick", _remember_tick), (Gateway, "_counts", _judge_late)),
    ),
    Mutant(
        rule=9,
        what="records behind a failed send land",
        parts=Parts(worker=LandsBehind),
        needs_faults=True,
    ),
    Mutant(
        rule=10,
        what="offsets are committed before outputs have landed",
        parts=Parts(host=AcksFirst),
        needs_faults=True,
    ),
    Mutant(
        rule=10,
        what="hot records land before the outputs",
        parts=Parts(host=HotFirst),
        needs_faults=True,
    ),
    Mutant(
        rule=10,
        what="hot records land before the slots they name",
        parts=Parts(host=HotBeforeSlots),
        needs_faults=True,
    ),
    Mutant(
        rule=11,
        what="the newest visit of a slot is loaded",
        product=((stream.block, "load_block", _newest_slots),),
        needs_faults=True,
    ),
    Mutant(
        rule=12,
        what="clocks come from the block that is ahead",
        product=((BlockMachine, "load", _clocks_of_highest),),
        needs_faults=True,
    ),
    Mutant(
        rule=13,
        what="reading starts at the committed offset",
        parts=Parts(host=StartsAtCommitted),
        needs_faults=True,
    ),
    Mutant(
        rule=14,
        what="a reader does not fold",
        parts=Parts(reader=Unfolding),
        needs_faults=True,
    ),
)


def caught(number: int, seed: int, *, faults: frozenset[Fault] = EVERY_FAULT) -> bool:
    """Whether a seed tells a mutant from the product."""
    with MUTANTS[number].alive() as parts:
        return simulate(seed, faults=faults, parts=parts).problem is not None


def _calm(number: int, seed: int) -> bool:
    return caught(number, seed, faults=NO_FAULT)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim.mutants", description=__doc__)
    parser.add_argument("--runs", type=int, default=150, help="seeds a mutant and column")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args()
    seeds = range(1, options.runs + 1)
    sys.stdout.write("| rule | broken so | interleaving | faults |\n|---|---|---|---|\n")
    with ProcessPoolExecutor(options.jobs) as pool:
        for number, mutant in enumerate(MUTANTS):
            counts = [
                sum(pool.map(way, [number] * options.runs, seeds, chunksize=8))
                for way in (_calm, caught)
            ]
            sys.stdout.write(f"| {mutant.rule} | {mutant.what} | {counts[0]} | {counts[1]} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
