"""What became of readings, and which feeds are silent: from the machines' state to metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.block import BlockMachine
from stream.incident import IncidentMachine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.machine import Machine
    from stream.metrics import Metrics
    from stream.worker.fleet import Place

__all__ = ["Accounts"]


class Accounts:
    """Turns running totals, which outlive workers, into counters of this worker.

    A total that is met for the first time, or again after a rebalance, is where counting starts.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._seen: dict[Place, tuple[int, Mapping[tuple[str, str], int]]] = {}

    def look(self, machines: Mapping[Place, Machine | None]) -> None:
        """Take all machines of this worker in; called every second."""
        for gone in set(self._seen) - set(machines):
            del self._seen[gone]
        for place, machine in machines.items():
            if isinstance(machine, BlockMachine):
                self._count(place, machine)
            elif isinstance(machine, IncidentMachine):
                for feed, silent in machine.silent_feeds().items():
                    self._metrics.feed_blind.labels(feed).set(1 if silent else 0)
                for feed, suspect in machine.suspect_feeds().items():
                    self._metrics.feed_suspect.labels(feed).set(1 if suspect else 0)
                self._metrics.budget_spent.set(machine.spent_ratio())

    def _count(self, place: Place, machine: BlockMachine) -> None:
        total = machine.account()
        known, before = self._seen.get(place, (0, total))
        if known == id(machine):
            for (feed, fate), count in total.items():
                more = count - before.get((feed, fate), 0)
                if more > 0:
                    self._metrics.readings.labels(feed, fate).inc(more)
        self._seen[place] = id(machine), total
