"""A source that is days ahead of another one is held, and nothing is lost or different by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import pytest

from stream.topics import Topic
from tests.kafka.broker import Broker
from tests.kafka.saved import differences
from tests.kafka.test_bad_input import fixture_config, send, tick
from tests.kafka.trial import Trial, patiently
from tests.kafka.witness import compare, live_outputs, offline_run, read_logs
from tests.laws.crowds import CELLS, HOP_S, START_MS, crowd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.kafka, pytest.mark.jvm]

__all__ = ["fixture_config"]

HOPS: Final = 2_500
CORRECTIONS: Final = 10


@pytest.fixture(scope="module", name="node")
def fixture_node() -> Iterator[Broker]:
    with Broker() as running:
        yield running


def batch(hop: int, seq: int) -> bytes:
    return msgspec.json.encode(
        {
            "schema": "cell-counts/1",
            "feed": "cmcc",
            "start": START_MS + hop * HOP_S * 1000,
            "period_s": HOP_S,
            "seq": seq,
            "cells": [f"c{cell:02d}" for cell in range(CELLS)],
            "counts": [crowd(cell, hop) for cell in range(CELLS)],
        }
    )


def ticks() -> list[int]:
    return [START_MS, *(START_MS + (hop + 1) * HOP_S * 1000 + 60_000 for hop in range(HOPS))]


def test_the_fast_source_is_held_until_the_slow_one_comes(
    node: Broker, config: Path, tmp_path: Path
) -> None:
    trial = Trial.on(node, config, prefix="ahead.", partitions=(2, 1))
    counts, acks = f"ahead.{Topic.COUNTS}", f"ahead.{Topic.ACKS}"
    first, *others = ticks()
    fast = [tick(first)]
    for hop, now_ms in enumerate(others):
        fast += [*(batch(hop, seq) for seq in range(CORRECTIONS)), tick(now_ms)]
    send(node.bootstrap, [(counts, 0, value) for value in fast])
    send(node.bootstrap, [(counts, 1, tick(first)), (acks, 0, tick(first))])
    with trial.crew(tmp_path, 1) as crew:

        def held() -> list[object]:
            return [line["held"] for line in crew.said() if line.get("event") == "sources.held"]

        patiently(lambda: bool(held()), crew.look)
        assert held() == [["cell-counts.v1/0"]]
        slow = [
            (topic, number, tick(now))
            for now in others
            for topic, number in ((counts, 1), (acks, 0))
        ]
        send(node.bootstrap, slow)
        saved = trial.through(START_MS + HOPS * HOP_S * 1000, crew.look)
        assert held()[-1] == [], "let go in the end"
        assert not crew.exits, crew.faults()
        assert not crew.holes()
    logs = read_logs(node.bootstrap, trial.settings)
    assert logs.readings == HOPS * CORRECTIONS * CELLS
    engine = offline_run(trial.settings, trial.city, logs, seed=1)
    assert differences(saved, engine) == []
    for one in compare(engine, live_outputs(node.bootstrap, trial.settings)):
        assert one.is_equal, one
