"""When a forecast reaches a number of people, and how likely it is to be there within the hour.

The way ahead is straight between now and the horizons. Likelihoods take the outcome as normal on
either side of the forecast, each side as wide as its end of the interval says; the normal
integral after Zelen and Severo (1964), in Abramowitz and Stegun 26.2.17, good to 1e-7.
"""

from typing import Final

import numpy as np

from detectors.contract import Tiles
from detectors.exact import Floats, exp
from detectors.forecast import Ahead

# A normal value exceeds this many standard deviations in a tenth of the cases.
TENTH_SD: Final = 1.2815515655446004
# An interval without width is taken this many people wide, so that nothing divides by zero.
SD_MIN: Final = 1e-3
# Beyond this the tail is below 1e-15, and its square still fits.
SD_MAX: Final = 8.0
_ROOT_TWO_PI: Final = 2.5066282746310002
_T: Final = 0.2316419
_TERMS: Final = (1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.319381530)


def minutes_until(
    people: Tiles, target: Tiles, *, now: Tiles, horizons_min: tuple[float, ...]
) -> Tiles:
    """Return minutes until the forecast reaches the target, shape (tiles,).

    people: forecast per horizon, (horizons, tiles); now, target: people. 0 where the target is
    reached already, infinity where it is not within the last horizon, or nothing is known.

    >>> two = np.array([[20.0], [30.0]], np.float32)
    >>> ten = np.array([10.0], np.float32)
    >>> minutes_until(two, ten + 15, now=ten, horizons_min=(30.0, 60.0))
    array([45.], dtype=float32)
    """
    found = np.where(now >= target, np.float32(0.0), np.float32(np.inf))
    start, since = now, 0.0
    for row, minutes in zip(people, horizons_min, strict=True):
        crosses = np.isinf(found) & (start < target) & (row >= target)
        rise = np.where(crosses, row - start, np.float32(1.0))
        share = np.where(crosses, target - start, np.float32(0.0)) / rise
        np.copyto(found, since + share * np.float32(minutes - since), where=crosses)
        start, since = row, minutes
    return found


def chance(ahead: Ahead, target: Tiles) -> Tiles:
    """Return how likely the target is reached at some horizon at least, shape (tiles,), 0 to 1.

    The most likely of the horizons counts: being there now and then in between is not added.
    NaN where there is no forecast.

    >>> one = np.full((3, 1), 100.0, np.float32)
    >>> far = Ahead(people=one, low=one - 10, high=one + 10)
    >>> chance(far, np.array([110.0], np.float32)).round(3)
    array([0.1], dtype=float32)
    """
    gap = target.astype(np.float64) - ahead.people
    wide = np.where(gap > 0.0, ahead.high - ahead.people, ahead.people - ahead.low)
    at_horizons = tail(gap / np.maximum(wide / TENTH_SD, SD_MIN))
    best: Tiles = np.where(np.isnan(gap), np.nan, at_horizons).max(axis=0).astype(np.float32)
    return best


def tail(z: Floats) -> Floats:
    """Return the share of a normal distribution above z; NaN gives a half.

    >>> tail(np.array([-1.0, 0.0, 1.2815515655446004])).round(6)
    array([0.841345, 0.5     , 0.1     ])
    """
    size = np.minimum(np.abs(np.nan_to_num(z)), SD_MAX)
    t = 1.0 / (1.0 + _T * size)
    total = np.zeros_like(size)
    for term in _TERMS:
        total += term
        total *= t
    above = exp(size * size * -0.5) / _ROOT_TWO_PI * total
    return np.where(z < 0.0, 1.0 - above, above)
