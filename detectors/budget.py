"""Threshold from a false-alarm budget instead of a magic number.

Runs of scores above a low mark have peaks. How many reach a height a week is counted in bins, and
what was counted is mixed with what the data sets gave that the detector was built on: peaks above
the mark arrive at a rate and exceed it by an exponential amount. The threshold is the lowest
height that is reached no more often than wanted, between two bins by their quotient. So a young
deployment starts sane, a small budget can be asked for, and an old one knows its own tail, whatever
its shape. Any fixed threshold is wrong somewhere: good ones run from 1.2 to 6. The exponential tail
after Pickands (1975), Ann. Stat. 3:119, with shape zero.

One crowd makes runs on many adjoining tiles, and a desk hears of one incident. So a run counts only
at heights that no run around it reached within the last hours: at every height the count is, but
for rare bridges, the number of joined groups of runs that reach it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from detectors.exact import exp, exp_scalar, log_scalar
from detectors.slots import DAY_MIN

_WEEK_DAYS: Final = 7
_WEEK_MS: Final = _WEEK_DAYS * DAY_MIN * 60_000
BINS_A_UNIT: Final = 8
# Between two counted heights the count falls by a constant factor; thresholds lie on steps of so
# many in an eighth, so that no last bit of a logarithm decides.
STEPS_A_BIN: Final = 16
# Most incidents that a desk can be owed, and how many of them, or a day's promise if that is more,
# allow as many runs once more. So what a calm month saves is spent by ten incidents, be the day
# after it ever so wild.
OWED_MAX: Final = 10.0
OWED_EACH: Final = 5.0
BINS: Final = 160
# Runs on adjoining tiles that end within this are of one crowd: its edge empties before its core.
JOINED_MS: Final = 3 * 3_600_000
_HEIGHTS: Final = np.arange(BINS) / BINS_A_UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSpec:
    """Settings of the budget; mark as in `runs.RunSpec`.

    mark: scores above this make runs. prior_rate: runs a tile-week before any were seen; raise it
    if the first days ring. prior_excess: how far they lie above the mark on average.
    prior_weeks: what that weighs, in tile-weeks; prior_days: and at least so many days of all
    tiles, or a fleet would believe its first calm hour.
    """

    mark: float = 1.0
    prior_rate: float = 2.0
    prior_excess: float = 1.1
    prior_weeks: float = 10.0
    prior_days: float = 2.1


class BudgetState(msgspec.Struct, kw_only=True):
    """What a budget remembers: peaks seen, and tile-milliseconds watched.

    n: how many runs ended. bins: their peaks by eighths above the mark, the last one with all that
    lay higher, less what runs around them had reached before: summed from the top they count the
    groups that reach a height. recent: runs that ended within the last `JOINED_MS`: when, on which
    tile, and the eighth their peak lay in.
    """

    n: int = 0
    tile_ms: int = 0
    bins: list[int] = msgspec.field(default_factory=lambda: [0] * BINS)
    recent: list[tuple[int, int, int]] = msgspec.field(default_factory=list)


DEFAULT: Final = BudgetSpec()


class Runs(NamedTuple):
    """Runs of one layer that ended with a hop: city-wide tiles, each once, and their peaks."""

    tiles: Sequence[int]
    peaks: Sequence[float]


def spend(
    state: BudgetState,
    ended: Runs,
    beside: NDArray[np.int32],
    *,
    hop_ms: int,
    watched_ms: int,
    spec: BudgetSpec = DEFAULT,
) -> None:
    """Account one hop of all tiles of the budget, in place.

    beside: tiles around each tile of the city, -1 = none; shape (tiles, 8). hop_ms: its end.
    watched_ms: time of all tiles that could have alarmed; one that warms up or is missing watches
    nothing.
    """
    state.tile_ms += watched_ms
    state.recent = [one for one in state.recent if one[0] > hop_ms - JOINED_MS]
    if not ended.tiles:
        return
    reached: dict[int, int] = {}
    for _, tile, eighth in state.recent:
        reached[tile] = max(eighth, reached.get(tile, -1))
    for eighth, tile in _highest_first(ended, spec):
        before = max(reached.get(around, -1) for around in beside[tile].tolist())
        state.n += 1
        if eighth > before:
            state.bins[eighth] += 1
            if before >= 0:
                state.bins[before] -= 1
        reached[tile] = max(eighth, reached.get(tile, -1))
        state.recent.append((hop_ms, tile, eighth))


def _highest_first(ended: Runs, spec: BudgetSpec) -> list[tuple[int, int]]:
    """Return the eighth above the mark and the tile of each run, by falling eighth, then tile."""
    eighths = [min(int((float(peak) - spec.mark) * BINS_A_UNIT), BINS - 1) for peak in ended.peaks]
    tiles = [int(tile) for tile in ended.tiles]
    return sorted(zip(eighths, tiles, strict=True), key=lambda one: (-one[0], one[1]))


def rates(state: BudgetState, *, tiles: int, spec: BudgetSpec = DEFAULT) -> NDArray[np.float64]:
    """Return how many groups of runs a tile-week reach the mark and each eighth above it.

    Shape (BINS,).


    >>> rates(BudgetState(), tiles=1)[:2].round(3)
    array([2.   , 1.785])
    """
    weeks = state.tile_ms / _WEEK_MS
    prior = max(spec.prior_weeks, spec.prior_days * tiles / _WEEK_DAYS)
    reached = np.cumsum(np.array(state.bins[::-1], np.int64))[::-1]
    expected = prior * spec.prior_rate * exp(-_HEIGHTS / spec.prior_excess)
    found: NDArray[np.float64] = (reached + expected) / (weeks + prior)
    return found


def threshold(
    state: BudgetState, per_tile_week: float, *, tiles: int, spec: BudgetSpec = DEFAULT
) -> float:
    """Return h, a multiple of 1/128, for a wanted rate of runs a tile-week (> 0).

    It is never above the last bin: a score that nothing ever reached is enough.

    >>> threshold(BudgetState(), 2.0, tiles=1)
    1.0
    >>> threshold(BudgetState(), 1.0, tiles=1)
    1.765625
    """
    if not per_tile_week > 0.0:
        raise ValueError(f"a budget needs a rate above zero, got {per_tile_week}")
    counted = rates(state, tiles=tiles, spec=spec)
    rare = np.flatnonzero(counted <= per_tile_week)
    number = float(rare[0]) if rare.size else BINS - 1.0
    if rare.size and number > 0.0:
        above, here = float(counted[rare[0] - 1]), float(counted[rare[0]])
        part = log_scalar(above / per_tile_week) / log_scalar(above / here)
        number += math.ceil(part * STEPS_A_BIN) / STEPS_A_BIN - 1.0
    return spec.mark + number / BINS_A_UNIT


def rate_at(counted: Sequence[float], score: float, *, mark: float) -> float:
    """Return how often a tile-week a score is reached: the rate whose threshold it is, or below it.

    counted: as of `rates`. score: at least the mark; beyond the last bin it is that of the last.

    >>> rate_at([4.0, 2.0, 0.5], 1.1875, mark=1.0)
    1.0
    """
    step = int((score - mark) * BINS_A_UNIT * STEPS_A_BIN)
    number, part = divmod(min(step, (len(counted) - 1) * STEPS_A_BIN), STEPS_A_BIN)
    if not part:
        return counted[number]
    fall = counted[number + 1] / counted[number]
    return counted[number] * exp_scalar(log_scalar(fall) * (part / STEPS_A_BIN))


def owing(owed: float, *, due: float, told: int) -> float:
    """Return how many incidents a desk is owed: promised and not yet told of, `OWED_MAX` at most.

    due: incidents promised for the time that went by, in which tiles could have alarmed. told: of
    how many the desk heard in it. What it heard beyond the promise is not taken away later: the
    counted tail sees to that.

    >>> owing(1.5, due=0.25, told=0), owing(1.5, due=0.25, told=3), owing(10.0, due=0.25, told=0)
    (1.75, 0.25, 10.0)
    """
    return min(max(owed - told, 0.0) + due, OWED_MAX)


def relaxed(owed: float, *, per_day: float) -> float:
    """Return how many times as many runs are allowed where a desk is owed incidents.

    A run in one layer is one in the other, too, and a city grows calmer than its counted past.
    per_day: incidents promised a day; a desk of many is owed some after every quiet night, and
    its threshold must not follow the clock.

    >>> [relaxed(owed, per_day=1.0) for owed in (0.0, 2.5, 10.0)]
    [1.0, 1.5, 3.0]
    >>> relaxed(10.0, per_day=40.0)
    1.25
    """
    return 1.0 + owed / max(OWED_EACH, per_day)


def per_tile_week(false_alarms_per_day: float, tiles: int) -> float:
    """Return what one tile may spend a week when `tiles` share the desk's alarms of a day.

    >>> per_tile_week(1.0, 7)
    1.0
    """
    if tiles <= 0:
        raise ValueError(f"a budget needs at least one tile, got {tiles}")
    return 7.0 * false_alarms_per_day / tiles
