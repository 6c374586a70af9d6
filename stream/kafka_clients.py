"""One place where `[kafka]` settings become arguments of clients, and their errors one line.

Faust takes neither credentials nor addresses from variables or URLs, kafka-python and aiokafka
each have names of their own; everything that talks to a broker gets its arguments here.
"""

from __future__ import annotations

import logging
import ssl
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from stream.settings_fault import ConfigError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.settings_hosting import Kafka

__all__ = [
    "ANSWER_MS",
    "BrokerError",
    "aiokafka_options",
    "broker_errors",
    "broker_fault",
    "kafka_python_options",
    "posting_options",
    "reading_options",
    "servers",
    "tls_context",
]

ANSWER_MS: Final = 10_000
"""A broker that has not answered by then is not there for an operator."""
CLIENT_ID: Final = "crowdtide"
CLIENT_LOGS: Final = ("kafka", "aiokafka")
# Parts of names: the two libraries, and their versions, differ in the rest.
_LOGIN_FAULTS: Final = ("AuthenticationFailed", "AuthenticationMethod", "Sasl")
_RIGHTS_FAULTS: Final = ("AuthorizationFailed", "PolicyViolation")
_REACH_FAULTS: Final = (
    "NoBrokersAvailable",
    "KafkaConnectionError",
    "KafkaTimeoutError",
    "NodeNotReady",
    "UnrecognizedBrokerVersion",
)
# What kafka-python sees of a refused login if the broker's answer and its end come at once.
_HUNG_UP: Final = "socket disconnected"


class BrokerError(RuntimeError):
    """A broker that cannot be used; the message is one line for the operator."""


def servers(kafka: Kafka) -> list[str]:
    """Return the addresses of `kafka.bootstrap`, one by one.

    >>> from stream.settings_hosting import Kafka
    >>> servers(Kafka(bootstrap="a:9092, b:9092"))
    ['a:9092', 'b:9092']
    """
    return [part.strip() for part in kafka.bootstrap.split(",") if part.strip()]


def tls_context(kafka: Kafka) -> ssl.SSLContext | None:
    """Return the TLS context, or None without TLS.

    Raises ConfigError that names every file which cannot be read or is no certificate.
    """
    if not kafka.security_protocol.endswith("SSL"):
        return None
    named = {"ca_file": kafka.ca_file, "cert_file": kafka.cert_file, "key_file": kafka.key_file}
    faults = [
        Fault(where="", key=f"kafka.{key}", what=f"{path} is no file that can be read")
        for key, path in named.items()
        if path is not None and not Path(path).is_file()
    ]
    if faults:
        raise ConfigError(faults)
    try:
        context = ssl.create_default_context(cafile=kafka.ca_file)
    except (ssl.SSLError, OSError) as fault:
        raise ConfigError.one(_no_pem(kafka.ca_file, fault), key="kafka.ca_file") from None
    if kafka.cert_file is not None:
        try:
            context.load_cert_chain(kafka.cert_file, kafka.key_file)
        except (ssl.SSLError, OSError) as fault:
            raise ConfigError.one(_no_pem(kafka.cert_file, fault), key="kafka.cert_file") from None
    return context


def _no_pem(path: str | None, fault: Exception) -> str:
    return f"{path} cannot be used: {fault}"


def aiokafka_options(kafka: Kafka) -> dict[str, Any]:
    """Return what every aiokafka client of ours takes: address, TLS, login."""
    options: dict[str, Any] = {
        "bootstrap_servers": servers(kafka),
        "client_id": CLIENT_ID,
        "security_protocol": kafka.security_protocol,
        "ssl_context": tls_context(kafka),
    }
    if kafka.security_protocol.startswith("SASL"):
        options |= {
            "sasl_mechanism": kafka.sasl_mechanism,
            "sasl_plain_username": kafka.username,
            "sasl_plain_password": kafka.password,
        }
    return options


def kafka_python_options(kafka: Kafka) -> dict[str, Any]:
    """Return what every kafka-python client of ours takes: address, TLS, login, version."""
    options = aiokafka_options(kafka)
    if options["ssl_context"] is None:
        del options["ssl_context"]
    if kafka.api_version is not None:
        options["api_version"] = tuple(map(int, kafka.api_version.split(".")))
    return options


def reading_options(kafka: Kafka) -> dict[str, Any]:
    """Return what a kafka-python consumer takes that only reads: no group, no commit, no topics."""
    return {
        **kafka_python_options(kafka),
        "group_id": None,
        "enable_auto_commit": False,
        "allow_auto_create_topics": False,
        "fetch_max_wait_ms": kafka.fetch_max_wait_ms,
        "bootstrap_timeout_ms": ANSWER_MS,
    }


def posting_options(kafka: Kafka) -> dict[str, Any]:
    """Return what a kafka-python producer takes that posts a record now and then: acks, no topics.

    Records with a key go by the client's own partitioner (murmur2): one key, one order.
    """
    return {
        **kafka_python_options(kafka),
        "acks": "all",
        "allow_auto_create_topics": False,
        "bootstrap_timeout_ms": ANSWER_MS,
    }


def broker_fault(fault: BaseException, kafka: Kafka, *, reason: str = "") -> BrokerError | None:
    """Return what an error of a client means in one line; None if it is no error of the broker's.

    Judged by name, so that neither client library need be loaded. reason: what the client has
    logged before: both go on trying until a timeout, whose error does not say why.
    """
    names = {kind.__name__ for kind in type(fault).__mro__}
    if not names & {"KafkaError", "OSError"}:
        return None
    shown = " ".join((reason or str(fault) or type(fault).__name__).split())[:300]
    login = f"the login as {kafka.username!r} by {kafka.sasl_mechanism}"
    if _any_has({*names, reason}, _LOGIN_FAULTS):
        what = f"broker {kafka.bootstrap} refuses {login}"
        return BrokerError(f"{what}; see kafka.username and password")
    if kafka.security_protocol.startswith("SASL") and _HUNG_UP in reason:
        what = f"broker {kafka.bootstrap} hangs up at {login}"
        return BrokerError(f"{what}; see kafka.username, password and security_protocol")
    if _any_has(names, _RIGHTS_FAULTS):
        return BrokerError(f"broker {kafka.bootstrap} does not allow this: {shown}")
    if "OSError" in names or _any_has(names, _REACH_FAULTS):
        how = kafka.security_protocol
        return BrokerError(
            f"no broker answers at {kafka.bootstrap} with {how}; see kafka.bootstrap "
            f"and kafka.security_protocol ({shown})"
        )
    return BrokerError(f"broker {kafka.bootstrap}: {type(fault).__name__}: {shown}")


@contextmanager
def broker_errors(kafka: Kafka) -> Iterator[None]:
    """Turn errors of either client library into a BrokerError; let ours through."""
    reasons = _Reasons()
    logs = [logging.getLogger(name) for name in CLIENT_LOGS]
    for log in logs:
        log.addHandler(reasons)
    try:
        yield
    except Exception as fault:
        told = broker_fault(fault, kafka, reason=reasons.last)
        if told is None:
            raise
        raise told from None
    finally:
        for log in logs:
            log.removeHandler(reasons)


class _Reasons(logging.Handler):
    """Keeps the last reason for which a client could not connect.

    Clients go on trying until their time is up, and the last try may end in a timeout of a few
    milliseconds: what was said of the login before tells more.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if "failed: " not in text or "Unable to bootstrap" in text:
            return
        reason = text.partition("failed: ")[2]
        if _of_login(reason) >= _of_login(self.last):
            self.last = reason


def _of_login(reason: str) -> int:
    """Rank a reason: 2 a refused login, 1 a connection ended at the login, 0 anything else."""
    return 2 if _any_has({reason}, _LOGIN_FAULTS) else int(_HUNG_UP in reason)


def _any_has(names: set[str], parts: tuple[str, ...]) -> bool:
    return any(part in name for name in names for part in parts)
