"""Level of the last days: a Kalman filter on how far a tile stands above or below its profile.

Weather, holidays and slow growth move a tile for days; without the level every such day would
alarm. It is never frozen during alarms (then alarms lock in) but bounded: one hop moves it by
at most 1.5 sd of the innovation, and hops a few minutes apart count as correlated.
After Kalman (1960), J. Basic Eng. 82:35-45; the clip as in Huber (1964), Ann. Math. Stat. 35:73.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.contract import Tiles
from detectors.exact import at_least, clamp, decay
from detectors.masked import put
from detectors.scored import Scored
from detectors.state import Rows

# Readings closer than this tell little new about days; their noise is inflated in proportion.
CORRELATED_MIN: Final = 30.0
# The level stays between e^-1.5 and e^1: beyond, the profile itself is wrong and relearns.
LEVEL_MIN: Final = -1.5
LEVEL_MAX: Final = 1.0
NOISE_MIN: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSpec:
    """Settings of the level.

    prior_sd: relative scatter of a tile's days around its profile; raise it in restless places.
    memory_h: hours after which a third of the level is left; 8 h would eat the build-up itself.
    inflation: how much less a reading tells than an independent one; raise it if crowds leak in.
    clip: innovations count up to this many sd; lower it if crowds lift the level.
    """

    prior_sd: float = 0.12
    memory_h: float = 72.0
    inflation: float = 2.0
    clip: float = 1.5


def variance(spec: LevelSpec, rows: Rows) -> Tiles:
    """Return the relative variance of the level, shape (tiles,)."""
    return rows.level_var + np.float32(spec.prior_sd * spec.prior_sd)


def step(spec: LevelSpec, rows: Rows, scored: Scored, noise: Tiles, *, hop_min: float) -> None:
    """Move the level by one hop. noise: variance of the count relative to base squared.

    Where nothing can be learnt the level drifts back to 0, where nothing moves it stays.
    """
    unsure = variance(spec, rows)
    inflated = at_least(noise, NOISE_MIN)
    inflated *= spec.inflation * max(1.0, CORRELATED_MIN / hop_min)
    gain = unsure / (unsure + inflated)
    limit = inflated
    limit /= spec.inflation
    limit += unsure
    np.sqrt(limit, out=limit)
    limit *= spec.clip
    miss: Tiles = scored.point / scored.due.base
    miss -= scored.due.factor
    miss = clamp(miss, -limit, limit)
    gain *= scored.good & scored.taught
    keep = decay(hop_min / 60.0 / spec.memory_h)
    miss *= gain
    miss += rows.level
    miss *= keep
    put(rows.level, clamp(miss, LEVEL_MIN, LEVEL_MAX), scored.moving)
    gain *= unsure
    left = np.subtract(rows.level_var, gain, out=gain)
    left *= keep * keep
    put(rows.level_var, left, scored.moving)
