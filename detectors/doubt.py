"""Doubt: a drop that a fault of the feed may have made is not believed until it has drained.

A zero where many were due, a withheld count and a tile that is seen in part all look like fewer
people, and an outage looks just so. They move the score of too few people, which is a sum over
hours: it would still stand high when the feed is well again, over counts a little below the
usual. So a tile that such a hop has pushed down is doubted until the score lies under the mark.
"""

from typing import Final

import numpy as np

from detectors.contract import Mask, Tiles
from detectors.masked import put
from detectors.residual import Residual
from detectors.state import Rows

UNSURE: Final = np.float32(1.0)
DOUBTED: Final = np.float32(2.0)


def step(rows: Rows, found: Residual, *, clear: Mask, moving: Mask, mark: float) -> Mask:
    """Note what the newest interval leaves in doubt, after the fall was advanced by it.

    clear: seen well, and nothing withheld. mark: scores up to it are drained, as in
    `runs.RunSpec`. Returns where a drop is believed; shapes (tiles,).
    """
    sure = found.good & clear
    doubted = (rows.drop_doubt >= DOUBTED) & (rows.drop_score > np.float32(mark))
    doubted |= ~sure & (found.z < 0.0)
    news: Tiles = np.where(doubted, DOUBTED, np.where(sure, np.float32(0.0), UNSURE))
    put(rows.drop_doubt, news, moving)
    believed: Mask = clear & (rows.drop_doubt <= 0.0)
    return believed
