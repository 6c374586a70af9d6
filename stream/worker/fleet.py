"""All hosts of one worker: loaded for an assignment, begun at the right offset, dropped again.

At every rebalance all machines are loaded anew from the snapshot topic, also those of
partitions that stay: the plainest way that is exact. An *epoch* counts assignments; whatever
began in an earlier epoch finds its host dropped and can acknowledge nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from stream.machine import SnapshotError
from stream.room import check_room
from stream.topics import Topic
from stream.worker.announcement import settle_settings
from stream.worker.host import Host
from stream.worker.journal import note
from stream.worker.ports import WorkerPorts
from stream.worker.quarantine import Quarantine
from stream.worker.snapshots import SnapshotLog
from stream.worker.start import Held, check_origins, start_offset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from geo.city import City
    from stream.machine import Delivered, Machine
    from stream.metrics import Metrics
    from stream.settings import Settings
    from stream.worker.deployment import Deployment
    from stream.worker.host import Relaying
    from stream.worker.producer import OutputProducer
    from stream.worker.reader import LogReader

__all__ = ["Fleet", "Place", "Stages"]

Place = tuple[Topic, int]

ANNOUNCED_POLL_S: Final = 0.5
FLAPPING_LOADS: Final = 15  # in a minute; restarts one by one cause fewer
FLAPPING_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """Who works on which input. machines keep state, relays do not."""

    machines: Mapping[Topic, Callable[[Settings, City, int], Machine]]
    relays: Mapping[Topic, Callable[[Settings, City, int], Relaying]]


class Fleet:
    """The hosts of the partitions that this worker owns.

    accept_gap: go on where retention took input that nobody had read (the operator's word).
    lag: how many records of a partition were appended and not yet read.
    fail: stops the worker with an error.
    """

    def __init__(
        self,
        deployment: Deployment,
        stages: Stages,
        *,
        producer: OutputProducer,
        metrics: Metrics,
        accept_gap: bool,
        lag: Callable[[Place], int],
        fail: Callable[[BaseException], None],
    ) -> None:
        self.deployment = deployment
        self.hosts: dict[Place, Host] = {}
        self.ports: dict[Place, WorkerPorts] = {}
        self.epoch = 0
        self.settled = False
        self.awaits_settings = False
        self._stages = stages
        self._producer = producer
        self._metrics = metrics
        self._accept_gap = accept_gap
        self._lag = lag
        self._fail = fail
        self._held: dict[Place, range] = {}
        self._loaded_at: deque[float] = deque(maxlen=FLAPPING_LOADS)
        self._snapshots = SnapshotLog(
            topic=deployment.name(Topic.SNAPSHOTS),
            partitions=deployment.settings.topics.partitions.snapshots,
        )

    def revoke(self) -> None:
        """Drop all hosts: from here on nothing of this assignment is acknowledged."""
        self.epoch += 1
        for host in self.hosts.values():
            host.drop()
        self.hosts, self.ports, self._held = {}, {}, {}
        self._metrics.forget_partitions()

    async def load(self, assigned: Iterable[Place]) -> None:
        """Make and load the machines of an assignment; does nothing if it ended meanwhile.

        Raises SnapshotError or ConfigError with one line for the operator.
        """
        self.revoke()
        epoch, places = self.epoch, sorted(assigned)
        began_at = time.monotonic()
        # Our own last snapshots may still be on their way; read after them, not before.
        await self._producer.settle()
        async with self.deployment.reader() as reader:
            await self._settle(reader, epoch)
            if epoch != self.epoch:
                return
            quarantine = await self._read_quarantine(reader)
            stateful = [p for topic, p in places if topic in self._stages.machines]
            entries = await self._snapshots.read(reader, stateful)
            hosts, ports = {}, {}
            for place in places:
                ports[place] = self._new_ports(place)
                hosts[place] = self._new_host(place, ports[place], quarantine, entries)
            held = await self._bounds(reader, places)
            for place, host in hosts.items():
                await check_origins(self.deployment, reader, place, host.machine)
        if epoch != self.epoch:
            return
        self.hosts, self.ports, self._held = hosts, ports, held
        self._warn_of_flapping(began_at)
        took_s = time.monotonic() - began_at
        self._metrics.load_seconds.set(took_s)
        self._metrics.parked.set(0)
        self._metrics.rebalances.inc()
        note(
            "assignment.loaded",
            epoch=epoch,
            seconds=round(took_s, 3),
            applied={f"{t}/{p}": h.durable for (t, p), h in hosts.items() if h.machine},
            relays=[f"{t}/{p}" for (t, p), h in hosts.items() if h.machine is None],
        )

    def begin(self, committed: Mapping[Place, int | None]) -> dict[Place, int]:
        """Return where each partition starts, and tell its host.

        committed: offsets of the group, None where there is none. Called again it gives the
        same answer: what was delivered since is then delivered twice, which a host knows.
        Raises SnapshotError where the log no longer holds what is needed.
        """
        starts: dict[Place, int] = {}
        for place, host in self.hosts.items():
            if host.start is None:
                held = Held(
                    log=self._held[place],
                    applied=host.machine.applied if host.machine is not None else None,
                    committed=committed.get(place),
                )
                start, skipped = start_offset(place, held, accept_gap=self._accept_gap)
                if skipped:
                    self._metrics.gaps.labels("accepted").inc()
                    note("gap.accepted", level="warning", place=f"{place}", records=skipped)
                host.begin(start)
            starts[place] = host.start if host.start is not None else 0
        return starts

    async def take(self, topic: Topic, record: Delivered, ack: Callable[[], object]) -> None:
        """Hand a record to its host; a record of a partition that is no longer ours is dropped."""
        host = self.hosts.get((topic, record.partition))
        if host is None:
            return
        was_parked = host.parked
        await host.take(record, ack)
        if host.parked and not was_parked:
            self._metrics.parked.inc()
            note(
                "partition.parked",
                level="error",
                topic=topic,
                partition=record.partition,
                offset=record.offset,
                why="this record crashed workers three times; quarantine it, then restart",
            )

    def _warn_of_flapping(self, now: float) -> None:
        """Say so if assignments follow each other too fast for any work to be done."""
        self._loaded_at.append(now)
        if len(self._loaded_at) == FLAPPING_LOADS and now - self._loaded_at[0] < FLAPPING_S:
            self._loaded_at.clear()
            worker = self.deployment.worker
            why = f"partitions are dealt out every few seconds: is there another worker {worker}?"
            note("assignment.flapping", level="error", why=why)

    async def _settle(self, reader: LogReader, epoch: int) -> None:
        """Agree on the settings of this log; wait for them if a replay brings them."""
        while not self.settled and epoch == self.epoch:
            self.settled = await settle_settings(self.deployment, reader, self._producer)
            if not self.settled:
                if not self.awaits_settings:
                    note("settings.awaited", why="no feed register here; a replay announces one")
                self.awaits_settings = True
                await asyncio.sleep(ANNOUNCED_POLL_S)
            else:  # announced feeds were not there to be checked when the worker started
                check_room(self.deployment.settings, self.deployment.city)
        self.awaits_settings = False

    async def _read_quarantine(self, reader: LogReader) -> Quarantine:
        name = self.deployment.name(Topic.QUARANTINE)
        held = (await reader.bounds([(name, 0)]))[name, 0]
        return Quarantine([record.value async for record in reader.records(name, 0, held)])

    async def _bounds(self, reader: LogReader, places: list[Place]) -> dict[Place, range]:
        name = self.deployment.name
        held = await reader.bounds([(name(topic), partition) for topic, partition in places])
        return {(topic, p): held[name(topic), p] for topic, p in places}

    def _new_ports(self, place: Place) -> WorkerPorts:
        return WorkerPorts(
            *place,
            deployment=self.deployment,
            producer=self._producer,
            snapshots=self._snapshots,
            metrics=self._metrics,
            lag=partial(self._lag, place),
            fail=self._fail,
        )

    def _new_host(
        self,
        place: Place,
        ports: WorkerPorts,
        quarantine: Quarantine,
        entries: Mapping[int, Mapping[str, bytes]],
    ) -> Host:
        topic, partition = place
        settings, city = self.deployment.settings, self.deployment.city
        machine, relay = None, None
        if topic in self._stages.machines:
            machine = self._stages.machines[topic](settings, city, partition)
            try:
                machine.load(entries[partition])
            except SnapshotError as fault:
                raise SnapshotError(f"{topic}/{partition}: {fault}") from fault
        else:
            relay = self._stages.relays[topic](settings, city, partition)
        return Host(
            topic,
            partition,
            machine=machine,
            relay=relay,
            ports=ports,
            skip=quarantine.skips(topic, partition),
            parked_at=quarantine.parked_at(topic, partition),
        )
