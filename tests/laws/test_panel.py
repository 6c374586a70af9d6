"""Every partition works out the same panel, also after a crash that left some blocks behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

import stream.city_ring
from replay.engine import Engine
from stream.block import BlockMachine
from stream.city_ring import CityRing
from stream.machine import SnapshotError
from stream.snapshot import Hot
from tests.laws.crowds import log, settings, squares

if TYPE_CHECKING:
    from pathlib import Path

    from detectors.contract import CityNow
    from geo.city import City
    from replay.log import LogRecord
    from stream.machine import Delivered, Step

HOPS = 60


@pytest.fixture(name="town")
def fixture_town(tmp_path: Path) -> City:
    return squares(tmp_path)


def panels(town: City, *, blocks: int, hops: int = HOPS) -> list[Hot]:
    """Return what each partition saves of the panel after a run."""
    engine = Engine(settings(blocks=blocks), town)
    for record in log(hops=hops):
        engine.feed(record)
    kept = []
    for machine in engine.blocks:
        *_, own = machine.snapshot().hot
        kept.append(msgspec.msgpack.decode(own.value, type=Hot))
    return kept


@pytest.mark.parametrize("some", [None, [4]], ids=["everybody", "one cell"])
def test_every_partition_says_the_same_of_the_city(town: City, some: list[int] | None) -> None:
    """Also one that has no ground, and whatever the partitions are."""
    city = town if some is None else replace(town, panel=np.array(some, np.int32))
    (alone,) = panels(city, blocks=1)
    assert len(alone.city) == HOPS * stream.city_ring.ROW_BYTES
    for one in panels(city, blocks=4):
        assert (one.city, one.baseline) == (alone.city, alone.baseline)


class Tapped:
    """The block machine of an engine, with the log that it read."""

    def __init__(self, machine: BlockMachine) -> None:
        self.machine = machine
        self.records: list[Delivered] = []

    def step(self, record: Delivered) -> Step:
        self.records.append(record)
        return self.machine.step(record)


def run(town: City, records: list[LogRecord], *cuts: int) -> tuple[Tapped, list[dict[str, bytes]]]:
    """Run one partition; return it and what was saved after so many records, and at the end."""
    engine = Engine(settings(), town)
    tapped = Tapped(engine.blocks[0])
    engine.blocks = [tapped]  # type: ignore[list-item]  # a tap in the place of the machine
    kept = []
    for number, record in enumerate(records, 1):
        engine.feed(record)
        if number in {*cuts, len(records)}:
            snapshot = tapped.machine.snapshot()
            kept.append({e.key: e.value for e in (*snapshot.slots, *snapshot.hot)})
    return tapped, kept


def catch_up(machine: BlockMachine, records: list[Delivered]) -> None:
    for record in records[machine.applied + 1 :]:
        machine.step(record)


@pytest.mark.parametrize("behind", ["ground", "some ground", "panel", "some of both"])
def test_blocks_that_lag_behind_find_what_the_panel_said(
    town: City, behind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = list(log(hops=HOPS))
    ticks = [at for at, record in enumerate(records, 1) if record.is_tick]
    tapped, (old, new, end) = run(town, records, ticks[30], ticks[37])
    blocks = tapped.machine.states[0].layout.blocks
    late = {
        "ground": blocks[:-1],
        "some ground": blocks[1:-1:2],
        "panel": blocks[-1:],
        "some of both": blocks[::2],
    }[behind]
    torn = old | new | {block: old[block] for block in late}
    asked = []
    at = CityRing.at

    def noted(self: CityRing, hop_ms: int) -> CityNow:
        asked.append(hop_ms)
        return at(self, hop_ms)

    monkeypatch.setattr(CityRing, "at", noted)
    machine = BlockMachine(settings(), town, 0, density=False)
    machine.load(torn)
    assert len(machine.states) == 2
    catch_up(machine, tapped.records)
    assert len(machine.states) == 1
    got = {entry.key: entry.value for entry in machine.snapshot().hot}
    assert got == {key: end[key] for key in got}
    # Where the panel itself is behind, it comes along before anybody needs it.
    assert len(asked) == (0 if blocks[-1] in late else 7)


def test_what_is_too_old_is_one_line_and_never_a_guess(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream.city_ring, "HOPS", 4)
    records = list(log(hops=45))
    ticks = [at for at, record in enumerate(records, 1) if record.is_tick]
    tapped, (old, new, _) = run(town, records, ticks[30], ticks[37])
    panel = tapped.machine.states[0].layout.blocks[-1]
    machine = BlockMachine(settings(), town, 0, density=False)
    machine.load(old | {panel: new[panel]} | {key: new[key] for key in new if key.count("/") > 1})
    with pytest.raises(SnapshotError, match="is not kept any more"):
        catch_up(machine, tapped.records)
