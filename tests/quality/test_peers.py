"""The peers get a fair hearing: they score before they learn, and see a crowd that is plain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.quality.labelled import Counts, array_set, loaded
from tests.quality.peers import poisson_scores, robust_scores, spans_above, sweep_scores
from tests.quality.river_peers import gaussian_scores, predictive_scores, tree_scores
from tests.quality.scoring import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tests.quality.labelled import LabelledSet

    Scorer = Callable[[Counts], NDArray[np.float64]]

HOUR = 3_600_000
MONDAY = 1_767_571_200_000  # 2026-01-05 00:00 UTC
WEEKS = 5
ALL = (poisson_scores, robust_scores, gaussian_scores, tree_scores, predictive_scores)


def counts_of(cells: int = 1) -> Counts:
    hops = WEEKS * 168
    day = 60 + 40 * np.sin(2 * np.pi * np.arange(hops) / 24)
    table = np.random.default_rng(3).poisson(np.repeat(day[:, None], cells, axis=1))
    return Counts(
        cells=tuple("ab"[:cells]),
        start_ms=MONDAY + np.arange(hops, dtype=np.int64) * HOUR,
        period_ms=HOUR,
        count=table.astype(np.float64),
        tz="UTC",
    )


def set_of(counts: Counts) -> LabelledSet:
    settings = loaded("UTC", "none", "feeds.file.period_s=3600")
    return array_set("made", counts, places=None, loaded=settings, feed="file")


def test_slots_of_the_week_begin_on_monday_and_follow_the_local_clock() -> None:
    start_ms = MONDAY + np.array([0, HOUR, 25 * HOUR], np.int64)
    one = Counts(
        cells=("a",), start_ms=start_ms, period_ms=HOUR, count=np.zeros((3, 1)), tz="Europe/Rome"
    )
    assert one.slot_of_week().tolist() == [2, 4, 52]


@pytest.mark.parametrize("scorer", ALL)
def test_what_comes_later_changes_no_score(scorer: Scorer) -> None:
    counts = counts_of()
    before = scorer(counts)
    middle = len(counts.count) // 2
    counts.count[middle + 1 :] *= 7.0
    assert np.array_equal(scorer(counts)[: middle + 1], before[: middle + 1])


@pytest.mark.parametrize("scorer", [poisson_scores, robust_scores])
def test_a_plain_crowd_has_the_highest_score_after_the_first_weeks(scorer: Scorer) -> None:
    counts = counts_of(cells=2)
    crowd = 4 * 168 + 30
    counts.count[crowd, 1] += 150.0
    scores = scorer(counts)
    late = scores[3 * 168 :]
    assert divmod(int(np.argmax(late)), 2) == (crowd - 3 * 168, 1)


@pytest.mark.parametrize("scorer", [poisson_scores, robust_scores])
def test_what_never_came_scores_nothing_and_is_not_learnt(scorer: Scorer) -> None:
    counts, gaps = counts_of(), counts_of()
    gaps.count[400:405] = np.nan
    assert (scorer(gaps)[400:405] == 0.0).all()
    assert np.isfinite(scorer(gaps)).all()
    assert np.array_equal(scorer(gaps)[:400], scorer(counts)[:400])


def test_runs_above_a_mark_become_spans_of_their_tile() -> None:
    counts = counts_of(cells=2)
    scores = np.zeros((len(counts.count), 2))
    scores[[0, 1, 5], 0] = 3.0
    scores[-1, 1] = 3.0
    spans = spans_above(set_of(counts), counts, scores, 2.0)
    end = len(scores)
    assert [
        ((one.opened_ms - MONDAY) // HOUR, (one.closed_ms - MONDAY) // HOUR, set(one.tiles))
        for one in spans
    ] == [(1, 2, {0}), (6, 6, {0}), (end, end, {1})]
    assert spans_above(set_of(counts), counts, scores, 3.0) == []


def test_the_marks_of_a_sweep_fall_and_come_from_after_the_warm_up() -> None:
    counts = counts_of()
    scores = robust_scores(counts)
    scores[:100] = 1e6
    swept = sweep_scores(set_of(counts), counts, scores, warm_ms=MONDAY + 14 * DAY_MS)
    marks = [mark for mark, _ in swept]
    assert marks == sorted(marks, reverse=True)
    assert marks[0] < 1e6
