"""What others would do with the same counts: a Poisson threshold and a robust z-score.

Both score before they learn and know the half hour of the week. Their threshold is swept over
their own scores after the warm-up and the best is taken at each off-list rate: a help that no
operator has, and that the product does without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.stats import poisson

from replay.labels import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tests.quality.curve import Swept
    from tests.quality.labelled import Counts, LabelledSet

__all__ = ["poisson_scores", "robust_scores", "spans_above", "sweep_scores"]

_SLOTS: Final = 336  # half hours of a week
_MEAN_MIN: Final = 0.5  # people; a slot that was always empty still has a scatter
_SIGHTINGS_MIN: Final = 2  # of a slot, before a median says anything
_MAD_TO_SD: Final = 1.4826
_THRESHOLDS: Final = 120


def poisson_scores(counts: Counts) -> NDArray[np.float64]:
    """Return -log10 of the Poisson tail at the mean of the slot of the week; 0 = never seen."""
    slots = counts.slot_of_week()
    total = np.zeros((_SLOTS, counts.count.shape[1]))
    seen = np.zeros_like(total)
    mean = np.full_like(counts.count, np.nan)
    for hop, slot in enumerate(slots):
        known = seen[slot] > 0
        mean[hop, known] = total[slot, known] / seen[slot, known]
        came = ~np.isnan(counts.count[hop])
        total[slot, came] += counts.count[hop, came]
        seen[slot] += came
    tail = poisson.logsf(counts.count - 1.0, np.maximum(mean, _MEAN_MIN)) / np.log(10.0)
    scores: NDArray[np.float64] = np.nan_to_num(-tail, nan=0.0, posinf=1e4)
    return scores


def robust_scores(counts: Counts) -> NDArray[np.float64]:
    """Return (count - median) / spread of the slot of the week; 0 = too seldom seen.

    spread: the median absolute deviation as a standard deviation, at least that of Poisson.
    """
    slots = counts.slot_of_week()
    order = np.argsort(slots, kind="stable")
    scores = np.zeros_like(counts.count)
    for slot in np.unique(slots):
        hops = order[slots[order] == slot]
        history = counts.count[hops]
        for at in range(_SIGHTINGS_MIN, len(hops)):
            scores[hops[at]] = _robust(history[at], history[:at])
    return scores


def _robust(now: NDArray[np.float64], past: NDArray[np.float64]) -> NDArray[np.float64]:
    enough = np.sum(~np.isnan(past), axis=0) >= _SIGHTINGS_MIN
    z = np.zeros(now.shape)
    if enough.any():
        middle = np.nanmedian(past[:, enough], axis=0)
        scatter = _MAD_TO_SD * np.nanmedian(np.abs(past[:, enough] - middle), axis=0)
        least = np.sqrt(np.maximum(middle, 1.0))
        z[enough] = (now[enough] - middle) / np.maximum(scatter, least)
    return np.nan_to_num(z, nan=0.0)


def sweep_scores(
    one: LabelledSet, counts: Counts, scores: NDArray[np.float64], *, warm_ms: int
) -> Swept:
    """Return what a peer raises, threshold by threshold of its own scores, highest first.

    warm_ms: scores from here on give the thresholds.
    """
    high = scores[counts.start_ms + counts.period_ms >= warm_ms]
    parts = 1.0 - np.geomspace(1.0 / high.size, 0.2, _THRESHOLDS)
    marks = np.unique(np.quantile(high, parts))[::-1]
    return tuple((mark, spans_above(one, counts, scores, mark)) for mark in marks.tolist())


def spans_above(
    one: LabelledSet, counts: Counts, scores: NDArray[np.float64], mark: float
) -> Sequence[Span]:
    """Return the runs of hops above a mark, each on the tile of its cell."""
    above = np.zeros((scores.shape[0] + 2, scores.shape[1]), np.int8)
    above[1:-1] = scores > mark
    step = np.diff(above, axis=0)
    cell, begin = np.nonzero((step == 1).T)
    _, end = np.nonzero((step == -1).T)  # both ordered by cell, then by hop: they pair up
    index = one.city.cell_index
    tiles = [
        frozenset(one.city.tiles_of(np.array([index[name]])).tolist()) for name in counts.cells
    ]
    end_ms = counts.start_ms + counts.period_ms
    return [
        Span(
            incident=f"{column}/{first}",
            opened_ms=int(end_ms[first]),
            closed_ms=int(end_ms[last - 1]),
            tiles=tiles[column],
        )
        for column, first, last in zip(cell.tolist(), begin.tolist(), end.tolist(), strict=True)
    ]
