"""The counts of a simulated city, day by day: what was expected, moved by noise, with its crowds.

    city = build_city(city_spec(7, tiles=400))
    for day in city_days(city): ...

Counts are float32 with NaN where a reading is missing; what is below the floor of the spec is
withheld by whoever sends it, so it is still in the arrays. Same spec, same counts.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from replay.city_chance import Purpose, chance_of
from replay.city_crowds import draw_crowds
from replay.city_ground import squares
from replay.city_noise import Noise, draw_outages
from replay.city_plan import lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from replay.city_crowds import Crowd
    from replay.city_ground import Ground
    from replay.city_noise import Outage
    from replay.city_plan import Layout
    from replay.city_spec import CitySpec

__all__ = ["City", "CityDay", "build_city", "city_counts", "city_days", "counted"]

_HOPS_AT_ONCE: Final = 32  # bounds the memory of float64 copies in a large city


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """Everything about a simulated city that is known before its first hop."""

    spec: CitySpec
    layout: Layout
    crowds: tuple[Crowd, ...]
    outages: tuple[Outage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CityDay:
    """The readings of one local day.

    start_ms: epoch ms of the start of each hop, (hops,). counts: float32 (hops, tiles), whole
    numbers; NaN = missing.
    """

    day: int
    start_ms: NDArray[np.int64]
    counts: NDArray[np.float32]


def build_city(spec: CitySpec, ground: Ground | None = None) -> City:
    """Lay a city out, on squares unless another ground is given."""
    layout = lay_out(spec, squares(spec) if ground is None else ground)
    return City(spec=spec, layout=layout, crowds=draw_crowds(layout), outages=draw_outages(layout))


def city_days(city: City) -> Iterator[CityDay]:
    """Yield the city's days in order; one day at a time is in memory."""
    spec = city.spec
    noise = Noise(city.layout)
    by_day = _by_day(city)
    for day in range(spec.days):
        mean = noise.day(day)
        mean *= city.layout.expected(day)
        _add_crowds(mean, [city.crowds[at] for at in by_day[day]], day * spec.hops)
        counts = counted(mean, spec, chance_of(spec.seed, Purpose.DAY, 2 * day + 1))
        _cut(counts, city.outages, day * spec.hops)
        start_ms = city.layout.first_ms + 1_000 * (
            day * 86_400 + spec.hop_s * np.arange(spec.hops, dtype=np.int64)
        )
        yield CityDay(day=day, start_ms=start_ms, counts=counts)


def city_counts(city: City) -> NDArray[np.float32]:
    """All counts at once, float32 (days x hops, tiles); NaN = missing. For small cities."""
    return np.concatenate([day.counts for day in city_days(city)])


def _by_day(city: City) -> dict[int, list[int]]:
    """Tell for each day which crowds are there."""
    found: dict[int, list[int]] = defaultdict(list)
    for at, crowd in enumerate(city.crowds):
        last = crowd.first_hop + crowd.hops - 1
        for day in range(crowd.first_hop // city.spec.hops, last // city.spec.hops + 1):
            found[day].append(at)
    return found


def _add_crowds(mean: NDArray[np.float32], crowds: list[Crowd], first: int) -> None:
    """Add the people of a day's crowds to the means of its hops; `first` is its first hop."""
    for crowd in crowds:
        begin = max(crowd.first_hop, first)
        end = min(crowd.first_hop + crowd.hops, first + len(mean))
        shape = crowd.shape()[begin - crowd.first_hop : end - crowd.first_hop].astype(np.float32)
        for tile, people in zip(crowd.tiles, crowd.people, strict=True):
            mean[begin - first : end - first, tile] += np.float32(people) * shape


def counted(
    mean: NDArray[np.float32], spec: CitySpec, chance: np.random.Generator
) -> NDArray[np.float32]:
    """Draw whole counts around the means: Poisson, or negative binomial where they clump."""
    counts = np.empty_like(mean)
    for first in range(0, len(mean), _HOPS_AT_ONCE):
        part = mean[first : first + _HOPS_AT_ONCE].astype(np.float64)
        if spec.clump > 0:
            part *= chance.standard_gamma(1.0 / spec.clump, part.shape) * spec.clump
        counts[first : first + _HOPS_AT_ONCE] = chance.poisson(part)
    return counts


def _cut(counts: NDArray[np.float32], outages: tuple[Outage, ...], first: int) -> None:
    """Take out what was not reported in a day; `first` is its first hop."""
    for outage in outages:
        begin, end = max(outage.first_hop - first, 0), outage.end_hop - first
        if end <= 0 or begin >= len(counts):
            continue
        which = slice(None) if outage.tile is None else outage.tile
        counts[begin:end, which] = 0.0 if outage.zero else np.nan
