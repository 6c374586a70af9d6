"""Laws of the level that one hop asks for."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alerts.candidate import Candidates
from alerts.ground import Site
from alerts.levels import NOTHING_UNUSUAL, REASONS, Limits, judge, people_on_sites, rungs
from alerts.spec import AlertSpec
from tests import naive_alerts
from tests.alerts.scenario import crowd, grid

SPEC = AlertSpec()


def asked(seen: Candidates, *, scale: float = 1.0, threshold: float = 3.0) -> list[int]:
    ground = grid(1, 64)
    found = judge(
        SPEC,
        ground,
        seen,
        ladder=rungs(SPEC, ground)[seen.tile],
        occupancy=np.full(len(seen), np.nan),
        limits=Limits(own=threshold, near=threshold),
        scale=scale,
    )
    return [int(level) for level in found.level]


eighths = st.integers(0, 56).map(lambda n: n / 8)  # exact in float32, so the oracle agrees
tiles = st.fixed_dictionaries(
    {
        "density": eighths | st.just(np.nan),
        "rolling": eighths | st.just(np.nan),
        "low": st.integers(0, 8000).map(float) | st.just(np.nan),
        "expected": st.integers(2, 2000).map(float) | st.just(np.nan),
        "score": st.integers(0, 10240).map(lambda n: n / 1024) | st.just(np.nan),
        "slope": st.integers(-500, 500).map(float) | st.just(np.nan),
        "near": st.integers(0, 10240).map(lambda n: n / 1024) | st.just(np.nan),
        "near_excess": st.integers(-500, 2000).map(float) | st.just(np.nan),
    }
)


RISING = ("density", "rolling", "low", "score", "slope", "near", "near_excess")


def candidate(tile: dict[str, float]) -> Candidates:
    return Candidates.of(
        tile=np.zeros(1, np.int32),
        slope_per_min=np.array([tile["slope"]], np.float32),
        **{k: np.array([v], np.float32) for k, v in tile.items() if k != "slope"},
    )


@given(tiles)
def test_levels_are_those_of_plain_ifs(tile: dict[str, float]) -> None:
    assert asked(candidate(tile)) == [naive_alerts.level(**tile, threshold=3.0)]


@given(
    tiles,
    st.sampled_from(RISING),
    eighths,
)
def test_more_of_anything_never_asks_for_less(
    tile: dict[str, float], name: str, more: float
) -> None:
    fuller = tile | {name: tile[name] + more * (100 if name in {"low", "slope"} else 1)}
    assert asked(candidate(fuller)) >= asked(candidate(tile)) or np.isnan(tile[name])


@given(tiles)
def test_what_is_unknown_never_raises(tile: dict[str, float]) -> None:
    level = asked(candidate(tile))
    for name in tile:
        assert asked(candidate(tile | {name: np.nan})) <= level or name == "expected"


@given(tiles)
def test_lower_thresholds_never_ask_for_less(tile: dict[str, float]) -> None:
    assert asked(candidate(tile), scale=0.85) >= asked(candidate(tile))


@given(tiles)
def test_filling_fast_lifts_by_one_at_most_and_nothing_from_the_ground(
    tile: dict[str, float],
) -> None:
    still = asked(candidate(tile | {"slope": 0.0}))[0]
    level = asked(candidate(tile))[0]
    assert still <= level <= still + (1 if still else 0)


def test_nothing_is_unusual_without_the_excess_that_matters() -> None:
    small = crowd({0: 0.15}, expected=60.0, score={0: 9.0})
    assert asked(small) == [0]
    assert asked(crowd({0: 0.16}, expected=60.0, score={0: 9.0})) == [1]


def test_occupancy_of_a_site_raises_all_its_candidates() -> None:
    ground = grid(1, 3, sites=[Site(name="pier", capacity=500.0, tiles=2)], site_of={0: 0, 1: 0})
    seen = crowd({0: 0.3, 1: 0.1, 2: 0.9})
    full = people_on_sites(ground, seen.tile, seen.people.astype(np.float64)) / 500.0
    assert full.tolist() == [0.8]
    found = judge(
        SPEC,
        ground,
        seen,
        ladder=rungs(SPEC, ground)[seen.tile],
        occupancy=np.append(full, np.nan)[ground.site[seen.tile]],
        limits=Limits(own=3.0),
    )
    assert found.level.tolist() == [2, 2, 0]


def test_a_site_may_bring_its_own_rungs() -> None:
    ground = grid(1, 2, sites=[Site(name="stairs", rungs=(0.5, 1, 1.5, 2))], site_of={1: 0})
    assert rungs(SPEC, ground).tolist() == [[2, 3, 4, 5], [0.5, 1, 1.5, 2]]


def test_a_tile_is_told_why_it_is_unusual_alone_or_with_those_around() -> None:
    ground = grid(1, 4)
    seen = crowd(
        dict.fromkeys(range(4), 0.5),
        score={0: 4.0, 1: 0.0, 2: 4.0, 3: 0.0},
        near={0: 0.0, 1: 4.0, 2: 4.0, 3: 4.0},
        near_excess={0: 900.0, 1: 200.0, 2: 200.0, 3: 99.0},
        expected=200.0,
    )
    found = judge(
        SPEC,
        ground,
        seen,
        ladder=rungs(SPEC, ground)[seen.tile],
        occupancy=np.full(4, np.nan),
        limits=Limits(own=3.0, near=3.5),
    )
    codes = [[code for bit, code in REASONS if why & bit] for why in found.why.tolist()]
    assert codes == [
        ["baseline_ratio"],
        ["neighbourhood"],
        ["baseline_ratio", "neighbourhood"],
        [],
    ]
    assert found.level.tolist() == [1, 1, 1, 0]


def test_a_held_anomaly_is_one_of_neither_layer() -> None:
    seen = crowd({0: 0.5}, score={0: 9.0}, near={0: 9.0}, near_excess={0: 900.0})
    ground = grid(1, 1)
    found = judge(
        SPEC,
        ground,
        seen,
        ladder=rungs(SPEC, ground)[seen.tile],
        occupancy=np.full(1, np.nan),
        limits=NOTHING_UNUSUAL,
    )
    assert (found.level.tolist(), found.why.tolist()) == ([0], [0])


def test_activity_has_no_ladder() -> None:
    ground = grid(1, 1, unit="activity")
    found = judge(
        SPEC,
        ground,
        crowd({0: 9.0}),
        ladder=rungs(SPEC, ground),
        occupancy=np.full(1, np.nan),
        limits=Limits(own=3.0),
    )
    assert found.level.tolist() == [0]
