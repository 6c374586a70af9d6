"""Quick filling: two short hops in a row that are both far above the usual.

A place that doubles within a quarter of an hour is to be told within twenty minutes; a mean over
twenty minutes has seen too little of it by then. The lesser of the last two scaled residuals needs
no mean: one wild reading does not move it, two in a row are hardly chance. Three in a row
were no surer, and a hop later. With hops of ten minutes and more the surge is as fast.
"""

from dataclasses import dataclass

import numpy as np

from detectors.contract import Mask, Tiles
from detectors.exact import clamp
from detectors.masked import put
from detectors.state import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickSpec:
    """Settings of quick filling.

    hop_max_min: longer hops do without it.
    divisor: how much it counts against a build-up; raise it if restless feeds alarm.
    most: a scaled residual counts at most this much; beyond, a feed is wrong and not a crowd.
    """

    hop_max_min: float = 5.0
    divisor: float = 1.3
    most: float = 40.0


def step(spec: QuickSpec, rows: Rows, scaled: Tiles, *, moving: Mask) -> Tiles:
    """Return the lesser of the last two scaled residuals over the divisor; shape (tiles,)."""
    least: Tiles = np.minimum(scaled, rows.scaled_before)
    least = clamp(least, -np.inf, spec.most)
    put(rows.scaled_before, scaled, moving)
    least /= np.float32(spec.divisor)
    return least
