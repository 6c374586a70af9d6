"""The rung above a level: how many people it is, how soon a tile is there, how likely it will be.

Nothing withheld is told by it: a tile that holds withheld cells has no forecast here, or desks
could work back from what it lifts or says (ADR 0015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.forecast import Ahead
from detectors.reach import chance

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Figure = Callable[[str], NDArray[np.generic]]

__all__ = ["NEVER", "half_hour", "likely", "minutes_to_rung", "people_at_rung"]

NEVER: Final = 1.0
"""The likelihood that is asked for where no forecast is to lift anything."""

_FORECAST: Final = ("ahead_30", "ahead_30_low", "ahead_30_high")


def minutes_to_rung(
    ladder: NDArray[np.float64],
    level: NDArray[np.integer],
    *,
    density: NDArray[np.floating],
    slope_per_min: NDArray[np.floating],
    walkable_m2: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return minutes until the newest density reaches the rung above `level`, at this slope.

    Infinity where it never will or nothing is known, or where there is no higher rung; 0 where
    the newest density is there already and still rising. ladder: shape (tiles, 4).

    >>> minutes_to_rung(np.array([[2.0, 3.0, 4.0, 5.0]]), np.array([1], np.int8),
    ...     density=np.array([2.5]), slope_per_min=np.array([10.0]), walkable_m2=np.array([400.0]))
    array([20.])
    """
    gap = (_above(ladder, level) - density) * walkable_m2
    rising = (slope_per_min > 0) & (level < ladder.shape[1]) & np.isfinite(gap)
    minutes = np.full(level.size, np.inf)
    minutes[rising] = np.maximum(gap[rising], 0.0) / slope_per_min[rising].astype(np.float64)
    return minutes


def people_at_rung(
    ladder: NDArray[np.float64], level: NDArray[np.integer], walkable_m2: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the people at which each tile stands on the rung above `level`, the highest at most.

    >>> people_at_rung(np.array([[2.0, 3.0, 4.0, 5.0]]), np.array([1]), np.array([400.0]))
    array([1200.], dtype=float32)
    """
    people: NDArray[np.float64] = _above(ladder, level) * walkable_m2
    return people.astype(np.float32)


def half_hour(figure: Figure) -> tuple[Ahead, NDArray[np.bool_]]:
    """Return the forecast of half an hour, and where there is one that may be gone by.

    figure: a column of candidates, by its name.
    """
    people, low, high = (figure(name).astype(np.float32) for name in _FORECAST)
    whole = figure("told_people") == figure("people")
    known: NDArray[np.bool_] = whole & np.isfinite(people)
    return Ahead(people=people[None], low=low[None], high=high[None]), known


def likely(figure: Figure, target: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how likely each candidate holds `target` people in half an hour, 0 to 1.

    NaN where there is no forecast to go by. figure: as in `half_hour`.
    """
    ahead, known = half_hour(figure)
    likelihood = chance(ahead, target)
    return np.where(known, likelihood, np.nan).astype(np.float32)


def _above(ladder: NDArray[np.float64], level: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the density of the rung above `level`, of the highest where there is none."""
    above: NDArray[np.float64] = ladder[
        np.arange(level.size), np.minimum(level, ladder.shape[1] - 1)
    ]
    return above
