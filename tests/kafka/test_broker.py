"""A real Kafka of each version keeps what it acknowledged and takes the topics of the contract."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from stream.topics import PlannedTopic, plan
from tests.kafka.broker import Broker, BrokerError, answers, free_ports
from tests.kafka.jars import jars

pytestmark = [pytest.mark.kafka, pytest.mark.jvm]

ROOT = Path(__file__).resolve().parents[2]
ORPHAN_S = 30.0


def create(broker: Broker, topics: list[PlannedTopic]) -> None:
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.create_topics(
        {
            topic.name: {
                "num_partitions": topic.partitions,
                "replication_factor": 1,
                "configs": topic.config,
            }
            for topic in topics
        },
        wait_for_metadata=True,
    )
    admin.close()


@pytest.fixture
def topic(broker: Broker) -> str:
    """Create a topic of its own for each test."""
    name = f"t-{uuid.uuid4().hex}"
    create(broker, [PlannedTopic(name=name, partitions=1, config={"retention.ms": "-1"})])
    return name


def write(broker: Broker, topic: str, values: list[bytes]) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    sent = [producer.send(topic, value, headers=[("n", value)]) for value in values]
    for future in sent:
        future.get(timeout=60)
    producer.close()


def read(broker: Broker, topic: str) -> list[tuple[bytes, list[tuple[str, bytes]]]]:
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap, consumer_timeout_ms=60_000)
    place = TopicPartition(topic, 0)
    consumer.assign([place])
    end = consumer.end_offsets([place])[place]
    consumer.seek_to_beginning(place)
    records = [next(consumer) for _ in range(end)]
    consumer.close()
    return [(record.value, list(record.headers)) for record in records]


def test_what_is_written_is_read_in_order_with_its_headers(broker: Broker, topic: str) -> None:
    values = [b"%d" % number for number in range(500)]
    write(broker, topic, values)
    assert read(broker, topic) == [(value, [("n", value)]) for value in values]


@pytest.mark.parametrize("hard", [True, False], ids=["kill -9", "SIGTERM"])
def test_a_restart_keeps_all_that_was_acknowledged(
    broker: Broker, topic: str, *, hard: bool
) -> None:
    write(broker, topic, [b"before"] * 100)
    address, old = broker.bootstrap, broker.pid
    broker.restart(hard=hard)
    assert broker.bootstrap == address
    assert broker.pid != old
    write(broker, topic, [b"after"])
    assert [value for value, _ in read(broker, topic)] == [b"before"] * 100 + [b"after"]


def test_a_killed_node_is_silent_until_it_is_started(broker: Broker) -> None:
    port = int(broker.bootstrap.rpartition(":")[2])
    broker.kill()
    assert not answers(port)
    broker.start()
    assert answers(port)
    with pytest.raises(BrokerError, match="running already"):
        broker.start()


def test_every_topic_of_the_contract_is_accepted_as_planned(broker: Broker) -> None:
    topics = plan(f"{uuid.uuid4().hex}.", counts=4, blocks=4)
    create(broker, topics)
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    told = admin.describe_configs(asked, config_filter="all")["topic"]
    partitions = {
        each["name"]: len(each["partitions"])
        for each in admin.describe_topics([topic.name for topic in topics])
    }
    admin.close()
    for topic in topics:
        assert partitions[topic.name] == topic.partitions
        kept = {key: told[topic.name][key]["value"] for key in topic.config}
        assert kept == topic.config
    assert told[topics[-1].name]["cleanup.policy"]["value"] == "compact"


def test_on_a_topic_of_arrival_time_the_broker_stamps(broker: Broker) -> None:
    name = f"t-{uuid.uuid4().hex}"
    config = {"message.timestamp.type": "LogAppendTime"}
    create(broker, [PlannedTopic(name=name, partitions=1, config=config)])
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    long_ago_ms = 1_384_000_000_000
    sent = producer.send(name, b"v", timestamp_ms=long_ago_ms).get(timeout=60)
    producer.close()
    assert sent.timestamp > long_ago_ms


def test_a_wrong_property_is_told_with_the_node_s_own_words() -> None:
    with pytest.raises(BrokerError, match="could not format"):
        Broker(settings={"node.id": "minus one"}).__enter__()


def test_a_killed_test_run_leaves_no_broker_behind(tmp_path: Path) -> None:
    script = (
        "import time\n"
        "from tests.kafka.broker import Broker\n"
        "with Broker() as broker:\n"
        "    print(broker.pid, broker.bootstrap, flush=True)\n"
        "    time.sleep(600)\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # Its data outlive it; pytest clears them.
        stdout=subprocess.PIPE,
    )
    assert run.stdout is not None
    pid, bootstrap = run.stdout.readline().split()
    port = int(bootstrap.rpartition(b":")[2])
    assert answers(port)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    deadline = time.monotonic() + ORPHAN_S
    while Path(f"/proc/{int(pid)}/cmdline").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not answers(port)
    assert not Path(f"/proc/{int(pid)}/cmdline").exists()


def test_without_java_and_jars_one_line_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrokerError, match="needs Java 17"):
        Broker().__enter__()
    monkeypatch.setenv("CROWDTIDE_KAFKA_JARS", str(tmp_path))
    with pytest.raises(BrokerError, match="no Maven"):
        jars("4.4.0")


def test_free_ports_are_free_and_differ() -> None:
    ports = free_ports(5)
    assert len(set(ports)) == 5
    assert not any(answers(port) for port in ports)
