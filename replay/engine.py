"""The offline engine: the three stages over logs in memory, in one thread, without Kafka.

It is a host like the worker: it hands records to the same machines in offset order and delivers
what they return. It writes no snapshots itself; a long backtest does (`checkpoint`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
import numpy as np

from stream.block import BlockMachine
from stream.gateway import Gateway
from stream.incident import IncidentMachine
from stream.machine import Delivered
from stream.relay import Relay
from stream.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from alerts.table import IncidentTable
    from geo.city import City
    from replay.log import LogRecord
    from stream.block_state import BlockState, HopSeen
    from stream.incident_state import HopJoined
    from stream.machine import Machine, Outgoing, Step
    from stream.settings import Settings

__all__ = ["Engine", "Heads", "HopRow", "Watch", "offline"]

KEPT: Final = (Topic.POLICE, Topic.FIRE, Topic.SYSTEM, Topic.REPLIES)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HopRow:
    """One hop of all tiles, ascending by tile; float32, NaN = unknown.

    people: best estimate. level: int8. state: int8 index into `stream.block_state.STATES`.
    """

    hop_ms: int
    people: NDArray[np.float32]
    expected: NDArray[np.float32]
    spread: NDArray[np.float32]
    score: NDArray[np.float32]
    level: NDArray[np.int8]
    state: NDArray[np.int8]


class Heads(msgspec.Struct, frozen=True, kw_only=True):
    """Where an engine stands: newest offset by topic and partition; turn: of batches dealt out."""

    ends: list[tuple[str, int, int]]
    turn: int


class Watch(Protocol):
    """Whoever looks into the stages while they run."""

    def saw(self, state: BlockState, seen: HopSeen) -> None:
        """Take what one block partition saw at a hop, the tick's work on it just done."""

    def decided(self, hop: HopJoined, machine: IncidentMachine) -> None:
        """Take a hop of all partitions, just decided."""


def offline(settings: Settings, *, counts: int = 1, blocks: int = 1) -> Settings:
    """Return the settings with other partition counts; they decide no alert."""
    partitions = msgspec.structs.replace(settings.topics.partitions, counts=counts, blocks=blocks)
    topics = msgspec.structs.replace(settings.topics, partitions=partitions)
    time = msgspec.structs.replace(settings.time, ticks="feed")
    return msgspec.structs.replace(settings, topics=topics, time=time)


class Engine:
    """All stages of one deployment; `feed` it the records of an input log.

    on_hop: called with every hop decided, for scores and reports; without it none are made.
    tape: what the incident stage reads is written down there, for `sweep`.
    watch: sees every hop from inside, as the stages themselves did, and must not change anything.
    published: everything the desks' and system topics got, in order.
    """

    def __init__(
        self,
        settings: Settings,
        city: City,
        *,
        on_hop: Callable[[HopRow], None] | None = None,
        tape: list[Delivered] | None = None,
        watch: Watch | None = None,
        density: bool = False,
    ) -> None:
        self._tape = tape
        counts, blocks = settings.topics.partitions.counts, settings.topics.partitions.blocks
        self._tiles = len(city.grid.tile_ids)
        self._on_hop, self._watch = on_hop, watch
        looks = on_hop is not None or watch is not None
        self._rows: dict[int, HopRow] = {}
        self._gateways = [Gateway(settings, city, p) for p in range(counts)]
        self._relay = Relay(settings)
        self.blocks = [
            BlockMachine(
                settings, city, p, density=density, on_hop=self._saw_hop if looks else None
            )
            for p in range(blocks)
        ]
        self.incident = IncidentMachine(settings, city, on_hop=self._decided_hop if looks else None)
        self._offsets: dict[tuple[Topic, int], int] = {}
        self._turn = 0
        self.published: list[Outgoing] = []
        self.other: deque[Outgoing] = deque(maxlen=0 if not density else None)

    def feed(self, record: LogRecord) -> None:
        """Take one record of the input log and let everything that follows from it happen."""
        if record.is_tick:
            every = range(len(self._gateways))
            for partition in every if record.partition is None else (record.partition,):
                self._count(partition, record)
            if record.partition is None or record.acks:
                self.act(record.value, at_ms=record.at_ms)
            return
        partition = self._turn % len(self._gateways)
        if record.partition is not None:
            partition = record.partition
        else:
            self._turn += 1
        self._count(partition, record)

    def _count(self, partition: int, record: LogRecord) -> None:
        log = self._next(Topic.COUNTS, partition, record.value, record.at_ms)
        self._deliver(self._gateways[partition].step(log))

    def act(self, value: bytes, *, at_ms: int) -> None:
        """Put a desk action, or a tick, on the acks topic."""
        self._deliver(self._relay.step(self._next(Topic.ACKS, 0, value, at_ms)))

    def _next(self, topic: Topic, partition: int, value: bytes, at_ms: int = 0) -> Delivered:
        offset = self._offsets.get((topic, partition), -1) + 1
        self._offsets[topic, partition] = offset
        return Delivered(
            partition=partition, offset=offset, timestamp_ms=at_ms, key=None, value=value
        )

    def _deliver(self, step: Step) -> None:
        waiting = deque(step.out)
        while waiting:
            out = waiting.popleft()
            machine = self._reader(out)
            if machine is not None:
                log = self._next(out.topic, out.partition or 0, out.value)
                if self._tape is not None and machine is self.incident:
                    self._tape.append(log)
                waiting.extend(machine.step(log).out)
            elif out.topic in KEPT:
                self.published.append(out)
            else:
                self.other.append(out)

    def _reader(self, out: Outgoing) -> Machine | None:
        if out.topic is Topic.READINGS:
            return self.blocks[out.partition or 0]
        return self.incident if out.topic is Topic.DETECTIONS else None

    @property
    def is_whole(self) -> bool:
        """Whether no hop is half seen: only then may what was seen be saved."""
        return not self._rows

    def heads(self) -> Heads:
        """Return the logs' ends; with the machines' snapshots they are all of an engine's state."""
        ends = [(topic.value, partition, at) for (topic, partition), at in self._offsets.items()]
        return Heads(ends=ends, turn=self._turn)

    def resume(self, heads: Heads) -> None:
        """Go on where another engine stopped; its machines' snapshots are loaded already."""
        self._offsets = {(Topic(topic), partition): at for topic, partition, at in heads.ends}
        self._turn = heads.turn

    def _saw_hop(self, state: BlockState, seen: HopSeen) -> None:
        """Keep what one block partition saw until the hop is decided."""
        if self._watch:
            self._watch.saw(state, seen)
        if not self._on_hop:
            return
        row = self._rows.get(seen.hop_ms)
        if row is None:
            row = self._rows[seen.hop_ms] = _empty_row(seen.hop_ms, self._tiles)
        tile = state.layout.tile
        row.people[tile] = seen.frame.now.point
        row.expected[tile] = seen.verdict.expected
        row.spread[tile] = seen.verdict.spread
        row.score[tile] = seen.verdict.score
        row.state[tile] = seen.state

    def _decided_hop(self, hop: HopJoined, table: IncidentTable) -> None:
        if self._watch:
            self._watch.decided(hop, self.incident)
        if not self._on_hop:
            return
        row = self._rows.pop(hop.hop_ms)
        tile, level = table.levels()
        row.level[tile] = level
        self._on_hop(row)


def _empty_row(hop_ms: int, tiles: int) -> HopRow:
    unknown = np.full((4, tiles), np.nan, np.float32)
    return HopRow(
        hop_ms=hop_ms,
        people=unknown[0],
        expected=unknown[1],
        spread=unknown[2],
        score=unknown[3],
        level=np.zeros(tiles, np.int8),
        state=np.zeros(tiles, np.int8),
    )
