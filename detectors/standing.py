"""Standing: for how many minutes a place that filled has not emptied.

A crowd that flows shows as a rise that falls again; one that stands keeps its excess. A stand
begins where the excess over the expected count passes two spreads and lasts while it stays
above them and above 80 % of its own peak; a fall below that begins a new count from there.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.contract import Mask, Tiles
from detectors.exact import clamp
from detectors.masked import chosen, kept, put
from detectors.state import Rows

# Minutes are counted up to a week: beyond, nobody asks, and the sum must stay exact.
MINUTES_MAX: Final = 10_080.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingSpec:
    """Settings of the standing crowd.

    spreads: an excess of this many is a crowd; raise it if busy hours count as standing.
    kept_ratio: share of the peak that must remain; lower it if slow ebbs should still count.
    """

    spreads: float = 2.0
    kept_ratio: float = 0.8


def step(
    spec: StandingSpec, rows: Rows, excess: Tiles, spread: Tiles, *, judged: Mask, hop_min: float
) -> None:
    """Advance the minutes by one hop where a new, known, believed count came; else they stand.

    excess: people above the expected; spread: people; shape (tiles,). The first hop counts 0.
    """
    above = excess > spec.spreads * spread
    going = above & (rows.standing_peak > 0.0) & (excess >= spec.kept_ratio * rows.standing_peak)
    longer = clamp(rows.standing_min + np.float32(hop_min), 0.0, MINUTES_MAX)
    peak = chosen(going, np.maximum(rows.standing_peak, excess), excess)
    put(rows.standing_min, kept(going, longer), judged)
    put(rows.standing_peak, kept(above, peak), judged)
