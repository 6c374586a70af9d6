"""Simulated cities as labelled sets: hundreds of tiles whose every crowd is known.

The counts come from `replay.city`, day by day; what lies under its floor is withheld, as an
operator would. Nothing here is real.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from replay.city_feed import build_city, city_counts, city_days
from replay.city_spec import city_spec, lab_spec
from replay.engine import offline
from replay.labels import Label
from stream.settings_load import read
from tests.quality.arrays import Rhythm, array_log
from tests.quality.labelled import Counts, LabelledSet, ground
from tests.quality.scoring import DAY_MS, Event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from replay.city_feed import City
    from replay.city_spec import CitySpec
    from tests.quality.labelled import Ask

__all__ = ["CityOrder", "city_set", "fast_spec", "hard_spec", "laboratory_spec"]

_FEED: Final = "city"


@dataclass(frozen=True, slots=True, kw_only=True)
class CityOrder:
    """What is wanted of a simulated city.

    sets: further settings. peers: whether they are run; then all counts are in memory at once.
    """

    name: str
    spec: CitySpec
    asks: tuple[Ask, ...] = ()
    rates: tuple[float, ...] = ()
    sets: tuple[str, ...] = ()
    peers: bool = False


def laboratory_spec(seed: int, *, tiles: int = 400) -> CitySpec:
    """Return a city as the laboratory of the detector had them: single tiles, 10 minutes."""
    return lab_spec(seed, tiles=tiles)


def hard_spec(seed: int, *, tiles: int, days: int = 42, hop_s: int = 600) -> CitySpec:
    """Return a city with weather, clumped counts, outages and four kinds of crowd."""
    return city_spec(seed, tiles=tiles, days=days, hop_s=hop_s)


def fast_spec(seed: int, *, tiles: int = 200) -> CitySpec:
    """Return a city whose crowds double a busy tile within 15 minutes, and do nothing else."""
    spec = city_spec(seed, tiles=tiles, days=35, hop_s=300)
    return replace(spec, kinds={"fast": 1.0}, crowd_days=20.0, weekly_ratio=0.0)


def city_set(order: CityOrder) -> LabelledSet:
    """Return a simulated city as a set; its areas are nominal, as in all sets."""
    city = build_city(order.spec)
    spec, names = order.spec, city.layout.ground.names
    loaded = read(
        None,
        env={},
        sets=[
            f"calendar.tz={spec.tz}",
            f"calendar.country={spec.country}",
            f"feeds.{_FEED}.period_s={spec.hop_s}",
            f"feeds.{_FEED}.floor={max(spec.floor, 1)}",
            *order.sets,
        ],
    )
    settings = offline(loaded.settings)
    rhythm = Rhythm(
        start_ms=city.layout.first_ms,
        period_ms=spec.hop_s * 1000,
        lateness_ms=settings.lateness_ms,
    )
    places = [(int(row[2]), int(row[3])) for row in city.layout.ground.rows]
    return LabelledSet(
        name=order.name,
        settings=settings,
        city=ground(names, places),
        log=lambda: array_log(_told(city), list(names), rhythm, feed=_FEED),
        events=tuple(_events(city)),
        counts=_counts(city) if order.peers else None,
        warm_days=14.0,
        asks=order.asks,
        rates=order.rates,
    )


def _told(city: City) -> Iterator[NDArray[np.floating]]:
    """Yield what an operator sends, hop by hop: -1 = withheld, NaN = no reading."""
    for day in city_days(city):
        counts = day.counts
        yield from np.where(counts < city.spec.floor, np.float32(-1.0), counts)


def _events(city: City) -> Iterator[Event]:
    hop_ms, first_ms = city.spec.hop_s * 1000, city.layout.first_ms
    grace_ms = round(city.spec.grace_min * 60_000)
    for number, crowd in enumerate(city.crowds, 1):
        begin_ms = first_ms + crowd.first_hop * hop_ms
        label = Label(
            name=f"simulated {crowd.kind} {number}",
            start_ms=begin_ms - grace_ms,
            end_ms=begin_ms + crowd.hops * hop_ms + grace_ms,
            cell=city.layout.ground.names[crowd.tiles[0]],
        )
        yield Event(label=label, begin_ms=begin_ms, kind=crowd.kind)


def _counts(city: City) -> Counts:
    """Return all counts at once; what is withheld is as unknown to a peer as what never came."""
    counts = city_counts(city).astype(np.float64)
    counts[counts < city.spec.floor] = np.nan
    hops = np.arange(len(counts), dtype=np.int64)
    return Counts(
        cells=city.layout.ground.names,
        start_ms=city.layout.first_ms + hops * (DAY_MS // city.spec.hops),
        period_ms=city.spec.hop_s * 1000,
        count=counts,
        tz=city.spec.tz,
    )
