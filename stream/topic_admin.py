"""Make and check the topics of the contract on a broker: what is missing, made, wrong.

Nothing that exists is changed: another partition count would move blocks between partitions, and
another cleanup policy or stamp would break what restarts and replays rely on. Such a topic is
refused with one line that says what to do.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from kafka.admin import ConfigResource, KafkaAdminClient

from stream.kafka_clients import ANSWER_MS, BrokerError, broker_errors, kafka_python_options
from stream.knock import knock
from stream.topics import PlannedTopic, plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stream.settings_hosting import Kafka
    from stream.settings_model import Settings

__all__ = ["Existing", "Finding", "compare", "ensure", "planned_topics", "survey"]

SAFE_REPLICATION: Final = 3
TOPIC_EXISTS: Final = 36  # protocol code TOPIC_ALREADY_EXISTS
# Settings that results rest on; the others are the operator's to tune.
BINDING: Final = ("cleanup.policy", "message.timestamp.type")
SIZE: Final = "max.message.bytes"

State = Literal["ok", "missing", "created", "wrong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """A topic as the broker has it."""

    partitions: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What became of one planned topic. faults: one line each; notes: differences allowed."""

    topic: PlannedTopic
    state: State
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def planned_topics(settings: Settings) -> list[PlannedTopic]:
    """Return the topics of a deployment; with three copies two must be in step for each write."""
    parts = settings.topics.partitions
    topics = plan(
        settings.topics.prefix, counts=parts.counts, blocks=parts.blocks, snapshots=parts.snapshots
    )
    if settings.topics.replication < SAFE_REPLICATION:
        return topics
    safe = {"min.insync.replicas": "2", "unclean.leader.election.enable": "false"}
    return [replace(topic, config=topic.config | safe) for topic in topics]


def compare(topics: Sequence[PlannedTopic], existing: Mapping[str, Existing]) -> list[Finding]:
    """Return what the broker has against what is planned, in the order of the plan.

    >>> found = compare(plan("a.", counts=1, blocks=1)[:1], {})
    >>> found[0].topic.name, found[0].state
    ('a.cell-counts.v1', 'missing')
    """
    return [_judge(topic, existing.get(topic.name)) for topic in topics]


def _judge(topic: PlannedTopic, found: Existing | None) -> Finding:
    if found is None:
        return Finding(topic=topic, state="missing")
    faults: list[str] = []
    notes: list[str] = []
    if found.partitions != topic.partitions:
        faults.append(
            f"{topic.name} has {found.partitions} partitions, the settings say "
            f"{topic.partitions}: set topics.partitions to what is there, or use another "
            "topics.prefix (a count is never changed in place)"
        )
    for key, want in topic.config.items():
        have = found.config.get(key)
        if have is None or have == want:
            continue
        if key in BINDING or (key == SIZE and int(have) < int(want)):
            faults.append(
                f"{topic.name} has {key}={have}, needed is {want}: set it with kafka-configs "
                "while all workers are stopped, or use another topics.prefix"
            )
        else:
            notes.append(f"{topic.name} has {key}={have}, planned is {want}")
    return Finding(
        topic=topic, state="wrong" if faults else "ok", faults=tuple(faults), notes=tuple(notes)
    )


def survey(settings: Settings) -> list[Finding]:
    """Return what the broker has against what is planned; changes nothing.

    Raises BrokerError where no broker answers or it refuses us.
    """
    topics = planned_topics(settings)
    with _admin(settings.kafka) as client:
        return compare(topics, _existing(client, topics))


def ensure(settings: Settings) -> list[Finding]:
    """Create what is missing and return what was found; makes nothing if a topic is wrong.

    Raises BrokerError where no broker answers, or it refuses us or a topic.
    """
    topics = planned_topics(settings)
    with _admin(settings.kafka) as client:
        before = compare(topics, _existing(client, topics))
        lacking = [finding.topic for finding in before if finding.state == "missing"]
        if not lacking or any(finding.state == "wrong" for finding in before):
            return before
        _create(client, lacking, replication=settings.topics.replication)
        # Somebody else may have been quicker with topics of another shape: look again.
        after = compare(topics, _existing(client, topics))
    made = {topic.name for topic in lacking}
    return [
        replace(finding, state="created")
        if finding.topic.name in made and finding.state == "ok"
        else finding
        for finding in after
    ]


@contextmanager
def _admin(kafka: Kafka) -> Iterator[KafkaAdminClient]:
    """Give a client of the broker; its errors come out as BrokerError."""
    with broker_errors(kafka):
        knock(kafka, answer_ms=ANSWER_MS)
        client = KafkaAdminClient(
            **kafka_python_options(kafka),
            bootstrap_timeout_ms=ANSWER_MS,
            request_timeout_ms=ANSWER_MS,
        )
        try:
            yield client
        finally:
            client.close()


def _existing(client: KafkaAdminClient, topics: Sequence[PlannedTopic]) -> dict[str, Existing]:
    """Return those of the topics that exist, with their settings."""
    known = set(client.list_topics())
    present = [topic.name for topic in topics if topic.name in known]
    if not present:
        return {}
    counts = {one["name"]: len(one["partitions"]) for one in client.describe_topics(present)}
    resources = [ConfigResource("topic", name) for name in present]
    configs = client.describe_configs(resources, config_filter="all")["topic"]
    return {
        name: Existing(partitions=counts[name], config=_values(configs.get(name, {})))
        for name in present
    }


def _create(client: KafkaAdminClient, topics: Sequence[PlannedTopic], *, replication: int) -> None:
    """Create topics and wait until they can be used."""
    wanted = {
        topic.name: {
            "num_partitions": topic.partitions,
            "replication_factor": replication,
            "configs": topic.config,
        }
        for topic in topics
    }
    made = client.create_topics(wanted, timeout_ms=ANSWER_MS, raise_errors=False)
    refused = [
        f"{one['name']}: {one.get('error_message') or one['error_code']}"
        for one in made["topics"]
        if one["error_code"] not in {0, TOPIC_EXISTS}
    ]
    if refused:
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        advice = "see topics.replication, topics.partitions and the rights of kafka.username"
        raise BrokerError(f"the broker refuses {refused[0]}{more}; {advice}")
    client.wait_for_topics(list(wanted), timeout_ms=ANSWER_MS)


def _values(config: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {key: str(entry["value"]) for key, entry in config.items()}
