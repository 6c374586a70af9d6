"""One run of the simulator: virtual workers over virtual partitions, and everything that fails.

Theory of operation. A run is a row of turns drawn from one seeded chance: a source writes a few
records, a worker does a little work, a desk acts, an offset is committed, or something breaks.
At the end all that is left is read, the stragglers have had their last word, the workers may be
started once more from the snapshot topic, and `sim_check` compares. Faults never stop for good,
so a run always ends; which faults there are can be chosen, to find the ones that matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from replay.sim_broker import HALF_DAY_MS, Broker
from replay.sim_chance import Chance
from replay.sim_check import Reader, check, expected_of
from replay.sim_desk import Desks
from replay.sim_host import Host
from replay.sim_script import last_tick, script_of, tick
from replay.sim_worker import Plant, Worker
from replay.sim_world import world_of
from stream.block import BlockMachine
from stream.incident import IncidentMachine
from stream.records import Tick, decode
from stream.topics import Topic

if TYPE_CHECKING:
    from replay.sim_broker import Place
    from replay.sim_world import World

__all__ = ["EVERY_FAULT", "NO_FAULT", "Fault", "Outcome", "Parts", "Run", "simulate"]

IDLE_MAX: Final = 200  # turns


class Fault(StrEnum):
    """What can go wrong."""

    KILL = "kill"
    ZOMBIE = "zombie"
    REVOKE = "revoke"
    FAILED_SEND = "failed send"
    EARLY_CUT = "early cut"
    LAST_RESTART = "last restart"


EVERY_FAULT: Final = frozenset(Fault)
NO_FAULT: Final[frozenset[Fault]] = frozenset()
BREAKS: Final = (Fault.KILL, Fault.ZOMBIE, Fault.REVOKE, Fault.FAILED_SEND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Classes of the simulator that tests replace by broken ones."""

    host: type[Host] = Host
    worker: type[Worker] = Worker
    reader: type[Reader] = Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended. problem: None if all laws held. alerts: how many were due."""

    seed: int
    problem: str | None
    alerts: int = 0
    hops: int = 0
    broken: int = 0


class Run:
    """All that happens under one seed. broken: how often something failed."""

    def __init__(self, seed: int, *, faults: frozenset[Fault], parts: Parts) -> None:
        # The world has a chance of its own: other faults meet the same readings.
        inputs = Chance(2 * seed)
        self.chance = Chance(2 * seed + 1)
        self.world: World = world_of(inputs)
        self.broker = Broker([{} for _ in range(self.world.snapshots)])
        self.faults, self.parts, self.broken = faults, parts, 0
        script = script_of(inputs, self.world)
        self._scripts = [
            [one for one in script if one.source == source] for source in range(self.world.sources)
        ]
        self._told = [0] * self.world.sources
        self._plant = Plant(settings=self.world.settings, city=self.world.city, host=parts.host)
        self._cut_share = 0.01 if Fault.EARLY_CUT in faults else 0.0
        self._break_share = self.chance.choice((0.01, 0.03, 0.06))
        self._ahead_max = self.chance.choice((10, 40, 1000))
        self.workers = [self._worker() for _ in range(self.chance.choice((1, 2, 3)))]
        self.stragglers: list[Worker] = []
        self.desks = Desks(inputs, self.world, self.broker)
        blocks = self.world.settings.topics.partitions.blocks
        self.places: list[Place] = [
            *((Topic.COUNTS, p) for p in range(self.world.sources)),
            (Topic.ACKS, 0),
            *((Topic.READINGS, p) for p in range(blocks)),
            (Topic.DETECTIONS, 0),
        ]
        self.homeless = list(self.places)

    def _worker(self) -> Worker:
        return self.parts.worker(self._plant, self.broker, self.chance, cut_share=self._cut_share)

    def turns(self) -> None:
        """Let everything happen until the sources have said all."""
        chance = self.chance
        idle = 0
        while not self._is_told:
            idle = 0 if self._write(chance.randrange(self.world.sources)) else idle + 1
            if idle > IDLE_MAX:
                self._hurry()
            if self.homeless and chance.hits(0.4):
                self._house()
            for _ in range(2):
                chance.choice(self.workers).turn()
            if self.stragglers and chance.hits(0.3):
                self._straggle()
            self.desks.turn()
            if chance.hits(0.3):
                self._commit()
            if chance.hits(self._break_share):
                self._break()

    def _hurry(self) -> None:
        """End a silence longer than the sources may be ahead: only the next tick can."""
        self._silence()
        for worker in self.workers:
            worker.sprint()
        for source in range(self.world.sources):
            self._write_next(source)

    @property
    def _is_told(self) -> bool:
        return all(
            told == len(script) for told, script in zip(self._told, self._scripts, strict=True)
        )

    def _write(self, source: int) -> bool:
        """Let a source write a few records, unless nobody keeps up with it."""
        script, wrote = self._scripts[source], False
        for _ in range(self.chance.choice((1, 2, 4, 9))):
            if self._told[source] == len(script) or not self._keeps_up(source):
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

    def _keeps_up(self, source: int) -> bool:
        """Whether the log is not too far ahead of its readers.

        In a world of several days state may not be older than a day (see `Sent.is_too_old`),
        so the sources wait for it.
        """
        for worker in self.workers:
            for host in worker.hosts.values():
                if host.backlog > self._ahead_max:
                    return False
        hots = self.broker.hot_hop_ms.values()
        if not self.world.is_long or not hots:
            return True
        at_ms = self._scripts[source][self._told[source]].at_ms
        return at_ms < min(hots) + HALF_DAY_MS

    def _house(self) -> None:
        """Give a partition without an owner to some worker."""
        place = self.homeless.pop(self.chance.randrange(len(self.homeless)))
        self.chance.choice(self.workers).assign(place)

    def _commit(self) -> None:
        for worker in self.workers:
            for host in worker.hosts.values():
                if self.chance.hits(0.5):
                    host.commit()

    def _straggle(self) -> None:
        """Let one that was given up do some more work, or end."""
        worker = self.chance.choice(self.stragglers)
        worker.turn()
        if self.chance.hits(0.1):
            self.stragglers.remove(worker)
            worker.die()

    def _break(self) -> None:
        """Let one thing fail."""
        kinds = [fault for fault in BREAKS if fault in self.faults]
        if not kinds:
            return
        chance, fault = self.chance, self.chance.choice(kinds)
        worker = chance.choice(self.workers)
        if fault is Fault.REVOKE:
            self._revoke(worker)
            return
        if fault is Fault.FAILED_SEND and not worker.producer.waiting:
            return
        self.broken += 1
        self._lose(worker)
        if fault is Fault.FAILED_SEND:
            worker.fail_send()
        elif fault is Fault.KILL:
            worker.die()
        else:
            if chance.hits(0.3):
                worker.hosts.clear()  # It is dead, but what it sent is still under way.
            self.stragglers.append(worker)

    def _revoke(self, worker: Worker) -> None:
        """Take one partition from a worker that goes on."""
        if worker.hosts:
            place = self.chance.choice(list(worker.hosts))
            worker.revoke(place)
            self.homeless.append(place)
            self.broken += 1

    def _lose(self, worker: Worker) -> None:
        """Put a new worker in the place of one."""
        self.homeless += worker.disown()
        self.workers[self.workers.index(worker)] = self._worker()

    def end(self) -> None:
        """Write the last ticks and let everything be read; perhaps start once more."""
        self.drain()
        newest_ms = self.broker.now_ms
        for place in self.places:
            if place[0] in {Topic.COUNTS, Topic.ACKS}:
                for record in self.broker.log(place):
                    seen = decode(record.value)
                    newest_ms = max(newest_ms, seen.now_ms if isinstance(seen, Tick) else 0)
        self._last_word(newest_ms)
        if Fault.LAST_RESTART in self.faults and self.chance.hits(0.7):
            self.drain()
            for worker in [*self.workers]:
                self._lose(worker)
                worker.die()
        self.drain()

    def _last_word(self, newest_ms: int) -> None:
        value = last_tick(self.world, newest_ms)
        end = decode(value)
        assert isinstance(end, Tick), "the last tick is a tick"
        self.broker.now_ms = end.now_ms
        for source in range(self.world.sources):
            self.broker.append((Topic.COUNTS, source), value)
        after_ms = end.now_ms + 20_000  # so that the last action's beat has passed, too
        self.broker.append((Topic.ACKS, 0), tick(after_ms), at_ms=after_ms)

    def drain(self) -> None:
        """Read everything there is, to the end; stragglers have their last word, too."""
        self._silence()
        while self.homeless:
            self._house()
        while sum(worker.sprint() for worker in self.workers):
            pass

    def _silence(self) -> None:
        """Let stragglers have a last word and end."""
        for worker in self.stragglers:
            if self.chance.hits(0.5):
                worker.turn()
            worker.die()
        self.stragglers.clear()

    def machines(self) -> tuple[list[BlockMachine], IncidentMachine]:
        """Return the machines of those who own them at the end."""
        hosts = {place: host for one in self.workers for place, host in one.hosts.items()}
        blocks: list[BlockMachine] = []
        for place in self.places:
            machine = hosts[place].machine
            if isinstance(machine, BlockMachine):
                blocks.append(machine)
        incident = hosts[Topic.DETECTIONS, 0].machine
        assert isinstance(incident, IncidentMachine), "detections are read by the incident stage"
        return blocks, incident


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
        blocks, incident = run.machines()
        check(run.world, run.broker, told, blocks=blocks, incident=incident, reader=parts.reader)
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is what the seed has found
        return Outcome(seed=seed, problem=f"{type(fault).__name__}: {fault}")
    return Outcome(
        seed=seed, problem=None, alerts=len(told.alerts), hops=told.hops, broken=run.broken
    )
