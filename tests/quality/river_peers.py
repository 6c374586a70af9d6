"""Detectors of the library river on one series: GaussianScorer, HalfSpaceTrees, PredictiveAD.

They take one reading at a time and are slow, so they are run where there is one cell. None knows
which way a count left the usual: a score counts only where the count lies above the running
median of its half hour, the same help for all.
"""

from __future__ import annotations

from math import cos, isnan, pi, sin
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np
from river.anomaly import GaussianScorer, HalfSpaceTrees, PredictiveAnomalyDetection
from river.compose import Pipeline
from river.preprocessing import MinMaxScaler
from river.time_series import HoltWinters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tests.quality.labelled import Counts

__all__ = ["gaussian_scores", "predictive_scores", "tree_scores"]

_SLOTS_OF_DAY: Final = 48
_WEEKEND: Final = 5 * _SLOTS_OF_DAY  # first slot of the week that is Saturday's
_DAY_MS: Final = 86_400_000
_UNUSUAL_NOT: Final = -9.0  # below every score


def gaussian_scores(counts: Counts) -> NDArray[np.float64]:
    """Return river's Gaussian score, one scorer for each half hour and kind of day."""
    scorers: dict[tuple[int, bool], GaussianScorer] = {}
    scores = np.zeros(len(counts.count))
    for hop, (key, x) in enumerate(_series(counts)):
        scorer = scorers.setdefault(key, GaussianScorer(window_size=None, grace_period=3))
        if not isnan(x):
            scores[hop] = scorer.score_one({}, x)
            scorer.learn_one({}, x)
    return _rises(counts, scores)


def tree_scores(counts: Counts) -> NDArray[np.float64]:
    """Return river's half-space trees over the count and the time of day and week."""
    trees = HalfSpaceTrees(seed=42, n_trees=25, height=8, window_size=250)
    model = Pipeline(MinMaxScaler(), trees)
    scores = np.zeros(len(counts.count))
    turn = 2 * pi * counts.slot_of_week() / (7 * _SLOTS_OF_DAY)
    for hop, ((_, x), week) in enumerate(zip(_series(counts), turn.tolist(), strict=True)):
        day = 7 * week
        if not isnan(x):
            features = {"x": x, "a": sin(day), "b": cos(day), "c": sin(week), "d": cos(week)}
            scores[hop] = model.score_one(features)
            model.learn_one(features)
    return _rises(counts, scores)


def predictive_scores(counts: Counts) -> NDArray[np.float64]:
    """Return river's predictive score over a Holt-Winters model with a daily season."""
    season = _DAY_MS // counts.period_ms
    winters = HoltWinters(
        alpha=0.1, beta=0.001, gamma=0.2, seasonality=season, multiplicative=False
    )
    model = PredictiveAnomalyDetection(winters, horizon=1, n_std=3.0, warmup_period=0)
    scores = np.zeros(len(counts.count))
    for hop, (_, x) in enumerate(_series(counts)):
        if not isnan(x):
            if hop > 3 * season:
                scores[hop] = model.score_one({}, x)
            model.learn_one({}, x)
    return _rises(counts, scores)


def _series(counts: Counts) -> Sequence[tuple[tuple[int, bool], float]]:
    """Return (half hour of the day, weekend) and count of each hop of the only cell."""
    slots = counts.slot_of_week().tolist()
    series = counts.count[:, 0].tolist()
    return [
        ((slot % _SLOTS_OF_DAY, slot >= _WEEKEND), x) for slot, x in zip(slots, series, strict=True)
    ]


def _rises(counts: Counts, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep the scores of counts above the median of what their half hour showed before."""
    kept = np.full((len(scores), 1), _UNUSUAL_NOT)
    past: dict[tuple[int, bool], list[float]] = {}
    for hop, (key, x) in enumerate(_series(counts)):
        seen = past.setdefault(key, [])
        if isnan(x):
            continue
        if not seen or x > median(seen):
            kept[hop, 0] = scores[hop]
        seen.append(x)
    return kept
