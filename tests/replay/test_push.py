"""Laws of a push into Kafka: each partition gets the log in order, once, whatever happens."""

from __future__ import annotations

import io
import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import MessageSizeTooLargeError
from kafka.producer.future import FutureProduceResult, FutureRecordMetadata, RecordMetadata

from replay.badrow import FeedError
from replay.delivery import Delivery
from replay.embedded import KAFKA_PYTHON_API, EmbeddedBroker
from replay.feed import Feed, read_feed
from replay.log import input_log
from replay.pace import Pace
from replay.places import find_places
from replay.position import HEADER
from replay.progress import Progress
from replay.push import push
from stream.kafka_clients import BrokerError
from stream.settings import ConfigError, Loaded
from stream.settings_load import read
from stream.topics import plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

T0 = 1_767_571_200_000
SETTINGS = ("calendar.tz=UTC", "calendar.country=none", "kafka.api_version='2.1'")
COUNTS = 2
GRID = {"hop_ms": 300_000, "lateness_ms": 60_000}


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    topics = {one.name: one.partitions for one in plan("r.", counts=COUNTS, blocks=1)}
    with EmbeddedBroker(topics) as running:
        yield running


def settings(broker: EmbeddedBroker, *sets: str) -> Loaded:
    where = (f"kafka.bootstrap={broker.bootstrap}", "kafka.fetch_max_wait_ms=20")
    counts = f"topics.partitions.counts={COUNTS}"
    return read(None, env={}, sets=[*SETTINGS, *where, counts, *sets])


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    path = tmp_path / "feed.csv"
    lines = [f"{T0 + 300_000 * hop},{cell},{hop}" for hop in range(20) for cell in "abc"]
    path.write_text("\n".join(["start,cell,count", *lines]) + "\n", encoding="utf-8")
    return read_feed(path)


def read_all(broker: EmbeddedBroker, topic: str, partition: int = 0) -> list[Any]:
    place = TopicPartition(topic, partition)
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


def contents(broker: EmbeddedBroker) -> list[list[bytes]]:
    places = [("r.cell-counts.v1", 0), ("r.cell-counts.v1", 1), ("r.alerts.acks.v1", 0)]
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


def write(broker: EmbeddedBroker, topic: str, value: bytes) -> None:
    with closing(
        KafkaProducer(bootstrap_servers=broker.bootstrap, api_version=KAFKA_PYTHON_API)
    ) as producer:
        producer.send(topic, value=value, partition=0).get(timeout=10)


class StopsAt(Progress):
    """A person who presses Ctrl-C when the push has come this far."""

    def __init__(self, share: float) -> None:
        super().__init__(io.StringIO(), "replay")
        self._share = share

    def at(self, share: float, note: str = "") -> None:
        if share >= self._share:
            raise KeyboardInterrupt


def test_each_partition_gets_the_log_in_order(broker: EmbeddedBroker, feed: Feed) -> None:
    done = push(feed, settings(broker), prefix="r.", batch_cells=2)
    assert done.finished
    assert contents(broker) == want(replace(feed), batch_cells=2)
    assert done.records == sum(map(len, contents(broker)))


def test_the_settings_are_announced_first_and_once(broker: EmbeddedBroker, feed: Feed) -> None:
    for _ in range(2):
        push(feed, settings(broker), prefix="r.")
    (record,) = read_all(broker, "r.detections.v1")
    told = json.loads(record.value)
    assert told["schema"] == "settings/1"
    assert told["settings"]["feeds"]["file"]["period_s"] == 300
    assert told["settings"]["alerts"]["min_people"] == 0.0


@pytest.mark.parametrize("share", [0.0, 0.31, 0.77, 1.0])
def test_a_push_goes_on_where_it_was_stopped(
    broker: EmbeddedBroker, feed: Feed, share: float
) -> None:
    first = push(feed, settings(broker), prefix="r.", progress=StopsAt(share))
    write(broker, "r.alerts.acks.v1", b'{"schema":"desk-action/1"}')
    second = push(feed, settings(broker), prefix="r.")
    assert not first.finished
    assert second.finished
    *counts, acks = contents(broker)
    assert counts == want(feed)[:2]
    assert [one for one in acks if b"desk-action" not in one] == want(feed)[2]
    assert push(feed, settings(broker), prefix="r.").records == 0


def test_partitions_that_are_behind_catch_up_on_their_own(
    broker: EmbeddedBroker, feed: Feed
) -> None:
    # As after a crash between the sends of one tick: its first partition has it, others do not.
    push(feed, settings(broker), prefix="r.", progress=StopsAt(0.5))
    (last,) = [h for h in read_all(broker, "r.cell-counts.v1", 0)[-1].headers if h[0] == HEADER]
    run, number = last[1].decode().split("/")
    following = list(input_log(feed, **GRID))[int(number) + 1]
    with closing(
        KafkaProducer(bootstrap_servers=broker.bootstrap, api_version=KAFKA_PYTHON_API)
    ) as producer:
        mark = [(HEADER, f"{run}/{int(number) + 1}".encode())]
        topic = "r.cell-counts.v1"
        producer.send(topic, value=following.value, partition=0, headers=mark).get(timeout=10)
    push(feed, settings(broker), prefix="r.")
    others = [[v for v in values if v != following.value] for values in contents(broker)]
    assert others == [[v for v in values if v != following.value] for values in want(feed)]
    assert contents(broker)[0].count(following.value) == 1


def test_another_log_never_mixes_with_the_first(broker: EmbeddedBroker, feed: Feed) -> None:
    push(feed, settings(broker), prefix="r.")
    other = replace(feed, count=feed.count + 1.0)
    with pytest.raises(FeedError, match="another file.*another --prefix"):
        push(other, settings(broker), prefix="r.")
    with pytest.raises(FeedError, match="another --prefix"):
        push(feed, settings(broker), prefix="r.", batch_cells=1)


def test_other_settings_than_the_announced_ones_are_refused(
    broker: EmbeddedBroker, feed: Feed
) -> None:
    push(feed, settings(broker), prefix="r.")
    with pytest.raises(ConfigError, match=r"alerts\.min_people"):
        push(feed, settings(broker, "alerts.min_people=5"), prefix="r.")


def test_a_topic_with_live_records_is_refused(broker: EmbeddedBroker, feed: Feed) -> None:
    write(broker, "r.cell-counts.v1", b'{"schema":"tick/1","now_ms":1}')
    with pytest.raises(FeedError, match="no replay"):
        push(feed, settings(broker), prefix="r.")
    assert len(read_all(broker, "r.cell-counts.v1")) == 1


@pytest.mark.parametrize("prefix", ["crowd.", ""])
def test_the_live_topics_are_never_pushed_into(
    broker: EmbeddedBroker, feed: Feed, prefix: str
) -> None:
    with pytest.raises(FeedError, match="never goes into the live topics"):
        push(feed, settings(broker), prefix=prefix)


def test_topics_that_do_not_fit_are_told(broker: EmbeddedBroker, feed: Feed) -> None:
    with pytest.raises(FeedError, match=r"topics ensure --set topics.prefix=city\.q\."):
        push(feed, settings(broker), prefix="city.q.")
    with pytest.raises(FeedError, match="has 2 partitions, the settings say 3"):
        push(feed, settings(broker, "topics.partitions.counts=3"), prefix="r.")


def test_an_archive_s_partitions_are_kept(broker: EmbeddedBroker, feed: Feed) -> None:
    one_way = replace(feed, partition=feed.partition + 2)
    push(one_way, settings(broker), prefix="r.")
    first, second, _ = contents(broker)
    assert not any(b"cell-counts" in value for value in first)
    assert sum(b"cell-counts" in value for value in second) == 20


def test_an_archive_of_more_partitions_than_the_topic_has_is_refused(
    broker: EmbeddedBroker, feed: Feed
) -> None:
    wide = replace(feed, partition=feed.partition + 8)
    with pytest.raises(FeedError, match="partitions 0 to 7, but r.cell-counts.v1 has 2"):
        push(wide, settings(broker), prefix="r.")
    assert contents(broker) == [[], [], []]


def test_no_broker_is_one_line(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(find_places.__kwdefaults__, "answer_ms", 300)
    nowhere = read(None, env={}, sets=[*SETTINGS, "kafka.bootstrap=127.0.0.1:9"])
    with pytest.raises(BrokerError, match=r"127\.0\.0\.1:9") as refused:
        push(feed, nowhere, prefix="r.")
    assert "\n" not in str(refused.value)


class LosingProducer:
    """Takes everything, and fails for good at the third record."""

    def __init__(self, **options: object) -> None:
        assert options["enable_idempotence"]
        self.sent: list[bytes] = []

    def send(self, topic: str, *, value: bytes, partition: int, headers: object) -> object:
        self.sent.append(value)
        future = FutureRecordMetadata(FutureProduceResult((topic, partition)), 0, 0, 0, 0, 0, 0)
        if len(self.sent) == 3:
            future.failure(MessageSizeTooLargeError("too large"))
        else:
            future.success(RecordMetadata(topic, partition, 0, len(self.sent), 0, 0, 0, 0))
        return future

    def close(self, timeout: float) -> None:
        assert timeout <= 2


def test_nothing_is_sent_behind_a_lost_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kafka.KafkaProducer", LosingProducer)

    def leave(message: str) -> None:
        raise SystemExit(message)

    loaded = read(None, env={}, sets=SETTINGS)
    sent = 0
    with (
        closing(Delivery(loaded.settings, {}, hurry=True, give_up=leave)) as delivery,
        pytest.raises(SystemExit, match="did not take a record .*the same command goes on"),
    ):
        for sent in range(10):
            delivery.send(("r.cell-counts.v1", 0), b"x", [])
    assert sent == 2


@given(
    st.lists(st.integers(0, 10_000_000), min_size=1, max_size=20).map(sorted),
    st.sampled_from([1.0, 60.0, 600.0]),
    st.floats(0.0, 3.0),
)
def test_no_delay_adds_up(at_ms: list[int], speed: float, slow_s: float) -> None:
    now = [100.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    pace = Pace(speed, clock=lambda: now[0], sleep=sleep)
    for one in at_ms:
        due_s = 100.0 + (one - at_ms[0]) / 1000 / speed
        before = now[0]
        pace.wait(one)
        assert now[0] == pytest.approx(max(before, due_s))
        now[0] += slow_s  # the work on a record takes its time
