"""The virtual consumer group: which worker owns which partition, and everything that fails.

A failure takes partitions away from a worker that may go on regardless (a zombie, a partition
revoked while its records are under way) or dies with some of its records landed. Partitions
stay without an owner for a while, then some worker starts on them from the snapshot topic.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from replay.sim_check import Reader
from replay.sim_host import Host
from replay.sim_worker import Plant, Worker
from stream.block import BlockMachine
from stream.incident import IncidentMachine
from stream.topics import Topic

if TYPE_CHECKING:
    from replay.sim_broker import Broker, Place
    from replay.sim_chance import Chance
    from replay.sim_world import World

__all__ = ["EVERY_FAULT", "NO_FAULT", "Cluster", "Fault", "Parts"]


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
CUT_SHARE: Final = 0.01  # of records end a batch early


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Classes of the simulator that tests replace by broken ones."""

    host: type[Host] = Host
    worker: type[Worker] = Worker
    reader: type[Reader] = Reader


class Cluster:
    """The workers of one deployment.

    places: every partition that is read. homeless: those without an owner. stragglers: workers
    that own nothing any more and do not know it. broken: how often something failed.
    """

    def __init__(
        self,
        world: World,
        broker: Broker,
        chance: Chance,
        *,
        faults: frozenset[Fault],
        parts: Parts,
    ) -> None:
        self._broker, self._chance, self._parts = broker, chance, parts
        self._plant = Plant(settings=world.settings, city=world.city, host=parts.host)
        self._cut_share = CUT_SHARE if Fault.EARLY_CUT in faults else 0.0
        self._kinds = [fault for fault in BREAKS if fault in faults]
        self._break_share = chance.choice((0.02, 0.06, 0.15)) if self._kinds else 0.0
        self.workers = [self._worker() for _ in range(chance.choice((1, 2, 3)))]
        self.stragglers: list[Worker] = []
        self.broken = 0
        blocks = world.settings.topics.partitions.blocks
        self.places: list[Place] = [
            *((Topic.COUNTS, p) for p in range(world.sources)),
            (Topic.ACKS, 0),
            *((Topic.READINGS, p) for p in range(blocks)),
            (Topic.DETECTIONS, 0),
        ]
        self.homeless = list(self.places)

    def _worker(self) -> Worker:
        return self._parts.worker(
            self._plant, self._broker, self._chance, cut_share=self._cut_share
        )

    def turn(self) -> None:
        """Let workers do a little of everything, and perhaps let one thing fail."""
        chance = self._chance
        if self.homeless and chance.hits(0.4):
            self._house()
        for _ in range(2):
            chance.choice(self.workers).turn()
        if self.stragglers and chance.hits(0.3):
            self._straggle()
        if chance.hits(0.3):
            self._commit()
        if chance.hits(self._break_share):
            self._break()

    def backlog(self) -> int:
        """Return the longest of the rows of records that wait for their owner."""
        hosts = [host for worker in self.workers for host in worker.hosts.values()]
        return max((host.backlog for host in hosts), default=0)

    def drain(self) -> None:
        """Read everything there is, to the end."""
        self.silence()
        while self.homeless:
            self._house()
        while sum(worker.sprint() for worker in self.workers):
            pass

    def silence(self) -> None:
        """Let stragglers have a last word and end."""
        for worker in self.stragglers:
            if self._chance.hits(0.5):
                worker.turn()
            worker.die()
        self.stragglers.clear()

    def restart(self) -> None:
        """Kill all workers and start new ones."""
        for worker in [*self.workers]:
            self._lose(worker)
            worker.die()

    def machines(self) -> tuple[list[BlockMachine], IncidentMachine]:
        """Return the machines of those who own them."""
        hosts = {place: host for one in self.workers for place, host in one.hosts.items()}
        machines = [hosts[place].machine for place in self.places]
        (incident,) = [one for one in machines if isinstance(one, IncidentMachine)]
        return [one for one in machines if isinstance(one, BlockMachine)], incident

    def _house(self) -> None:
        """Give a partition without an owner to some worker."""
        place = self.homeless.pop(self._chance.randrange(len(self.homeless)))
        self._chance.choice(self.workers).assign(place)

    def _commit(self) -> None:
        for worker in self.workers:
            for host in worker.hosts.values():
                if self._chance.hits(0.5):
                    host.commit()

    def _straggle(self) -> None:
        """Let one that was given up do some more work, or end."""
        worker = self._chance.choice(self.stragglers)
        worker.turn()
        if self._chance.hits(0.1):
            self.stragglers.remove(worker)
            worker.die()

    def _break(self) -> None:
        """Let one thing fail."""
        chance, fault = self._chance, self._chance.choice(self._kinds)
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
            place = self._chance.choice(list(worker.hosts))
            worker.revoke(place)
            self.homeless.append(place)
            self.broken += 1

    def _lose(self, worker: Worker) -> None:
        """Put a new worker in the place of one."""
        self.homeless += worker.disown()
        self.workers[self.workers.index(worker)] = self._worker()
