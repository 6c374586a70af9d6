"""Frames: what every tile of a block partition holds at one hop, from current readings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import numpy as np

from geo.density import people, rolling
from geo.spread import prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.density import TilePeople
    from geo.spread import Spread
    from stream.layout import Layout
    from stream.readings import Readings

__all__ = ["USUAL_MS", "FeedScale", "Frame", "Frames"]

T = TypeVar("T", bound=np.generic)

# A cell that has been silent for a week no longer belongs to a tile's usual coverage; until then
# its absence makes the tile's people a scaled-up estimate, and at last blind.
USUAL_MS: Final = 7 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedScale:
    """How counts of one feed become people: expansion factor, and floor of what it withholds."""

    expansion: float
    floor: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One hop of all local tiles; float32 arrays of shape (tiles,), NaN = unknown.

    density, rolling: people per walkable m2, newest and as the mean over the window.
    slope_per_min: people gained a minute over the window.
    known: the tile has usual coverage at all (else it is `missing`, not `blind`).
    """

    now: TilePeople
    density: NDArray[np.float32]
    rolling: NDArray[np.float32]
    slope_per_min: NDArray[np.float32]
    known: NDArray[np.bool_]


class _Counts(NamedTuple):
    """One feed's entries at one hop, in people; shape (entries,)."""

    low: NDArray[np.float32]
    point: NDArray[np.float32]
    high: NDArray[np.float32]
    present: NDArray[np.bool_]
    withheld: NDArray[np.bool_]


class Frames:
    """Builds frames; keeps the newest hops of every tile in `recent`, shape (hops, tiles).

    walkable_m2: float32 (tiles,). recent: float32 people, row = hop number modulo its length;
    NaN before the first hops.
    """

    def __init__(
        self,
        layout: Layout,
        scales: tuple[FeedScale, ...],
        *,
        walkable_m2: NDArray[np.float32],
        hop_ms: int,
        window_hops: int,
    ) -> None:
        self._layout, self._scales, self._area = layout, scales, walkable_m2
        self._hop_ms, self._window = hop_ms, window_hops
        # One more row than the window where it is a single hop: a slope needs two.
        self.recent = np.full((max(window_hops, 2), layout.tiles), np.nan, np.float32)
        self._usual: NDArray[np.bool_] | None = None
        self._spread: Spread | None = None
        self._links_known = np.zeros(layout.tiles, np.bool_)

    def close(self, readings: Readings, hop_ms: int) -> Frame:
        """Return the frame of a hop whose readings were just merged."""
        newest = readings.newest_ms
        spread = self._coverage((newest >= 0) & (newest > hop_ms - USUAL_MS))
        now = self._people(spread, readings, hop_ms)
        rows, number = len(self.recent), hop_ms // self._hop_ms
        self.recent[number % rows] = now.point
        back = max(self._window - 1, 1)
        before = self.recent[(number - back) % rows]
        minutes = np.float32(back * self._hop_ms / 60_000)
        window = self.recent if rows == self._window else now.point[None, :]
        return Frame(
            now=now,
            density=now.point / self._area,
            rolling=rolling(window) / self._area,
            slope_per_min=(now.point - before) / minutes,
            known=self._links_known,
        )

    def _people(self, spread: Spread, readings: Readings, hop_ms: int) -> TilePeople:
        """Spread the counts of all feeds; per-entry arrays are laid feed after feed."""
        feeds = [
            self._counts(readings, feed, scale, hop_ms) for feed, scale in enumerate(self._scales)
        ]
        return people(
            spread,
            low=_laid([one.low for one in feeds]),
            point=_laid([one.point for one in feeds]),
            high=_laid([one.high for one in feeds]),
            present=_laid([one.present for one in feeds]),
            fresh=readings.fresh.ravel(),
            withheld=_laid([one.withheld for one in feeds]),
        )

    def _counts(self, readings: Readings, feed: int, scale: FeedScale, hop_ms: int) -> _Counts:
        """Return one feed's counts in people; 0 where there is none."""
        present = readings.present(feed, hop_ms)
        value = readings.newest[feed]
        withheld = present & (value < 0)
        count = np.where(present, value, np.float32(0)) * np.float32(scale.expansion)
        if not withheld.any():
            return _Counts(count, count, count, present, withheld)
        top = np.float32(max(scale.floor - 1, 0) * scale.expansion)
        low = np.where(withheld, np.float32(0), count)
        point = np.where(withheld, top / np.float32(2), count)
        return _Counts(low, point, np.where(withheld, top, count), present, withheld)

    def _coverage(self, usual: NDArray[np.bool_]) -> Spread:
        """Return the coverage by usual cells; prepared again only when they change."""
        if self._spread is None or self._usual is None or not np.array_equal(usual, self._usual):
            lay = self._layout
            feeds = len(self._scales)
            shift = np.repeat(np.arange(feeds), len(lay.link_entry)) * lay.entries
            entry = np.tile(lay.link_entry, feeds) + shift
            tile, share = np.tile(lay.link_tile, feeds), np.tile(lay.link_share, feeds)
            kept = usual.ravel()[entry]
            entry, tile, share = entry[kept], tile[kept], share[kept]
            order = np.argsort(tile, kind="stable")
            self._spread = prepare(entry[order], tile[order], share[order], lay.tiles)
            self._usual = usual
            self._links_known = np.bincount(tile, minlength=lay.tiles) > 0
        return self._spread


def _laid(parts: list[NDArray[T]]) -> NDArray[T]:
    """Lay the feeds' arrays end to end; one feed needs no copy."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
