"""What the feeds gave one tile at one hop: cells present of its usual ones, age, withheld."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo.version import acting

if TYPE_CHECKING:
    from stream.block_state import BlockState

__all__ = ["FeedOfTile", "feeds_of_tile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOfTile:
    """One feed at one tile.

    cells: that touch it. usual: of them, heard within a week. present: of those, with a reading
    young enough. withheld: of the present ones. newest_ms: end of the newest interval of any of
    them, -1 = none ever. blind: all of its usual cells here are silent. supports: it counts
    nobody, and adds this part of its score.
    """

    feed: str
    cells: int
    usual: int
    present: int
    withheld: int
    newest_ms: int
    supports: float | None

    @property
    def blind(self) -> bool:
        """Whether the feed is silent here, where it usually is not."""
        return self.usual > 0 and self.present == 0


def feeds_of_tile(state: BlockState, hop_ms: int, tile: int) -> tuple[FeedOfTile, ...]:
    """Return every feed's part in a local tile, as of the hop that just closed."""
    return tuple(_feed(state, hop_ms, tile, feed) for feed in range(len(state.spec.feeds)))


def _feed(state: BlockState, hop_ms: int, tile: int, feed: int) -> FeedOfTile:
    readings, layout, name = state.readings, state.layout, state.spec.feeds[feed].name
    cover = acting(layout.city.versions, hop_ms - state.spec.hop_ms).of(name)
    entry = np.zeros(0, np.intp)
    if cover is not None:
        links = layout.links(cover)
        entry = links.entry[links.tile == tile]
    newest = readings.newest_ms[feed, entry]
    usual = state.frames.usual[feed, entry]
    present = usual & readings.present(feed, hop_ms)[entry]
    return FeedOfTile(
        feed=name,
        cells=int(entry.size),
        usual=int(np.count_nonzero(usual)),
        present=int(np.count_nonzero(present)),
        withheld=int(np.count_nonzero(present & (readings.newest[feed, entry] < 0))),
        newest_ms=int(newest.max(initial=-1)),
        supports=state.spec.feeds[feed].scale.supports,
    )
