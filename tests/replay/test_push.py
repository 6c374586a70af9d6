"""Laws of a push into Kafka: each partition gets the log in order, once, whatever happens."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import MessageSizeTooLargeError
from kafka.producer.future import FutureProduceResult, FutureRecordMetadata

from replay.badrow import FeedError
from replay.delivery import Delivery
from replay.embedded import KAFKA_PYTHON_API, EmbeddedBroker
from replay.feed import Feed, read_feed
from replay.log import input_log
from replay.position import HEADER
from replay.progress import Progress
from replay.push import push
from stream.settings import ConfigError, Loaded
from stream.settings_load import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

T0 = 1_767_571_200_000
SETTINGS = ("calendar.tz=UTC", "calendar.country=none", "kafka.api_version='2.1'")
COUNTS = 2
GRID = {"hop_ms": 300_000, "lateness_ms": 60_000}


class Replay(NamedTuple):
    """Where one test pushes to: a broker of its own, and the topics' prefix."""

    bootstrap: str
    prefix: str


@pytest.fixture
def broker() -> Iterator[Replay]:
    names = ("cell-counts.v1", "alerts.acks.v1", "detections.v1")
    with EmbeddedBroker({f"r.{name}": COUNTS if "counts" in name else 1 for name in names}) as one:
        yield Replay(one.bootstrap, "r.")


def settings(broker: Replay, *sets: str) -> Loaded:
    where = (f"kafka.bootstrap={broker.bootstrap}", "kafka.fetch_max_wait_ms=20")
    counts = f"topics.partitions.counts={COUNTS}"
    return read(None, env={}, sets=[*SETTINGS, *where, counts, *sets])


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    path = tmp_path / "feed.csv"
    lines = [f"{T0 + 300_000 * hop},{cell},{hop}" for hop in range(20) for cell in "abc"]
    path.write_text("\n".join(["start,cell,count", *lines]) + "\n", encoding="utf-8")
    return read_feed(path)


def read_all(broker: Replay, topic: str, partition: int = 0) -> list[Any]:
    place = TopicPartition(broker.prefix + topic, partition)
    with closing(
        KafkaConsumer(
            bootstrap_servers=broker.bootstrap,
            api_version=KAFKA_PYTHON_API,
            fetch_max_wait_ms=20,
            enable_auto_commit=False,
        )
    ) as consumer:
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        end = consumer.end_offsets([place])[place]
        found: list[Any] = []
        while consumer.position(place) < end:
            found += consumer.poll(timeout_ms=200).get(place, [])
    return found


def contents(broker: Replay) -> list[list[bytes]]:
    places = [("cell-counts.v1", 0), ("cell-counts.v1", 1), ("alerts.acks.v1", 0)]
    return [[one.value for one in read_all(broker, *place)] for place in places]


def want(feed: Feed, batch_cells: int = 5_000) -> list[list[bytes]]:
    places: list[list[bytes]] = [[], [], []]
    batches = 0
    for record in input_log(feed, **GRID, batch_cells=batch_cells):
        if record.is_tick:
            for place in places:
                place.append(record.value)
        else:
            places[batches % COUNTS].append(record.value)
            batches += 1
    return places


def write(broker: Replay, topic: str, value: bytes) -> None:
    with closing(
        KafkaProducer(bootstrap_servers=broker.bootstrap, api_version=KAFKA_PYTHON_API)
    ) as producer:
        producer.send(broker.prefix + topic, value=value, partition=0).get(timeout=10)


def stops_at(records: int) -> Progress:
    """Make the progress of a push during which somebody presses Ctrl-C at this record."""
    left = [records]

    def clock() -> float:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return 0.0

    return Progress(io.StringIO(), "replay", clock=clock)


def test_each_partition_gets_the_log_in_order(broker: Replay, feed: Feed) -> None:
    done = push(feed, settings(broker), prefix=broker.prefix, batch_cells=2)
    assert done.finished
    assert contents(broker) == want(replace(feed), batch_cells=2)
    assert done.records == sum(map(len, contents(broker)))


def test_the_settings_are_announced_first_and_once(broker: Replay, feed: Feed) -> None:
    for _ in range(2):
        push(feed, settings(broker), prefix=broker.prefix)
    (record,) = read_all(broker, "detections.v1")
    told = json.loads(record.value)
    assert told["schema"] == "settings/1"
    assert told["settings"]["feeds"]["file"]["period_s"] == 300
    assert told["settings"]["alerts"]["min_people"] == 0.0


@pytest.mark.parametrize("records", [1, 2, 33, 61, 85])
def test_a_push_goes_on_where_it_was_stopped(broker: Replay, feed: Feed, records: int) -> None:
    first = push(feed, settings(broker), prefix=broker.prefix, progress=stops_at(records))
    write(broker, "alerts.acks.v1", b'{"schema":"desk-action/1"}')
    second = push(feed, settings(broker), prefix=broker.prefix)
    assert not first.finished
    assert second.finished
    *counts, acks = contents(broker)
    assert counts == want(feed)[:2]
    assert [one for one in acks if b"desk-action" not in one] == want(feed)[2]
    assert push(feed, settings(broker), prefix=broker.prefix).records == 0


def test_partitions_that_are_behind_catch_up_on_their_own(broker: Replay, feed: Feed) -> None:
    # As after a crash between the sends of one tick: its first partition has it, others do not.
    push(feed, settings(broker), prefix=broker.prefix, progress=stops_at(50))
    (last,) = [h for h in read_all(broker, "cell-counts.v1", 0)[-1].headers if h[0] == HEADER]
    run, number = last[1].decode().split("/")
    following = list(input_log(feed, **GRID))[int(number) + 1]
    with closing(
        KafkaProducer(bootstrap_servers=broker.bootstrap, api_version=KAFKA_PYTHON_API)
    ) as producer:
        mark = [(HEADER, f"{run}/{int(number) + 1}".encode())]
        topic = broker.prefix + "cell-counts.v1"
        producer.send(topic, value=following.value, partition=0, headers=mark).get(timeout=10)
    push(feed, settings(broker), prefix=broker.prefix)
    others = [[v for v in values if v != following.value] for values in contents(broker)]
    assert others == [[v for v in values if v != following.value] for values in want(feed)]
    assert contents(broker)[0].count(following.value) == 1


def test_another_log_never_mixes_with_the_first(broker: Replay, feed: Feed) -> None:
    push(feed, settings(broker), prefix=broker.prefix)
    other = replace(feed, count=feed.count + 1.0)
    with pytest.raises(FeedError, match=r"another file.*another --prefix"):
        push(other, settings(broker), prefix=broker.prefix)
    with pytest.raises(FeedError, match="another --prefix"):
        push(feed, settings(broker), prefix=broker.prefix, batch_cells=1)


def test_other_settings_than_the_announced_ones_are_refused(broker: Replay, feed: Feed) -> None:
    push(feed, settings(broker), prefix=broker.prefix)
    with pytest.raises(ConfigError, match=r"alerts\.min_people"):
        push(feed, settings(broker, "alerts.min_people=5"), prefix=broker.prefix)


def test_a_topic_with_live_records_is_refused(broker: Replay, feed: Feed) -> None:
    write(broker, "cell-counts.v1", b'{"schema":"tick/1","now_ms":1}')
    with pytest.raises(FeedError, match="no replay"):
        push(feed, settings(broker), prefix=broker.prefix)
    assert len(read_all(broker, "cell-counts.v1")) == 1


@pytest.mark.parametrize("prefix", ["crowd.", ""])
def test_the_live_topics_are_never_pushed_into(broker: Replay, feed: Feed, prefix: str) -> None:
    with pytest.raises(FeedError, match="never goes into the live topics"):
        push(feed, settings(broker), prefix=prefix)


def test_topics_that_do_not_fit_are_told(broker: Replay, feed: Feed) -> None:
    with pytest.raises(FeedError, match=r"topics ensure --set topics.prefix=city\.q\."):
        push(feed, settings(broker), prefix="city.q.")
    with pytest.raises(FeedError, match=r"has 2 partitions, the settings say 3"):
        push(feed, settings(broker, "topics.partitions.counts=3"), prefix=broker.prefix)


def test_an_archive_s_partitions_are_kept(broker: Replay, feed: Feed) -> None:
    one_way = replace(feed, partition=feed.partition + 2)
    push(one_way, settings(broker), prefix=broker.prefix)
    first, second, _ = contents(broker)
    assert not any(b"cell-counts" in value for value in first)
    assert sum(b"cell-counts" in value for value in second) == 20


def test_an_archive_of_more_partitions_than_the_topic_has_is_refused(
    broker: Replay, feed: Feed
) -> None:
    wide = replace(feed, partition=feed.partition + 8)
    with pytest.raises(FeedError, match=r"partitions 0 to 7, but \S+ has 2"):
        push(wide, settings(broker), prefix=broker.prefix)
    assert contents(broker) == [[], [], []]


NOWHERE = """
import sys
from pathlib import Path
from replay.feed import read_feed
from replay.places import find_places
from stream.kafka_clients import BrokerError, broker_errors
from stream.settings_load import read

settings = read(None, env={}, sets=sys.argv[2:]).settings
try:
    with broker_errors(settings.kafka):
        find_places(read_feed(Path(sys.argv[1])), settings, answer_ms=300)
except BrokerError as fault:
    print(fault)
"""


def test_no_broker_is_one_line(feed: Feed) -> None:
    # A process of its own: the client never closes the sockets of connections that were refused.
    asked = [sys.executable, "-c", NOWHERE, feed.name, *SETTINGS, "kafka.bootstrap=127.0.0.1:9"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "127.0.0.1:9" in told
    assert told.count("\n") == 1


class LosingProducer:
    """Takes everything, and fails for good at the third record."""

    def __init__(self, **options: object) -> None:
        assert options["enable_idempotence"]
        self.sent: list[bytes] = []

    def send(self, topic: str, *, value: bytes, partition: int, headers: object) -> object:
        self.sent.append(value)
        result = FutureProduceResult(TopicPartition(topic, partition))
        future = FutureRecordMetadata(result, 0, 0, 0, 0, 0, 0)
        if len(self.sent) == 3:
            future.failure(MessageSizeTooLargeError("too large"))
        else:
            result.success((len(self.sent), 0, None))
        return future

    def close(self, timeout: float) -> None:
        assert timeout <= 2


def test_nothing_is_sent_behind_a_lost_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kafka.KafkaProducer", LosingProducer)

    def leave(message: str) -> None:
        raise SystemExit(message)

    loaded = read(None, env={}, sets=SETTINGS)
    with closing(Delivery(loaded.settings, {}, hurry=True, give_up=leave)) as delivery:
        for value in (b"1", b"2"):
            delivery.send(("cell-counts.v1", 0), value, [])
        with pytest.raises(SystemExit, match=r"did not take a record .*the same command goes on"):
            delivery.send(("cell-counts.v1", 0), b"3", [])
