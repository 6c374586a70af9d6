"""Laws of `dlq list`: the newest dead letters, with why and from where."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from kafka import KafkaProducer

from replay.embedded import KAFKA_PYTHON_API, EmbeddedBroker
from stream.cli.group import _crowdtide
from stream.deadletter import dead_letter
from stream.machine import Delivered
from stream.records import Reason, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

TOPIC = "crowd.cell-counts.v1.dlq"


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker({TOPIC: 1}) as running:
        producer = KafkaProducer(
            bootstrap_servers=running.bootstrap, api_version=KAFKA_PYTHON_API, acks="all"
        )
        for offset in range(7):
            value = b"\xffjunk %d" % offset
            record = Delivered(partition=3, offset=offset, timestamp_ms=0, key=None, value=value)
            letter = dead_letter(record, [Rejected(reason=Reason.MALFORMED, what="not JSON")])
            producer.send(TOPIC, letter.value, headers=list(letter.headers))
        producer.flush()
        producer.close()
        yield running


def dlq(broker: EmbeddedBroker, *arguments: str) -> Result:
    sets = [
        f"kafka.bootstrap={broker.bootstrap}",
        f"kafka.api_version={'.'.join(map(str, KAFKA_PYTHON_API))}",
        "kafka.fetch_max_wait_ms=20",
    ]
    options = [part for one in sets for part in ("--set", one)]
    return CliRunner().invoke(_crowdtide, ["dlq", "list", *arguments, *options])


def test_the_newest_letters_are_listed_with_why_and_from_where(broker: EmbeddedBroker) -> None:
    result = dlq(broker, "--last", "2")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].endswith("5  from 3/5  malformed: not JSON")
    assert lines[1].strip() == r"b'\xffjunk 5'"
    assert lines[-1] == f"2 of 7 dead letters in {TOPIC}"


def test_json_is_one_line_a_letter(broker: EmbeddedBroker) -> None:
    letters = [json.loads(line) for line in dlq(broker, "--json").stdout.splitlines()]
    assert [letter["offset"] for letter in letters] == list(range(7))
    assert letters[0]["headers"]["__streams.errors.exception"] == "malformed"
    assert letters[0]["bytes"] == 7
