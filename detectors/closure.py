"""Closures: zeros that last so long that they are believed.

A zero where many were due is a fault of the feed: it counts against the tile (drop) and teaches
nothing. A street closed for months looks the same, and would be called blind for ever. After
three days without a single person the zeros are true: the alarm ends and the profile learns them
as they are, a day at a time, so that a street that opens again soon is not a stranger.
"""

from dataclasses import dataclass

import numpy as np

from detectors.contract import Mask, Tiles
from detectors.exact import clamp
from detectors.masked import kept, put
from detectors.state import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureSpec:
    """Settings of the closure.

    believed_h: hours of zeros in a row after which they are learnt; raise it if feeds stay dead
        for days, lower it if streets close and open by the day.
    """

    believed_h: float = 72.0


def step(spec: ClosureSpec, rows: Rows, low: Tiles, *, fresh: Mask, hop_min: float) -> Mask:
    """Count the minutes of zeros in a row; return where they have lasted. Shapes (tiles,).

    low: least people there can be. Quiet nights count too: an empty street is empty at night.
    """
    limit = np.float32(60.0 * spec.believed_h)
    longer = clamp(rows.zero_min + np.float32(hop_min), 0.0, float(limit))
    put(rows.zero_min, kept(~(low > 0.0), longer), fresh)
    return rows.zero_min >= limit
