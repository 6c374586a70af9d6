"""When sources that run ahead are held, and that they are let go again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from stream.block import BlockMachine
from stream.cell_keys import keys_of
from stream.machine import Delivered
from stream.metrics import Metrics
from stream.topics import MIB, Topic
from stream.wire import Batch, Clock, Origin, encode
from stream.worker.leash import Leash
from tests.laws.crowds import CELLS, HOP_S, START_MS, settings, squares

if TYPE_CHECKING:
    from pathlib import Path

FAST, SLOW = (Topic.COUNTS, 0), (Topic.COUNTS, 1)
BLOCK = (Topic.READINGS, 0)
ENTRIES = 2 * CELLS  # each cell waits in its block, and in the panel


class Scene:
    """A block machine of two sources, one of which stands still, and a leash that looks at it."""

    def __init__(self, folder: Path) -> None:
        self.city = squares(folder)
        self.machine = BlockMachine(settings(counts=2), self.city, 0, density=False)
        self.registry = CollectorRegistry()
        self.leash = Leash(Metrics.on(self.registry))
        self.offset = 0
        self.source_offsets = [0, 0]

    def look(self) -> None:
        self.leash.look({BLOCK: self.machine, FAST: None, SLOW: None, (Topic.ACKS, 0): None})

    def step(self, record: Batch | Clock) -> None:
        self.machine.step(
            Delivered(
                partition=0, offset=self.offset, timestamp_ms=0, key=None, value=encode(record)
            )
        )
        self.offset += 1

    def tick(self, source: int, hop: int) -> None:
        self.step(Clock(self.origin(source), START_MS + hop * HOP_S * 1000 + 60_000))

    def readings(self, source: int, hop: int) -> None:
        end_ms = START_MS + hop * HOP_S * 1000
        cells = keys_of(self.city).keys.tobytes()
        counts = np.full(CELLS, 30, np.float32).tobytes()
        self.step(Batch(self.origin(source), 0, end_ms, 0, cells, counts, {}))

    def origin(self, source: int) -> Origin:
        self.source_offsets[source] += 1
        return Origin(0, source, self.source_offsets[source], 0)

    def waiting(self) -> float | None:
        labels = {"topic": "readings.v1", "partition": "0"}
        return self.registry.get_sample_value("crowd_waiting_readings", labels)


@pytest.fixture(name="scene")
def fixture_scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    # The panel is the widest block here, with all cells: room for ten intervals.
    monkeypatch.setattr("stream.block.WAITING_BYTES_MAX", 10 * (CELLS * 8 + 64))
    return Scene(tmp_path)


def test_the_fast_source_is_held_until_half_of_what_waits_is_worked_off(scene: Scene) -> None:
    assert scene.machine.waiting_max == 10 * ENTRIES
    scene.tick(0, 0)
    scene.tick(1, 0)
    for hop in range(1, 11):
        scene.readings(0, hop)
        scene.tick(0, hop)
    scene.look()
    assert scene.leash.held == set(), "the limit itself is allowed"
    scene.readings(0, 11)
    scene.tick(0, 11)
    scene.look()
    assert scene.leash.held == {FAST}
    assert scene.waiting() == 11 * ENTRIES
    for hop in range(1, 6):
        scene.tick(1, hop)
        scene.look()
        assert scene.leash.held == {FAST}, "not yet worked off by half"
    scene.tick(1, 6)
    scene.look()
    assert scene.leash.held == set()
    assert scene.waiting() == 5 * ENTRIES


def test_a_source_that_has_not_begun_is_waited_for(scene: Scene) -> None:
    scene.tick(0, 0)
    for hop in range(1, 12):
        scene.readings(0, hop)
        scene.tick(0, hop)
    scene.look()
    assert scene.leash.held == {FAST}


def test_what_is_no_longer_ours_is_not_held(scene: Scene) -> None:
    scene.tick(0, 0)
    for hop in range(1, 12):
        scene.readings(0, hop)
        scene.tick(0, hop)
    scene.look()
    scene.leash.look({BLOCK: scene.machine, SLOW: None})
    assert scene.leash.held == frozenset()


def test_a_hot_record_with_all_that_may_wait_is_small_enough(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.tick(0, 0)
    scene.tick(1, 0)
    for hop in range(1, scene.machine.waiting_max // ENTRIES + 1):
        scene.readings(0, hop)
        scene.tick(0, hop)
    assert scene.machine.waiting == scene.machine.waiting_max
    widest = max(len(entry.value) for entry in scene.machine.snapshot().hot)
    assert MIB // 4 < widest < MIB
