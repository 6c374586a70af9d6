"""What each feed gave a block partition at a hop: cells present, known, and how its tiles moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stream.common_mode import movement
from stream.wire import FeedSum

if TYPE_CHECKING:
    from stream.common_mode import Jump
    from stream.frame import Frames
    from stream.layout import Layout
    from stream.readings import Readings
    from stream.support import Support

__all__ = ["feed_sums"]


def feed_sums(
    layout: Layout,
    frames: Frames,
    readings: Readings,
    hop_ms: int,
    *,
    jump: Jump,
    support: Support | None,
) -> list[FeedSum]:
    """Return one entry a feed; cells are counted where their account is kept.

    jump: of the feeds that count people; a supporting one has its own.
    """
    sums = []
    for feed, covered in enumerate(frames.covered):
        known = layout.entry_home & frames.registered[feed] & (readings.newest_ms[feed] >= 0)
        present = known & readings.present(feed, hop_ms)
        cells = int(np.count_nonzero(present)), int(np.count_nonzero(known))
        moved = support.jump if support and support.feed == feed else jump
        sums.append(FeedSum(feed, *cells, movement(covered, *moved)))
    return sums
