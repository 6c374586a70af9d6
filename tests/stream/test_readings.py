"""Laws of identity: a set of readings decides, never the order in which they came."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stream.readings import ACCEPTED, CONFLICT, DUPLICATE, LATE, Arrived, FeedTimes, Readings

if TYPE_CHECKING:
    from random import Random

PERIOD, AGE = 60, 120
ENTRIES, BLOCKS = 4, 2
HOME = np.array([True, True, True, False])
BLOCK = np.array([0, 0, 1, 1])

one_reading = st.tuples(
    st.integers(0, ENTRIES - 1),  # entry
    st.integers(1, 3).map(lambda n: n * PERIOD),  # interval end
    st.integers(0, 2),  # seq
    st.sampled_from([-1.0, 0.0, 1.0, 7.0]),  # value, -1 withheld
)
groups = st.lists(st.lists(one_reading, max_size=12), min_size=1, max_size=3)
Reading = tuple[int, int, int, float]
Version = tuple[int, float]


def merged(hops: list[list[Reading]]) -> Readings:
    """Let the readings of group i act from hop 180 + 60 i."""
    readings = Readings(
        (FeedTimes(period_ms=PERIOD, max_age_ms=AGE),), home=HOME, block=BLOCK, blocks=BLOCKS
    )
    for number, group in enumerate(hops):
        hop = 180 + number * 60
        for entry, end, seq, value in group:
            arrived = Arrived(
                feed=0,
                end_ms=end,
                seq=seq,
                entry=np.array([entry], np.int32),
                value=np.array([value], np.float32),
                doubted_by=0 if end > hop else -1,
            )
            readings.arrive(arrived, from_hop_ms=hop)
        readings.judge(0, limit_ms=hop)
        readings.close(hop)
    return readings


def naive(
    hops: list[list[Reading]],
) -> tuple[dict[tuple[int, int], tuple[int, float]], Counter[object]]:
    """Say the same with sets: best of (seq, value) per key, every reading one fate."""
    best: dict[tuple[int, int], tuple[int, float]] = {}
    fates: Counter[object] = Counter()
    for number, group in enumerate(hops):
        hop = 180 + number * 60
        late = [r for r in group if r[1] + AGE < hop]
        ours: dict[tuple[int, int], list[tuple[int, float]]] = {}
        for entry, end, seq, value in group:
            if end + AGE >= hop:
                ours.setdefault((entry, end), []).append((seq, value))
        for entry, *_ in late:
            fates[LATE] += bool(HOME[entry])
        for key, versions in ours.items():
            top = max(versions)
            fates += _fates(versions, top, best.get(key), home=bool(HOME[key[0]]))
            best[key] = max(top, best.get(key, top))
    return best, fates


def _fates(
    versions: list[tuple[int, float]],
    top: tuple[int, float],
    kept: tuple[int, float] | None,
    *,
    home: bool,
) -> Counter[object]:
    fates: Counter[object] = Counter()
    for version, times in Counter(versions).items():
        wins = version == top and (kept is None or version > kept)
        if wins:
            fates[ACCEPTED] += 1
            fates[DUPLICATE] += times - 1
        elif version == kept:
            fates[DUPLICATE] += times
        else:
            fates[DUPLICATE] += times - 1
            fates[CONFLICT] += 1
    return fates if home else Counter()


@given(groups)
def test_the_highest_seq_wins_then_the_larger_count(hops: list[list[Reading]]) -> None:
    """Current values and all fates are those of the set-based oracle."""
    readings, (best, fates) = merged(hops), naive(hops)
    got = Counter(dict(enumerate(readings.fates.sum(axis=(0, 1)).tolist())))
    assert +got == +fates
    for entry in range(ENTRIES):
        ends = [end for cell, end in best if cell == entry]
        newest = max(ends, default=-1)
        assert readings.newest_ms[0, entry] == newest
        if ends:
            assert readings.newest[0, entry] == best[entry, newest][1]


@given(groups, st.randoms(use_true_random=False))
def test_shuffling_within_a_hop_changes_no_bit(hops: list[list[Reading]], chance: Random) -> None:
    """Neither values nor counters know in which order readings came (law 3)."""
    shuffled = [chance.sample(group, len(group)) for group in hops]
    one, other = merged(hops), merged(shuffled)
    for name in ("end_ms", "seq", "value", "newest_ms", "newest", "fates", "fresh"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name


@given(groups)
def test_repeating_everything_changes_only_the_duplicates(hops: list[list[Reading]]) -> None:
    """Every reading twice: same values, same accepted and conflicts."""
    one, twice = merged(hops), merged([group + group for group in hops])
    assert one.newest.tobytes() == twice.newest.tobytes()
    for fate in (ACCEPTED, CONFLICT):
        assert one.fates[..., fate].sum() == twice.fates[..., fate].sum()


@given(groups)
def test_every_reading_has_exactly_one_fate(hops: list[list[Reading]]) -> None:
    """Accounting balances over home entries (law 5)."""
    sent = sum(bool(HOME[entry]) for group in hops for entry, *_ in group)
    assert merged(hops).fates.sum() == sent


def test_a_correction_replaces_but_is_not_fresh() -> None:
    """A corrected value must not be learnt twice."""
    readings = merged([[(0, 180, 0, 1.0)], [(0, 180, 1, 7.0)]])
    assert readings.newest[0, 0] == 7.0
    assert not readings.fresh[0, 0]


def test_a_number_beats_withheld() -> None:
    """Of equal seq the one that says more wins, in both orders."""
    assert merged([[(0, 180, 0, -1.0), (0, 180, 0, 0.0)]]).newest[0, 0] == 0.0
    assert merged([[(0, 180, 0, 0.0), (0, 180, 0, -1.0)]]).newest[0, 0] == 0.0
