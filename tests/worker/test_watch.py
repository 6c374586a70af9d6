"""When a worker is live and ready, on a clock of the test's own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from prometheus_client import CollectorRegistry

from stream.machine import Delivered
from stream.metrics import Metrics
from stream.relay import Relay
from stream.settings_load import read
from stream.topics import Topic
from stream.worker.deployment import Deployment
from stream.worker.watch import Watch

if TYPE_CHECKING:
    from geo.city import City

PLACE = (Topic.READINGS, 0)


@dataclass
class FakeHost:
    machine: object = None
    parked: bool = False
    start: int | None = 0


@dataclass
class FakePorts:
    saved_at: float = 0.0
    durable_at: float = 0.0


@dataclass
class FakeFleet:
    deployment: Deployment
    awaits_settings: bool = False
    epoch: int = 0
    hosts: dict[Any, FakeHost] = field(default_factory=lambda: {PLACE: FakeHost()})
    ports: dict[Any, FakePorts] = field(default_factory=lambda: {PLACE: FakePorts()})


@dataclass
class FakeProducer:
    undelivered: int = 0
    oldest_s: float = 0.0


class Scene:
    """A watch, and the few things it looks at."""

    def __init__(self, *sets: str) -> None:
        loaded = read(None, env={}, sets=["feeds.a.period_s=300", *sets])
        self.now = 0.0
        self.lag = 0
        self.unready: str | None = None
        self.rebalancing = False
        self.registry = CollectorRegistry()
        self.fleet = FakeFleet(Deployment(loaded, cast("City", None)))
        self.watch = Watch(
            cast("Any", self.fleet),
            cast("Any", FakeProducer()),
            Metrics.on(self.registry),
            lag=lambda _: self.lag,
            unready=lambda: self.unready,
            rebalancing=lambda: self.rebalancing,
            clock=lambda: self.now,
        )

    def tick(self, topic: Topic, now_ms: int, *, stamp_ms: int) -> None:
        value = b'{"schema": "tick/1", "now_ms": %d}' % now_ms
        self.watch.read(
            topic,
            Delivered(partition=2, offset=0, timestamp_ms=stamp_ms, key=None, value=value),
        )

    def ignored(self, topic: Topic) -> float | None:
        labels = {"topic": topic.value, "partition": "2"}
        return self.registry.get_sample_value("crowd_ticks_ignored_total", labels)

    def clock_age_s(self, topic: Topic) -> float | None:
        """Return what is exported; the partition is made ours first."""
        self.fleet.hosts[topic, 2], self.fleet.ports[topic, 2] = FakeHost(), FakePorts()
        self.pass_time(1)
        labels = {"topic": topic.value, "partition": "2"}
        return self.registry.get_sample_value("crowd_source_clock_age_seconds", labels)

    def pass_time(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += 1
            self.watch.polled()
            self.watch.beat()


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_worker_at_rest_is_live_and_ready(scene: Scene) -> None:
    scene.pass_time(10_000)
    assert scene.watch.not_live() is None
    assert scene.watch.not_ready() is None


def test_a_loop_that_stands_still_is_dead(scene: Scene) -> None:
    scene.pass_time(1)
    scene.now += 6
    assert "stood still" in (scene.watch.not_live() or "")


def test_input_that_waits_three_hops_without_anything_durable_is_dead(scene: Scene) -> None:
    scene.pass_time(10)
    scene.lag = 5
    scene.pass_time(899)
    assert scene.watch.not_live() is None
    scene.pass_time(5)
    assert "readings.v1/0: input waits" in (scene.watch.not_live() or "")


def test_a_durable_batch_or_a_moment_without_backlog_starts_the_count_anew(scene: Scene) -> None:
    scene.lag = 5
    scene.pass_time(800)
    scene.fleet.ports[PLACE].durable_at = scene.now
    scene.pass_time(800)
    scene.lag = 0
    scene.pass_time(1)
    scene.lag = 5
    scene.pass_time(800)
    assert scene.watch.not_live() is None


def test_a_parked_partition_is_not_ready_and_still_live(scene: Scene) -> None:
    scene.lag = 5
    scene.fleet.hosts[PLACE].parked = True
    scene.pass_time(5_000)
    assert scene.watch.not_live() is None
    assert "readings.v1/0" in (scene.watch.not_ready() or "")


@pytest.mark.parametrize("what", ["group", "settings", "polls"])
def test_a_worker_that_does_no_work_says_why(scene: Scene, what: str) -> None:
    if what == "group":
        scene.unready = "partitions are being dealt out"
    elif what == "settings":
        scene.fleet.awaits_settings = True
    else:
        scene.now += 6
    why = scene.watch.not_ready() or ""
    assert {"group": "dealt out", "settings": "settings/1", "polls": "asking"}[what] in why


@pytest.mark.parametrize("what", ["dealt out", "never begun"])
def test_partitions_that_never_come_to_run_are_a_reason_to_start_again(
    scene: Scene, what: str
) -> None:
    scene.pass_time(10)
    scene.rebalancing = what == "dealt out"
    scene.fleet.hosts[PLACE].start = 0 if scene.rebalancing else None
    scene.pass_time(121)  # the send timeout and a minute
    assert scene.watch.not_live() is None
    scene.pass_time(1)
    assert "being dealt out for 121 s" in (scene.watch.not_live() or "")
    scene.rebalancing, scene.fleet.hosts[PLACE].start = False, 0
    scene.pass_time(1)
    assert scene.watch.not_live() is None


def test_assignments_that_come_to_run_in_between_count_anew(scene: Scene) -> None:
    for _ in range(5):
        scene.rebalancing = True
        scene.pass_time(80)
        scene.rebalancing = False
        scene.pass_time(1)
    assert scene.watch.not_live() is None


def test_a_worker_that_is_given_no_partition_is_live(scene: Scene) -> None:
    scene.fleet.hosts.clear()
    scene.unready = "none is left for this worker"
    scene.pass_time(5_000)
    assert scene.watch.not_live() is None


def test_a_worker_that_waits_for_a_replay_is_live(scene: Scene) -> None:
    scene.rebalancing = scene.fleet.awaits_settings = True
    scene.pass_time(5_000)
    assert scene.watch.not_live() is None
    scene.fleet.awaits_settings = False
    scene.pass_time(80)
    assert scene.watch.not_live() is None, "loading begins only now"


def test_the_age_of_a_source_clock_is_exported_while_the_partition_is_ours(scene: Scene) -> None:
    scene.tick(Topic.COUNTS, 1_000, stamp_ms=1_300)
    for value in (b"junk", None, b"\xff", b'{"schema": "tick/1", "now_ms": -7}'):
        one = Delivered(partition=2, offset=0, timestamp_ms=0, key=None, value=value)
        scene.watch.read(Topic.COUNTS, one)
    age_s = scene.clock_age_s(Topic.COUNTS)
    assert age_s == pytest.approx(time.time() - 1, abs=60)


@pytest.mark.parametrize("topic", [Topic.COUNTS, Topic.ACKS])
def test_a_tick_that_the_stages_ignore_moves_no_clock_and_is_counted(
    scene: Scene, topic: Topic
) -> None:
    for now_ms in (94_999, 105_001):
        scene.tick(topic, now_ms, stamp_ms=100_000)
    assert scene.ignored(topic) == 2
    assert scene.clock_age_s(topic) is None, "no source clock was ever told"
    for now_ms in (105_000, 95_000):
        scene.tick(topic, now_ms, stamp_ms=100_000)
    assert scene.ignored(topic) == 2
    assert scene.clock_age_s(topic) == pytest.approx(time.time() - 105, abs=60)


def test_a_tick_of_a_replay_is_taken_as_it_is() -> None:
    scene = Scene("time.ticks=feed")
    scene.tick(Topic.COUNTS, 1_000, stamp_ms=100_000)
    assert scene.ignored(Topic.COUNTS) is None
    assert scene.clock_age_s(Topic.COUNTS) is not None


@pytest.mark.parametrize("skew_ms", [-5_001, -5_000, 0, 5_000, 5_001])
def test_the_watch_judges_ticks_as_the_stages_do(skew_ms: int) -> None:
    scene = Scene()
    settings = scene.fleet.deployment.settings
    value = b'{"schema": "tick/1", "now_ms": %d}' % (100_000 + skew_ms)
    record = Delivered(partition=2, offset=0, timestamp_ms=100_000, key=None, value=value)
    followed = bool(Relay(settings).step(record).out)
    scene.watch.read(Topic.ACKS, record)
    assert (scene.ignored(Topic.ACKS) is None) == followed
