"""Laws of what the panel said: kept as it was, for so many hops, or a line that says so."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.contract import CityNow
from stream.city_ring import HOPS, ROW_BYTES, CityRing
from stream.machine import SnapshotError

HOP_MS = 300_000


def said(number: int) -> CityNow:
    return CityNow(
        left=number / 7,
        right=number / 3,
        mean=1.0,
        whole=-0.1 * number,
        off=0.0,
        learnt=math.nan if number % 6 else number / 11,
    )


def ring_of(hops: int) -> CityRing:
    ring = CityRing()
    for number in range(hops):
        ring.keep(number * HOP_MS, said(number))
    return ring


@pytest.mark.parametrize("hops", [1, 5, HOPS, HOPS + 1, 2 * HOPS + 17])
def test_the_newest_hops_are_kept_as_they_were_said(hops: int) -> None:
    ring = ring_of(hops)
    for number in {max(hops - HOPS, 0), hops // 2, hops - 1}:
        if number >= hops - HOPS:
            assert repr(ring.at(number * HOP_MS)) == repr(said(number))
    assert len(ring.dump()) == min(hops, HOPS) * ROW_BYTES


def test_a_hop_that_is_too_old_or_still_to_come_is_one_line() -> None:
    ring = ring_of(HOPS + 1)
    for hop_ms in (0, (HOPS + 1) * HOP_MS, 17):
        with pytest.raises(SnapshotError, match=f"ends at {hop_ms} ms is not kept any more"):
            ring.at(hop_ms)


@given(st.integers(0, HOPS + 40), st.integers(0, 60))
def test_a_saved_ring_goes_on_as_if_it_had_never_stopped(before: int, after: int) -> None:
    whole, loaded = ring_of(before + after), CityRing()
    loaded.load(ring_of(before).dump())
    for number in range(before, before + after):
        loaded.keep(number * HOP_MS, said(number))
    assert loaded.dump() == whole.dump()


def test_half_a_hop_is_damaged_state() -> None:
    with pytest.raises(ValueError, match="size"):
        CityRing().load(ring_of(3).dump()[:-5])
