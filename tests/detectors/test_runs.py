"""Laws of runs: they end after an hour below the mark, and only gated hops count."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.runs import RunSpec, advance
from detectors.state import BaselineState
from tests import naive_detectors as naive


def ends(
    scores: list[float], gates: list[bool], hop_min: float, held: list[bool] | None = None
) -> list[tuple[int, float]]:
    state = BaselineState.empty(1, 1)
    rows, found = state.rows().alarm(), []
    for hop, (score, gate) in enumerate(zip(scores, gates, strict=True)):
        rows.score[0] = score
        tiles, peaks = advance(
            RunSpec(),
            rows,
            gate=np.array([gate]),
            held=np.array([held[hop] if held else False]),
            hop_min=hop_min,
        )
        found += [(hop, float(peak)) for _, peak in zip(tiles, peaks, strict=True)]
    return found


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 1.0, 1.5, 3.0, 7.25]), st.booleans()), max_size=80),
    st.sampled_from([5.0, 10.0, 20.0, 30.0, 60.0, 90.0]),
)
def test_runs_agree_with_the_naive_ones(hops: list[tuple[float, bool]], hop_min: float) -> None:
    scores, gates = [s for s, _ in hops], [g for _, g in hops]
    assert ends(scores, gates, hop_min) == naive.runs(scores, gates, hop_min)


def test_alarms_closer_than_an_hour_are_one_run() -> None:
    scores = [3.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0]
    assert ends(scores, [True] * 8, 20.0) == [(7, 5.0)]


def test_the_peak_is_that_of_the_hops_that_could_have_alarmed() -> None:
    scores = [3.0, 7.0, 4.0, 0.5, 0.5, 0.5, 0.5]
    gates = [True, False, True, False, False, False, False]
    assert ends(scores, gates, 30.0) == [(5, 4.0)]


def test_a_peak_counts_only_if_the_gate_held_above_the_mark() -> None:
    scores = [3.0, 0.5, 0.5, 0.5, 0.5]
    assert ends(scores, [True, False, False, False, False], 30.0) == [(3, 3.0)]
    assert ends(scores, [False, True, True, True, True], 30.0) == []


def test_a_held_score_opens_no_run_and_grows_quiet() -> None:
    scores, gates = [3.0] * 6, [True] * 6
    assert ends(scores, gates, 30.0, held=[True] * 6) == []
    assert ends(scores, gates, 30.0, held=[False] + [True] * 5) == [(3, 3.0)]


def test_ended_tiles_are_ascending_and_forgotten() -> None:
    state = BaselineState.empty(5, 1)
    rows = state.rows().alarm()
    none, every = np.zeros(5, np.bool_), np.ones(5, np.bool_)
    rows.score[...] = [0.0, 4.0, 2.0, 0.0, 9.0]
    advance(RunSpec(), rows, gate=every, held=none, hop_min=61.0)
    rows.score[...] = 0.0
    tiles, peaks = advance(RunSpec(), rows, gate=none, held=none, hop_min=61.0)
    assert (tiles.tolist(), peaks.tolist()) == ([1, 2, 4], [4.0, 2.0, 9.0])
    again, _ = advance(RunSpec(), rows, gate=none, held=none, hop_min=61.0)
    assert again.tolist() == []


@pytest.mark.parametrize("hop_min", [5.0, 30.0])
def test_a_calm_tile_becomes_still(hop_min: float) -> None:
    state = BaselineState.empty(1, 1)
    none = np.zeros(1, np.bool_)
    images = []
    for _ in range(40):
        advance(RunSpec(), state.rows().alarm(), gate=none, held=none, hop_min=hop_min)
        images.append(state.hot_bytes(0, 1))
    assert len(set(images[20:])) == 1
