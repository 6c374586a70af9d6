"""Calibration of a forecast: how often its interval held, how far it was off, baseline beside it.

A plain count of what came true, for reports; it changes nothing. Each forecast is kept until its
outcome is counted, and only tiles whose outcome was seen and believed count.
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detectors.contract import Mask, Tiles
from detectors.forecast import Ahead


@dataclass(slots=True, kw_only=True)
class Horizon:
    """What became of the forecasts of one horizon; sums over tiles and hops.

    outcomes: forecasts compared. held, below, above: outcomes inside the interval, under, over.
    off, off_baseline: absolute errors of the forecast and of the baseline, people.
    width: of the intervals, people.
    """

    minutes: float
    outcomes: int = 0
    held: int = 0
    below: int = 0
    above: int = 0
    off: float = 0.0
    off_baseline: float = 0.0
    width: float = 0.0

    @property
    def held_ratio(self) -> float:
        """Share of outcomes inside the interval; NaN before the first."""
        return self.held / self.outcomes if self.outcomes else float("nan")

    @property
    def error_ratio(self) -> float:
        """Mean absolute error over that of the baseline; NaN before the first."""
        return self.off / self.off_baseline if self.off_baseline else float("nan")

    @property
    def mean_error(self) -> float:
        """Mean absolute error, people; NaN before the first."""
        return self.off / self.outcomes if self.outcomes else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pending:
    """One horizon's forecast of one hop, until its outcome is known."""

    people: Tiles
    low: Tiles
    high: Tiles
    baseline: Tiles


@dataclass(slots=True, kw_only=True)
class Calibration:
    """Counts of all horizons. hop_min: minutes of a hop; horizons_min: whole hops, ascending."""

    hop_min: float
    horizons_min: tuple[float, ...]
    horizons: list[Horizon] = field(init=False)
    _pending: list[deque[_Pending]] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing counted; ValueError for a horizon that is no whole hops."""
        odd = [minutes for minutes in self.horizons_min if minutes % self.hop_min]
        if odd:
            raise ValueError(f"horizons {odd} are not whole hops of {self.hop_min} min")
        self.horizons = [Horizon(minutes=minutes) for minutes in self.horizons_min]
        self._pending = [deque() for _ in self.horizons_min]

    def hop(self, point: Tiles, believed: Mask, *, ahead: Ahead, expected: Tiles) -> None:
        """Count the outcomes of this hop and keep its forecasts; once a hop, hops without gaps.

        point: people, NaN = missing. believed: the point may judge a forecast. expected: people
        the baseline expects at each horizon, shape (horizons, tiles).
        """
        for row, (horizon, pending) in enumerate(zip(self.horizons, self._pending, strict=True)):
            if len(pending) == round(horizon.minutes / self.hop_min):
                _count(horizon, pending.popleft(), point, believed & np.isfinite(point))
            pending.append(
                _Pending(
                    people=ahead.people[row].copy(),
                    low=ahead.low[row].copy(),
                    high=ahead.high[row].copy(),
                    baseline=expected[row].copy(),
                )
            )


def _count(horizon: Horizon, was: _Pending, point: Tiles, seen: Mask) -> None:
    """Compare one kept forecast with its outcome, where there was a forecast."""
    at = np.flatnonzero(seen & np.isfinite(was.people))
    came = point[at].astype(np.float64)
    low, high = was.low[at], was.high[at]
    below, above = int((came < low).sum()), int((came > high).sum())
    horizon.outcomes += at.size
    horizon.below += below
    horizon.above += above
    horizon.held += at.size - below - above
    horizon.off += _sum(np.abs(came - was.people[at]))
    horizon.off_baseline += _sum(np.abs(came - was.baseline[at]))
    horizon.width += _sum(high.astype(np.float64) - low)


def _sum(values: NDArray[np.float64]) -> float:
    """Return the sum in the order of the tiles, as Python adds."""
    return float(sum(values.tolist()))
