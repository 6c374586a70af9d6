"""The law of pacing: each record at its own time, whatever the work on others took."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.pace import Pace


@given(
    st.lists(st.integers(0, 10_000_000), min_size=1, max_size=20).map(sorted),
    st.sampled_from([1.0, 60.0, 600.0]),
    st.floats(0.0, 3.0),
)
def test_no_delay_adds_up(at_ms: list[int], speed: float, slow_s: float) -> None:
    now = [100.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    pace = Pace(speed, clock=lambda: now[0], sleep=sleep)
    for one in at_ms:
        due_s = 100.0 + (one - at_ms[0]) / 1000 / speed
        before = now[0]
        pace.wait(one)
        assert now[0] == pytest.approx(max(before, due_s))
        now[0] += slow_s  # the work on a record takes its time
