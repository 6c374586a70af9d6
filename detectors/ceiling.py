"""The ceiling: absolute people per walkable m2, valid with no history at all.

Four rungs from blue to red. Red looks at the newest density, because crushes build in minutes;
the lower rungs look at the rolling value, which one odd reading cannot lift. Occupancy, the
share of a known capacity, raises to yellow or red as well. Rungs after Fruin (1993) and the
crowd-safety practice of 2 to 5 people per m2.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detectors.contract import Tiles

RUNGS_PER_M2: Final = (2.0, 3.0, 4.0, 5.0)
OCCUPANCY_RUNGS: Final = (0.8, 1.0)
BLUE, YELLOW, ORANGE, RED = 1, 2, 3, 4


def rungs(
    density: Tiles,
    rolling: Tiles,
    occupancy: Tiles,
    *,
    rungs_per_m2: ArrayLike = RUNGS_PER_M2,
    occupancy_rungs: tuple[float, float] = OCCUPANCY_RUNGS,
    scale: float = 1.0,
) -> NDArray[np.int8]:
    """Return the rung of each tile, 0 to 4; shape (tiles,).

    density, rolling: people per walkable m2, newest and over the window. occupancy: share of
    capacity. NaN = unknown, which is on no rung. rungs_per_m2: ascending, shape (4,) or
    (tiles, 4); lower them for places with bad exits. occupancy_rungs: yellow and red.
    scale: all thresholds times this; 0.85 asks whether a tile is still near its rung.

    >>> newest, rolling = np.array([5.5, np.nan, 0]), np.array([1, 3.5, 0])
    >>> rungs(newest, rolling, np.array([np.nan, np.nan, 0.9]))
    array([4, 2, 2], dtype=int8)
    """
    marks = np.asarray(rungs_per_m2, np.float64) * scale
    yellow, red = occupancy_rungs[0] * scale, occupancy_rungs[1] * scale
    reached = np.zeros(np.shape(density), np.int8)
    reached[rolling >= marks[..., 0]] = BLUE
    reached[(rolling >= marks[..., 1]) | (occupancy >= yellow)] = YELLOW
    reached[rolling >= marks[..., 2]] = ORANGE
    reached[(density >= marks[..., 3]) | (occupancy >= red)] = RED
    return reached
