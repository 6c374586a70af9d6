"""When a worker is live and ready, on a clock of the test's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from prometheus_client import CollectorRegistry

from stream.machine import Delivered
from stream.metrics import Metrics
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


@dataclass
class FakePorts:
    saved_at: float = 0.0
    durable_at: float = 0.0


@dataclass
class FakeFleet:
    deployment: Deployment
    awaits_settings: bool = False
    hosts: dict[Any, FakeHost] = field(default_factory=lambda: {PLACE: FakeHost()})
    ports: dict[Any, FakePorts] = field(default_factory=lambda: {PLACE: FakePorts()})


@dataclass
class FakeProducer:
    undelivered: int = 0
    oldest_s: float = 0.0


class Scene:
    """A watch, and the few things it looks at."""

    def __init__(self) -> None:
        loaded = read(None, env={}, sets=["feeds.a.period_s=300"])
        self.now = 0.0
        self.lag = 0
        self.unready: str | None = None
        self.registry = CollectorRegistry()
        self.fleet = FakeFleet(Deployment(loaded, cast("City", None)))
        self.watch = Watch(
            cast("Any", self.fleet),
            cast("Any", FakeProducer()),
            Metrics.on(self.registry),
            lag=lambda _: self.lag,
            unready=lambda: self.unready,
            clock=lambda: self.now,
        )

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


def test_the_age_of_a_source_clock_is_exported_while_the_partition_is_ours(scene: Scene) -> None:
    counts = (Topic.COUNTS, 2)
    scene.fleet.hosts[counts], scene.fleet.ports[counts] = FakeHost(), FakePorts()
    tick = b'{"schema": "tick/1", "now_ms": 1000}'
    for value in (tick, b"junk", None, b"\xff"):
        one = Delivered(partition=2, offset=0, timestamp_ms=0, key=None, value=value)
        scene.watch.read(Topic.COUNTS, one)
    scene.pass_time(1)
    labels = {"topic": "cell-counts.v1", "partition": "2"}
    assert scene.registry.get_sample_value("crowd_source_clock_age_seconds", labels)
