"""What moves the counts of a simulated city besides its plan: factors, slow noise, outages.

Everything is relative to the expected count, lognormal with mean 1 or near it, and drawn day by
day, so that a large city can be made as a stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from replay.city_chance import Purpose, chance_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from replay.city_plan import Layout

__all__ = ["Noise", "Outage", "Shifts", "draw_outages", "draw_shifts"]

# Spread over tiles of size and memory of the slow noise, of the log.
_HOUR_SPREAD: Final = 0.4
_WEATHER_MIN: Final = 360.0  # memory of the weather
_SHIFT_SD: Final = 0.3
_SHIFT_FROM: Final = 15  # days: after the detector's two weeks of warming up
_OUTAGE_MIN: Final = (30.0, 120.0, 600.0)
_MISSING_RATIO: Final = 0.6  # of outages; in the others the cell says zero
_FEED_OUTAGE_MIN: Final = (20.0, 60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shifts:
    """Tiles whose level changes for good: on which day (-1 = never) and by which factor."""

    day: NDArray[np.int64]
    factor: NDArray[np.float64]

    def of(self, day: int) -> NDArray[np.float64]:
        """Factor of each tile on a day."""
        return np.where((self.day >= 0) & (self.day <= day), self.factor, 1.0)


def draw_shifts(layout: Layout) -> Shifts:
    """Draw the level shifts of the city; a city that ends before the third week has none."""
    spec = layout.spec
    chance = chance_of(spec.seed, Purpose.SHIFT)
    shifted = chance.random(spec.tiles) < spec.shift_ratio
    day = chance.integers(_SHIFT_FROM, max(spec.days, _SHIFT_FROM + 1), spec.tiles)
    factor = np.exp(chance.normal(0.0, _SHIFT_SD, spec.tiles))
    return Shifts(day=np.where(shifted, day, -1), factor=factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Hops, counted from the first, in which a cell (None: every cell) is missing or says zero."""

    first_hop: int
    end_hop: int
    tile: int | None
    zero: bool


def draw_outages(layout: Layout) -> tuple[Outage, ...]:
    """Draw the outages of cells and of the whole feed, in order of time."""
    spec = layout.spec
    chance = chance_of(spec.seed, Purpose.OUTAGES)
    found = []
    for day, tile in np.argwhere(chance.random((spec.days, spec.tiles)) < spec.outage_ratio):
        first = int(day) * spec.hops + int(chance.integers(spec.hops))
        long = max(1, round(float(chance.choice(_OUTAGE_MIN)) / spec.hop_min))
        zero = bool(chance.random() >= _MISSING_RATIO)
        found.append(Outage(first_hop=first, end_hop=first + long, tile=int(tile), zero=zero))
    if spec.feed_outage_days > 0:
        for _ in range(int(chance.poisson(spec.days / spec.feed_outage_days))):
            first = int(chance.integers(spec.days * spec.hops))
            long = max(1, round(float(chance.uniform(*_FEED_OUTAGE_MIN)) / spec.hop_min))
            found.append(Outage(first_hop=first, end_hop=first + long, tile=None, zero=False))
    return tuple(sorted(found, key=lambda outage: (outage.first_hop, outage.tile or 0)))


class Noise:
    """The slow noise of all tiles, one day after the other.

    It carries what has a memory: each tile's own, its district's, the weather, the drift.
    """

    def __init__(self, layout: Layout) -> None:
        """Draw size and memory of each tile's noise, and a state to start from."""
        self._layout = layout
        self._shifts = draw_shifts(layout)
        spec = layout.spec
        chance = chance_of(spec.seed, Purpose.MEMORY)
        spread = np.exp(chance.normal(0.0, _HOUR_SPREAD, (2, spec.tiles)))
        self._size = (spec.hour_sd * spread[0]).astype(np.float32)
        self._keep = np.exp(-spec.hop_min / (spec.hour_min * spread[1])).astype(np.float32)
        self._districts = int(layout.ground.district.max()) + 1
        own, near = chance.standard_normal(spec.tiles), chance.standard_normal(self._districts)
        ratio = spec.near_ratio
        blend = np.sqrt(1.0 - ratio) * own + np.sqrt(ratio) * near[layout.ground.district]
        self._slow = blend.astype(np.float32)
        self._weather = float(chance.standard_normal())
        self._drift = np.zeros(spec.tiles)

    def day(self, day: int) -> NDArray[np.float32]:
        """Return the factor of each hop and tile of the day that follows the last one asked for.

        Shape (hops, tiles), positive.
        """
        spec = self._layout.spec
        chance = chance_of(spec.seed, Purpose.DAY, 2 * day)
        common = chance.normal(0.0, spec.day_sd)
        own = chance.normal(0.0, spec.tile_day_sd, spec.tiles)
        self._drift += chance.normal(0.0, spec.drift_sd, spec.tiles)
        daily = common + own + self._drift - 0.5 * self._size * self._size
        factor = (np.exp(daily) * self._shifts.of(day)).astype(np.float32)
        slow = self._hours(chance)
        slow *= self._size
        slow += self._sky(chance)[:, None]
        np.exp(slow, out=slow)
        slow *= factor
        return slow

    def _hours(self, chance: np.random.Generator) -> NDArray[np.float32]:
        """Advance the slow noise of each tile over a day; unit variance, (hops, tiles)."""
        spec, district = self._layout.spec, self._layout.ground.district
        pushes = chance.standard_normal((spec.hops, spec.tiles), np.float32)
        if spec.near_ratio > 0:
            near = chance.standard_normal((spec.hops, self._districts), np.float32)
            pushes *= np.float32(np.sqrt(1.0 - spec.near_ratio))
            pushes += np.float32(np.sqrt(spec.near_ratio)) * near[:, district]
        pushes *= np.sqrt(1.0 - self._keep * self._keep)
        pushes[0] += self._keep * self._slow
        for hop in range(1, spec.hops):
            pushes[hop] += self._keep * pushes[hop - 1]
        self._slow = pushes[-1].copy()
        return pushes

    def _sky(self, chance: np.random.Generator) -> NDArray[np.float32]:
        """Advance the weather, which all tiles share, over a day; log factor, (hops,)."""
        spec = self._layout.spec
        keep = float(np.exp(-spec.hop_min / _WEATHER_MIN))
        found = np.empty(spec.hops, np.float32)
        for hop, push in enumerate(chance.standard_normal(spec.hops).tolist()):
            self._weather = keep * self._weather + (1.0 - keep * keep) ** 0.5 * push
            found[hop] = spec.weather_sd * self._weather
        return found
