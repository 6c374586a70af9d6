"""Which tiles a run of blocks may tell at a hop, and of which it may tell the mean of the window.

What is told of a tile is one number a hop; `withhold` says why numbers that are told never narrow
one that is not. A mean is told where the tile was told at every hop of the window at which it was
seen at all: then it is a function of told numbers only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stream.frame import USUAL_MS
from stream.reach import reach_of
from stream.withhold import tellable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.coverage import Coverage
    from stream.block_spec import FeedSpec
    from stream.frame import Counts, Frame
    from stream.layout import Layout
    from stream.reach import Reach
    from stream.readings import Readings

__all__ = ["Disclosure", "Shown"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """Which tiles may be told at a hop, and the mean over the window of which; bool, (tiles,)."""

    now: NDArray[np.bool_]
    rolling: NDArray[np.bool_]


class _Judged(NamedTuple):
    """What one feed was judged on, and which entries may be told; shape (entries,)."""

    reach: Reach
    people: NDArray[np.float32]
    large: NDArray[np.bool_]
    interval: NDArray[np.int64]
    kept: NDArray[np.bool_]


class Disclosure:
    """Judges hop after hop; unless `used`, for nobody reads what is told: then all of it.

    clear: bool, shape (hops, tiles), row = hop number modulo its length: the tile was told, or
    there was nothing to tell of it. Without a floor there is nothing to judge, and no tiles.
    """

    def __init__(
        self,
        layout: Layout,
        feeds: Sequence[FeedSpec],
        *,
        privacy_floor: int,
        hop_ms: int,
        window_hops: int,
        used: bool = True,
    ) -> None:
        self._layout, self._feeds = layout, tuple(feed.name for feed in feeds)
        # No number of people that is told is made of the counts of a supporting feed.
        self._told_of = [at for at, feed in enumerate(feeds) if feed.scale.supports is None]
        self._floor = privacy_floor if used else 0
        self._hop_ms, self._window = hop_ms, window_hops
        tiles = layout.tiles if privacy_floor else 0
        self.clear = np.ones((max(window_hops, 2), tiles), np.bool_)
        self._reaches: dict[int, tuple[Coverage | None, Reach]] = {}
        self._judged: dict[int, _Judged] = {}

    def close(self, readings: Readings, frame: Frame, counts: list[Counts], hop_ms: int) -> Shown:
        """Return what may be told of a hop whose frame was just closed.

        counts: of the hop in people, feed by feed.
        """
        if not self._floor:
            everything = np.ones(self._layout.tiles, np.bool_)
            return Shown(now=everything, rolling=everything)
        spoiled = np.zeros(self._layout.tiles, np.bool_)
        for feed in self._told_of:
            reach, untold = self._untold(readings, feed, counts[feed], hop_ms)
            spoiled[reach.here_tile[untold[reach.here_entry]]] = True
        dark = np.isnan(frame.now.point)
        shown = ~spoiled & ~dark
        rows = len(self.clear)
        self.clear[hop_ms // self._hop_ms % rows] = shown | dark
        over_window = self.clear.all(axis=0) if rows == self._window else True
        return Shown(now=shown, rolling=shown & over_window)

    def _untold(
        self, readings: Readings, feed: int, counts: Counts, hop_ms: int
    ) -> tuple[Reach, NDArray[np.bool_]]:
        """Return the entries of a feed that are present and must not be told."""
        reach = self._reach_of(feed, hop_ms)
        interval = readings.newest_ms[feed]
        present = counts.present & (interval > hop_ms - USUAL_MS)
        large = present & (readings.newest[feed] >= self._floor)
        before = self._judged.get(feed)
        if before is None or not _same(before, reach, counts.point, large, interval):
            kept = tellable(
                reach.links,
                people=counts.point,
                large=large,
                interval=interval,
                floor=self._floor,
            )
            before = _Judged(reach, counts.point, large, interval.copy(), kept)
            self._judged[feed] = before
        return reach, present & ~before.kept

    def _reach_of(self, feed: int, hop_ms: int) -> Reach:
        """Return where the cells of a feed reach in the version that acts on a hop."""
        cover = self._coverage_of(feed, hop_ms)
        known = self._reaches.get(feed)
        if known is None or known[0] is not cover:
            others = [one for one in self._reaches.values() if one[0] is cover]
            known = others[0] if others else (cover, reach_of(self._layout, cover))
            self._reaches[feed] = known
        return known[1]

    def _coverage_of(self, feed: int, hop_ms: int) -> Coverage | None:
        begin_ms, versions = hop_ms - self._hop_ms, self._layout.city.versions
        acting = [one for one in versions[1:] if one.valid_from_ms <= begin_ms]
        return (acting or versions[:1])[-1].of(self._feeds[feed])


def _same(
    before: _Judged,
    reach: Reach,
    people: NDArray[np.float32],
    large: NDArray[np.bool_],
    interval: NDArray[np.int64],
) -> bool:
    """Whether a feed says what it said at the hop before."""
    return (
        before.reach is reach
        and np.array_equal(before.large, large)
        and np.array_equal(before.interval[large], interval[large])
        and np.array_equal(before.people[large], people[large])
    )
