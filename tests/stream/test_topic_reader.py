"""Laws of reading topics as a bystander: go on where one stopped, begin anew where that is gone."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from kafka import KafkaProducer

from replay.embedded import KAFKA_PYTHON_API, EmbeddedBroker
from stream.kafka_clients import BrokerError
from stream.settings_load import load
from stream.topic_reader import follow_topics, read_topics
from tests.kafka.broker import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stream.settings import Settings
    from stream.topic_reader import Place

TOPIC = "t"


@pytest.fixture(scope="module", name="settings")
def fixture_settings() -> Iterator[Settings]:
    with EmbeddedBroker({TOPIC: 1}) as running:
        producer = KafkaProducer(
            bootstrap_servers=running.bootstrap, api_version=KAFKA_PYTHON_API, acks="all"
        )
        for number in range(5):
            producer.send(TOPIC, str(number).encode()).get(timeout=30)
        producer.close()
        yield of(running.bootstrap)


def of(bootstrap: str) -> Settings:
    api = ".".join(map(str, KAFKA_PYTHON_API))
    sets = [f"kafka.bootstrap={bootstrap}", f"kafka.api_version='{api}'"]
    return load(None, env={}, sets=[*sets, "kafka.fetch_max_wait_ms=20"])


def followed(settings: Settings, places: Mapping[Place, int]) -> tuple[Any, str]:
    """Return what is still to be read, and the values up to the newest record."""
    ahead: list[Any] = []
    records = follow_topics(
        settings,
        {TOPIC: "earliest"},
        lost=lambda _: None,
        connected=ahead.append,
        places=places,
    )
    values = ""
    with closing(records):
        for record in records:
            values += (record.value or b"").decode() if record is not None else ""
            if values.endswith("4") or (record is None and ahead == [{}]):
                break
    return ahead, values


def test_reading_goes_on_at_the_record_after_the_last_one(settings: Settings) -> None:
    assert followed(settings, {}) == ([{(TOPIC, 0): 5}], "01234")
    assert followed(settings, {(TOPIC, 0): 3}) == ([{(TOPIC, 0): 5}], "34")
    assert followed(settings, {(TOPIC, 0): 5}) == ([{}], "")


def test_a_place_that_is_gone_is_the_first_that_is_there(settings: Settings) -> None:
    assert followed(settings, {(TOPIC, 0): 99}) == ([{(TOPIC, 0): 5}], "01234")


def test_a_broker_that_cannot_look_up_times_gives_a_few_more(settings: Settings) -> None:
    read = read_topics(settings, {TOPIC: 1_000}, until_end=True)
    assert [record.value for record in read if record is not None] == [b"0", b"1", b"2", b"3", b"4"]


def test_a_broker_that_was_never_there_is_a_fault_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.topic_reader.ANSWER_MS", 100)
    gone = of(f"127.0.0.1:{free_ports(1)[0]}")
    with pytest.raises(BrokerError, match="no broker answers"):
        followed(gone, {})
