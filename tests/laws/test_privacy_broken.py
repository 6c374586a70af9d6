"""Each part of the rule of privacy is needed: without it the attacker narrows what is withheld."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from typing_extensions import override

from stream import block_state, disclosure, withhold
from stream.disclosure import Disclosure, Shown
from stream.frame import Frames
from stream.reach import links_of, reach_of
from tests.attacker import Attacker, attacked
from tests.laws.private_city import (
    EXPANSION,
    FEEDS,
    FLOOR,
    Case,
    Counts,
    crowded,
    of_fast,
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
    from stream.reach import Links, Reach
    from stream.readings import Readings


@pytest.mark.parametrize("seed", range(3))
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
