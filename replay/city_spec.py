"""What a simulated city is drawn from: size, noise, faults and crowds, each a number to turn.

The figures of `LAB` are those of the laboratory's simulated tiles, on which the detector was
designed; `CITY` is harder: counts clump, neighbours share their noise, weather moves all tiles,
the whole feed fails now and then, and crowds come in four kinds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DAY_S", "KINDS", "CitySpec", "city_spec", "lab_spec"]

DAY_S: Final = 86_400

KINDS: Final = ("rise", "wide", "fast", "alley")
"""Kinds of crowd: on one tile; on 3 x 3 tiles; one that doubles a busy tile within 15 minutes;
one packed into an alley, which the count of the tile dilutes."""

# Monday; three weeks later New Year (Thursday and Friday off) and a worked Sunday follow.
FIRST_DAY: Final = date(2025, 12, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class CitySpec:
    """One simulated city; the same numbers give the same counts, bit for bit.

    seed: of all chance. tiles, days, hop_s: size; a day must be a whole number of hops.
    start: first local day. tz, country: zone and calendar of listed days off; the zone must have
    one offset all year.
    side_m: width of a tile; only densities depend on it.
    floor: counts below it are withheld; 0 = none.

    level_median, level_sd: people of a tile in its middle hour, lognormal over tiles.
    weekday_sd: how far weekdays differ, relative; .2 = a city of strong weekdays.
    day_sd: a day's common factor; tile_day_sd: a tile's factor of a day; drift_sd: a tile's
    random walk, each day. weather_sd: a common factor that moves within the day.
    hour_sd, hour_min: median over tiles of size (relative) and memory (minutes) of a tile's own
    slow noise; near_ratio: share of its variance that a tile has in common with its
    neighbourhood. clump: variance of a factor on each count (negative binomial); 0 = Poisson.
    shift_ratio: tiles whose level changes for good one day. unlisted: days off nobody lists.

    outage_ratio: chance of an outage, each tile and day. feed_outage_days: mean days between
    outages of the whole feed; 0 = none.

    crowd_days: mean days between crowds of a tile. weekly_ratio: tiles with one every week.
    kinds: weights of the kinds of crowd. grace_min: minutes that a label is longer than its
    crowd, on each side.
    """

    seed: int
    tiles: int = 400
    days: int = 42
    hop_s: int = 300
    start: date = FIRST_DAY
    tz: str = "Asia/Shanghai"
    country: str = "CN"
    side_m: float = 100.0
    floor: int = 20
    level_median: float = 150.0
    level_sd: float = 1.2
    weekday_sd: float = 0.05
    day_sd: float = 0.05
    tile_day_sd: float = 0.07
    drift_sd: float = 0.008
    weather_sd: float = 0.0
    hour_sd: float = 0.07
    hour_min: float = 90.0
    near_ratio: float = 0.0
    clump: float = 0.0
    shift_ratio: float = 0.12
    unlisted: int = 1
    outage_ratio: float = 0.02
    feed_outage_days: float = 0.0
    crowd_days: float = 10.0
    weekly_ratio: float = 0.15
    kinds: Mapping[str, float] = field(default_factory=lambda: {"rise": 1.0})
    grace_min: float = 30.0

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn; raises ValueError with every fault."""
        faults = [
            what
            for wrong, what in (
                (self.tiles < 1, "tiles: at least 1"),
                (self.days < 1, "days: at least 1"),
                (self.hop_s < 1 or DAY_S % self.hop_s, "hop_s: a day must be whole hops"),
                (not set(self.kinds) <= set(KINDS), f"kinds: known are {', '.join(KINDS)}"),
                (not self.kinds or min(self.kinds.values()) < 0, "kinds: weights from 0 on"),
                (sum(self.kinds.values()) <= 0, "kinds: some weight above 0"),
                (self.crowd_days <= 0, "crowd_days: above 0"),
            )
            if wrong
        ]
        if faults:
            raise ValueError("; ".join(faults))

    @property
    def hops(self) -> int:
        """Hops of a day."""
        return DAY_S // self.hop_s

    @property
    def hop_min(self) -> float:
        """Minutes of a hop."""
        return self.hop_s / 60.0


def lab_spec(seed: int, *, tiles: int = 100, days: int = 42, hop_s: int = 600) -> CitySpec:
    """Return the city of the laboratory's design set: what its figures can be held against."""
    return CitySpec(seed=seed, tiles=tiles, days=days, hop_s=hop_s)


def city_spec(seed: int, *, tiles: int = 400, days: int = 42, hop_s: int = 300) -> CitySpec:
    """Return the harder city with all kinds of noise, fault and crowd."""
    return CitySpec(
        seed=seed,
        tiles=tiles,
        days=days,
        hop_s=hop_s,
        weather_sd=0.03,
        near_ratio=0.3,
        clump=0.001,
        feed_outage_days=14.0,
        # A wide crowd stands on nine tiles: a small weight is a large share of what tiles see.
        kinds={"rise": 0.74, "wide": 0.03, "fast": 0.18, "alley": 0.05},
    )
