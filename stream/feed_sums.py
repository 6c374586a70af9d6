"""What each feed gave a block partition at a hop: cells present, known, and how its tiles moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stream.common_mode import Movement, movement
from stream.wire import FeedSum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.common_mode import Jump
    from stream.frame import Frames
    from stream.layout import Layout
    from stream.links import FeedScale
    from stream.readings import Readings

__all__ = ["feed_sums"]


def feed_sums(
    layout: Layout,
    frames: Frames,
    readings: Readings,
    hop_ms: int,
    *,
    jump: Jump,
    scales: Sequence[FeedScale],
) -> list[FeedSum]:
    """Return one entry a feed; cells are counted where their account is kept.

    jump: people, z of the hop before and verdict of every tile. A supporting feed is not judged
    by how they move: it can do little, and holds back nothing.
    """
    sums = []
    for feed, covered in enumerate(frames.covered):
        known = layout.entry_home & frames.registered[feed] & (readings.newest_ms[feed] >= 0)
        present = known & readings.present(feed, hop_ms)
        cells = int(np.count_nonzero(present)), int(np.count_nonzero(known))
        moved = movement(covered, *jump) if scales[feed].supports is None else Movement()
        sums.append(FeedSum(feed, *cells, moved))
    return sums
