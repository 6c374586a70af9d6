"""Quick filling: three short hops in a row that are all far above the usual.

A place that doubles within a quarter of an hour is to be told within twenty minutes; a mean over
twenty minutes has seen too little of it by then. The least of the last three scaled residuals
needs no mean: one wild reading does not move it, three in a row are no chance. With hops of ten
minutes and more three of them are half an hour, and the surge is as fast.
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
    divisor: float = 1.2
    most: float = 40.0


def step(spec: QuickSpec, rows: Rows, scaled: Tiles, *, moving: Mask) -> Tiles:
    """Return the least of the last three scaled residuals over the divisor; shape (tiles,)."""
    least: Tiles = np.minimum(scaled, rows.scaled_1)
    np.minimum(least, rows.scaled_2, out=least)
    least = clamp(least, -np.inf, spec.most)
    put(rows.scaled_2, rows.scaled_1, moving)
    put(rows.scaled_1, scaled, moving)
    least /= np.float32(spec.divisor)
    return least
