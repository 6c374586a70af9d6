"""What our way around Faust's faults rests on: versions, options, subscriptions, insides."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from typing import TYPE_CHECKING, cast

import pytest
from faust.transport.consumer import Consumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types.settings import Settings as FaustSettings

from stream.settings_load import read
from stream.topics import Topic
from stream.worker.deployment import INPUTS, Deployment
from stream.worker.faust_options import faust_options
from stream.worker.run import assemble
from stream.worker.stages import crowd_stages
from tests.worker.counting import counting_stages

if TYPE_CHECKING:
    from geo.city import City
    from stream.worker.app import WorkerApp


def deployment(*sets: str) -> Deployment:
    return Deployment(read(None, env={}, sets=sets), cast("City", None))


@pytest.fixture
def app() -> WorkerApp:
    return assemble(deployment(), counting_stages(), accept_gap=False)


@pytest.mark.parametrize(
    ("package", "pin"),
    [("faust-streaming", "0.15.3"), ("aiokafka", "0.14.0"), ("mode-streaming", "0.7.1")],
)
def test_the_versions_whose_insides_we_know_are_installed(package: str, pin: str) -> None:
    assert version(package) == pin, (
        "how the worker keeps every record rests on these insides: go through"
        " stream/worker/consumer.py and the tests on a real Kafka before changing a pin"
    )


def test_every_worker_subscribes_to_all_inputs(app: WorkerApp) -> None:
    names = {name for agent in app.agents.values() for name in agent.channel.topics}
    assert names == {f"crowd.{topic}" for topic in INPUTS}
    assert set(INPUTS) == {Topic.COUNTS, Topic.READINGS, Topic.DETECTIONS, Topic.ACKS}


def test_every_input_has_its_stage_and_no_other() -> None:
    stages = crowd_stages()
    assert {*stages.machines, *stages.relays} == set(INPUTS)
    assert not set(stages.machines) & set(stages.relays)


def test_no_option_of_faust_is_misspelt() -> None:
    """Faust takes an unknown option without a word."""
    assert set(faust_options(deployment())) <= set(FaustSettings.SETTINGS)


def test_faust_has_no_tables_no_leader_and_never_waits_for_unacked_records(
    app: WorkerApp,
) -> None:
    assert not app.tables
    assert app.conf.topic_disable_leader is True
    assert app.conf.topic_allow_declare is False
    assert app.conf.stream_wait_empty is False
    assert app.conf.table_standby_replicas == 0
    assert str(app.conf.agent_supervisor).endswith("CrashingSupervisor'>")
    assert app.conf.consumer_group_instance_id == "w0"


def test_the_session_is_never_longer_than_a_request() -> None:
    """Else Faust refuses to start."""
    options = faust_options(deployment("kafka.session_timeout_s=45"))
    assert options["broker_session_timeout"] <= options["broker_request_timeout"]


def test_the_insides_that_we_wrap_are_as_we_know_them() -> None:
    fetch = inspect.signature(AIOKafkaConsumerThread._fetch_records)  # noqa: SLF001  wrapped
    assert list(fetch.parameters)[1:] == ["consumer", "active_partitions", "timeout", "max_records"]
    create = inspect.signature(AIOKafkaConsumerThread._create_consumer)  # noqa: SLF001  wrapped
    assert list(create.parameters)[1:] == ["loop"]
    assert list(inspect.signature(Consumer.perform_seek).parameters) == ["self"]
    assert list(inspect.signature(Consumer.getmany).parameters)[1:] == ["timeout"]


def test_a_login_reaches_faust() -> None:
    options = faust_options(
        deployment(
            "kafka.security_protocol=SASL_PLAINTEXT",
            "kafka.sasl_mechanism=SCRAM-SHA-512",
            "kafka.username=ann",
            "kafka.password=secret",
        )
    )
    assert options["broker_credentials"].username == "ann"
    assert "secret" not in repr(options)
