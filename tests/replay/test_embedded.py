"""The embedded broker carries what our clients do with it, and its limits are the stated ones."""

from __future__ import annotations

import sys

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as AioPartition
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from replay.embedded import (
    CLIENT_WAIT_MS,
    KAFKA_PYTHON_API,
    EmbeddedBroker,
    EmbeddedBrokerError,
)

TOPIC = "crowd.readings.v1"


def reader(broker: EmbeddedBroker, *topics: str, **options: object) -> AIOKafkaConsumer:
    """Make an aiokafka consumer with the settings that this broker asks for."""
    return AIOKafkaConsumer(
        *topics,
        bootstrap_servers=broker.bootstrap,
        fetch_max_wait_ms=CLIENT_WAIT_MS,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **options,
    )


async def send(broker: EmbeddedBroker, *records: tuple[int, bytes]) -> list[int]:
    """Send (partition, value) records idempotently and return their offsets."""
    producer = AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap, enable_idempotence=True, max_request_size=2 * 1024**2
    )
    await producer.start()
    try:
        return [
            (await producer.send_and_wait(TOPIC, value, partition=partition)).offset
            for partition, value in records
        ]
    finally:
        await producer.stop()


@pytest.mark.asyncio
async def test_an_idempotent_producer_chooses_partitions_and_its_headers_arrive() -> None:
    with EmbeddedBroker({TOPIC: 3}) as broker:
        producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, enable_idempotence=True)
        await producer.start()
        for partition in (2, 0, 2):
            await producer.send_and_wait(
                TOPIC,
                b"%d" % partition,
                key=b"k",
                partition=partition,
                timestamp_ms=1_384_000_000_000,
                headers=[("hop", b"41"), ("hop", b"42")],
            )
        await producer.stop()
        consumer = reader(broker)
        await consumer.start()
        consumer.assign([AioPartition(TOPIC, 2)])
        first, second = await consumer.getone(), await consumer.getone()
        await consumer.stop()
    assert (first.value, first.offset, second.offset) == (b"2", 0, 1)
    assert first.headers == (("hop", b"41"), ("hop", b"42"))
    assert first.timestamp == 1_384_000_000_000


@pytest.mark.asyncio
async def test_an_assigned_reader_finds_the_end_and_reads_from_the_beginning_to_it() -> None:
    with EmbeddedBroker({TOPIC: 2}) as broker:
        offsets = await send(broker, *[(1, b"%d" % number) for number in range(50)])
        consumer = reader(broker)
        await consumer.start()
        empty, full = AioPartition(TOPIC, 0), AioPartition(TOPIC, 1)
        consumer.assign([empty, full])
        ends = await consumer.end_offsets([empty, full])
        await consumer.seek_to_beginning(empty, full)
        seen = [(await consumer.getone()).value for _ in range(ends[full])]
        position = await consumer.position(full)
        await consumer.stop()
    assert offsets == list(range(50))
    assert ends == {empty: 0, full: 50}
    assert seen == [b"%d" % number for number in range(50)]
    assert position == 50


@pytest.mark.asyncio
async def test_a_static_member_gets_all_partitions_and_its_commits_are_kept() -> None:
    with EmbeddedBroker({TOPIC: 2}) as broker:
        await send(broker, (0, b"a"), (1, b"b"))
        member = reader(
            broker, TOPIC, group_id="crowdtide", group_instance_id="w0", session_timeout_ms=6_000
        )
        await member.start()
        values = {(await member.getone()).value for _ in range(2)}
        partitions = {AioPartition(TOPIC, 0), AioPartition(TOPIC, 1)}
        assert member.assignment() == partitions
        await member.commit()
        committed = {partition: await member.committed(partition) for partition in partitions}
        await member.stop()
    assert values == {b"a", b"b"}
    assert set(committed.values()) == {1}


def test_kafka_python_reads_what_it_wrote_when_told_the_version() -> None:
    with EmbeddedBroker({TOPIC: 2}) as broker:
        producer = KafkaProducer(bootstrap_servers=broker.bootstrap, api_version=KAFKA_PYTHON_API)
        sent = producer.send(TOPIC, b"v", key=b"k", partition=1, headers=[("h", b"1")])
        assert sent.get(timeout=30).offset == 0
        producer.close()
        consumer = KafkaConsumer(
            bootstrap_servers=broker.bootstrap,
            api_version=KAFKA_PYTHON_API,
            fetch_max_wait_ms=CLIENT_WAIT_MS,
            consumer_timeout_ms=30_000,
        )
        place = TopicPartition(TOPIC, 1)
        consumer.assign([place])
        assert consumer.end_offsets([place]) == {place: 1}
        consumer.seek_to_beginning(place)
        record = next(consumer)
        consumer.close()
    assert (record.key, record.value, list(record.headers)) == (b"k", b"v", [("h", b"1")])


@pytest.mark.asyncio
async def test_topics_have_the_partitions_asked_for_and_a_misspelt_one_gets_four() -> None:
    with EmbeddedBroker({TOPIC: 3, "crowd.detections.v1": 1}) as broker:
        consumer = reader(broker, TOPIC, "crowd.detections.v1", "crowd.misspelt")
        await consumer.start()
        counts = {
            topic: len(consumer.partitions_for_topic(topic) or ())
            for topic in (TOPIC, "crowd.detections.v1", "crowd.misspelt")
        }
        await consumer.stop()
    assert counts == {TOPIC: 3, "crowd.detections.v1": 1, "crowd.misspelt": 4}


@pytest.mark.asyncio
async def test_of_more_than_five_megabytes_the_oldest_vanish() -> None:
    with EmbeddedBroker({TOPIC: 1}) as broker:
        await send(broker, *[(0, bytes(1024**2))] * 7)
        consumer = reader(broker)
        await consumer.start()
        place = AioPartition(TOPIC, 0)
        first = (await consumer.beginning_offsets([place]))[place]
        end = (await consumer.end_offsets([place]))[place]
        await consumer.stop()
    assert end == 7
    assert 2 <= first < end


def test_two_brokers_live_side_by_side_and_know_nothing_of_each_other() -> None:
    with EmbeddedBroker({"a": 1}) as one, EmbeddedBroker({"a": 1}) as other:
        assert one.bootstrap != other.bootstrap


def test_outside_its_block_the_broker_has_no_address() -> None:
    broker = EmbeddedBroker({TOPIC: 1})
    with pytest.raises(EmbeddedBrokerError, match="not running"):
        assert broker.bootstrap
    with broker:
        assert broker.bootstrap.startswith("127.0.0.1:")
        with pytest.raises(EmbeddedBrokerError, match="running already"), broker:
            pass
    broker.close()
    with pytest.raises(EmbeddedBrokerError, match="not running"):
        assert broker.bootstrap


def test_a_topic_without_partitions_is_refused_by_name() -> None:
    with pytest.raises(EmbeddedBrokerError, match=r"'crowd\.x' needs a partition, not 0"):
        EmbeddedBroker({TOPIC: 1, "crowd.x": 0}).__enter__()


def test_without_the_wheel_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(EmbeddedBrokerError) as caught, EmbeddedBroker({TOPIC: 1}):
        pass
    assert "pip install crowdtide[demo]" in str(caught.value)
    assert "\n" not in str(caught.value)
