"""Laws of the density step: nobody is lost or invented, and not knowing is never a zero."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo import density, spread
from geo.density import TilePeople, people, spread_counts
from geo.rolling import rolling
from geo.spread import Spread, prepare


class Case:
    """A random small city at one hop: coverage with a few cells a tile, counts of all kinds."""

    def __init__(self, seed: int, *, cells: int = 12, tiles: int = 9) -> None:
        rng = np.random.default_rng(seed)
        pairs = sorted({(int(t), int(c)) for t, c in rng.integers(0, (tiles, cells), (30, 2))})
        self.tiles = tiles
        self.tile = np.array([t for t, _ in pairs], np.int32)
        self.entry = np.array([c for _, c in pairs], np.int32)
        weight = rng.integers(1, 2**20, len(pairs)).astype(np.float64)
        self.share = weight / 2**25
        self.present = rng.random(cells) < rng.choice([0.3, 0.8, 1.0])
        self.withheld = rng.random(cells) < rng.choice([0.0, 0.3])
        self.fresh = rng.random(cells) < 0.5
        self.point = rng.integers(0, 5_000, cells).astype(np.float32)
        self.point[self.withheld] = 9.5
        self.point[~self.present] = 0
        hidden = self.withheld & self.present
        self.low = np.where(hidden, 0, self.point).astype(np.float32)
        self.high = np.where(hidden, 19, self.point).astype(np.float32)

    def plan(self) -> Spread:
        return prepare(self.entry, self.tile, self.share, self.tiles)

    def people(self, plan: Spread | None = None) -> TilePeople:
        return people(
            plan or self.plan(),
            low=self.low,
            point=self.point,
            high=self.high,
            present=self.present,
            fresh=self.fresh,
            withheld=self.withheld,
        )


def oracle(case: Case) -> list[dict[str, float]]:
    """Spell out the definition, tile by tile and cell by cell."""
    rows = []
    for tile in range(case.tiles):
        mine = [
            (e, s) for e, t, s in zip(case.entry, case.tile, case.share, strict=True) if t == tile
        ]
        there = [(e, s) for e, s in mine if case.present[e]]
        usual, known = sum(s for _, s in mine), sum(s for _, s in there)
        ratio = known / usual if usual else 0.0
        scale = 1 / ratio if ratio >= 0.5 else np.nan
        hidden = [(e, s) for e, s in there if case.withheld[e]]
        point = sum(s * float(case.point[e]) for e, s in there)
        part = sum(s * float(case.point[e]) for e, s in hidden)
        rows.append(
            {
                "low": scale * sum(s * float(case.low[e]) for e, s in there),
                "point": scale * point,
                "high": scale * sum(s * float(case.high[e]) for e, s in there),
                "present_ratio": ratio,
                "fresh": any(case.fresh[e] for e, _ in there),
                "withheld_ratio": (part / point if point else 1.0) if hidden else 0.0,
                "withheld": bool(hidden),
            }
        )
    return rows


def same(one: TilePeople, other: TilePeople) -> bool:
    """Equal to the last bit, NaN included."""
    return all(
        getattr(one, field.name).tobytes() == getattr(other, field.name).tobytes()
        for field in fields(TilePeople)
    )


seeds = st.integers(0, 2**32 - 1)


@given(seeds)
def test_the_kernel_agrees_with_the_definition(seed: int) -> None:
    case = Case(seed)
    seen = case.people()
    for tile, want in enumerate(oracle(case)):
        for name, value in want.items():
            got = getattr(seen, name)[tile]
            np.testing.assert_allclose(got, value, rtol=1e-6, atol=0, err_msg=name)


@given(seeds)
def test_low_is_at_most_point_is_at_most_high(seed: int) -> None:
    seen = Case(seed).people()
    known = ~np.isnan(seen.point)
    assert np.array_equal(known, ~np.isnan(seen.low))
    assert np.array_equal(known, ~np.isnan(seen.high))
    assert np.all(seen.low[known] <= seen.point[known])
    assert np.all(seen.point[known] <= seen.high[known])


@given(seeds)
def test_a_withheld_cell_is_never_a_zero(seed: int) -> None:
    case = Case(seed)
    case.present[:] = True
    case.withheld[:] = True
    case.low[:], case.point[:], case.high[:] = 0, 9.5, 19
    seen = case.people()
    touched = np.bincount(case.tile, minlength=case.tiles) > 0
    assert np.array_equal(seen.withheld, touched)
    assert np.all(seen.high[touched] > seen.low[touched])
    assert np.all(seen.point[touched] > 0)
    assert np.all(seen.withheld_ratio[touched] == 1)


def test_zero_of_zero_is_wholly_withheld_only_if_something_is() -> None:
    case = Case(1)
    case.present[:] = True
    case.point[:] = case.low[:] = case.high[:] = 0
    case.withheld[:] = False
    assert not case.people().withheld_ratio.any()
    case.withheld[:] = True
    assert np.array_equal(case.people().withheld_ratio, case.people().withheld)


@given(seeds)
def test_a_missing_cell_says_nothing_whatever_else_is_said_of_it(seed: int) -> None:
    case = Case(seed)
    before = case.people()
    case.fresh |= ~case.present
    case.withheld |= ~case.present
    assert same(before, case.people())


@given(seeds)
def test_people_are_conserved_when_every_cell_reports(seed: int) -> None:
    case = Case(seed)
    case.present[:] = True
    case.low = case.high = case.point
    inside = np.bincount(case.entry, case.share, case.point.size)
    on_tiles = case.people().point.astype(np.float64)
    touched = np.bincount(case.tile, minlength=case.tiles) > 0
    outside = ((1 - inside) * case.point).sum()
    np.testing.assert_allclose(
        on_tiles[touched].sum() + outside, case.point.sum(dtype=np.float64), rtol=1e-6
    )


@given(seeds, st.integers(1, 12))
def test_where_strips_are_cut_changes_no_bit(seed: int, size: int) -> None:
    case = Case(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spread, "STRIP_PAIRS", size)
        cut = case.plan()
    assert [strip.tiles for strip in case.plan().strips] == [case.tiles]
    assert sum(strip.tiles for strip in cut.strips) == case.tiles
    assert same(case.people(), case.people(cut))


@given(seeds)
def test_a_tile_gets_the_same_bits_with_and_without_its_neighbours(seed: int) -> None:
    case = Case(seed)
    whole = case.people()
    for tile in range(case.tiles):
        mine = case.tile == tile
        alone = prepare(case.entry[mine], case.tile[mine] - tile, case.share[mine], 1)
        seen = case.people(alone)
        for field in fields(TilePeople):
            one, all_ = getattr(seen, field.name), getattr(whole, field.name)
            assert one.tobytes() == all_[tile : tile + 1].tobytes()


@given(seeds)
def test_the_identity_tiling_takes_a_shorter_way_to_the_same_bits(seed: int) -> None:
    case = Case(seed, cells=9)
    case.entry = np.random.default_rng(seed).permutation(9).astype(np.int32)
    case.tile, case.share = np.arange(9, dtype=np.int32), np.ones(9)
    case.point[0] = case.low[0] = case.high[0] = -0.0
    plan = case.plan()
    assert plan.identity
    assert same(case.people(plan), case.people(replace(plan, identity=False)))


def test_only_whole_cells_one_a_tile_are_an_identity() -> None:
    one = np.ones(2)
    assert prepare(np.array([1, 0]), np.array([0, 1]), one, 2).identity
    assert not prepare(np.array([1, 0]), np.array([0, 1]), one / 2, 2).identity
    assert not prepare(np.array([1, 0]), np.array([0, 0]), one, 1).identity
    assert not prepare(np.array([1, 0]), np.array([0, 1]), one, 3).identity


@given(seeds)
def test_one_call_says_the_same_as_a_prepared_spread(seed: int) -> None:
    case = Case(seed)
    seen = spread_counts(
        case.entry,
        case.tile,
        case.share,
        case.tiles,
        counts_low=case.low,
        counts_point=case.point,
        counts_high=case.high,
        present=case.present,
        fresh=case.fresh,
        withheld=case.withheld,
    )
    assert same(seen, case.people())


def test_below_half_of_its_coverage_a_tile_is_blind_and_at_half_it_is_not() -> None:
    case = Case(0)
    case.tiles = 1
    case.tile, case.entry = np.zeros(2, np.int32), np.array([0, 1], np.int32)
    case.point[:2] = case.low[:2] = case.high[:2] = 100, 0
    case.present[:2], case.withheld[:2] = (True, False), False
    case.share = np.array([0.25, 0.25])
    assert case.people().point.tolist() == [50.0]
    case.share = np.array([0.25, 0.2500001])
    blind = case.people()
    assert np.isnan([blind.low, blind.point, blind.high]).all()
    assert 0.49 < blind.present_ratio[0] < density.PRESENT_MIN_RATIO


def test_what_the_step_returns_cannot_be_changed() -> None:
    case = Case(3)
    for seen in (case.people(), Case(3, cells=9).people()):
        for field in fields(TilePeople):
            assert not getattr(seen, field.name).flags.writeable


rings = st.integers(1, 20).flatmap(
    lambda hops: st.lists(
        st.lists(
            st.one_of(st.just(float("nan")), st.floats(0, 1e6, width=32)),
            min_size=hops,
            max_size=hops,
        ),
        min_size=1,
        max_size=5,
    )
)


def as_ring(columns: list[list[float]]) -> NDArray[np.float32]:
    return np.array(columns, np.float32).T.copy()


@given(rings)
def test_the_rolling_mean_is_of_the_present_hops_and_needs_half_of_them(
    columns: list[list[float]],
) -> None:
    mean = rolling(as_ring(columns))
    for value, column in zip(mean.tolist(), columns, strict=True):
        known = [hop for hop in column if not np.isnan(hop)]
        if 2 * len(known) < len(column):
            assert np.isnan(value)
        else:
            want = np.float32(sum(known) / len(known))
            assert value == want, "the same sum, one hop after the other"


@given(rings)
def test_the_rolling_mean_of_a_tile_does_not_depend_on_its_neighbours(
    columns: list[list[float]],
) -> None:
    ring = as_ring(columns)
    alone = [rolling(ring[:, i : i + 1].copy()) for i in range(ring.shape[1])]
    assert np.concatenate(alone).tobytes() == rolling(ring).tobytes()
