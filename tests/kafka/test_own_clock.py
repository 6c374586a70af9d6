"""The workers' own ticks, in real time: what a city runs with, held against the logs they wrote.

Two workers with the production default `time.ticks = "worker"` and short hops; one is killed in
the middle of a crowd. What their ticks decided cannot be known beforehand, so the offline engine
gets the logs as recorded, with the broker's times, and judges ticks as the live stages did.
"""

from __future__ import annotations

import random
import signal
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec
import pytest

from stream.gateway import TICK_IGNORED
from stream.records import Tick, decode
from stream.topics import Topic
from tests.kafka.broker import Broker
from tests.kafka.saved import account, differences
from tests.kafka.test_bad_input import send, tick
from tests.kafka.trial import Trial, patiently
from tests.kafka.witness import Logs, compare, live_outputs, offline_run, read_logs
from tests.laws.crowds import CELLS, squares

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.kafka.crew import Crew

pytestmark = [pytest.mark.kafka, pytest.mark.jvm]

HOP_S: Final = 10
HOP_MS: Final = HOP_S * 1000
LATENESS_MS: Final = HOP_MS
HOPS: Final = 6
CROWD_FROM: Final = 2
KILL_AT: Final = 3
COUNTS: Final = 2
LIVE: Final = "time.ticks=worker"
PAUSE_S: Final = 0.1
GRACE_S: Final = 30.0  # for a polite end, on a machine that is busy


@pytest.fixture(scope="module", name="node")
def fixture_node() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@pytest.fixture(name="trial")
def fixture_trial(node: Broker, tmp_path: Path) -> Trial:
    squares(tmp_path)
    config = tmp_path / "crowdtide.toml"
    config.write_text(
        f"# Settings of a test.\n[feeds.cmcc]\nperiod_s = {HOP_S}\n"
        f"[time]\nhop_s = {HOP_S}\nlateness_s = {LATENESS_MS // 1000}\nwindow_s = {HOP_S}\n"
        '[calendar]\ncountry = "none"\n'
        f'[worker]\ncells = "{tmp_path / "squares.csv"}"\n[kafka]\nsession_timeout_s = 6\n',
        encoding="utf-8",
    )
    return Trial.on(node, config, LIVE, prefix="clock.", partitions=(COUNTS, 2))


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def wait_until(at_ms: int, crew: Crew) -> None:
    while wall_ms() < at_ms:
        crew.look()
        time.sleep(PAUSE_S)


def batches(trial: Trial, start_ms: int, hop: int, chance: random.Random) -> None:
    """Send one interval in small batches, into partitions by chance; some come twice."""
    topic = trial.settings.topics.prefix + Topic.COUNTS
    records: list[tuple[str, int, bytes | None]] = []
    for first in range(0, CELLS, 6):
        cells = range(first, first + 6)
        crowded = [hop >= CROWD_FROM and 3 <= cell <= 5 for cell in cells]
        value = msgspec.json.encode(
            {
                "schema": "cell-counts/1",
                "feed": "cmcc",
                "start": start_ms,
                "period_s": HOP_S,
                "cells": [f"c{cell:02d}" for cell in cells],
                "counts": [
                    100 + 5 * cell + chance.randrange(15) + 2000 * crowd
                    for cell, crowd in zip(cells, crowded, strict=True)
                ],
            }
        )
        times = 2 if chance.random() < 0.3 else 1
        records += [(topic, chance.randrange(COUNTS), value) for _ in range(times)]
    send(trial.bootstrap, records)


def ticks_of(log: tuple[bytes, ...]) -> list[int]:
    return [seen.now_ms for seen in map(decode, log) if isinstance(seen, Tick)]


def all_sources_tick(trial: Trial) -> bool:
    logs = read_logs(trial.bootstrap, trial.settings)
    return all(ticks_of(log) for log in (*logs.counts, logs.acks))


def live_run(trial: Trial, folder: Path) -> None:
    """Feed the workers in real time, kill one, and let both end politely after the last hop."""
    chance = random.Random(5)
    with trial.crew(folder, 2) as crew:
        patiently(lambda: all_sources_tick(trial), crew.look)
        first_ms = (wall_ms() // HOP_MS + 1) * HOP_MS
        for hop in range(HOPS):
            if hop == KILL_AT:
                assert crew.kill() is not None
            wait_until(first_ms + (hop + 1) * HOP_MS + 300, crew)
            batches(trial, first_ms + hop * HOP_MS, hop, chance)
        trial.through(first_ms + HOPS * HOP_MS, crew.look)
        assert dict(crew.exits) == {-signal.SIGKILL: 1}, crew.faults()
        assert not crew.holes()
        for slot in crew.slots:
            assert slot.process is not None
            slot.process.terminate()
            assert slot.process.wait(GRACE_S) == 0


def work_off(trial: Trial, folder: Path) -> Logs:
    """Close one hop more by hand and let a worker without ticks of its own come to the end.

    What workers save ends at a closed hop, and their own last ticks lie anywhere behind one.
    Returns the logs, whose last records these ticks are.
    """
    prefix, logs = trial.settings.topics.prefix, read_logs(trial.bootstrap, trial.settings)
    last_ms = max(max(ticks_of(log)) for log in (*logs.counts, logs.acks))
    end_ms = (max(last_ms, wall_ms()) // HOP_MS + 1) * HOP_MS
    quiet = replace(trial, options=[one.replace(LIVE, "time.ticks=feed") for one in trial.options])
    with quiet.crew(folder, 1) as crew:
        wait_until(end_ms, crew)
        everywhere = [(prefix + Topic.COUNTS, number) for number in range(COUNTS)]
        send(
            trial.bootstrap, [(*at, tick(end_ms)) for at in (*everywhere, (prefix + Topic.ACKS, 0))]
        )
        quiet.through(end_ms - LATENESS_MS, crew.look)
        assert not crew.exits, crew.faults()
        assert not crew.holes()
    return read_logs(trial.bootstrap, trial.settings)


def test_workers_with_a_clock_of_their_own_do_what_their_logs_say(
    trial: Trial, tmp_path: Path
) -> None:
    live_run(trial, tmp_path / "live")
    logs = work_off(trial, tmp_path / "quiet")
    for log in (*logs.counts, logs.acks):
        ticks = ticks_of(log)
        assert len(ticks) > HOPS * HOP_S / 2, "a tick a second, but for the time of the dead"
        assert all(now_ms % 1000 == 0 for now_ms in ticks)
    assert trial.settings.time.ticks == "worker"
    engine = offline_run(trial.settings, trial.city, logs, seed=1)
    comparisons = compare(engine, live_outputs(trial.bootstrap, trial.settings))
    assert all(one.is_equal for one in comparisons), comparisons
    wanted = {one.topic: one.wanted for one in comparisons}
    assert wanted[Topic.POLICE] >= 1, "a crowd was there"
    assert wanted[Topic.DENSITY] >= HOPS
    saved = trial.through(0, lambda: None)
    assert differences(saved, engine) == []
    told = account(saved)
    told.pop(TICK_IGNORED, None)  # a machine that stood still for 5 s wrote some
    assert sum(told.values()) == logs.readings >= HOPS * CELLS
