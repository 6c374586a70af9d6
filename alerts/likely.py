"""Where a forecast lifts a grade: on a level anyway, and the rung above it likely soon.

It raises no incident, so it costs no false alarm; it lets a desk hear of a grade before the people
are there, where the hour usually brings them or what is unusual stays. A tile that holds withheld
cells is lifted by nothing that its forecast says, for desks could work back from it (ADR 0015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.forecast import Ahead
from detectors.reach import chance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.candidate import Candidates

__all__ = ["NEVER", "likely"]

NEVER = 1.0
"""The likelihood that is asked for where no forecast is to lift anything."""


def likely(seen: Candidates, target: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return how likely each candidate holds `target` people in half an hour, 0 to 1.

    NaN where there is no forecast to go by, or it rests on withheld cells.
    """
    ahead = Ahead(
        people=seen.ahead_30[None], low=seen.ahead_30_low[None], high=seen.ahead_30_high[None]
    )
    whole = seen.told_people == seen.people
    known: NDArray[np.float32] = np.where(
        whole & np.isfinite(seen.ahead_30), chance(ahead, target.astype(np.float32)), np.nan
    ).astype(np.float32)
    return known
