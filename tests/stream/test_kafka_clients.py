"""Laws of client arguments and of what a client's error means."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import aiokafka.errors
import kafka.errors
import pytest

from stream.kafka_clients import (
    BrokerError,
    aiokafka_options,
    broker_errors,
    broker_fault,
    kafka_python_options,
)
from stream.settings import ConfigError
from stream.settings_hosting import Kafka

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = Kafka(
    security_protocol="SASL_PLAINTEXT", sasl_mechanism="PLAIN", username="u", password="geheim"
)


def test_a_login_reaches_both_clients() -> None:
    for options in (aiokafka_options(LOGIN), kafka_python_options(LOGIN)):
        assert options["sasl_mechanism"] == "PLAIN"
        assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("u", "geheim")


def test_without_a_login_none_is_sent() -> None:
    for options in (aiokafka_options(Kafka()), kafka_python_options(Kafka())):
        assert not [key for key in options if key.startswith("sasl")]


def test_the_protocol_version_is_for_kafka_python_alone() -> None:
    settings = Kafka(api_version="2.1")
    assert kafka_python_options(settings)["api_version"] == (2, 1)
    assert "api_version" not in aiokafka_options(settings)


def test_every_certificate_file_that_is_missing_is_named(tmp_path: Path) -> None:
    settings = Kafka(
        security_protocol="SSL", ca_file=str(tmp_path / "a"), cert_file=str(tmp_path / "b")
    )
    with pytest.raises(ConfigError) as caught:
        aiokafka_options(settings)
    assert [fault.key for fault in caught.value.faults] == ["kafka.ca_file", "kafka.cert_file"]


def test_tls_without_files_trusts_the_system() -> None:
    context = aiokafka_options(Kafka(security_protocol="SSL"))["ssl_context"]
    assert context.check_hostname is True


@pytest.mark.parametrize("library", [kafka.errors, aiokafka.errors])
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("KafkaTimeoutError", "no broker answers at 127.0.0.1:9092"),
        ("KafkaConnectionError", "no broker answers at 127.0.0.1:9092"),
        ("TopicAuthorizationFailedError", "does not allow this"),
        ("NotEnoughReplicasError", "NotEnoughReplicasError"),
    ],
)
def test_an_error_of_either_client_is_one_line(library: object, name: str, says: str) -> None:
    told = broker_fault(getattr(library, name)("a\nb"), Kafka())
    assert told is not None
    assert says in str(told)
    assert "\n" not in str(told)


@pytest.mark.parametrize(
    "fault",
    [
        kafka.errors.SaslAuthenticationFailedError("no"),
        aiokafka.errors.AuthenticationFailedError("no"),
        aiokafka.errors.SaslAuthenticationFailed("no"),
    ],
)
def test_a_refused_login_names_user_and_mechanism_but_no_password(fault: Exception) -> None:
    told = str(broker_fault(fault, LOGIN))
    assert "refuses the login as 'u' by PLAIN" in told
    assert "geheim" not in told


def test_an_error_of_ours_is_let_through() -> None:
    with pytest.raises(ZeroDivisionError), broker_errors(Kafka()):
        raise ZeroDivisionError
    with pytest.raises(BrokerError), broker_errors(Kafka()):
        raise ConnectionRefusedError(111, "refused")


def test_a_refused_login_is_not_forgotten_for_a_timeout_that_came_after() -> None:
    kafka = Kafka(
        security_protocol="SASL_PLAINTEXT", sasl_mechanism="PLAIN", username="desk", password="x"
    )
    with pytest.raises(BrokerError, match="refuses the login"):
        _fail_after_a_refused_login(kafka)


def _fail_after_a_refused_login(kafka: Kafka) -> None:
    said = logging.getLogger("kafka")
    with broker_errors(kafka):
        said.warning("connect failed: SaslAuthenticationFailedError: no")
        said.warning("connect failed: socket disconnected")
        said.warning("connect failed: RequestTimedOutError: timed out after 14 ms")
        raise OSError
