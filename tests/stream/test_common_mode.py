"""Laws of common mode: what a feed does to itself is held, what a crowd does is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.contract import Verdict
from stream.common_mode import HELD_MS_MAX, Movement, added, has_sunk, is_suspect, movement

if TYPE_CHECKING:
    from collections.abc import Sequence

HOP_MS = 600_000


@st.composite
def movements(draw: st.DrawFn) -> Movement:
    tiles = draw(st.integers(0, 1000))
    jumped, rising = draw(st.integers(0, tiles)), draw(st.integers(0, tiles))
    people, usual = draw(st.integers(0, 10**9)), draw(st.integers(0, 10**9))
    heard = draw(st.integers(tiles, 1000))
    sunk, low = draw(st.integers(0, heard)), draw(st.integers(0, heard))
    counted = Movement(tiles=tiles, jumped=jumped, rising=rising, people=people, usual=usual)
    return msgspec.structs.replace(counted, heard=heard, sunk=sunk, low=low)


@given(st.lists(movements(), min_size=1, max_size=8))
def test_parts_add_up_in_any_order_and_grouping(parts: list[Movement]) -> None:
    whole = added(parts)
    assert added(parts[::-1]) == whole
    middle = len(parts) // 2
    pair = [added([Movement(), *parts[:middle]]), added(parts[middle:])]
    assert added(pair) == whole


def after(hops: Sequence[Movement]) -> list[bool]:
    since, seen = -1, []
    for number, hop in enumerate(hops):
        suspect = is_suspect(since, hop, number * HOP_MS)
        since = (since if since >= 0 else number * HOP_MS) if suspect else -1
        seen.append(suspect)
    return seen


@given(st.lists(movements(), max_size=30))
def test_one_crowd_never_makes_a_feed_suspect(hops: list[Movement]) -> None:
    few = [Movement(tiles=one.tiles, jumped=int(0.3 * one.tiles), rising=one.tiles) for one in hops]
    assert not any(after(few))


def test_a_feed_is_suspect_from_the_jump_until_its_alarms_have_drained() -> None:
    jump = Movement(tiles=20, jumped=12, rising=14)
    high = Movement(tiles=20, jumped=0, rising=9)
    calm = Movement(tiles=20, jumped=0, rising=2)
    assert after([calm, jump, high, high, calm, high]) == [False, True, True, True, False, False]


@given(st.lists(movements(), max_size=30))
def test_a_feed_sinks_as_it_jumps_the_other_way_round(hops: list[Movement]) -> None:
    since, seen = -1, []
    for number, hop in enumerate(hops):
        turned = Movement(heard=hop.tiles, sunk=hop.jumped, low=hop.rising)
        sunk = has_sunk(since, turned, number * HOP_MS)
        since = (since if since >= 0 else number * HOP_MS) if sunk else -1
        seen.append(sunk)
    assert seen == after(hops)


def test_a_zero_that_is_not_believed_sinks_with_the_others() -> None:
    zero, one = np.zeros(3, np.float32), np.ones(3, np.float32)
    verdict = Verdict(
        expected=one * 50,
        spread=one,
        z=np.array([-8, -3, -1], np.float32),
        score=zero,
        known=np.ones(3, np.bool_),
        sightings=np.zeros(3, np.int32),
        blind=np.array([True, False, False]),
        near=zero,
        near_excess=zero,
        drop=np.array([5, 0.5, 1], np.float32),
        sure=np.zeros(3, np.bool_),
        standing_min=zero,
    )
    seen = movement(np.ones(3, np.bool_), np.array([0, 9, 40], np.float32), zero, verdict)
    assert (seen.heard, seen.sunk, seen.low) == (3, 2, 3)


def test_silence_does_not_clear_a_feed() -> None:
    jump = Movement(tiles=20, jumped=12, rising=14)
    assert after([jump, Movement(), Movement()]) == [True, True, True]


def test_a_lasting_change_is_held_for_a_day_at_most() -> None:
    jump, high = Movement(tiles=20, jumped=20, rising=20), Movement(tiles=20, rising=20)
    held = after([jump, *([high] * 200)])
    assert sum(held) == HELD_MS_MAX // HOP_MS
    assert not held[-1]


@pytest.mark.parametrize("tiles", range(8))
def test_few_tiles_have_nothing_in_common(tiles: int) -> None:
    assert not is_suspect(-1, Movement(tiles=tiles, jumped=tiles, rising=tiles), HOP_MS)


def test_scores_of_a_hop_are_counted_where_they_can_be_judged() -> None:
    zero = np.zeros(5, np.float32)
    verdict = Verdict(
        expected=np.full(5, 10, np.float32),
        spread=zero + 1,
        z=np.array([4, 4, 4, 4, 0], np.float32),
        score=np.array([0, 0, 0, 0, 1.5], np.float32),
        known=np.array([True, False, True, True, True]),
        sightings=np.zeros(5, np.int32),
        blind=np.array([False, False, True, False, False]),
        near=zero,
        near_excess=zero,
        drop=zero,
        sure=np.ones(5, np.bool_),
        standing_min=zero,
    )
    point = np.array([40, 40, 40, np.nan, 12], np.float32)
    seen = movement(np.ones(5, np.bool_), point, zero, verdict)
    assert seen == Movement(tiles=2, jumped=1, rising=2, people=52, usual=20, heard=3)
