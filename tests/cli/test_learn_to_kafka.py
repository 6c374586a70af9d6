"""Laws of `learn --to-kafka` on the embedded broker: what is written is what was learnt, once."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final

import pytest
from click.testing import CliRunner

from geo.city import load_city
from replay.embedded import CLIENT_WAIT_MS, EmbeddedBroker
from replay.engine import Engine
from replay.memory import read_memory
from replay.warm_start import learnt
from stream.cli.group import _crowdtide
from stream.settings_load import load
from stream.topics import Topic, plan
from stream.worker.deployment import INPUTS
from stream.worker.reader import LogReader
from stream.worker.snapshots import SnapshotLog
from tests.laws.crowds import HOP_S, START_MS, crowd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from stream.machine import Machine
    from stream.settings import Settings

PREFIX: Final = "begun."
BLOCKS: Final = 3
SETS: Final = (
    f"topics.prefix={PREFIX}",
    "topics.partitions.counts=2",
    f"topics.partitions.blocks={BLOCKS}",
    f"feeds.cmcc.period_s={HOP_S}",
    "calendar.country=none",
    "calendar.tz=UTC",
)


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    shapes = plan(PREFIX, counts=2, blocks=BLOCKS)
    with EmbeddedBroker({topic.name: topic.partitions for topic in shapes}) as running:
        yield running


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path) -> Path:
    """Write a history of a day and a bit, and cells in several blocks."""
    cells = [f"c{i:02d},400,{16 * (i // 6) + i % 3},{i % 6 * 3 // 2}" for i in range(24)]
    (tmp_path / "cells.csv").write_text("\n".join(["cell,area_m2,row,col", *cells]) + "\n")
    rows = [
        f"{START_MS + hop * HOP_S * 1000},{HOP_S},c{cell:02d},{crowd(cell, hop):.0f}"
        for hop in range(300)
        for cell in range(24)
    ]
    (tmp_path / "feed.csv").write_text("\n".join(["start,period_s,cell,count", *rows]) + "\n")
    return tmp_path


def sets_of(broker: EmbeddedBroker) -> list[str]:
    wait = f"kafka.fetch_max_wait_ms={CLIENT_WAIT_MS}"
    return [*SETS, wait, f'kafka.bootstrap="{broker.bootstrap}"']


def learn(broker: EmbeddedBroker, folder: Path, *more: str) -> Result:
    options = [part for one in sets_of(broker) for part in ("--set", one)]
    files = ["--cells", str(folder / "cells.csv"), "--out", str(folder / "m.crowd")]
    command = ["learn", str(folder / "feed.csv"), *files, "--to-kafka", *options, *more]
    return CliRunner().invoke(_crowdtide, command)


async def written(settings: Settings) -> dict[int, dict[str, bytes]]:
    log = SnapshotLog(
        topic=PREFIX + Topic.SNAPSHOTS, partitions=settings.topics.partitions.snapshots
    )
    options = {"bootstrap_servers": settings.kafka.bootstrap}
    async with LogReader(options) as reader:
        return await log.read(reader, range(BLOCKS))


def test_what_workers_will_load_is_what_was_learnt(broker: EmbeddedBroker, folder: Path) -> None:
    done = learn(broker, folder, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["tiles"] == 24
    settings = load(None, env={}, sets=sets_of(broker))
    city = load_city(folder / "cells.csv", side_m=settings.grid.side_m)
    engine = Engine(settings, city)
    entries = asyncio.run(written(settings))
    machines: list[Machine] = [*engine.blocks, engine.incident]
    for place, machine in zip([*range(BLOCKS), 0], machines, strict=True):
        machine.load(entries[place])
        assert machine.applied == -1
    memory, _ = read_memory(folder / "m.crowd")
    again = learnt(engine, settings, city, begin_ms=memory.begin_ms)
    assert again.blocks == memory.blocks
    assert again.panel == memory.panel
    assert again.budget == memory.budget
    assert len(memory.blocks) > 1


def test_a_deployment_begins_only_once(broker: EmbeddedBroker, folder: Path) -> None:
    assert learn(broker, folder).exit_code == 0
    again = learn(broker, folder)
    assert again.exit_code == 1
    (line,) = [line for line in again.stderr.splitlines() if "learn " not in line]
    assert "this deployment has begun and cannot begin with a memory" in line


def test_topics_that_are_not_there_are_named_before_history_runs(
    broker: EmbeddedBroker, folder: Path
) -> None:
    done = learn(broker, folder, "--set", "topics.prefix=nowhere.")
    assert done.exit_code == 2
    named = {line.split()[1] for line in done.stderr.splitlines()}
    assert {f"nowhere.{topic}:" for topic in INPUTS} <= named
    assert not (folder / "m.crowd").exists()


def test_without_registered_feeds_nothing_can_begin(broker: EmbeddedBroker, folder: Path) -> None:
    options = [part for one in sets_of(broker) if "feeds" not in one for part in ("--set", one)]
    files = ["--cells", str(folder / "cells.csv"), "--out", str(folder / "m.crowd")]
    command = ["learn", str(folder / "feed.csv"), *files, "--to-kafka", *options]
    done = CliRunner().invoke(_crowdtide, command)
    assert done.exit_code == 2
    assert "needs its feeds registered" in done.stderr


def test_without_a_broker_there_is_one_line_before_history_runs(
    broker: EmbeddedBroker, folder: Path
) -> None:
    done = learn(broker, folder, "--set", "kafka.bootstrap=127.0.0.1:1")
    assert done.exit_code == 2
    (line,) = done.stderr.splitlines()
    assert "no broker lets us in at 127.0.0.1:1" in line
    assert not (folder / "m.crowd").exists()
