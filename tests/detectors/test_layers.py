"""The alarm layers against their slow twin, and what each of them promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors import neighbours, quick
from detectors.baseline import Baseline
from detectors.contract import Verdict
from detectors.neighbours import NeighbourSpec
from detectors.quick import QuickSpec
from detectors.state import BaselineState
from tests import naive_layers as naive
from tests.detectors.cases import (
    FLAT,
    Hop,
    baseline,
    ended,
    in_a_row,
    made_up,
    moment,
    observe,
    part,
    same_bits,
    take,
)
from tests.detectors.grounds import apart, square

NEAR = 3e-3  # float32 and scores in parts of 1024 against float64
SIDE = 3


def gave(hop: Hop, verdict: Verdict, zeros_min: list[float], tile: int) -> tuple[bool, bool]:
    """Return whether a reading moved a tile, and whether it was believed."""
    present = bool(np.isfinite(hop.seen.point[tile]))
    moving = bool(hop.seen.fresh[tile]) or not present
    shut = zeros_min[tile] >= 72 * 60
    good = present and bool(verdict.known[tile]) and not shut and not verdict.blind[tile]
    return moving, good


@pytest.mark.parametrize(("hop_min", "days", "seed"), [(5, 3, 1), (30, 10, 2)])
def test_the_layers_agree_with_the_text(hop_min: int, days: int, seed: int) -> None:
    count, ground = SIDE * SIDE, square(SIDE)
    detector = baseline(count, hop_min=hop_min, neighbours=ground)
    twins = [naive.Tile(hop_min, [q for q in ground[t].tolist() if q >= 0]) for t in range(count)]
    zeros_min, highest = [0.0] * count, [0.0] * 4
    for hop in made_up(seed, tiles=count, hops=days * 1440 // hop_min, hop_min=hop_min):
        verdict = detector.score(hop.seen, hop.moment, FLAT)
        detector.learn()
        for tile in range(count):
            if hop.seen.fresh[tile] and np.isfinite(hop.seen.low[tile]):
                empty = hop.seen.low[tile] <= 0
                zeros_min[tile] = zeros_min[tile] + hop_min if empty else 0.0
        told = [gave(hop, verdict, zeros_min, tile) for tile in range(count)]
        for tile, twin in enumerate(twins):
            twin.blind = bool(verdict.blind[tile])
            if hop.seen.fresh[tile] and told[tile][1]:
                excess = float(hop.seen.low[tile]) - float(verdict.expected[tile])
                twin.standing.step(excess, float(verdict.spread[tile]))
        moving, good = [m for m, _ in told], [g for _, g in told]
        clear = (hop.seen.learnable & ~hop.seen.withheld).tolist()
        sure = [here and whole for here, whole in zip(good, clear, strict=True)]
        naive.hop(twins, verdict.z.tolist(), good, sure=sure, moving=moving)
        for tile, twin in enumerate(twins):
            believed = clear[tile] and twin.sure and not twin.doubt
            assert bool(verdict.sure[tile]) == believed, tile
            want = (twin.score, twin.near, twin.drop, twin.standing.minutes)
            got = (verdict.score, verdict.near, verdict.drop, verdict.standing_min)
            assert [float(x[tile]) for x in got] == pytest.approx(want, abs=NEAR, rel=NEAR), tile
            highest = [max(pair) for pair in zip(highest, want, strict=True)]
    assert min(highest) > 2.0


def test_grounds_far_apart_give_the_same_bits_as_each_alone() -> None:
    grounds = [square(3), in_a_row(4), np.full((1, 8), -1, np.int32), square(4)]
    firsts = np.cumsum([0, *map(len, grounds)])
    whole = baseline(firsts[-1], hop_min=5, neighbours=apart(*grounds))
    alone = [baseline(len(g), hop_min=5, neighbours=g) for g in grounds]
    for hop in made_up(4, tiles=firsts[-1], hops=2 * 288, hop_min=5):
        verdict = whole.score(hop.seen, hop.moment, FLAT)
        runs = ended(whole, verdict.score > 1.0)
        whole.learn()
        near_tiles = []
        for first, detector in zip(firsts, alone, strict=False):
            index = first + np.arange(detector.state.tiles)
            one = detector.score(part(hop.seen, index), hop.moment, FLAT)
            near_tiles += (first + ended(detector, one.score > 1.0).near_tiles).tolist()
            detector.learn()
            assert same_bits(take(verdict, index), one)
        assert runs.near_tiles.tolist() == near_tiles
    states = [detector.state.hot for detector in alone]
    assert whole.state.hot.tobytes() == np.concatenate(states, axis=1).tobytes()


def calm(chance: np.random.Generator, tiles: int, *, shared: float = 0.0) -> NDArray[np.float32]:
    """Return counts around a hundred; shared: how far all swing together, as a share."""
    mood = 1.0 + shared * chance.normal()
    return chance.poisson(np.full(tiles, 100.0 * max(mood, 0.1))).astype(np.float32)


def watched(
    detector: Baseline, chance: np.random.Generator, *, days: int, shared: float = 0.0
) -> int:
    """Let a detector see calm days of 30-min hops; return the next hop."""
    for hop in range(days * 48):
        counts = calm(chance, detector.state.tiles, shared=shared)
        detector.score(observe(counts), moment(hop, 30), FLAT)
        detector.learn()
    return days * 48


def test_a_wide_crowd_raises_the_neighbour_layer_where_no_tile_alone_rings() -> None:
    chance, detector = np.random.default_rng(6), baseline(9, neighbours=square(3))
    hop = watched(detector, chance, days=14)
    near, own = [], []
    for step in range(6):
        seen = observe(calm(chance, 9) * 1.5)
        verdict = detector.score(seen, moment(hop + step, 30), FLAT)
        detector.learn()
        near.append(float(verdict.near[4]))
        own.append(float(verdict.score[4]))
    assert max(near) > 3.0
    assert max(own) < 0.6 * max(near)


def test_where_tiles_echo_one_another_contrast_takes_nothing_off() -> None:
    """Tiles that share their cells would hide a crowd from one another."""
    chance = np.random.default_rng(7)
    echoing = baseline(9, hop_min=5, neighbours=square(3))
    echoing.echo(np.full(9, 9.0, np.float32))
    plain = baseline(9, hop_min=5)
    for hop in range(3 * 288):
        seen = observe(np.repeat(calm(chance, 1, shared=0.2), 9))
        one = echoing.score(seen, moment(hop, 5), FLAT)
        two = plain.score(seen, moment(hop, 5), FLAT)
        echoing.learn()
        plain.learn()
        assert one.score.tobytes() == two.score.tobytes()
    assert not echoing.state.rows().contrast_xx.any()


@pytest.mark.parametrize("tiles", [1, 2])
def test_alone_and_in_pairs_contrast_takes_nothing_off(tiles: int) -> None:
    joined, plain = baseline(tiles, neighbours=in_a_row(tiles)), baseline(tiles)
    for hop in made_up(8, tiles=tiles, hops=5 * 48, hop_min=30):
        one = joined.score(hop.seen, hop.moment, FLAT)
        two = plain.score(hop.seen, hop.moment, FLAT)
        joined.learn()
        plain.learn()
        assert one.score.tobytes() == two.score.tobytes()


def test_beside_moody_neighbours_a_crowd_on_one_tile_stands_out_further() -> None:
    """All tiles swing together; what they share is taken off before one is judged."""
    found = []
    for ground in (None, square(3)):
        chance, detector = np.random.default_rng(9), baseline(9, neighbours=ground)
        hop = watched(detector, chance, days=21, shared=0.25)
        peak, noise = 0.0, 0.0
        for step in range(2 * 48):
            counts = calm(chance, 9, shared=0.25)
            counts[4] *= 1.6 if step in range(90, 94) else 1.0
            verdict = detector.score(observe(counts), moment(hop + step, 30), FLAT)
            detector.learn()
            noise = max(noise, float(verdict.score[4])) if step < 90 else noise
            peak = max(peak, float(verdict.score[4])) if step >= 90 else peak
        found.append(peak - noise)
    assert found[1] > found[0] + 0.5


@given(st.floats(2.0, 1000.0), st.integers(0, 2))
def test_one_wild_reading_is_never_quick(times: float, at: int) -> None:
    """Quick filling takes two readings in a row; one, however wild, leaves it at the usual."""
    rows = BaselineState.empty(1, 1).rows()
    moving = np.ones(1, np.bool_)
    scaled = [0.5, 0.5, 0.5]
    scaled[at] = times
    told = [
        float(quick.step(QuickSpec(), rows, np.array([x], np.float32), moving=moving)[0])
        for x in [0.5, 0.5, *scaled, 0.5, 0.5]
    ]
    assert max(told) <= 0.5 / 1.3 + 1e-6


def test_two_wild_readings_are_quick_at_once() -> None:
    rows, moving = BaselineState.empty(1, 1).rows(), np.ones(1, np.bool_)
    told = [
        float(quick.step(QuickSpec(), rows, np.array([x], np.float32), moving=moving)[0])
        for x in (0.0, 6.5, 6.5, 0.0)
    ]
    assert told == pytest.approx([0.0, 0.0, 5.0, 0.0])


@given(st.floats(0.0, 1000.0), st.integers(0, 8))
def test_one_full_tile_colours_none_of_those_around_it(full: float, at: int) -> None:
    near, calm = neighbours.around(square(SIDE)), np.linspace(-1.0, 1.0, 9, dtype=np.float32)
    z = calm.copy()
    z[at] = full
    told = neighbours.pooled(NeighbourSpec(), near, z, neighbours.gathered(near, z))
    plain = neighbours.pooled(NeighbourSpec(), near, calm, neighbours.gathered(near, calm))
    assert np.max(told - plain) <= 2.0


def test_what_is_left_of_calm_tiles_together_is_a_unit_normal() -> None:
    """In a corner, at an edge and in the middle; and of nine equal tiles no less than in a sum."""
    near, chance = neighbours.around(square(SIDE)), np.random.default_rng(10)
    hops = [chance.standard_normal(9).astype(np.float32) for _ in range(4000)]
    hops = [neighbours.pooled(NeighbourSpec(), near, z, neighbours.gathered(near, z)) for z in hops]
    assert np.std(hops, axis=0) == pytest.approx(1.0, abs=0.05)
    one = np.full(9, 2.0, np.float32)
    told = neighbours.pooled(NeighbourSpec(), near, one, neighbours.gathered(near, one))
    assert float(told[4]) == pytest.approx(7 * 2 / 3 / 0.801, rel=1e-5)
