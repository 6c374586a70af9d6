"""Slow build-up: a one-sided, leaky cumulative sum of standardised residuals per tile.

Catches a place that fills a little more than usual for a long time, which no single hop would
betray. After Page (1954), Biometrika 41:100-115; the leak lets alarms end.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.contract import Tiles
from detectors.exact import at_least, clamp, decay

# A hop of this many minutes counts whole; shorter ones in proportion, so hops of any length agree.
WHOLE_HOP_MIN: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildUpSpec:
    """Settings of the build-up detector.

    slack: residuals below this many spreads are forgiven; raise it if drizzle alarms.
    leak_min: minutes after which a third of the sum is left; lower it if alarms outlive the crowd.
    clip: beyond it a reading counts little, which keeps single spikes quiet.
    over: how much of what lies beyond the clip counts; without it all large crowds score the same,
        and a desk with many of them could not be told of the largest.
    most: what lies beyond this does not count at all.
    """

    slack: float = 0.75
    leak_min: float = 90.0
    clip: float = 4.0
    over: float = 0.1
    most: float = 24.0


def step(spec: BuildUpSpec, total: Tiles, z: Tiles, *, hop_min: float) -> Tiles:
    """Advance the sums by one hop; z = 0 (nothing to say) lets them drain.

    total, z: shape (tiles,), unitless. Returns shape (tiles,).

    >>> step(BuildUpSpec(), np.zeros(2, np.float32), np.array([3, 0], np.float32), hop_min=30.0)
    array([2.25, 0.  ], dtype=float32)
    """
    push = clamp(z, -spec.clip, spec.clip)
    if spec.over:
        beyond = clamp(z, spec.clip, spec.most)
        beyond -= np.float32(spec.clip)
        beyond *= np.float32(spec.over)
        push += beyond
    push -= spec.slack
    push *= min(hop_min / WHOLE_HOP_MIN, 1.0)
    push += decay(hop_min / spec.leak_min) * total
    return at_least(push, 0.0)
