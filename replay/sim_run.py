"""One run of the simulator: sources write, workers work, desks act, things break; then the check.

Theory of operation. A run is a row of turns drawn from one seeded chance. At the end all that is
left is read, the stragglers have had their last word, the workers may be started once more from
the snapshot topic, and `sim_check` compares with what `sim_oracle` makes of the input logs.
Which kinds of fault there are can be chosen, to find the ones that matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from replay.sim_broker import HALF_DAY_MS, Broker
from replay.sim_chance import Chance
from replay.sim_check import check, expected_of
from replay.sim_cluster import EVERY_FAULT, Cluster, Fault, Parts
from replay.sim_desk import Desks
from replay.sim_script import last_tick, script_of, tick
from replay.sim_world import world_of
from stream.records import Tick, decode
from stream.topics import Topic

if TYPE_CHECKING:
    from replay.sim_world import World

__all__ = ["Outcome", "Run", "simulate"]

IDLE_MAX: Final = 200  # turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended. problem: None if all laws held. alerts, hops: how many were due."""

    seed: int
    problem: str | None
    alerts: int = 0
    hops: int = 0
    broken: int = 0


class Run:
    """All that happens under one seed."""

    def __init__(self, seed: int, *, faults: frozenset[Fault], parts: Parts) -> None:
        # The world has a chance of its own: other faults meet the same readings.
        inputs = Chance(2 * seed)
        self._chance = Chance(2 * seed + 1)
        self._restarts = Fault.LAST_RESTART in faults and self._chance.hits(0.7)
        self.world: World = world_of(inputs)
        self.broker = Broker([{} for _ in range(self.world.snapshots)])
        self.cluster = Cluster(self.world, self.broker, self._chance, faults=faults, parts=parts)
        script = script_of(inputs, self.world)
        self._scripts = [
            [one for one in script if one.source == source] for source in range(self.world.sources)
        ]
        self._told = [0] * self.world.sources
        self._ahead_max = self._chance.choice((10, 40, 1000))
        self._desks = Desks(inputs, self.world, self.broker)

    def turns(self) -> None:
        """Let everything happen until the sources have said all."""
        idle = 0
        while not self._is_told:
            wrote = self._write(self._chance.randrange(self.world.sources))
            idle = 0 if wrote else idle + 1
            if idle > IDLE_MAX:
                self._hurry()
            self.cluster.turn()
            self._desks.turn()

    def end(self) -> None:
        """Write the last ticks and let everything be read; perhaps start once more."""
        self.cluster.drain()
        self._last_word()
        if self._restarts:
            self.cluster.drain()
            self.cluster.restart()
        self.cluster.drain()

    @property
    def _is_told(self) -> bool:
        return all(
            told == len(script) for told, script in zip(self._told, self._scripts, strict=True)
        )

    def _write(self, source: int) -> bool:
        """Let a source write a few records, unless the workers do not keep up."""
        wrote = False
        for _ in range(self._chance.choice((1, 2, 4, 9))):
            if self._told[source] == len(self._scripts[source]) or not self._keep_up(source):
                break
            self._write_next(source)
            wrote = True
        return wrote

    def _write_next(self, source: int) -> None:
        told = self._told[source]
        for planned in self._scripts[source][told : told + 1]:
            self._told[source] += 1
            self.broker.now_ms = max(self.broker.now_ms, planned.at_ms)
            self.broker.append((Topic.COUNTS, source), planned.value, at_ms=planned.at_ms)

    def _keep_up(self, source: int) -> bool:
        """Whether the readers are near enough for this source to go on.

        In a world of several days saved state must not be older than a day (`Sent.is_too_late`),
        so the sources wait for it.
        """
        if self.cluster.backlog() > self._ahead_max:
            return False
        hots = self.broker.hot_hop_ms.values()
        if not self.world.is_long or not hots:
            return True
        return self._scripts[source][self._told[source]].at_ms < min(hots) + HALF_DAY_MS

    def _hurry(self) -> None:
        """End a silence that is longer than sources may be ahead: only their next ticks can."""
        self.cluster.drain()
        for source in range(self.world.sources):
            self._write_next(source)

    def _last_word(self) -> None:
        """Write the ticks after which nothing is pending any more."""
        newest_ms = self.broker.now_ms
        for (topic, _), log in self.broker.logs.items():
            if topic in {Topic.COUNTS, Topic.ACKS}:
                ticks = [seen.now_ms for one in log if isinstance(seen := decode(one.value), Tick)]
                newest_ms = max(newest_ms, *ticks, 0)
        end_ms = self.broker.now_ms = last_tick(self.world, newest_ms)
        for source in range(self.world.sources):
            self.broker.append((Topic.COUNTS, source), tick(end_ms))
        after_ms = end_ms + 20_000  # so that the last action's beat has passed, too
        self.broker.append((Topic.ACKS, 0), tick(after_ms), at_ms=after_ms)


def simulate(
    seed: int, *, faults: frozenset[Fault] = EVERY_FAULT, parts: Parts | None = None
) -> Outcome:
    """Run one seed and say what came of it; a fault of ours is an outcome, too, never a raise."""
    parts = parts or Parts()
    try:
        run = Run(seed, faults=faults, parts=parts)
        run.turns()
        run.end()
        told = expected_of(run.world, run.broker)
        blocks, incident = run.cluster.machines()
        check(run.world, run.broker, told, blocks=blocks, incident=incident, reader=parts.reader)
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is what the seed has found
        return Outcome(seed=seed, problem=f"{type(fault).__name__}: {fault}")
    return Outcome(
        seed=seed,
        problem=None,
        alerts=len(told.alerts),
        hops=told.hops,
        broken=run.cluster.broken,
    )
