"""A second signal of the same places: what a supporting feed says of each tile's unusual hours.

Those who leave beside those who enter, messages beside calls: they are of the same crowd, but
their sum is no number of people, and a sum hides the one that moves under the one that does not.
So a supporting feed is held against its own usual, tile by tile, and part of its score is added
to the tile's. It counts nobody: people, expected people, density and the size gate stay those of
the other feeds, and where they see nothing unusual the most it can do is that part. The day curve
and the factor of the moment are those that the panel has from the other feeds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.baseline import Baseline
from stream.frame import people_of, usual_at
from stream.links import FeedLinks
from stream.seen import seen_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.contract import CityNow, Moment, Verdict
    from stream.block_spec import BlockSpec
    from stream.common_mode import Jump
    from stream.frame import Counts
    from stream.layout import Layout
    from stream.readings import Readings

__all__ = ["Support", "support_of"]


class Support:
    """The supporting feed of a run of blocks.

    feed: its index. baseline: its own usual, of all local tiles. jump: its people, z of the hop
    before and verdict, as of the newest hop. added: what it adds to the score of each tile.
    """

    jump: Jump
    added: NDArray[np.float32]

    def __init__(self, spec: BlockSpec, layout: Layout, feed: int, weight: float) -> None:
        self.feed, self._weight = feed, np.float32(weight)
        self._hop_ms = spec.hop_ms
        scales = tuple(one.scale for one in spec.feeds)
        self._links = FeedLinks(layout, scales, supporting=True)
        self._nowhere = np.full(layout.tiles, np.nan, np.float32)
        self.baseline = Baseline(
            spec.baseline,
            tiles=layout.tiles,
            hop_min=spec.hop_ms / 60_000,
            slot_min=spec.slot_min,
        )

    @property
    def verdict(self) -> Verdict:
        """What its own detector thinks of the newest hop."""
        return self.jump[2]

    def close(
        self,
        readings: Readings,
        counts: list[Counts],
        hop_ms: int,
        *,
        moment: Moment,
        city: CityNow,
    ) -> NDArray[np.float32]:
        """Score a hop; return what is added to the score of each tile, shape (tiles,).

        counts: of the hop, feed by feed. city: what the panel says of it.
        """
        spread = self._links.at(hop_ms - self._hop_ms, usual_at(readings, hop_ms))
        now = people_of(spread, counts, readings)
        before_z = self.baseline.last_z
        seen = seen_of(now, self._nowhere, self._nowhere)
        verdict = self.baseline.score(seen, moment, city)
        self.jump = now.point, before_z, verdict
        self.added = verdict.score * self._weight
        return self.added

    def learn(self) -> None:
        """Learn from the hop just scored."""
        self.baseline.learn()


def support_of(spec: BlockSpec, layout: Layout) -> Support | None:
    """Return the supporting feed of a run of blocks; None where no feed is one."""
    for number, feed in enumerate(spec.feeds):
        if feed.scale.supports is not None:
            return Support(spec, layout, number, feed.scale.supports)
    return None
