"""A simulated city as it is laid out before the first hop: its tiles, their levels and its days.

What a tile is expected to hold is exact and known here; noise, faults and crowds come on top.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from replay.city_chance import Purpose, chance_of
from replay.city_uses import curves, days_off, mixes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from replay.city_ground import Ground
    from replay.city_spec import CitySpec

__all__ = ["Layout", "lay_out"]

_WEEK: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What stays as it is while the city lives.

    shares: of each use in each tile, (tiles, uses). curve: (2, uses, hops), see `curves`.
    level: people of a tile, (tiles,). weekday: factor of each weekday, Monday first, (7, tiles).
    off: which days are lived as days off, (days,). first_ms: epoch of the first local midnight.
    """

    spec: CitySpec
    ground: Ground
    shares: NDArray[np.float64]
    curve: NDArray[np.float64]
    level: NDArray[np.float64]
    weekday: NDArray[np.float64]
    off: NDArray[np.bool_]
    first_ms: int

    def expected(self, day: int) -> NDArray[np.float64]:
        """People expected in each hop of a day in each tile, (hops, tiles), before any noise."""
        curve = self.curve[int(self.off[day])]
        scale = self.level * self.weekday[self._weekday(day)]
        found: NDArray[np.float64] = (self.shares @ curve).T * scale
        return found

    def expected_at(self, hops: NDArray[np.int64], tile: int) -> NDArray[np.float64]:
        """People expected in one tile in some hops, counted from the first; shape of `hops`."""
        day, hop = hops // self.spec.hops, hops % self.spec.hops
        curve = self.curve[self.off[day].astype(np.intp), :, hop]
        scale = self.level[tile] * self.weekday[(self.spec.start.weekday() + day) % _WEEK, tile]
        found: NDArray[np.float64] = (curve * self.shares[tile]).sum(axis=1) * scale
        return found

    def date_of(self, day: int) -> str:
        """Return a day as people write it."""
        return (self.spec.start + timedelta(days=day)).isoformat()

    def _weekday(self, day: int) -> int:
        return (self.spec.start.weekday() + day) % _WEEK


def lay_out(spec: CitySpec, ground: Ground) -> Layout:
    """Draw what a city is made of; the same spec and ground give the same city."""
    level = chance_of(spec.seed, Purpose.LEVEL).normal(0.0, spec.level_sd, spec.tiles)
    weekday = chance_of(spec.seed, Purpose.WEEKDAY).normal(
        0.0, spec.weekday_sd, (_WEEK, spec.tiles)
    )
    midnight = datetime.combine(spec.start, datetime.min.time(), tzinfo=ZoneInfo(spec.tz))
    return Layout(
        spec=spec,
        ground=ground,
        shares=mixes(spec),
        curve=curves(spec),
        level=spec.level_median * np.exp(level),
        weekday=np.exp(weekday),
        off=days_off(spec),
        first_ms=int(midnight.timestamp()) * 1_000,
    )
