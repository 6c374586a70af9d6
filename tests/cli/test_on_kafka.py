"""Laws of commands against a real broker: topics made and checked, a login refused in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from kafka.admin import KafkaAdminClient

from stream.cli.group import _crowdtide
from stream.topics import plan
from tests.cli.outside import outside
from tests.kafka.broker import Broker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

pytestmark = pytest.mark.kafka

LOGIN = {
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:SASL_PLAINTEXT",
    "sasl.enabled.mechanisms": "PLAIN",
    "sasl.mechanism.inter.broker.protocol": "PLAIN",
    "listener.name.plaintext.plain.sasl.jaas.config": (
        "org.apache.kafka.common.security.plain.PlainLoginModule required"
        ' username="node" password="node" user_node="node" user_desk="right";'
    ),
}


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@pytest.fixture(scope="module")
def guarded() -> Iterator[Broker]:
    with Broker(settings=LOGIN) as running:
        yield running


def call(broker: Broker, *arguments: str, sets: tuple[str, ...] = ()) -> Result:
    return CliRunner().invoke(_crowdtide, [*arguments, *flags(broker, sets)])


def flags(broker: Broker, sets: tuple[str, ...]) -> list[str]:
    options = [f"kafka.bootstrap={broker.bootstrap}", *sets]
    return [part for one in options for part in ("--set", one)]


def states(result: Result) -> set[str]:
    return {row["state"] for row in json.loads(result.stdout)["topics"]}


def test_topics_are_made_once_and_then_right(broker: Broker) -> None:
    sets = ("topics.prefix=once.",)
    assert states(call(broker, "topics", "plan", "--json", sets=sets)) == {"missing"}
    assert states(call(broker, "topics", "ensure", "--json", sets=sets)) == {"created"}
    again = call(broker, "topics", "ensure", "--json", sets=sets)
    assert (again.exit_code, states(again)) == (0, {"ok"})
    rows = json.loads(again.stdout)["topics"]
    names = [topic.name for topic in plan("once.", counts=4, blocks=4)]
    assert [row["topic"] for row in rows] == names
    assert not any(row["notes"] for row in rows)


def test_a_topic_of_another_shape_is_refused_and_nothing_is_made(broker: Broker) -> None:
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    wrong = {"num_partitions": 2, "replication_factor": 1, "configs": {"cleanup.policy": "compact"}}
    admin.create_topics({"odd.cell-counts.v1": wrong}, wait_for_metadata=True)
    result = call(broker, "topics", "ensure", sets=("topics.prefix=odd.",))
    assert result.exit_code == 1
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [
        "odd.cell-counts.v1 has 2 partitions, the settings say 4",
        "odd.cell-counts.v1 has cleanup.policy=compact, needed is delete",
        "odd.cell-counts.v1 has message.timestamp.type=CreateTime, needed is LogAppendTime",
    ]
    assert [name for name in admin.list_topics() if name.startswith("odd.")] == [
        "odd.cell-counts.v1"
    ]
    admin.close()


def test_more_copies_than_brokers_is_one_line(broker: Broker) -> None:
    sets = ("topics.prefix=safe.", "topics.replication=3")
    result = call(broker, "topics", "ensure", sets=sets)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "see topics.replication" in result.stderr


@pytest.mark.parametrize(
    "arguments", [("topics", "plan"), ("tail", "police", "--until-end"), ("dlq", "list")]
)
def test_a_wrong_password_is_one_line(guarded: Broker, arguments: tuple[str, ...]) -> None:
    login = ("kafka.security_protocol=SASL_PLAINTEXT", "kafka.sasl_mechanism=PLAIN")
    sets = (*login, "kafka.username=desk", "kafka.password=geheim")
    result = outside(*arguments, *flags(guarded, sets), answer_ms=6000)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert "the login as 'desk' by PLAIN; see kafka.username" in result.stderr
    assert "geheim" not in result.stderr


def test_the_right_password_lets_in(guarded: Broker) -> None:
    login = ("kafka.security_protocol=SASL_PLAINTEXT", "kafka.sasl_mechanism=PLAIN")
    sets = (*login, "kafka.username=desk", "kafka.password=right")
    assert call(guarded, "topics", "ensure", sets=sets).exit_code == 0
    assert call(guarded, "tail", "fire", "--until-end", sets=sets).exit_code == 0
