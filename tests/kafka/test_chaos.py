"""Chaos on a real Kafka comes out right, and the judge of it sees what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from geo.city import load_city
from replay.feed import FeedOptions, read_feed
from replay.log import input_log
from stream.settings import load
from stream.topics import Topic
from tests.kafka.festival import write_festival
from tests.kafka.saved import Saved, account, differences
from tests.kafka.verdict import Verdict
from tests.kafka.witness import OUTPUTS, Logs, compare, offline_run

if TYPE_CHECKING:
    from replay.engine import Engine
    from stream.machine import Outgoing

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("CROWDTIDE_KILLS", "5"))
BROKER_RESTARTS = int(os.environ.get("CROWDTIDE_BROKER_RESTARTS", "1"))
ZOMBIE_S = float(os.environ.get("CROWDTIDE_ZOMBIE_S", "15"))


@pytest.mark.kafka
@pytest.mark.jvm
@pytest.mark.timeout(3600)  # a guard only: what is slow is the machine
def test_nothing_is_lost_or_invented_while_workers_and_broker_die(tmp_path: Path) -> None:
    """In a process of its own: clients that fail leave sockets and threads behind."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.kafka.chaos", f"--keep={tmp_path}"),
            *(f"--kills={KILLS}", f"--broker-restarts={BROKER_RESTARTS}"),
            f"--zombie-s={ZOMBIE_S:g}",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout)  # noqa: T201 - the result line belongs into the report of the run
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module", name="engines")
def fixture_engines(tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, Engine, Logs]:
    """Two offline runs of one log, and the log."""
    festival = write_festival(tmp_path_factory.mktemp("festival"), hops=60)
    sets = ["topics.partitions.counts=2", "topics.partitions.blocks=2"]
    settings = load(festival.settings, env={}, sets=sets)
    grid = settings.grid
    city = load_city(festival.cells, side_m=grid.side_m, walkable_share=grid.walkable_share)
    counts: list[list[bytes]] = [[], []]
    history = read_feed(festival.feed, FeedOptions())
    records = input_log(history, hop_ms=settings.hop_ms, lateness_ms=settings.lateness_ms)
    turn, acks = 0, []
    for record in records:
        for log in counts if record.is_tick else [counts[turn % 2]]:
            log.append(record.value)
        if record.is_tick:
            acks.append(record.value)
        else:
            turn += 1
    logs = Logs(counts=tuple(map(tuple, counts)), acks=tuple(acks))
    one, two = (offline_run(settings, city, logs, seed=seed) for seed in (1, 2))
    return one, two, logs


def as_read(outs: list[Outgoing]) -> dict[Topic, list[Any]]:
    """Return outputs as a reader gets them."""
    live: dict[Topic, list[Any]] = {topic: [] for topic in OUTPUTS}
    for out in outs:
        record = SimpleNamespace(key=out.key, value=out.value, headers=out.headers)
        live[out.topic].append(record)
    return live


def outputs(engine: Engine) -> list[Outgoing]:
    return [*engine.published, *engine.other]


def saved(engine: Engine) -> Saved:
    return Saved(blocks=tuple(engine.blocks), incident=engine.incident)


def test_no_interleaving_of_the_partitions_shows(engines: tuple[Engine, Engine, Logs]) -> None:
    one, two, logs = engines
    comparisons = compare(one, as_read(outputs(two)))
    assert all(each.is_equal and each.repeats == 0 for each in comparisons)
    assert {each.topic for each in comparisons if each.wanted} >= {
        *(Topic.POLICE, Topic.FIRE, Topic.COUNTS_DLQ, Topic.DENSITY)
    }
    assert differences(saved(two), one) == []
    assert sum(account(saved(one)).values()) == logs.readings > 14_000


def test_the_judge_sees_each_kind_of_wrong(engines: tuple[Engine, Engine, Logs]) -> None:
    """One output less, one more, one changed, one repeat changed; state and account off by one."""
    engine, other, logs = engines
    right = outputs(engine)
    at = next(i for i, out in enumerate(right) if out.topic is Topic.POLICE)
    alert = right[at]
    changed = replace(alert, value=alert.value.replace(b'"data":{', b'"data":{ '))
    invented = replace(alert, value=alert.value.replace(b'"id":"', b'"id":"x'))

    def police(outs: list[Outgoing]) -> tuple[int, int, int, int]:
        one = compare(engine, as_read(outs))[0]
        return len(one.lost), len(one.invented), len(one.differing), one.repeats

    assert police(right) == (0, 0, 0, 0)
    assert police(right[:at] + right[at + 1 :]) == (1, 0, 0, 0)
    assert police([*right, invented]) == (0, 1, 0, 0)
    assert police([*right[:at], changed, *right[at + 1 :]]) == (0, 0, 1, 0)
    assert police([*right, alert]) == (0, 0, 0, 1)
    assert police([*right, changed]) == (0, 0, 1, 1)
    other.blocks[0].states[0].readings.fates[0, 0, 0] += 1
    found = differences(saved(other), engine)
    assert len(found) == 1
    assert found[0].endswith(" fates")
    verdict = Verdict(
        readings=logs.readings,
        account=account(saved(other)),
        comparisons=(),
        state=(),
        as_from_file=True,
    )
    assert not verdict.balances
    assert not verdict.is_right
