"""What a candidate asks for because people left: level 1 at most, with no memory.

A place that empties at a stroke may be an evacuation, a flight, or a signal that fails; a desk has
to look, and nothing of it says how bad it is. So a drop raises the lowest level and no other,
and only where the count is believed: known, seen well, nothing withheld. To be kept, once raised,
it need not be believed any more: a place that goes on to empty is withheld in the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alerts.levels import DROP, Judged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.candidate import Candidates
    from alerts.spec import AlertSpec

__all__ = ["asked", "kept", "missing"]


def asked(spec: AlertSpec, seen: Candidates, *, threshold: float) -> Judged:
    """Return where a drop raises a level; what is unknown (NaN) asks for nothing.

    threshold: score of the budget; infinity = nowhere.
    """
    return _judged((seen.drop >= threshold) & (seen.fewer >= spec.min_people))


def kept(spec: AlertSpec, seen: Candidates, *, threshold: float) -> Judged:
    """Return where the lower thresholds keep it, whether or not the count is believed."""
    scale = spec.lower_ratio
    enough = (seen.fewer >= spec.min_people * scale) | (missing(seen) >= spec.min_people * scale)
    return _judged((seen.drop >= threshold * scale) & enough)


def missing(seen: Candidates) -> NDArray[np.float64]:
    """Return by how many even the most there can be lie under the expected; NaN = unknown."""
    return seen.expected.astype(np.float64) - seen.high


def _judged(odd: NDArray[np.bool_]) -> Judged:
    return Judged(level=odd.astype(np.int8), why=np.where(odd, np.uint16(DROP), np.uint16(0)))
