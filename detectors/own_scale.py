"""Own scale: how restless a tile's residuals are over an hour, so that one threshold fits all.

Some tiles drift for hours within their spread; their cumulative sums would ring all day. The
mean square of the 1-h mean of z, learnt only while that mean is negative (crowds are positive),
shrinks z in such tiles, by the square root of what it exceeds the norm.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.contract import Mask, Tiles
from detectors.exact import at_least, clamp, decay
from detectors.masked import put
from detectors.state import AlarmRows

# Residuals enter the 1-h mean within these limits.
Z_LIMIT: Final = 12.0
# One hop raises the mean square at most as if it were this many times its value.
STEP_LIMIT: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnScaleSpec:
    """Settings of the own scale.

    mean_min: span of the mean, minutes; raise it if tiles drift for longer than an hour.
    prior_hops: hops the norm counts for; lower it to trust a new tile's own calm sooner.
    hops_max: memory in hops; lower it if places change character.
    norm: root mean square that leaves z as it is; lower it if all tiles ring too often.
    least: least factor; a very calm tile is not made more sensitive than this.
    """

    mean_min: float = 60.0
    prior_hops: float = 200.0
    hops_max: float = 1000.0
    norm: float = 1.5
    least: float = 0.6


def scaled(spec: OwnScaleSpec, rows: AlarmRows, z: Tiles) -> Tiles:
    """Return z divided by the square root of the tile's own restlessness."""
    restless = np.sqrt(rows.own_var)
    restless /= spec.norm
    restless = at_least(restless, spec.least)
    root: Tiles = np.sqrt(restless, out=restless)
    return np.divide(z, root, out=root)


def step(
    spec: OwnScaleSpec, rows: AlarmRows, z: Tiles, *, good: Mask, moving: Mask, hop_min: float
) -> None:
    """Move the 1-h mean by one hop and learn its mean square where it is negative."""
    gain = 1.0 - decay(hop_min / spec.mean_min)
    mean = clamp(z, -Z_LIMIT, Z_LIMIT)
    mean -= rows.own_mean
    mean *= gain
    mean += rows.own_mean
    put(rows.own_mean, mean, moving)
    calm = good & (mean < 0.0)
    rows.own_n[...] = clamp(rows.own_n + calm, 0.0, spec.hops_max - spec.prior_hops)
    # An exponential mean of independent unit normals has variance gain / (2 - gain).
    mean *= mean
    mean /= gain / (2.0 - gain)
    change: Tiles = STEP_LIMIT * rows.own_var
    np.minimum(mean, change, out=change)
    change -= rows.own_var
    change /= rows.own_n + np.float32(spec.prior_hops)
    change += rows.own_var
    put(rows.own_var, change, calm)
