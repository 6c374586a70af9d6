"""Workers that begin with a memory say what the offline engine says that begins with it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from replay.engine import Engine
from replay.feed import FeedOptions, read_feed
from replay.log import input_log
from replay.memory import read_memory
from replay.warm_start import entries_of, start
from stream.cli.group import _crowdtide
from stream.topics import Topic
from tests.kafka.broker import Broker
from tests.kafka.feeder import Feeder
from tests.kafka.festival import HOP_MS, write_festival
from tests.kafka.test_end_to_end import last_hop_ms, published
from tests.kafka.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stream.machine import Machine
    from tests.kafka.festival import Festival

pytestmark = [pytest.mark.kafka, pytest.mark.jvm]

HOPS, CUT = 370, 300  # more than a day is learnt, so that every slot is known
DESKS = (Topic.POLICE, Topic.FIRE)


@pytest.fixture(scope="module", name="node")
def fixture_node() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@pytest.fixture(scope="module", name="festival")
def fixture_festival(tmp_path_factory: pytest.TempPathFactory) -> Festival:
    """Leave the late part in the feed's file, and put the early one beside it."""
    made = write_festival(tmp_path_factory.mktemp("festival"), hops=HOPS, seed=7)
    head, *rows = made.feed.read_text("utf-8").splitlines()
    first_ms = int(next(csv.reader(rows[:1]))[1])
    cut_ms = first_ms + CUT * HOP_MS + HOP_MS  # what is received after the last early hop
    early = [row for row in rows if int(row.split(",")[5]) < cut_ms]
    late = [row for row in rows if int(row.split(",")[5]) >= cut_ms]
    early_file(made).write_text("\n".join([head, *early, ""]), "utf-8")
    made.feed.write_text("\n".join([head, *late, ""]), "utf-8")
    return made


def early_file(festival: Festival) -> Path:
    return festival.feed.with_name("early.csv")


def offline(trial: Trial, festival: Festival, memory: Path | None) -> list[bytes]:
    """Return what an engine publishes that begins with a memory, desk by desk."""
    engine = Engine(trial.settings, trial.city)
    if memory is not None:
        machines: list[Machine] = [*engine.blocks, engine.incident]
        begins = start(read_memory(memory)[0], trial.settings, trial.city)
        for machine, snapshot in zip(machines, begins, strict=True):
            machine.load(entries_of(snapshot))
    grid = {"hop_ms": trial.settings.hop_ms, "lateness_ms": trial.settings.lateness_ms}
    for record in input_log(read_feed(festival.feed, FeedOptions()), **grid):
        engine.feed(record)
    return [out.value for topic in DESKS for out in engine.published if out.topic is topic]


def test_workers_that_begin_with_a_memory_publish_the_engines_bytes(
    node: Broker, festival: Festival, tmp_path: Path
) -> None:
    trial = Trial.on(node, festival.settings, prefix="warm.", partitions=(2, 3))
    memory = tmp_path / "memory.crowd"
    command = ["learn", str(early_file(festival)), "--out", str(memory), "--to-kafka"]
    done = CliRunner().invoke(_crowdtide, [*command, *trial.options])
    assert done.exit_code == 0, done.output
    options = [*trial.options, "--to-kafka", "--speed", "0"]
    with (
        trial.crew(tmp_path / "crew", 2) as crew,
        Feeder(feed=festival.feed, options=options, log=tmp_path / "feeder.log") as feeder,
    ):

        def look() -> None:
            crew.look()
            feeder.look()

        trial.through(last_hop_ms(trial, festival), look)
        assert not crew.exits, crew.faults()
    wanted = offline(trial, festival, memory)
    assert published(trial) == wanted
    assert len(wanted) > 10, "the festival must alarm"
    assert wanted != offline(trial, festival, None), "the memory must matter"
    again = CliRunner().invoke(_crowdtide, [*command, *trial.options])
    assert again.exit_code == 1
    assert "this deployment has begun" in again.stderr
