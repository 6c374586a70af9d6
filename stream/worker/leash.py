"""Holds sources that run far ahead of the slowest one, so that waiting readings stay bounded.

A hop closes when all sources have passed it. While one partition of `cell-counts` is days behind
the others, their readings wait in the block stage: in memory, and in every hot record, which the
broker takes only up to a size. So over a limit the fast ones are read no further, until half
of it is worked off; nothing is dropped (PROTOCOL 24).

Every block partition sees the clocks of all sources, so each worker can judge alone, for the
input partitions it owns, as long as it owns a block partition as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.block import BlockMachine
from stream.topics import Topic
from stream.worker.journal import note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.machine import Machine
    from stream.metrics import Metrics
    from stream.worker.fleet import Place

__all__ = ["Leash"]


class Leash:
    """Says which input partitions of one worker are held; the consumer leaves those out.

    held: read from the consumer's thread, too.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._full = False
        self.held: frozenset[Place] = frozenset()

    def look(self, machines: Mapping[Place, Machine | None]) -> None:
        """Judge anew; called every second with all machines of this worker."""
        blocks = {
            place: machine
            for place, machine in machines.items()
            if isinstance(machine, BlockMachine)
        }
        full = False
        ahead: set[int] = set()
        for place, machine in blocks.items():
            waiting, room = machine.waiting, machine.waiting_max
            self._metrics.waiting.labels(*place).set(waiting)
            if waiting > (room // 2 if self._full else room):
                full = True
                ahead |= machine.sources_ahead()
        self._full = full
        held = frozenset(
            (topic, source)
            for topic, source in machines
            if topic is Topic.COUNTS and source in ahead
        )
        if held != self.held:
            self._tell(held, sum(machine.waiting for machine in blocks.values()))
        self.held = held

    def _tell(self, held: frozenset[Place], waiting: int) -> None:
        self._metrics.held.set(len(held))
        names = sorted(f"{topic}/{partition}" for topic, partition in held)
        why = "they are far ahead of the slowest source" if held else "the slowest has caught up"
        note("sources.held", level="warning", held=names, waiting=waiting, why=why)
