"""Nothing that is published narrows a count that is withheld; and each part of the rule is needed.

The first half is the rule as it is: an attacker wins nothing, and, stronger, no byte changes with
a withheld count. The second half breaks one part of the rule at a time and lets him win.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from typing_extensions import override

from alerts.message import People
from replay.engine import Engine
from stream import block_state, disclosure, withhold
from stream.block import BlockMachine
from stream.disclosure import Disclosure, Shown
from stream.frame import Frames
from stream.reach import links_of, reach_of
from stream.topics import Topic
from tests.attacker import Attacker
from tests.laws.private_city import (
    EXPANSION,
    FEEDS,
    FLOOR,
    Case,
    Counts,
    own_settings,
    random_case,
    town,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geo.coverage import Coverage
    from stream.frame import Counts as FrameCounts
    from stream.frame import Frame
    from stream.layout import Layout
    from stream.machine import Delivered, Step
    from stream.reach import Links, Reach
    from stream.readings import Readings
    from tests.attacker import Win

SEEDS = range(5)
PAIRS = range(5, 17)
FIGURES = ("people", "density", "occupancy", "trend", "fire", "area", "level", "headline")


def attacked(case: Case, *, by_rule: bool = True) -> Win | None:
    """Return the first thing that an attacker of the density topic narrows, if any."""
    records, _, _ = case.run()
    attacker = Attacker(case=case)
    attacker.read_density(records, by_rule=by_rule)
    assert not attacker.errors(), "he must know how the numbers are made"
    return next(attacker.wins(), None)


# -- the rule as it is -----------------------------------------------------------------------------


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


# -- the rule with a part broken -------------------------------------------------------------------


def of_fast(
    folder: Path, discs: list[tuple[float, float, float]], by_cell: dict[int, list[float | None]]
) -> Case:
    """Return a case of the fast feed alone: counts of each cell, hop by hop."""
    counts: Counts = {
        ("fast", hop + 1, cell): value
        for cell, values in by_cell.items()
        for hop, value in enumerate(values)
    }
    hops = max(hop for _, hop, _ in counts)
    shape = own_settings(feeds=("fast",))
    return Case(city=town(folder, discs), settings=shape, hops=hops, counts=counts)


def tile_of(case: Case, cell: int) -> int:
    """Return the tile on which most of a cell lies."""
    best = [max([0.0, *(part for one, part in parts if one == cell)]) for parts in case.shares]
    return best.index(max(best))


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_he_wins_if_a_tile_looks_at_its_own_people_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Its cells are then known on tiles with fewer people, too."""

    def close(
        self: Disclosure, readings: Readings, frame: Frame, counts: list[FrameCounts], hop_ms: int
    ) -> Shown:
        del self, readings, counts, hop_ms
        enough = frame.now.point >= FLOOR
        return Shown(now=enough, rolling=enough)

    monkeypatch.setattr(Disclosure, "close", close)
    assert attacked(random_case(tmp_path, seed), by_rule=False)


def border(folder: Path) -> Case:
    """Return a cell over the border of two blocks; few of its people lie beyond."""
    return of_fast(folder, [(-25, 50, 40)], {0: [60.0]})


def test_he_wins_if_tiles_of_other_blocks_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def near(layout: Layout, cover: Coverage | None) -> Reach:
        reach = reach_of(layout, cover)
        links = reach.links
        at_home = set(zip(reach.here_entry.tolist(), reach.here_tile.tolist(), strict=True))
        kept, tiles = [], []
        for pair, entry in enumerate(links.entry.tolist()):
            share = float(links.share[pair])
            for tile in [t for e, t in at_home if e == entry]:
                cell = int(layout.entry_cell[entry])
                if share == share_of(cover, cell, int(layout.tile[tile])):
                    kept.append(pair)
                    tiles.append(tile)
        _, key = np.unique(tiles, return_inverse=True)
        entry_of, share_of_pair = links.entry[kept], links.share[kept]
        return replace(reach, links=links_of(entry_of, key, share_of_pair, layout.entries))

    assert attacked(border(tmp_path)) is None
    monkeypatch.setattr(disclosure, "reach_of", near)
    assert attacked(border(tmp_path), by_rule=False)


def share_of(cover: Coverage | None, cell: int, tile: int) -> float:
    assert cover is not None
    return float(cover.share[(cover.cell == cell) & (cover.tile == tile)].sum())


def chain(folder: Path) -> Case:
    """Return two cells over three tiles: the second one may not be told, so the first may not."""
    return of_fast(folder, [(285, 350, 40), (380, 350, 40)], {0: [60.0], 1: [50.0]})


def test_he_wins_if_the_rule_is_applied_only_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the first cell is told then says that the second one counted enough for both."""

    def once(
        links: Links, people: NDArray[np.float32], members: NDArray[np.bool_], floor: float
    ) -> NDArray[np.bool_]:
        kept = members.copy()
        counted = np.where(members, people, np.float32(0)).astype(np.float64)
        weight = links.share * counted[links.entry]
        poor = np.bincount(links.key, weight, links.keys) < floor
        kept[links.entry[poor[links.key]]] = False
        return kept

    assert attacked(chain(tmp_path)) is None
    monkeypatch.setattr(withhold, "_greatest", once)
    assert attacked(chain(tmp_path))


def dip(folder: Path) -> Case:
    """Return one tile that falls below the floor for a hop."""
    return of_fast(folder, [(50, 50, 30)], {0: [100.0, 10.0, 90.0]})


def test_he_wins_if_a_mean_may_hold_a_hop_that_was_withheld(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Disclosure.close

    def close(
        self: Disclosure, readings: Readings, frame: Frame, counts: list[FrameCounts], hop_ms: int
    ) -> Shown:
        shown = real(self, readings, frame, counts, hop_ms)
        return replace(shown, rolling=shown.now)

    assert attacked(dip(tmp_path)) is None
    monkeypatch.setattr(Disclosure, "close", close)
    assert attacked(dip(tmp_path))


def slow_and_fast(folder: Path) -> Case:
    """Return a tile that only the fast feed holds above the floor, and only for a hop."""
    city = town(folder, [(285, 350, 40), (350, 350, 30)])
    counts: Counts = {("slow", 3, 0): 40.0}
    counts |= {("fast", 3, 1): 100.0, ("fast", 4, 1): 2.0}
    return Case(city=city, settings=own_settings(), hops=4, counts=counts)


def test_he_wins_if_feeds_are_judged_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading of the slow feed that was told still stands when the fast one has fallen."""

    def untold(
        self: Disclosure, readings: Readings, feed: int, counts: FrameCounts, hop_ms: int
    ) -> tuple[Reach, NDArray[np.bool_]]:
        del counts
        reach = self._reach_of(feed, hop_ms)
        people = np.zeros(len(readings.newest[0]), np.float32)
        there, small = np.zeros(len(people), np.bool_), np.zeros(len(people), np.bool_)
        for number, name in enumerate(sorted(FEEDS)):
            present = readings.present(number, hop_ms)
            people += np.where(present, readings.newest[number] * np.float32(EXPANSION[name]), 0)
            there |= present
            small |= present & (readings.newest[number] < FLOOR)
        kept = withhold.tellable(
            reach.links,
            people=people,
            large=there & ~small,
            interval=np.zeros(len(people), np.int64),
            floor=FLOOR,
        )
        return reach, there & ~kept

    assert attacked(slow_and_fast(tmp_path)) is None
    monkeypatch.setattr(Disclosure, "_untold", untold)
    assert attacked(slow_and_fast(tmp_path), by_rule=False)


def crowded(folder: Path, small: float | None) -> Case:
    """Return a crowd on four tiles, and a cell of few people on one of them."""
    counts: dict[int, list[float | None]] = {0: [3000.0] * 3, 1: [small] * 3}
    return of_fast(folder, [(300, 300, 90), (350, 350, 30)], counts)


def test_he_wins_if_alerts_are_not_censored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Plain(Frames):
        @override
        def close(self, readings: Readings, hop_ms: int) -> Frame:
            self._floor = 0
            return super().close(readings, hop_ms)

    for censored in (True, False):
        case = crowded(tmp_path, 7.0)
        if not censored:
            monkeypatch.setattr(block_state, "Frames", Plain)
        records, alerts, _ = case.run()
        attacker = Attacker(case=case)
        attacker.read_density(records)
        attacker.read_alerts(alerts, censored=censored)
        assert alerts
        assert not attacker.errors()
        assert (next(attacker.wins(tiles=False), None) is None) is censored
