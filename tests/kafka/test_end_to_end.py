"""The same feed through one worker or three, one partition or four, or offline: the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from replay.feed import FeedOptions, read_feed
from replay.log import log_span
from stream.topics import Topic
from tests.kafka.broker import Broker
from tests.kafka.feeder import Feeder
from tests.kafka.festival import write_festival
from tests.kafka.tail_of import TailOf
from tests.kafka.trial import Trial
from tests.kafka.verdict import alerts_of_file, judge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.kafka.festival import Festival
    from tests.kafka.verdict import Verdict

pytestmark = [pytest.mark.kafka, pytest.mark.jvm]

HOPS = 80
SHAPES = {"alone.": (1, (1, 1)), "shared.": (3, (4, 4)), "odd.": (2, (3, 2))}
"""By prefix: workers, and partitions of counts and blocks."""


@pytest.fixture(scope="module", name="node")
def fixture_node() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@pytest.fixture(scope="module", name="festival")
def fixture_festival(tmp_path_factory: pytest.TempPathFactory) -> Festival:
    return write_festival(tmp_path_factory.mktemp("festival"), hops=HOPS, seed=7)


def live(
    node: Broker, festival: Festival, prefix: str, folder: Path
) -> tuple[Verdict, list[bytes]]:
    """Return the verdict on a live run, and the alerts of both desks in order of publication."""
    workers, partitions = SHAPES[prefix]
    trial = Trial.on(node, festival.settings, prefix=prefix, partitions=partitions)
    options = [*trial.options, "--to-kafka", "--speed", "0"]
    with (
        trial.crew(folder, workers) as crew,
        Feeder(feed=festival.feed, options=options, log=folder / "feeder.log") as feeder,
    ):

        def look() -> None:
            crew.look()
            feeder.look()

        saved = trial.through(last_hop_ms(trial, festival), look)
        assert feeder.starts == 1, (folder / "feeder.log").read_text()
        assert not crew.exits, crew.faults()
        assert not crew.holes()
    ground = {"feed": festival.feed, "saved": saved, "seed": 1}
    verdict = judge(trial.bootstrap, trial.settings, trial.city, **ground)  # type: ignore[arg-type]
    return verdict, published(trial)


def last_hop_ms(trial: Trial, festival: Festival) -> int:
    settings = trial.settings
    history = read_feed(festival.feed, FeedOptions())
    _, last_ms = log_span(history, hop_ms=settings.hop_ms, lateness_ms=settings.lateness_ms)
    return last_ms - settings.lateness_ms


def published(trial: Trial) -> list[bytes]:
    """Return what both desks got, without the repeats, in the order in which it came first."""
    prefix = trial.settings.topics.prefix
    told: list[bytes] = []
    for topic in (Topic.POLICE, Topic.FIRE):
        with TailOf(trial.bootstrap, prefix + topic) as tail:
            told += [record.value for record in tail.catch_up()]
    return list(dict.fromkeys(told))


def offline(trial: Trial, festival: Festival) -> list[bytes]:
    told = alerts_of_file(trial.settings, trial.city, festival.feed)
    return [value for topic in (Topic.POLICE, Topic.FIRE) for name, value in told if name == topic]


def test_workers_and_partitions_decide_nothing(
    node: Broker, festival: Festival, tmp_path: Path
) -> None:
    """Folded by revision they give the alerts of the offline engine, in its order, byte for byte.

    Only several workers may repeat: as they join, one after the other, partitions move.
    """
    runs = {}
    for prefix, (workers, _) in SHAPES.items():
        verdict, told = live(node, festival, prefix, tmp_path / prefix)
        assert verdict.is_right, verdict.examples()
        assert workers > 1 or all(one.repeats == 0 for one in verdict.comparisons)
        runs[prefix] = told
    shape = SHAPES["alone."][1]
    trial = Trial.on(node, festival.settings, prefix="alone.", partitions=shape)
    wanted = offline(trial, festival)
    assert len(wanted) > 30, "the festival must alarm both desks"
    assert {prefix: told == wanted for prefix, told in runs.items()} == dict.fromkeys(SHAPES, True)
