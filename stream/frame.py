"""Frames: what every tile of a block partition holds at one hop, from current readings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import numpy as np

from geo.density import people
from geo.rolling import rolling
from stream.links import FeedLinks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.density import TilePeople
    from geo.spread import Spread
    from stream.layout import Layout
    from stream.links import FeedScale, Pairs
    from stream.readings import Readings

__all__ = ["USUAL_MS", "Counts", "Frame", "Frames", "people_of"]

T = TypeVar("T", bound=np.generic)

# A cell that has been silent for a week no longer belongs to a tile's usual coverage; until then
# its absence makes the tile's people a scaled-up estimate, and at last blind.
USUAL_MS: Final = 7 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One hop of all local tiles; float32 arrays of shape (tiles,), NaN = unknown.

    density, rolling: people per walkable m2, newest and as the mean over the window.
    slope_per_min: people gained a minute over the window.
    known: the tile has usual coverage at all (else it is `missing`, not `blind`).
    told, told_rolling, told_slope_per_min: the same people, as if the operator had withheld every
    cell below the privacy floor: what alerts say. Where there is none, the same arrays.
    """

    now: TilePeople
    density: NDArray[np.float32]
    rolling: NDArray[np.float32]
    slope_per_min: NDArray[np.float32]
    known: NDArray[np.bool_]
    told: TilePeople
    told_rolling: NDArray[np.float32]
    told_slope_per_min: NDArray[np.float32]


class Counts(NamedTuple):
    """One feed's entries at one hop, in people; shape (entries,)."""

    low: NDArray[np.float32]
    point: NDArray[np.float32]
    high: NDArray[np.float32]
    present: NDArray[np.bool_]
    withheld: NDArray[np.bool_]


class Frames:
    """Builds frames; keeps the newest hops of every tile in `recent`, shape (hops, tiles).

    walkable_m2: float32 (tiles,). privacy_floor: counts below it are not told; 0 = all are.
    recent: float32 people, row = hop number modulo its length; NaN before the first hops.
    told: the same of what is told; without a floor it has no tiles. counts: of the newest hop,
    feed by feed. usual: which entries had been heard within a week of it, (feeds, entries).
    """

    def __init__(
        self,
        layout: Layout,
        scales: tuple[FeedScale, ...],
        *,
        walkable_m2: NDArray[np.float32],
        hop_ms: int,
        window_hops: int,
        privacy_floor: int,
    ) -> None:
        self._scales, self._area = scales, walkable_m2
        self._hop_ms, self._window, self._floor = hop_ms, window_hops, privacy_floor
        # One more row than the window where it is a single hop: a slope needs two.
        rows = max(window_hops, 2)
        self.recent = np.full((rows, layout.tiles), np.nan, np.float32)
        self.told = np.full((rows, layout.tiles if privacy_floor else 0), np.nan, np.float32)
        self._links = FeedLinks(layout, scales)
        self.counts: list[Counts] = []
        self.usual = np.zeros((0, 0), np.bool_)

    def close(self, readings: Readings, hop_ms: int) -> Frame:
        """Return the frame of a hop whose readings were just merged."""
        newest = readings.newest_ms
        self.usual = (newest >= 0) & (newest > hop_ms - USUAL_MS)
        spread = self._links.at(hop_ms - self._hop_ms, self.usual)
        counts = self._all_counts(readings, hop_ms, floor=0)
        now = people_of(spread, counts, readings)
        mean, slope = self._over_window(self.recent, now, hop_ms)
        told, told_mean, told_slope = now, mean, slope
        self.counts = counts
        if self._floor:
            small = self._all_counts(readings, hop_ms, floor=self._floor)
            if not _alike(counts, small):
                told = people_of(spread, small, readings)
            told_mean, told_slope = self._over_window(self.told, told, hop_ms)
        return Frame(
            now=now,
            density=now.point / self._area,
            rolling=mean,
            slope_per_min=slope,
            known=self._links.known,
            told=told,
            told_rolling=told_mean,
            told_slope_per_min=told_slope,
        )

    @property
    def registered(self) -> NDArray[np.bool_]:
        """Which entries' cells the coverage of the newest hop knows, by feed: (feeds, entries)."""
        return self._links.registered

    @property
    def pairs(self) -> Pairs | None:
        """Links of the coverage that acted on the newest hop; the same object until it changes."""
        return self._links.pairs

    @property
    def covered(self) -> NDArray[np.bool_]:
        """Which tiles the coverage of the newest hop lets each feed count on: (feeds, tiles)."""
        return self._links.covered

    def _over_window(
        self, ring: NDArray[np.float32], now: TilePeople, hop_ms: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Keep a hop; return mean density over the window, and people gained a minute in it."""
        rows, number = len(ring), hop_ms // self._hop_ms
        ring[number % rows] = now.point
        back = max(self._window - 1, 1)
        before = ring[(number - back) % rows]
        minutes = np.float32(back * self._hop_ms / 60_000)
        window = ring if rows == self._window else now.point[None, :]
        return rolling(window) / self._area, (now.point - before) / minutes

    def _all_counts(self, readings: Readings, hop_ms: int, *, floor: int) -> list[Counts]:
        return [
            self._counts(readings, feed, scale, hop_ms, floor=floor)
            for feed, scale in enumerate(self._scales)
        ]

    def _counts(
        self, readings: Readings, feed: int, scale: FeedScale, hop_ms: int, *, floor: int
    ) -> Counts:
        """Return one feed's counts in people; 0 where there is none.

        Known counts below the floor are taken like withheld ones. Both get the wider interval of
        the two, or it would tell which is which, and so that a count lies above the feed's floor.
        """
        present = readings.present(feed, hop_ms)
        value = readings.newest[feed]
        withheld = present & (value < floor)
        count = np.where(present, value, np.float32(0)) * np.float32(scale.expansion)
        if not withheld.any():
            return Counts(count, count, count, present, withheld)
        top = np.float32(max(scale.floor - 1, floor - 1, 0) * scale.expansion)
        low = np.where(withheld, np.float32(0), count)
        point = np.where(withheld, top / np.float32(2), count)
        return Counts(low, point, np.where(withheld, top, count), present, withheld)


def people_of(spread: Spread, feeds: list[Counts], readings: Readings) -> TilePeople:
    """Spread the counts of the feeds in it; per-entry arrays are laid feed after feed."""
    return people(
        spread,
        low=_laid([one.low for one in feeds]),
        point=_laid([one.point for one in feeds]),
        high=_laid([one.high for one in feeds]),
        present=_laid([one.present for one in feeds]),
        fresh=readings.fresh.ravel(),
        withheld=_laid([one.withheld for one in feeds]),
    )


def _alike(some: list[Counts], others: list[Counts]) -> bool:
    return all(
        np.array_equal(one.low, other.low) and np.array_equal(one.high, other.high)
        for one, other in zip(some, others, strict=True)
    )


def _laid(parts: list[NDArray[T]]) -> NDArray[T]:
    """Lay the feeds' arrays end to end; one feed needs no copy."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
