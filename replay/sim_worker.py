"""A virtual worker: hosts of the partitions it owns, one producer, and all the ways it can end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from replay.sim_broker import Producer
from replay.sim_host import Host
from stream.block import BlockMachine
from stream.gateway import Gateway
from stream.incident import IncidentMachine
from stream.relay import Relay
from stream.topics import Topic

if TYPE_CHECKING:
    from geo.city import City
    from replay.sim_broker import Broker, Place
    from replay.sim_chance import Chance
    from replay.sim_host import Stage
    from stream.machine import Machine
    from stream.settings import Settings

__all__ = ["Plant", "Worker"]

BURSTS: Final = (1, 1, 2, 3, 5, 8, 13, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """What runs: settings, city, and the class of hosts (tests put broken ones here)."""

    settings: Settings
    city: City
    host: type[Host] = Host

    def host_of(self, place: Place, producer: Producer) -> Host:
        """Return a host of one partition, its state loaded from the snapshot topic."""
        topic, partition = place
        stage: Stage | None = None
        machine: Machine | None = None
        if topic is Topic.COUNTS:
            stage = Gateway(self.settings, self.city, partition)
        elif topic is Topic.ACKS:
            stage = Relay(self.settings)
        elif topic is Topic.READINGS:
            machine = BlockMachine(self.settings, self.city, partition, density=False)
        else:
            machine = IncidentMachine(self.settings, self.city)
        if machine is not None:
            snapshots = producer.broker.snapshots
            machine.load(snapshots[partition % len(snapshots)])
        return self.host(place, producer, machine=machine, stage=stage)


class Worker:
    """One process. hosts: by the partition they read; cut_share: of records that end a batch."""

    def __init__(self, plant: Plant, broker: Broker, chance: Chance, *, cut_share: float) -> None:
        self._plant, self._chance, self._cut_share = plant, chance, cut_share
        self.producer = Producer(broker)
        self.hosts: dict[Place, Host] = {}

    def assign(self, place: Place) -> Host:
        """Take over a partition."""
        host = self.hosts[place] = self._plant.host_of(place, self.producer)
        return host

    def revoke(self, place: Place) -> None:
        """Give a partition up at once; what was sent is still under way."""
        self.hosts.pop(place).owns = False

    def turn(self) -> None:
        """Do a little of everything: read, let records land, make batches durable."""
        chance = self._chance
        hosts = list(self.hosts.values())
        for host in hosts and (chance.choice(hosts), chance.choice(hosts)):
            for _ in range(chance.choice(BURSTS)):
                if not host.take(cut=chance.hits(self._cut_share), run_on=chance.hits(0.4)):
                    break
        for place in self.producer.waiting:
            if chance.hits(0.7):
                self.producer.land(place, chance.choice(BURSTS))
        for host in hosts:
            host.finish()

    def sprint(self) -> bool:
        """Do all there is to do; return whether there was anything."""
        moved = False
        for host in self.hosts.values():
            while host.take(cut=False):
                moved = True
            self.producer.land_all()
            while host.ended:
                host.finish()
                self.producer.land_all()
        return moved

    def disown(self) -> list[Place]:
        """Take all partitions away, though the worker goes on; return what it owned."""
        owned = [place for place, host in self.hosts.items() if host.owns]
        for host in self.hosts.values():
            host.owns = False
        return owned

    def die(self) -> None:
        """Kill -9: of what was sent some has landed, in order, and the rest has not."""
        for place in self.producer.waiting:
            self.producer.land(place, self._chance.randrange(len(self.producer.queues[place]) + 1))
            self.producer.queues[place].clear()
        self.hosts.clear()

    def fail_send(self) -> None:
        """One send timed out: it may have landed, nothing behind it does (PROTOCOL 9)."""
        place = self._chance.choice(self.producer.waiting)
        if self._chance.hits(0.5):
            self.producer.land(place)
        self.producer.queues[place].clear()
        self.die()
