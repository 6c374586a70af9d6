"""A crash in the middle of a snapshot leaves blocks at different offsets; nothing may show."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from replay.engine import Engine
from stream.block import BlockMachine
from stream.machine import SnapshotError, Step
from tests.laws.crowds import discs, log, settings, squares
from tests.laws.test_equality import alerts, fixture_town

if TYPE_CHECKING:
    from pathlib import Path

    from geo.city import City
    from stream.machine import Delivered, Outgoing
    from stream.settings import Settings

__all__ = ["discs", "fixture_town", "squares"]

HOPS = 320


class Torn:
    """A block machine whose host dies while it writes hot records, again and again.

    All that it delivered before is delivered again after the restart, as Kafka would.
    """

    def __init__(self, shape: Settings, city: City, partition: int, chance: random.Random) -> None:
        self._world = shape, city, partition
        self.machine, self._chance = self._new(), chance
        self._topic: dict[str, bytes] = {}
        self._log: list[Delivered] = []
        self.lagged = 0

    def _new(self) -> BlockMachine:
        shape, city, partition = self._world
        return BlockMachine(shape, city, partition, density=False)

    def step(self, record: Delivered) -> Step:
        """Step; at the end of a batch write all, or some hot records and die."""
        self._log.append(record)
        done = self.machine.step(record)
        if not done.closes:
            return done
        snapshot = self.machine.snapshot()
        self._topic |= {entry.key: entry.value for entry in snapshot.slots}
        torn = self._chance.random() < 0.3
        for entry in snapshot.hot:
            if not torn or self._chance.random() < 0.5 or entry.key not in self._topic:
                self._topic[entry.key] = entry.value
        if not torn:
            for key in snapshot.gone:
                self._topic.pop(key, None)
            return done
        return Step(out=(*done.out, *self._restart()), closes=True)

    def _restart(self) -> list[Outgoing]:
        self.machine = self._new()
        self.machine.load(self._topic)
        self.lagged += len(self.machine.states) > 1
        out: list[Outgoing] = []
        for record in self._log[self.machine.applied + 1 :]:
            out += self.machine.step(record).out
        assert len(self.machine.states) == 1
        return out


def test_blocks_at_different_offsets_catch_up_bit_for_bit(town: City) -> None:
    """Alerts and the final state are those of a run that was never interrupted."""
    shape = settings(counts=2, blocks=2)
    plain, torn = Engine(shape, town), Engine(shape, town)
    chance = random.Random(5)
    torn.blocks = [Torn(shape, town, p, chance) for p in range(2)]  # type: ignore[misc]
    for record in log(hops=HOPS, seed=3):
        plain.feed(record)
        torn.feed(record)
    assert sum(host.lagged for host in torn.blocks) > 20, "the faults must really happen"  # type: ignore[attr-defined]
    assert alerts(torn) == alerts(plain) != []
    for whole, host in zip(plain.blocks, torn.blocks, strict=True):
        want = {entry.key: entry.value for entry in whole.snapshot().hot}
        got = {entry.key: entry.value for entry in host.machine.snapshot().hot}  # type: ignore[attr-defined]
        # Offsets differ where the detections log got repeats; the readings log has none here.
        assert got == want


def test_a_slot_that_is_missing_is_an_error_not_a_guess(tmp_path: Path) -> None:
    """Load takes exactly the visit that the hot record names."""
    town, shape = squares(tmp_path), settings()
    engine = Engine(shape, town)
    for record in log(hops=40):
        engine.feed(record)
    snapshot = engine.blocks[0].snapshot()
    entries = {entry.key: entry.value for entry in (*snapshot.slots, *snapshot.hot)}
    del entries[snapshot.slots[0].key]
    with pytest.raises(SnapshotError, match=snapshot.slots[0].key):
        BlockMachine(shape, town, 0).load(entries)
