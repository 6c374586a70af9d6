"""The city of one hop: its day curve, and by how much all places are fuller than due.

A warm evening moves all tiles at once, and those that live on days off more so. Two numbers say
it, th0 + th1 g with g the log of a tile's days off over its working days: a ridge regression
over the panel's members, remembered for half an hour. Residuals are cut at 2.5 sd (Huber, 1964,
Ann. Math. Stat. 35:73), so that one crowd is not the city. All sums run in member order.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.contract import Mask, Tiles
from detectors.exact import Floats, clamp, decay
from detectors.slots import KINDS, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class CitySpec:
    """Settings of the city's factor.

    members_min: with fewer members the factor stays 1; raise it if few cells do not speak for
        the city.
    ridge: member-equivalents that say nothing happens; raise it if the factor follows noise.
    memory_min: span of the factor; raise it if it jumps, lower it if it comes too late.
    cut: residuals count up to this many sd; lower it if crowds move the whole city.
    kept_ratio: what is kept when the kind of day changes: `like a day off` then means something
        else; raise it if days off flow into one another.
    least, most: limits of the factor; narrow them if one odd feed moves the city.
    days_max: memory of the day curve in days; lower it to follow seasons.
    """

    members_min: int = 8
    ridge: float = 60.0
    memory_min: float = 30.0
    cut: float = 2.5
    kept_ratio: float = 0.05
    least: float = 0.2
    most: float = 3.0
    days_max: int = 20


# People added to the expected, and limits of the relative residual: none is below nobody.
SOFT_PEOPLE: Final = 3.0
RESIDUAL_MIN: Final = -1.0
RESIDUAL_MAX: Final = 1.5
# Least variance of a relative residual, so that one very calm member is not the city.
NOISE_MIN: Final = 0.01
SIZE_MIN: Final = 1e-9
# Names of the pooled figures: sums of weight, weight g, weight g g; of weight r, weight r g; and
# the kind of day they hold for, -1 before the first.
FIGURES: Final = ("w", "wg", "wgg", "wr", "wrg", "kind")


@dataclass(slots=True, kw_only=True, eq=False)
class CityPool:
    """What is pooled over the members, float64. curve, days: (3, slots). figures: as `FIGURES`."""

    curve: Floats
    days: Floats
    figures: Floats


def empty_pool(slots: int) -> CityPool:
    """Return the pool of a city nobody has seen."""
    figures = np.zeros(len(FIGURES))
    figures[-1] = -1.0
    return CityPool(curve=np.zeros((KINDS, slots)), days=np.zeros((KINDS, slots)), figures=figures)


def summed(values: NDArray[np.floating]) -> float:
    """Return the sum in index order, one addition after the other.

    >>> summed(np.array([1.0, 2.0]))
    3.0
    """
    return float(np.cumsum(values, dtype=np.float64)[-1]) if values.size else 0.0


def curve_mean(pool: CityPool) -> float:
    """Return the mean of the day curve over all slots seen, 0 before the first."""
    seen = pool.curve[pool.days > 0.0]
    return summed(seen) / len(seen) if len(seen) else 0.0


def curve_at(pool: CityPool, kind: int, slot: int) -> float:
    """Return the curve at a slot centre: of this kind, else of others there, of all, else 1."""
    days = pool.days[:, slot]
    if days[kind] > 0.0:
        return float(pool.curve[kind, slot])
    there = pool.curve[days > 0.0, slot]
    if len(there):
        return summed(there) / len(there)
    return curve_mean(pool) if pool.days.any() else 1.0


def factor(spec: CitySpec, whole: float, off: float, day_off: Tiles) -> Tiles:
    """Return the factor of the moment of each tile; day_off: its log ratio, shape (tiles,)."""
    return clamp(np.float32(1.0 + whole) + np.float32(off) * day_off, spec.least, spec.most)


def solve(spec: CitySpec, pool: CityPool) -> tuple[float, float]:
    """Return (whole, off) by Cramer's rule on the two ridge equations; zeros before the first."""
    w, wg, wgg, wr, wrg, _ = (float(x) for x in pool.figures)
    first, last = w + spec.ridge, wgg + spec.ridge
    size = first * last - wg * wg
    return (wr * last - wrg * wg) / size, (first * wrg - wg * wr) / size


def move(
    spec: CitySpec,
    pool: CityPool,
    place: Place,
    *,
    count: Tiles,
    expected: Tiles,
    variance: Tiles,
    day_off: Tiles,
    used: Mask,
    hop_min: float,
) -> None:
    """Move the factor by one hop of the members; it drains where none of them can be used.

    count, expected: people, shape (members,). variance: relative to (expected + 3 people)^2.
    """
    if pool.figures[-1] != place.kind:
        pool.figures *= spec.kept_ratio
        pool.figures[-1] = place.kind
    whole, off = solve(spec, pool)
    g = day_off.astype(np.float64)
    scale = expected.astype(np.float64) + SOFT_PEOPLE
    known = np.where(used, count, expected).astype(np.float64)
    raw = clamp((known - expected) / scale, RESIDUAL_MIN, RESIDUAL_MAX)
    foretold, limit = whole + off * g, spec.cut * np.sqrt(variance.astype(np.float64))
    residual = foretold + clamp(raw - foretold, -limit, limit)
    weight = np.where(used, 1.0 / (variance.astype(np.float64) + NOISE_MIN), 0.0)
    keep = decay(hop_min / spec.memory_min)
    now = (weight, weight * g, weight * g * g, weight * residual, weight * residual * g)
    for i, values in enumerate(now):
        pool.figures[i] = keep * pool.figures[i] + (1.0 - keep) * summed(values)


def learn(
    spec: CitySpec, pool: CityPool, place: Place, *, mean: Tiles, size: Tiles, seen: Mask
) -> float:
    """Learn the curve of the slot that ended and return it; NaN if no member saw anything.

    mean: people of each member in that slot. size: its size, people per unit of the curve.
    """
    if not seen.any():
        return float("nan")
    at = (place.kind, place.here)
    level = summed(mean[seen]) / max(summed(size[seen]), SIZE_MIN)
    pool.days[at] = min(pool.days[at] + 1.0, float(spec.days_max))
    pool.curve[at] += (level - pool.curve[at]) / pool.days[at]
    return float(pool.curve[at])
