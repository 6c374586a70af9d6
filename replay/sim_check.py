"""What a run is held to: alerts as the oracle says, balanced accounts, the state of a calm run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from alerts.message import encode
from replay.sim_oracle import expect, read_source
from stream.block import BlockMachine
from stream.gateway import TICK_IGNORED, Gateway
from stream.incident import IncidentMachine
from stream.incident_out import reply_record, system_record
from stream.machine import Delivered
from stream.readings import FATES
from stream.relay import Relay
from stream.snapshot import hot_entry, slot_entry, waiting_of
from stream.snapshot_load import decode_hot
from stream.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from replay.sim_broker import Broker, Place
    from replay.sim_oracle import Expected
    from replay.sim_world import World
    from stream.machine import Machine, Outgoing, Step

__all__ = ["Reader", "Violation", "check", "dump_block", "dump_incident", "expected_of"]


class Violation(AssertionError):  # noqa: N818 - a finding of the simulator, no error of its own
    """A law did not hold; the message says which, and what was seen."""


class Reader:
    """A subscriber of an alert topic: folds by revision (PROTOCOL 14)."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bytes]] = []
        self._held: dict[str, int] = {}

    def take(self, value: bytes) -> None:
        """Take in one record; keep it if it is news."""
        event = msgspec.json.decode(value, type=dict[str, msgspec.Raw])
        name = msgspec.json.decode(event["id"], type=str)
        incident, _, revision = name.rpartition("/")
        if self.is_news(incident, int(revision)):
            self.told.append((name, bytes(event["data"])))

    def is_news(self, incident: str, revision: int) -> bool:
        """Whether a revision lies above the one held; then it is held."""
        if revision <= self._held.get(incident, 0):
            return False
        self._held[incident] = revision
        return True


def expected_of(world: World, broker: Broker) -> Expected:
    """Ask the oracle, who sees the input logs alone."""
    settings, city = world.settings, world.city
    counts = [
        read_source(settings, city, broker.log((Topic.COUNTS, p))) for p in range(world.sources)
    ]
    acks = read_source(settings, city, broker.log((Topic.ACKS, 0)))
    return expect(settings, city, counts=counts, acks=acks)


def check(
    world: World,
    broker: Broker,
    told: Expected,
    *,
    blocks: Sequence[BlockMachine],
    incident: IncidentMachine,
    reader: type[Reader] = Reader,
) -> None:
    """Raise Violation if anything is not as it must be."""
    for topic, desk in ((Topic.POLICE, "police"), (Topic.FIRE, "fire")):
        heard = reader()
        for record in broker.log((topic, 0)):
            heard.take(record.value or b"")
        want = [(alert.id, encode(alert.data)) for alert in told.alerts if alert.desk == desk]
        _same(f"alerts for {desk}", heard.told, want)
    _same_set(world, broker, told)
    _balance(told, blocks)
    if incident.table.dump() != told.table:
        raise Violation("the incident table is not in the state that the oracle's is in")
    _calm(world, broker, blocks, incident)


def _same(what: str, got: list[tuple[str, bytes]], want: list[tuple[str, bytes]]) -> None:
    """Compare in order; tell the first difference, and no more of it than a reader can take."""
    for number, (seen, due) in enumerate(zip(got, want, strict=False)):
        if seen[0] != due[0]:
            raise Violation(f"{what}: number {number} is {seen[0]}, should be {due[0]}")
        if seen[1] != due[1]:
            at = next(
                (i for i, (a, b) in enumerate(zip(seen[1], due[1], strict=False)) if a != b), 0
            )
            cut = slice(max(at - 60, 0), at + 60)
            raise Violation(f"{what}: {seen[0]} says {seen[1][cut]!r}, should {due[1][cut]!r}")
    if len(got) != len(want):
        more = [name for name, _ in (*got[len(want) :], *want[len(got) :])]
        raise Violation(f"{what}: {len(got)} instead of {len(want)}; the odd ones are {more[:3]}")


def _same_set(world: World, broker: Broker, told: Expected) -> None:
    """Hold replies and system alerts to the oracle; repeats after a restart are allowed."""
    settings = world.settings
    system = [system_record(settings, news) for news in told.system]
    replies = [reply_record(reply) for reply in told.replies]
    wants: tuple[tuple[Topic, Iterable[Outgoing]], ...] = (
        (Topic.SYSTEM, system),
        (Topic.REPLIES, replies),
    )
    for topic, records in wants:
        got = {record.value or b"" for record in broker.log((topic, 0))}
        want = {record.value for record in records}
        if got != want:
            missing, invented = sorted(want - got)[:1], sorted(got - want)[:1]
            raise Violation(f"{topic}: missing {missing}, invented {invented}")


def _balance(told: Expected, blocks: Sequence[BlockMachine]) -> None:
    """Hold the accounts to law 5 and to the oracle, reading by reading; and memory to law 7."""
    fates: Counter[tuple[int, str]] = Counter()
    refused: Counter[str] = Counter()
    for machine in blocks:
        (state,) = machine.states
        refused += Counter(state.refused)
        for feed, of_feed in enumerate(state.readings.fates.sum(axis=1).tolist()):
            fates += Counter({(feed, FATES[i]): number for i, number in enumerate(of_feed)})
        left = len(state.readings.pending)
        crossed = max(len(ticks) for ticks in state.clocks.state.crossed)
        if left or crossed > 1:
            raise Violation(f"memory: {left} hops still pending, {crossed} ticks kept of a source")
    if fates != +told.fates or refused != +told.refused:
        raise Violation(
            f"accounts: fates {dict(fates)} instead of {dict(+told.fates)}, refused"
            f" {dict(refused)} instead of {dict(+told.refused)}"
        )
    out = fates.total() + refused.total() - refused[TICK_IGNORED]
    if out != told.readings_in:
        raise Violation(f"accounts: {told.readings_in} readings went in, {out} are accounted for")


def _calm(
    world: World, broker: Broker, blocks: Sequence[BlockMachine], incident: IncidentMachine
) -> None:
    """Compare the final state with that of a run in which nothing ever failed."""
    calm = _CalmRun(world)
    for source in range(world.sources):
        gateway = Gateway(world.settings, world.city, source)
        for record in broker.log((Topic.COUNTS, source)):
            calm.deliver(gateway.step(record))
    relay = Relay(world.settings)
    for record in broker.log((Topic.ACKS, 0)):
        calm.deliver(relay.step(record))
    for partition, (one, other) in enumerate(zip(blocks, calm.blocks, strict=True)):
        _same(f"state of block partition {partition}", dump_block(one), dump_block(other))
    _same("state of the incident stage", dump_incident(incident), dump_incident(calm.incident))


class _CalmRun:
    """The stages in one thread: one source after the other, each from its first record on."""

    def __init__(self, world: World) -> None:
        settings, city = world.settings, world.city
        number = settings.topics.partitions.blocks
        self.blocks = [BlockMachine(settings, city, p, density=False) for p in range(number)]
        self.incident = IncidentMachine(settings, city)
        self._offsets: Counter[Place] = Counter()

    def deliver(self, step: Step) -> None:
        """Hand what a stage put out to the stage that reads it."""
        for out in step.out:
            if out.topic not in {Topic.READINGS, Topic.DETECTIONS}:
                continue
            place = (out.topic, out.partition or 0)
            record = Delivered(
                partition=place[1],
                offset=self._offsets[place],
                timestamp_ms=0,
                key=None,
                value=out.value,
            )
            self._offsets[place] += 1
            machine: Machine = self.incident
            if out.topic is Topic.READINGS:
                machine = self.blocks[place[1]]
            self.deliver(machine.step(record))


def dump_block(machine: BlockMachine) -> list[tuple[str, bytes]]:
    """Return the whole state of a block partition; offsets of its own log left out.

    They count repeats of what a restart sent again, which are no part of what is known.
    """
    dumped: list[tuple[str, bytes]] = []
    for state in machine.states:
        waiting = waiting_of(state)
        for number in range(len(state.layout.blocks)):
            entry = hot_entry(state, number, waiting[number])
            spec = state.spec
            hot = decode_hot(
                entry.key,
                entry.value,
                settings_hash=spec.settings_hash,
                city_digest=spec.city_digest,
            )
            bare = msgspec.structs.replace(hot, applied=-1)
            dumped.append((entry.key, msgspec.msgpack.encode(bare)))
            for kind, slot in zip(*state.visits[number].nonzero(), strict=True):
                one = slot_entry(state, number, int(kind), int(slot))
                dumped.append((one.key, one.value))
    return sorted(dumped)


def dump_incident(machine: IncidentMachine) -> list[tuple[str, bytes]]:
    """Return the whole state of the incident stage; offsets of internal logs left out."""
    (entry,) = machine.snapshot().hot
    hot = msgspec.msgpack.decode(entry.value, type=dict[str, Any])
    hot["applied"] = -1
    for name in ("offset", "part"):
        hot["state"][name] = hot["state"][name][-1:]  # The acks topic is an input log.
    return [(name, msgspec.msgpack.encode(value)) for name, value in sorted(hot.items())]
