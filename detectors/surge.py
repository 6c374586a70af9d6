"""Fast surge: an exponential mean over 20 minutes of standardised residuals per tile.

Catches a place that fills within minutes, before the build-up sum has grown; its clip is wide
upwards so that one overwhelming reading is enough. After Roberts (1959), Technometrics 1:239.
"""

from dataclasses import dataclass
from typing import Final

from detectors.contract import Tiles
from detectors.exact import clamp, decay

# Residuals enter between these: a deep fall must not hide the rise after it for long.
Z_MIN: Final = -8.0
Z_MAX: Final = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeSpec:
    """Settings of the surge detector.

    mean_min: span of the mean; lower it to be faster and noisier.
    divisor: how much a surge counts against a build-up; raise it if short bumps alarm.
    apart_divisor: the same where a tile is judged beside its neighbours, which leaves more noise.
    """

    mean_min: float = 20.0
    divisor: float = 1.5
    apart_divisor: float = 2.0


def step(spec: SurgeSpec, mean: Tiles, z: Tiles, *, hop_min: float) -> Tiles:
    """Advance the means by one hop; shape (tiles,), unitless.

    >>> import numpy as np
    >>> zero, nine = np.zeros(1, np.float32), np.full(1, 9, np.float32)
    >>> step(SurgeSpec(), zero, nine, hop_min=20.0).round(3)
    array([5.689], dtype=float32)
    """
    push = clamp(z, Z_MIN, Z_MAX)
    push -= mean
    push *= 1.0 - decay(hop_min / spec.mean_min)
    push += mean
    return push
