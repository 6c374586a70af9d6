"""A second signal of the same places: what a supporting feed says of each tile's unusual hours.

Those who leave beside those who enter, messages beside calls: they are of the same crowd, but
their sum is no number of people, and a sum hides the one that moves under the one that does not.
So a supporting feed is held against its own usual, tile by tile, and part of its score is added
to the tile's, though never more than the tile has by itself: it can make sure, and it can raise
nothing alone. So a fault of it does little, and holds back nothing. It counts nobody: people,
expected people, density and the size gate stay those of the other feeds. The day curve and the
factor of the moment are those that the panel has from the other feeds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from detectors.baseline import Baseline
from detectors.contract import quantised
from stream.frame import people_of
from stream.links import FeedLinks
from stream.seen import seen_of

if TYPE_CHECKING:
    from detectors.contract import CityNow, Moment, Verdict
    from stream.block_spec import BlockSpec
    from stream.frame import Frames
    from stream.layout import Layout
    from stream.readings import Readings

__all__ = ["Support", "support_of"]


class Support:
    """The supporting feed of a run of blocks.

    baseline: its own usual, of all local tiles. z: its own, of the newest hop. added: what of it
    is in the score of each tile.
    """

    def __init__(self, spec: BlockSpec, layout: Layout, part: float) -> None:
        self._part, self._hop_ms = np.float32(part), spec.hop_ms
        scales = tuple(one.scale for one in spec.feeds)
        self._links = FeedLinks(layout, scales, supporting=True)
        self._nowhere = np.full(layout.tiles, np.nan, np.float32)
        self.baseline = Baseline(
            spec.baseline,
            tiles=layout.tiles,
            hop_min=spec.hop_ms / 60_000,
            slot_min=spec.slot_min,
        )
        self.z = self.added = np.zeros(layout.tiles, np.float32)

    def close(
        self,
        readings: Readings,
        frames: Frames,
        hop_ms: int,
        *,
        moment: Moment,
        city: CityNow,
    ) -> None:
        """Score a hop, then learn from it.

        frames: closed for this hop. city: what the panel says of it.
        """
        spread = self._links.at(hop_ms - self._hop_ms, frames.usual)
        now = people_of(spread, frames.counts, readings)
        own = self.baseline.score(seen_of(now, self._nowhere, self._nowhere), moment, city)
        self.baseline.learn()
        # What it said before it fell silent is no support.
        heard = np.isfinite(now.point)
        self.z = own.z
        self.added = np.where(heard, own.score * self._part, np.float32(0.0))

    def joined(self, verdict: Verdict) -> Verdict:
        """Return the verdict on the people of the hop just closed, with this signal's part."""
        score = quantised(verdict.score + np.minimum(self.added, verdict.score))
        self.added = score - verdict.score
        return replace(verdict, score=score)


def support_of(spec: BlockSpec, layout: Layout) -> Support | None:
    """Return the supporting feed of a run of blocks; None where no feed is one."""
    for feed in spec.feeds:
        if feed.scale.supports is not None:
            return Support(spec, layout, feed.scale.supports)
    return None
