"""Each rule of PROTOCOL 1 to 14 broken once, from outside: the product has no switches.

Rules of the stages are broken by replacing a method of theirs for a while, rules of the host by
the classes of `broken_hosts`. From rule 15 on a real broker is needed.
"""

from __future__ import annotations

import copy
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import numpy as np

import stream.block
from replay.sim_cluster import EVERY_FAULT, Parts
from replay.sim_run import simulate
from stream.block import BlockMachine
from stream.clock import NEVER, Clocks, beat_of
from stream.gateway import Gateway
from stream.incident import IncidentMachine
from stream.incident_state import IncidentState, WaitingAction
from stream.readings import Readings
from stream.records import Reason, Rejected
from stream.snapshot_load import load_block
from stream.wire import Desk
from tests.sim.broken_hosts import (
    AcksFirst,
    HotBeforeSlots,
    HotFirst,
    LandsBehind,
    StartsAtCommitted,
    Unfolding,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geo.city import City
    from replay.sim_cluster import Fault
    from stream.block_state import BlockState
    from stream.machine import Delivered, Outgoing
    from stream.readings import Arrived
    from stream.records import Counts, Tick
    from stream.settings import Settings
    from stream.snapshot import Hot
    from stream.wire import AckClock, Closed, Passed

__all__ = ["MUTANTS", "Mutant", "caught"]


USUAL: Final = Parts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One broken rule. product: (class or module, attribute, replacement); parts: of the host."""

    rule: int
    what: str
    product: tuple[tuple[Any, str, Any], ...] = ()
    parts: Parts = USUAL
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


def _minimum_now(self: Clocks, _: int) -> int:
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


def _trusting_gateway(self: Gateway, settings: Settings, city: City, partition: int) -> None:
    _new_gateway(self, settings, city, partition)
    self._ticks_are_checked = False


# -- identity ---------------------------------------------------------------------------------


def _last_writer_wins(self: Readings, feed: int, items: list[Arrived]) -> None:
    for item in items:
        row = int(self._row(feed, np.int64(item.end_ms)))
        self.end_ms[feed, row, item.entry] = -1
        seq, value = self._laid_out([item])
        self._place(feed, item.end_ms, ~np.isnan(value), seq, value)


def _all_is_news(_: Clocks | IncidentState, _source: int, _origin: tuple[int, int, int]) -> bool:
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


def _newest_slots(state: BlockState, number: int, hot: Hot, entries: Mapping[str, bytes]) -> None:
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
    highest = max(self.states, key=lambda state: state.applied).clocks.state
    for state in self.states:
        state.clocks.state = copy.deepcopy(highest)


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
