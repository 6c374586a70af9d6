"""Nothing that is published narrows a count that is withheld.

An attacker wins nothing; and, stronger, no byte changes with a withheld count.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest

from alerts.figures import People
from replay.engine import Engine
from stream.block import BlockMachine
from stream.topics import Topic
from tests.attacker import Attacker, attacked
from tests.laws.private_city import (
    EXPANSION,
    FLOOR,
    Case,
    Counts,
    crowded,
    of_fast,
    random_case,
    tile_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from stream.machine import Delivered, Step

SEEDS = range(5)
PAIRS = range(5, 17)
FIGURES = ("people", "density", "occupancy", "trend", "fire", "area", "level", "headline")


@pytest.mark.parametrize("seed", SEEDS)
def test_an_attacker_of_all_hops_narrows_nothing(tmp_path: Path, seed: int) -> None:
    assert attacked(random_case(tmp_path, seed)) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_alerts_beside_the_density_topic_narrow_no_small_cell(tmp_path: Path, seed: int) -> None:
    case = random_case(tmp_path, seed)
    records, alerts, _ = case.run()
    attacker = Attacker(case=case)
    attacker.read_density(records)
    attacker.read_alerts(alerts)
    assert not attacker.errors()
    assert list(attacker.wins(tiles=False)) == []


@pytest.mark.parametrize("seed", PAIRS)
def test_no_byte_of_the_density_topic_changes_with_a_small_count(tmp_path: Path, seed: int) -> None:
    """Not even whether the operator withheld it: else his floor would narrow what he told us."""
    case, chance = random_case(tmp_path, seed), random.Random(seed)
    others: Counts = {
        place: value if value is not None and value >= FLOOR else any_below(chance)
        for place, value in case.counts.items()
    }
    assert others != case.counts
    assert case.changed(others).run()[2] == case.run()[2]


@pytest.mark.parametrize("seed", PAIRS)
def test_no_byte_changes_with_the_counts_of_a_tile_below_the_floor(
    tmp_path: Path, seed: int
) -> None:
    case, chance = random_case(tmp_path, seed), random.Random(seed)
    told = case.run()[2]
    poor = [
        (tile, hop)
        for hop in range(1, case.hops + 1)
        for tile in range(len(case.shares))
        if counted_on(case, tile, hop) and case.known(tile, hop) < FLOOR
    ]
    for tile, hop in chance.sample(poor, min(4, len(poor))):
        other = redrawn(case, tile, hop, chance)
        assert other.known(tile, hop) < FLOOR
        assert other.run()[2] == told


def any_below(chance: random.Random) -> float | None:
    return chance.choice((None, 0.0, float(chance.randrange(FLOOR)), FLOOR - 1.0))


def counted_on(case: Case, tile: int, hop: int) -> list[tuple[tuple[str, int, int], float]]:
    """Return the readings that stand on a tile and are known, and people of it for each counted."""
    found = []
    for feed in case.feeds():
        for cell, share in case.shares[tile]:
            reading = case.standing(feed, cell, hop)
            if reading is not None and reading.value is not None:
                found.append((reading.place, share * EXPANSION[feed]))
    return found


def redrawn(case: Case, tile: int, hop: int, chance: random.Random) -> Case:
    """Return a case in which one of a tile's cells counted all its people, fewer than the floor."""
    readings = counted_on(case, tile, hop)
    counts = case.counts | {place: 0.0 for place, _ in readings}
    place, part = chance.choice(readings)
    counts[place] = min(chance.choice((0.0, 0.5, 0.999)) * FLOOR / part, 9e6)
    return case.changed(counts)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_told_of_a_block_does_not_depend_on_the_partitions(
    tmp_path: Path, seed: int
) -> None:
    case = random_case(tmp_path, seed)
    runs = []
    for blocks in (1, 2, 5):
        partitions = msgspec.structs.replace(case.settings.topics.partitions, blocks=blocks)
        topics = msgspec.structs.replace(case.settings.topics, partitions=partitions)
        other = msgspec.structs.replace(case.settings, topics=topics)
        runs.append(sorted(replace(case, settings=other).run()[2]))
    assert runs[0] == runs[1] == runs[2]


def test_what_is_told_is_the_same_after_a_restart_at_any_record(tmp_path: Path) -> None:
    case = random_case(tmp_path, 3, hops=7)
    engine = Engine(case.settings, case.city)
    records: list[Delivered] = []
    machine = engine.blocks[1]
    step = machine.step

    def noted(record: Delivered) -> Step:
        records.append(record)
        return step(record)

    machine.step = noted  # type: ignore[method-assign]  # a tap into the log
    for record in case.log():
        engine.feed(record)
    assert told_by(case, records, reloads=True) == told_by(case, records)


def told_by(case: Case, log: list[Delivered], *, reloads: bool = False) -> list[bytes]:
    machine = BlockMachine(case.settings, case.city, 1)
    kept: dict[str, bytes] = {}
    out: list[bytes] = []
    for record in log:
        out += [one.value for one in machine.step(record).out if one.topic is Topic.DENSITY]
        if reloads:
            snapshot = machine.snapshot()
            kept.update({entry.key: entry.value for entry in (*snapshot.slots, *snapshot.hot)})
            machine = BlockMachine(case.settings, case.city, 1)
            machine.load(kept)
    assert out
    return out


def test_squares_are_told_from_the_floor_on(tmp_path: Path) -> None:
    """Where each cell is a tile of its own, nothing is lost but what lies below the floor."""
    case = of_fast(tmp_path, [(50, 50, 30), (250, 50, 30)], {0: [19.0, 20.0], 1: [300.0, 0.0]})
    records, _, _ = case.run()
    people = {
        (tile, number): told
        for number, hop in enumerate(sorted({one.hop_ms for one in records}))
        for one in records
        if one.hop_ms == hop
        for tile, told in zip(one.tiles, one.people, strict=True)
    }
    ids = [case.city.grid.tile_ids[tile] for tile in (tile_of(case, 0), tile_of(case, 1))]
    assert [people[ids[0], hop] for hop in (0, 1)] == [None, 20.0]
    assert [people[ids[1], hop] for hop in (0, 1)] == [300.0, None]


def test_alerts_say_the_same_whatever_small_cells_counted(tmp_path: Path) -> None:
    seen = []
    for small in (0.0, 7.0, 19.0, None):
        _, alerts, _ = crowded(tmp_path, small).run()
        seen.append([{name: one[name] for name in FIGURES} for one in alerts])
    assert seen[0] == seen[1] == seen[2] == seen[3] != []
    people = msgspec.convert(seen[0][0]["people"], People)
    assert (people.low, people.best, people.high) == (3000, 3010, 3019)
