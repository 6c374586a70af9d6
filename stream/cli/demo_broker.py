"""The demo's broker, embedded or named, with the topics of this run and the state in them."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stream.cli.demo_history import CONFIG
from stream.kafka_clients import (
    BrokerError,
    aiokafka_options,
    broker_errors,
    kafka_python_options,
)
from stream.settings_load import read
from stream.topics import Topic, plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stream.machine import Snapshot
    from stream.settings import Loaded, Settings

__all__ = ["Ground", "embedded", "named", "settings_with", "write_state"]

SEND_S_MAX: Final = 30.0
ADMIN_MS: Final = 10_000
# What the embedded broker asks of its clients; see `replay.embedded`.
EMBEDDED_SETS: Final = (
    "kafka.fetch_max_wait_ms=20",
    'kafka.api_version="2.1"',
    "kafka.session_timeout_s=6",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a run of the demo lives. sets: what a worker must be told beside the settings file."""

    loaded: Loaded
    sets: tuple[str, ...]
    embedded: bool


def settings_with(sets: Sequence[str]) -> Loaded:
    """Return the demo's settings; variables and `sets` beat the file."""
    return read(CONFIG, env=os.environ, sets=sets)


@contextmanager
def embedded(sets: Sequence[str]) -> Iterator[Ground]:
    """Give a broker inside this process, its topics made; it forgets all at the end."""
    from replay.embedded import EmbeddedBroker, EmbeddedBrokerError

    topics = settings_with(sets).settings.topics
    parts = topics.partitions
    planned = plan(
        topics.prefix, counts=parts.counts, blocks=parts.blocks, snapshots=parts.snapshots
    )
    with ExitStack() as running:
        try:
            broker = running.enter_context(EmbeddedBroker({t.name: t.partitions for t in planned}))
        except EmbeddedBrokerError as fault:
            raise BrokerError(str(fault)) from fault
        mine = (*sets, f'kafka.bootstrap="{broker.bootstrap}"', *EMBEDDED_SETS)
        yield Ground(loaded=settings_with(mine), sets=mine, embedded=True)


@contextmanager
def named(bootstrap: str, sets: Sequence[str]) -> Iterator[Ground]:
    """Give any Kafka, with topics under a prefix of this run alone; they are deleted at the end."""
    from stream.topic_admin import ensure

    prefix = f"crowd.demo.{time.strftime('%Y%m%dT%H%M%S')}.{os.getpid()}."
    mine = (*sets, f'kafka.bootstrap="{bootstrap}"', f'topics.prefix="{prefix}"')
    loaded = settings_with(mine)
    found = ensure(loaded.settings)
    try:
        faults = [fault for finding in found for fault in finding.faults]
        if faults:
            raise BrokerError(faults[0])
        yield Ground(loaded=loaded, sets=mine, embedded=False)
    finally:
        _delete(loaded.settings, [finding.topic.name for finding in found])


def write_state(settings: Settings, state: Mapping[tuple[Topic, int], Snapshot]) -> None:
    """Write handed-over state to the snapshot topic, by the worker's own writer."""
    try:
        with broker_errors(settings.kafka):
            asyncio.run(_write(settings, state))
    except TimeoutError:
        raise BrokerError(
            f"broker {settings.kafka.bootstrap} did not take the state within {SEND_S_MAX:.0f} s"
        ) from None


async def _write(settings: Settings, state: Mapping[tuple[Topic, int], Snapshot]) -> None:
    from stream.worker.producer import OutputProducer
    from stream.worker.snapshots import SnapshotLog

    log = SnapshotLog(
        topic=settings.topics.prefix + Topic.SNAPSHOTS,
        partitions=settings.topics.partitions.snapshots,
    )
    producer = OutputProducer(
        aiokafka_options(settings.kafka),
        timeout_s=SEND_S_MAX,
        linger_ms=0,
        die=_lost,
    )
    async with asyncio.timeout(SEND_S_MAX):
        await producer.start()
        try:
            for (_, partition), snapshot in sorted(state.items(), key=lambda item: item[0]):
                await log.write(producer, partition, snapshot)
        finally:
            await producer.stop()


def _lost(_: str) -> None:
    """Go on: here a lost record is no danger, as the one who waits for it gets its error."""


def _delete(settings: Settings, topics: Sequence[str]) -> None:
    from kafka.admin import KafkaAdminClient

    # Nothing can be done about a broker that is gone by now, and the demo is over.
    with suppress(BrokerError), broker_errors(settings.kafka):
        client = KafkaAdminClient(
            **kafka_python_options(settings.kafka), bootstrap_timeout_ms=ADMIN_MS
        )
        try:
            client.delete_topics(topics, timeout_ms=ADMIN_MS)
        finally:
            client.close()
