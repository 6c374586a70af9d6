"""Somebody takes the connection and never says a word: one clear line, in bounded time.

Over PLAINTEXT, where the client must be answered; over TLS, where the handshake is not; and with
a fixed protocol version, where the client need not ask anything before it waits.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import pytest
from typing_extensions import override

from replay.embedded import EmbeddedBroker
from stream.knock import knock
from stream.settings import ConfigError
from stream.settings_hosting import Kafka
from stream.settings_load import read
from stream.worker.deployment import Deployment
from stream.worker.preflight import check_broker
from tests.cli.outside import outside
from tests.kafka.broker import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo.city import City

SILENT_MS = 300


@pytest.fixture(name="silent")
def fixture_silent() -> Iterator[str]:
    """Listen and leave all connections to the system, which takes them: nobody ever answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    "more",
    ["kafka.linger_ms=0", "kafka.api_version='2.1'", "kafka.security_protocol=SSL"],
    ids=["plain", "fixed version", "TLS"],
)
@pytest.mark.parametrize(
    "command",
    [
        ("topics", "ensure"),
        ("tail", "police"),
        ("dlq", "list"),
        ("quarantine", "readings.v1/0/1", "--why", "trial"),
        ("replay", "FEED", "--period", "3600", "--to-kafka", "--prefix", "trial."),
    ],
    ids=lambda command: command[0],
)
def test_a_broker_that_never_answers_is_one_line_and_exit_1(
    silent: str, tmp_path: Path, command: tuple[str, ...], more: str
) -> None:
    feed = tmp_path / "feed.csv"
    rows = "".join(f"a,2026-10-01T{hour:02d}:00:00+08:00,5\n" for hour in range(10))
    feed.write_text(f"cell,start,count\n{rows}", encoding="utf-8")
    arguments = [str(feed) if one == "FEED" else one for one in command]
    sets = ("--set", f"kafka.bootstrap={silent}", "--set", more)
    result = outside(*arguments, *sets, answer_ms=SILENT_MS)
    assert result.returncode == 1
    assert result.stderr.startswith(f"no broker answers at {silent} with ")
    assert result.stderr.endswith("(it takes connections but says nothing)\n")
    assert len(result.stderr.splitlines()) == 1


class Impatient(Deployment):
    """A deployment whose client gives up sooner than after its usual 40 s."""

    @property
    @override
    def options(self) -> dict[str, Any]:
        return {**super().options, "request_timeout_ms": SILENT_MS}


@pytest.mark.parametrize("more", ["kafka.linger_ms=0", "kafka.security_protocol=SSL"])
def test_a_worker_refuses_a_broker_that_never_answers_in_one_line(silent: str, more: str) -> None:
    loaded = read(None, env={}, sets=[f"kafka.bootstrap={silent}", more])
    with pytest.raises(ConfigError, match=f"no broker lets us in at {silent}") as refused:
        asyncio.run(check_broker(Impatient(loaded, cast("City", None))))
    assert len(str(refused.value).splitlines()) == 1


def test_one_broker_that_answers_is_enough(silent: str) -> None:
    with EmbeddedBroker({}) as broker:
        knock(Kafka(bootstrap=f"{silent},{broker.bootstrap}"), answer_ms=2 * SILENT_MS)


def test_a_broker_that_comes_up_meanwhile_is_waited_for() -> None:
    (port,) = free_ports(1)
    listener = socket.socket()
    with ThreadPoolExecutor(1) as helper, listener:
        told = helper.submit(knock, Kafka(bootstrap=f"127.0.0.1:{port}"), answer_ms=60_000)
        with suppress(TimeoutError):
            told.exception(timeout=0.3)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        listener.accept()[0].close()  # a hang-up says as much as an answer: the client tells why
        assert told.result() is None


def test_settings_are_judged_before_anybody_is_asked() -> None:
    with pytest.raises(ConfigError, match=r"kafka\.ca_file"):
        knock(Kafka(security_protocol="SSL", ca_file="/none.pem"), answer_ms=SILENT_MS)
