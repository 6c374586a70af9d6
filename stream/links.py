"""The links of the coverage that acts: which shares are summed at a hop, prepared when they change.

They change where another version of the coverage comes to act, and where a cell falls silent for
so long that it is usual no more, or is heard for the first time; both are rare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.spread import prepare, summed
from geo.version import acting
from stream.layout import Links

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.spread import Spread
    from geo.version import Version
    from stream.layout import Layout

__all__ = ["FeedLinks", "FeedScale", "Pairs"]


_NONE: Final = Links(
    entry=np.zeros(0, np.intp), tile=np.zeros(0, np.int32), share=np.zeros(0, np.float64)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedScale:
    """How counts of one feed become people.

    expansion: people a count stands for. floor: of what it withholds. counted_ratio: part of
    the people that the feed counts, where feeds are fused (then for all of them, and expansion
    is 1); None = feeds count people of their own. supports: of a supporting feed, which is no
    part of the people, what its score counts for (`support`).
    """

    name: str
    expansion: float
    floor: int
    counted_ratio: float | None = None
    supports: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Links of some feeds, sorted by (tile, feed, cell); arrays of shape (pairs,).

    entry: index into arrays laid feed after feed. feed: index of the feed.
    """

    entry: NDArray[np.intp]
    tile: NDArray[np.int32]
    share: NDArray[np.float64]
    feed: NDArray[np.int16]


class FeedLinks:
    """Keeps what the newest hop was spread by: the feeds that count people, or those that support.

    known: bool (tiles,): tiles with usual coverage. registered: bool (feeds, entries): cells
    that the acting version knows, feed by feed. covered: bool (feeds, tiles): tiles that a feed
    counts on. pairs: links of that version, usual or not.
    """

    def __init__(
        self, layout: Layout, scales: tuple[FeedScale, ...], *, supporting: bool = False
    ) -> None:
        self._layout, self._names = layout, tuple(scale.name for scale in scales)
        self._summed = [(scale.supports is not None) is supporting for scale in scales]
        counted = [scale.counted_ratio or 0.0 for scale in scales]
        self._counted = np.array(counted) if any(counted) and not supporting else None
        self.known = np.zeros(layout.tiles, np.bool_)
        self.registered = np.zeros((len(scales), layout.entries), np.bool_)
        self.covered = np.zeros((len(scales), layout.tiles), np.bool_)
        self._version: Version | None = None
        self.pairs: Pairs | None = None
        self._usual: NDArray[np.bool_] | None = None
        self._spread: Spread | None = None

    def at(self, begin_ms: int, usual: NDArray[np.bool_]) -> Spread:
        """Return the coverage of a hop that begins then, by usual cells.

        usual: shape (feeds, entries); entries of cells that the version does not know are
        passed over.
        """
        version = acting(self._layout.city.versions, begin_ms)
        if self.pairs is None or version is not self._version:
            self._version, self.pairs, self._spread = version, self._laid(version), None
        if self._spread is None or self._usual is None or not np.array_equal(usual, self._usual):
            self._spread = self._prepared(self.pairs, usual.ravel())
            self._usual = usual
        return self._spread

    def _laid(self, version: Version) -> Pairs:
        """Lay the links in one order, and note which cells this version knows of all feeds."""
        made: dict[int, Links] = {}  # feeds of a cells file share one coverage
        parts: list[Links] = []
        self.registered[:], self.covered[:] = False, False
        for number, name in enumerate(self._names):
            cover = version.of(name)
            if cover is None:
                parts.append(_NONE)
                continue
            if id(cover) not in made:
                made[id(cover)] = self._layout.links(cover)
            links = made[id(cover)]
            self.registered[number] = cover.registered[self._layout.entry_cell]
            self.covered[number, links.tile] = True
            parts.append(links if self._summed[number] else _NONE)
        feed = np.repeat(np.arange(len(parts), dtype=np.int16), [len(p.tile) for p in parts])
        entry = np.concatenate([part.entry for part in parts]) + feed.astype(np.intp) * (
            self._layout.entries
        )
        tile = np.concatenate([part.tile for part in parts])
        share = np.concatenate([part.share for part in parts])
        if len(parts) == 1:
            return Pairs(entry=entry, tile=tile, share=share, feed=feed)
        order = np.argsort(tile, kind="stable")
        return Pairs(entry=entry[order], tile=tile[order], share=share[order], feed=feed[order])

    def _prepared(self, pairs: Pairs, usual: NDArray[np.bool_]) -> Spread:
        kept = usual[pairs.entry]
        tile, share, tiles = pairs.tile[kept], pairs.share[kept], self._layout.tiles
        worth = None
        if self._counted is not None:
            # A feed counts its part of the people of a tile once all its usual cells there do.
            feed = pairs.feed[kept].astype(np.intp)
            place = tile.astype(np.intp) * len(self._names) + feed
            whole = summed(place, share, tiles * len(self._names))
            worth = self._counted[feed] * (share / whole[place])
        self.known = np.bincount(tile, minlength=tiles) > 0
        return prepare(pairs.entry[kept], tile, share, tiles, worth=worth)
