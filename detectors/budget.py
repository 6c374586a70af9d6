"""Threshold from a false-alarm budget instead of a magic number.

Peaks of past runs above a low mark arrive at a rate and exceed it by an exponential amount;
the threshold is where the wanted rate B crosses that line: h = mark + beta ln(rate / B). Rate
and mean excess are shrunk to those of the data sets the detector was built on, so that a young
deployment starts sane. Any fixed threshold is wrong somewhere: good ones run from 1.2 to 6.
The tail model after Pickands (1975), Ann. Stat. 3:119, with shape zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from detectors.contract import SCORE_PARTS
from detectors.exact import log_scalar
from detectors.slots import DAY_MIN

_WEEK_MS: Final = 7 * DAY_MIN * 60_000
# An exponential excess cut at 2.5 times its mean keeps this share of it (1 - e^-2.5).
_CUT_MEAN_RATIO: Final = 0.918


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSpec:
    """Settings of the budget; mark as in `runs.RunSpec`.

    mark: scores above this make runs. prior_rate: runs a tile-week before any were seen, with
    the weight of `prior_weeks` tile-weeks; raise it if the first days ring.
    prior_excess: their mean excess, with the weight of `prior_peaks` peaks.
    cut: an excess counts at most this many means; lower it if real crowds raise the threshold.
    """

    mark: float = 1.0
    prior_rate: float = 4.0
    prior_weeks: float = 1.0
    prior_excess: float = 0.9
    prior_peaks: float = 6.0
    cut: float = 2.5


class BudgetState(msgspec.Struct, kw_only=True):
    """What a budget remembers: peaks seen, sum of their cut excess, tile-milliseconds watched."""

    n: int = 0
    ex: float = 0.0
    tile_ms: int = 0


DEFAULT: Final = BudgetSpec()


def spend(
    state: BudgetState,
    peaks: Iterable[float],
    tiles: int,
    hop_ms: int,
    *,
    spec: BudgetSpec = DEFAULT,
) -> None:
    """Account one hop of all tiles of the budget, in place.

    peaks: of the runs that ended in this hop, in tile order over all tiles of the budget: they
    are summed in that order and cut by the mean of before the hop, so call once a hop.
    """
    limit = spec.cut * mean_excess(state, spec=spec)
    total = 0.0
    for peak in peaks:
        total += min(float(peak) - spec.mark, limit)
        state.n += 1
    state.ex += total / _CUT_MEAN_RATIO
    state.tile_ms += tiles * hop_ms


def mean_excess(state: BudgetState, *, spec: BudgetSpec = DEFAULT) -> float:
    """Return beta: how far peaks lie above the mark on average, never zero."""
    return (state.ex + spec.prior_peaks * spec.prior_excess) / (state.n + spec.prior_peaks)


def rate(state: BudgetState, *, spec: BudgetSpec = DEFAULT) -> float:
    """Return lambda: runs a tile-week."""
    weeks = state.tile_ms / _WEEK_MS
    return (state.n + spec.prior_rate * spec.prior_weeks) / (weeks + spec.prior_weeks)


def threshold(state: BudgetState, per_tile_week: float, *, spec: BudgetSpec = DEFAULT) -> float:
    """Return h, a multiple of 1/1024, for a wanted rate of runs a tile-week (> 0).

    >>> threshold(BudgetState(), 4.0)
    1.0
    >>> threshold(BudgetState(), 1.0)
    2.248046875
    """
    if not per_tile_week > 0.0:
        raise ValueError(f"a budget needs a rate above zero, got {per_tile_week}")
    over = max(rate(state, spec=spec) / per_tile_week, 1.0)
    h = spec.mark + mean_excess(state, spec=spec) * log_scalar(over)
    return round(h * SCORE_PARTS) / SCORE_PARTS


def per_tile_week(false_alarms_per_day: float, tiles: int) -> float:
    """Return what one tile may spend a week when `tiles` share the desk's alarms of a day.

    >>> per_tile_week(1.0, 7)
    1.0
    """
    if tiles <= 0:
        raise ValueError(f"a budget needs at least one tile, got {tiles}")
    return 7.0 * false_alarms_per_day / tiles
