"""How soon, and how likely, tiles reach the rung above their level: by their forecast.

Where a tile has a forecast it knows more than its slope: what comes usually at this hour, and how
much of what is unusual stays. Within its horizon it decides; beyond, only the slope speaks.

Nothing withheld is told by it: a tile that holds withheld cells has no forecast here, and desks
are told minutes in steps of 5 and likelihoods in steps of 10 % (ADR 0015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alerts.levels import BLIND, LEVEL_MAX
from detectors.forecast import HALF_HOUR, Ahead, horizons
from detectors.reach import chance, minutes_until

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.ground import Ground
    from alerts.hold import ActiveTiles

    Float = NDArray[np.float64]

__all__ = ["by_forecast", "horizon_min"]

_NOWHERE: Final = np.float32(np.inf)
_FORECAST: Final = ("ahead_30", "ahead_30_low", "ahead_30_high")


def horizon_min(hop_s: int) -> int:
    """Return how far ahead the forecast of half an hour looks, with hops of this length.

    >>> horizon_min(300), horizon_min(3600)
    (30, 60)
    """
    return round(horizons(hop_s / 60)[HALF_HOUR])


def by_forecast(
    ground: Ground, rows: ActiveTiles, ladder: Float, minutes: Float, *, horizon: int
) -> tuple[Float, Float]:
    """Return minutes until each tile's next rung, and how likely it is there at the horizon.

    ladder: rungs of each tile, shape (tiles, 4). minutes: by slope; they stand where there is no
    forecast (there the likelihood is NaN), and beyond the horizon. Infinity = never.
    """
    people = rows.figure("people").astype(np.float32)
    above = ladder[np.arange(len(rows)), np.minimum(rows.level, LEVEL_MAX - 1)]
    rung = (above * ground.walkable_m2[rows.tile]).astype(np.float32)
    figures = [rows.figure(name).astype(np.float32) for name in _FORECAST]
    ahead = Ahead(people=figures[0][None], low=figures[1][None], high=figures[2][None])
    whole = rows.figure("told_people") == rows.figure("people")
    known = whole & (rows.level < LEVEL_MAX) & ((rows.why & BLIND) == 0)
    known &= np.isfinite(figures[0])
    reached = minutes_until(
        ahead.people, np.where(known, rung, _NOWHERE), now=people, horizons_min=(float(horizon),)
    )
    by_slope = np.where(known, np.maximum(minutes, horizon), minutes)
    until = np.where(np.isfinite(reached), reached, by_slope)
    return until, np.where(known, chance(ahead, rung), np.nan)
