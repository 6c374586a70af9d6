"""Censored: what a withheld count most likely was, given that it lies in its interval.

Below the privacy floor an operator tells no count, only that it lies between two ends. A tile that
learnt from what is told alone would learn nothing of its quiet hours but their crowds, and expect
them: the mean of those counts that pass the floor. So the profile learns the mean of a normal count
around what was due, cut off at the upper end: the step of Dempster, Laird and Rubin (1977), J. R.
Stat. Soc. B 39:1-38, for the model of Tobin (1958), Econometrica 26:24-36. Once what is due lies
well under the end, nothing more is learnt. The hazard of the normal is the closed form of Boyd
(1959), Rep. Stat. Appl. Res. 6:44-46, good to 6 % of a spread, and needs a square root only.
"""

from typing import Final

import numpy as np

from detectors.contract import Observation, Tiles
from detectors.exact import at_least
from detectors.scored import Due

_PI: Final = 3.141592653589793


def likely(seen: Observation, due: Due) -> Tiles:
    """Return the likely count of each tile, people, within low and high; NaN where these are."""
    over = due.expected - seen.high
    over /= due.spread
    found: Tiles = due.expected - at_least(_hazard(over), 0.0) * due.spread
    np.minimum(found, seen.high, out=found)
    return np.maximum(found, seen.low, out=found)


def _hazard(over: Tiles) -> Tiles:
    """Return the density over the tail of a unit normal, from `over` on; below 0 far under it.

    >>> _hazard(np.array([-1.0, 0.0, 3.0], np.float32)).round(2)
    array([0.24, 0.8 , 3.26], dtype=float32)
    """
    root = over * over
    root *= np.float32((_PI - 2.0) ** 2)
    root += np.float32(2.0 * _PI)
    np.sqrt(root, out=root)
    root += np.float32(2.0) * over
    root /= np.float32(_PI)
    return root
