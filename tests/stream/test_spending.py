"""Laws of the desk's budget as it is spent: counted exactly, told when broken, not more often."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stream.incident_state import IncidentState
from stream.spending import DAY_MS, account, spent_since


def told(desk: str, kind: str, *reasons: str) -> Any:  # noqa: ANN401 - stands in for an alert
    return SimpleNamespace(desk=desk, kind=kind, data=SimpleNamespace(reasons=list(reasons)))


UNUSUAL = told("police", "raised", "baseline_ratio")
OTHERS = (
    told("fire", "raised", "baseline_ratio"),
    told("police", "updated", "baseline_ratio"),
    told("police", "raised", "density", "baseline_ratio"),
    told("police", "raised", "occupancy"),
)


def fresh() -> IncidentState:
    return IncidentState.empty(sources=2, feeds=1)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3)), max_size=40))
def test_only_what_was_opened_for_being_unusual_is_counted_for_a_week(
    hops: list[tuple[int, int]],
) -> None:
    state, at_ms, opened = fresh(), 0, []
    for hours, incidents in hops:
        at_ms += (hours + 1) * 3_600_000
        opened += [at_ms] * incidents
        account(state, [UNUSUAL] * incidents + list(OTHERS), hop_ms=at_ms, promised_per_day=1.0)
    assert state.spent_ms == [one for one in opened if one > at_ms - 7 * DAY_MS]
    assert spent_since(state, at_ms - DAY_MS) == sum(one > at_ms - DAY_MS for one in opened)


def test_a_week_far_over_its_promise_is_told_once_a_day() -> None:
    state, news = fresh(), []
    for hour in range(48):
        found = account(state, [UNUSUAL], hop_ms=hour * 3_600_000, promised_per_day=1.0)
        news += [] if found is None else [found]
    assert [one.hop_ms // 3_600_000 for one in news] == [14, 38]
    assert (news[0].spent, news[0].allowed) == (15, 7.0)


def test_a_handful_over_a_tiny_promise_is_chance() -> None:
    state = fresh()
    found = [account(state, [UNUSUAL], hop_ms=n * 60_000, promised_per_day=0.01) for n in range(5)]
    assert [one is not None for one in found] == [False] * 4 + [True]
