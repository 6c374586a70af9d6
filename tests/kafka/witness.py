"""What must have come out of recorded input logs, and whether just that came out.

The offline engine gets the very records of the input topics, each partition in its own order,
the partitions shuffled into one another by chance: no interleaving may show. Then every output
topic is held against it: alerts, system alerts, replies, dead letters, density; and the state
in the snapshot topic, and the account of readings that is part of it.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from replay.engine import Engine
from replay.log import LogRecord
from stream.records import Counts, Rejected, decode
from stream.topics import Topic
from tests.kafka.tail_of import TailOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geo.city import City
    from stream.settings import Settings
    from tests.kafka.tail_of import Received

__all__ = ["OUTPUTS", "Comparison", "Logs", "compare", "live_outputs", "offline_run", "read_logs"]

OUTPUTS: Final = (
    *(Topic.POLICE, Topic.FIRE, Topic.SYSTEM, Topic.REPLIES),
    *(Topic.COUNTS_DLQ, Topic.ACKS_DLQ, Topic.DENSITY),
)
ALERTS: Final = {Topic.POLICE, Topic.FIRE, Topic.SYSTEM}

OF_A_HOST: Final = b'"origin":"host"'

Identity = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """The input logs as recorded. counts: values by partition. acks: values.

    stamps_ms: the broker's times of these records, by partition, those of acks last; without
    them all are 0, which is right where a replay brings the ticks.
    """

    counts: tuple[tuple[bytes, ...], ...]
    acks: tuple[bytes, ...]
    stamps_ms: tuple[tuple[int, ...], ...] = ()

    @property
    def readings(self) -> int:
        """Readings in the counts log, each delivery of a repeat counted again."""
        return sum(readings_in(value) for log in self.counts for value in log)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One output topic, live against offline; examples of what is wrong come first."""

    topic: Topic
    wanted: int
    lost: tuple[Identity, ...]
    invented: tuple[Identity, ...]
    differing: tuple[Identity, ...]
    repeats: int

    @property
    def is_equal(self) -> bool:
        """Whether nothing is lost, invented or different."""
        return not (self.lost or self.invented or self.differing)


class _Envelope(msgspec.Struct, frozen=True):
    id: str
    data: msgspec.Raw


class _Density(msgspec.Struct, frozen=True):
    block: str
    hop_ms: int


_envelope: Final = msgspec.json.Decoder(_Envelope)
_density: Final = msgspec.json.Decoder(_Density)


def readings_in(value: bytes) -> int:
    """Return how many readings a message brings: those of its batch, or one if it is none."""
    seen = decode(value)
    if isinstance(seen, Counts):
        return len(seen.cells) + sum(reject.count for reject in seen.rejects)
    return seen.count if isinstance(seen, Rejected) else 0


def read_logs(bootstrap: str, settings: Settings) -> Logs:
    """Read the input topics from their beginning to their end of now."""
    prefix, partitions = settings.topics.prefix, settings.topics.partitions.counts
    counts: list[list[bytes]] = [[] for _ in range(partitions)]
    counts_ms: list[list[int]] = [[] for _ in range(partitions)]
    with TailOf(bootstrap, prefix + Topic.COUNTS) as tail:
        for record in tail.catch_up():
            assert record.offset == len(counts[record.partition]), "a log without holes"
            counts[record.partition].append(record.value or b"")
            counts_ms[record.partition].append(record.timestamp)
    with TailOf(bootstrap, prefix + Topic.ACKS) as tail:
        acks = [(record.value or b"", record.timestamp) for record in tail.catch_up()]
    return Logs(
        counts=tuple(map(tuple, counts)),
        acks=tuple(value for value, _ in acks),
        stamps_ms=(*map(tuple, counts_ms), tuple(at_ms for _, at_ms in acks)),
    )


def offline_run(settings: Settings, city: City, logs: Logs, *, seed: int) -> Engine:
    """Run the offline engine over recorded logs, partitions shuffled into one another."""
    engine = Engine(settings, city, density=True)
    chance = random.Random(seed)
    stamps = logs.stamps_ms or [(0,) * len(log) for log in (*logs.counts, logs.acks)]
    sources = [
        zip(log, times, strict=True)
        for log, times in zip((*logs.counts, logs.acks), stamps, strict=True)
    ]
    left = [len(log) for log in (*logs.counts, logs.acks)]
    while any(left):
        # In proportion to what is left, so that no source runs far ahead of the others.
        source = chance.choices(range(len(left)), left)[0]
        left[source] -= 1
        value, at_ms = next(sources[source])
        if source == len(logs.counts):
            engine.act(value, at_ms=at_ms)
        else:
            engine.feed(LogRecord(at_ms=at_ms, value=value, is_tick=False, partition=source))
    return engine


def live_outputs(bootstrap: str, settings: Settings) -> dict[Topic, list[Received]]:
    """Read every output topic."""
    prefix = settings.topics.prefix
    found: dict[Topic, list[Received]] = {}
    for topic in OUTPUTS:
        with TailOf(bootstrap, prefix + topic) as tail:
            found[topic] = list(tail.catch_up())
    return found


def compare(engine: Engine, live: Mapping[Topic, Iterable[Received]]) -> list[Comparison]:
    """Hold the outputs of a live run against those of the engine, topic by topic."""
    wanted: dict[Topic, dict[Identity, bytes]] = {topic: {} for topic in OUTPUTS}
    for out in (*engine.published, *engine.other):
        identity, data = said(out.topic, out.key, out.value, dict(out.headers))
        is_new = out.topic is Topic.REPLIES or identity not in wanted[out.topic]
        assert is_new, f"the engine says {identity} twice"
        wanted[out.topic][identity] = data
    return [_compare(topic, wanted[topic], live[topic]) for topic in OUTPUTS]


def _compare(
    topic: Topic, wanted: Mapping[Identity, bytes], records: Iterable[Received]
) -> Comparison:
    got: dict[Identity, set[bytes]] = {}
    times: Counter[Identity] = Counter()
    for record in records:
        if topic is Topic.SYSTEM and OF_A_HOST in record.value:
            continue  # heartbeats and troubles of one worker: wall clock, never replayed
        headers = {name: bytes(value) for name, value in record.headers}
        identity, data = said(topic, record.key, record.value, headers)
        got.setdefault(identity, set()).add(data)
        times[identity] += 1
    return Comparison(
        topic=topic,
        wanted=len(wanted),
        lost=tuple(one for one in wanted if one not in got),
        invented=tuple(one for one in got if one not in wanted),
        # A repeat must say the same as the first, so every one of them is looked at.
        differing=tuple(one for one, data in wanted.items() if got.get(one, {data}) != {data}),
        repeats=sum(times.values()) - len(times),
    )


def said(
    topic: Topic, key: bytes | None, value: bytes, headers: Mapping[str, bytes]
) -> tuple[Identity, bytes]:
    """Return what an output is about, and the bytes that equality is about.

    Alerts: incident, desk and revision; `data`. Replies: the whole. Dead letters: topic,
    partition and offset of the record; the record and the reasons. Density: block and hop.
    """
    if topic in ALERTS:
        envelope = _envelope.decode(value)
        return (topic, (key or b"").decode(), envelope.id), bytes(envelope.data)
    if topic is Topic.DENSITY:
        density = _density.decode(value)
        return (topic, density.block, str(density.hop_ms)), value
    if topic is Topic.REPLIES:
        return (topic, (key or b"").decode(), value.decode()), value
    place = tuple(
        headers[f"__streams.errors.{part}"].decode() for part in ("topic", "partition", "offset")
    )
    return place, headers["crowd-reasons"] + b"\n" + value
