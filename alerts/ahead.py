"""How soon, and how likely, tiles reach the rung above their level: by their forecast.

Where a tile has a forecast it knows more than its slope: what comes usually at this hour, and how
much of what is unusual stays. Of the two the sooner is told: a forecast is made of ordinary days
and comes late where a crowd grows as none did before.

Nothing withheld is told by it: a tile that holds withheld cells has no forecast here, and desks
are told minutes in steps of 5 and likelihoods in steps of 10 % (ADR 0015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alerts.levels import BLIND, LEVEL_MAX
from alerts.next_rung import half_hour, people_at_rung
from detectors.horizons import HALF_HOUR, horizons
from detectors.reach import chance, minutes_until

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.ground import Ground
    from alerts.hold import ActiveTiles

    Float = NDArray[np.float64]

__all__ = ["by_forecast", "horizon_min"]

_NOWHERE: Final = np.float32(np.inf)


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

    ladder: rungs of each tile, shape (tiles, 4). minutes: by slope; they stand where the forecast
    is later or where there is none (there the likelihood is NaN). Infinity = never.
    """
    people = rows.figure("people").astype(np.float32)
    rung = people_at_rung(ladder, rows.level, ground.walkable_m2[rows.tile])
    ahead, known = half_hour(rows.figure)
    known &= (rows.level < LEVEL_MAX) & ((rows.why & BLIND) == 0)
    reached = minutes_until(
        ahead.people, np.where(known, rung, _NOWHERE), now=people, horizons_min=(float(horizon),)
    )
    return np.minimum(reached, minutes), np.where(known, chance(ahead, rung), np.nan)
