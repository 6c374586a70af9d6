"""Writes a simulated city as the files that every command takes: feed, cells, labels, truth.

All four and a README that says *simulated*, the seed and every parameter. Readings that are
missing have no row; withheld ones have an empty count.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

import numpy as np

from replay.city_crowds import ALLEY_M2
from replay.city_feed import city_days
from replay.city_table import (
    FeedShape,
    local_iso,
    write_csv,
    write_csv_feed,
    write_parquet_feed,
)
from replay.city_uses import unlisted_days

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from replay.city_crowds import Crowd
    from replay.city_feed import City, CityDay

__all__ = ["write_city"]

_MINUTE_MS: Final = 60_000


def write_city(
    city: City,
    folder: Path,
    *,
    parquet: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write all files into a folder that exists; return their paths.

    parquet: write `feed.parquet` instead of `feed.csv.gz`. progress: called with days done and
    to do. The same city gives the same bytes with the same zlib (or Parquet writer) at hand.
    """
    feed = folder / ("feed.parquet" if parquet else "feed.csv.gz")
    ground, spec = city.layout.ground, city.spec
    shape = FeedShape(names=ground.names, tz=spec.tz, hop_s=spec.hop_s, floor=spec.floor)
    (write_parquet_feed if parquet else write_csv_feed)(feed, _told(city, progress), shape)
    written = [feed, write_csv(folder / "cells.csv", [ground.header, *ground.rows])]
    written.append(write_csv(folder / "labels.csv", [_LABEL, *_labels(city)]))
    written.append(write_csv(folder / "truth.csv", [_TRUTH, *_truth(city)]))
    readme = folder / "README.md"
    readme.write_text(_readme(city, feed.name), encoding="utf-8")
    return [*written, readme]


_LABEL: Final = ("start", "end", "name", "cell")
_TRUTH: Final = (
    "name",
    "kind",
    "cell",
    "onset",
    "full",
    "emptying",
    "end",
    "people",
    "expected",
    "peak_ratio",
    "peak_share",
    "ramp_min",
    "plateau_min",
    "decay_min",
    "tile_area_m2",
    "tile_density_per_m2",
    "alley_area_m2",
    "alley_density_per_m2",
    "footprint",
)


def _told(city: City, progress: Callable[[int, int], None] | None) -> Iterator[CityDay]:
    """Yield the days of a city and tell how many are done."""
    for day in city_days(city):
        yield day
        if progress is not None:
            progress(day.day + 1, city.spec.days)


def _iso(city: City, epoch_ms: float) -> str:
    return local_iso(epoch_ms, city.spec.tz)


def _at(city: City, hop: float) -> float:
    """Epoch ms of the start of a hop, counted from the first."""
    return city.layout.first_ms + hop * city.spec.hop_s * 1_000


def _name(number: int, crowd: Crowd) -> str:
    return f"{crowd.kind} {number}"


def _labels(city: City) -> Iterable[tuple[str, ...]]:
    """Yield one label a crowd, at its middle, longer than it by the grace on each side."""
    grace_ms = city.spec.grace_min * _MINUTE_MS
    for number, crowd in enumerate(city.crowds, 1):
        yield (
            _iso(city, _at(city, crowd.first_hop) - grace_ms),
            _iso(city, _at(city, crowd.first_hop + crowd.hops) + grace_ms),
            _name(number, crowd),
            city.layout.ground.names[crowd.tiles[0]],
        )


def _truth(city: City) -> Iterable[tuple[str, ...]]:
    """Yield all that is known of each crowd, exactly as it was drawn."""
    names, area = city.layout.ground.names, city.layout.ground.area_m2
    hop_min = city.spec.hop_min
    for number, crowd in enumerate(city.crowds, 1):
        ends = np.cumsum((crowd.first_hop, crowd.ramp, crowd.plateau, crowd.decay)).tolist()
        middle, people = crowd.tiles[0], crowd.people[0]
        peak = people + crowd.expected
        yield (
            _name(number, crowd),
            crowd.kind,
            names[middle],
            *(_iso(city, _at(city, end)) for end in ends),
            f"{people:.1f}",
            f"{crowd.expected:.1f}",
            f"{crowd.ratio:.3f}",
            f"{people / peak:.3f}",
            *(f"{part * hop_min:g}" for part in (crowd.ramp, crowd.plateau, crowd.decay)),
            f"{area[middle]:.0f}",
            f"{peak / area[middle]:.4f}",
            f"{ALLEY_M2:g}" if crowd.alley_density_per_m2 else "",
            f"{crowd.alley_density_per_m2:g}" if crowd.alley_density_per_m2 else "",
            " ".join(names[tile] for tile in crowd.tiles),
        )


def _readme(city: City, feed: str) -> str:
    """Say what the files are and from which numbers they came."""
    spec = city.spec
    unlisted = ", ".join(city.layout.date_of(day) for day in unlisted_days(spec)) or "none"
    numbers = "\n".join(f"- {one.name}: {getattr(spec, one.name)}" for one in fields(spec))
    return f"""# A simulated city

**Everything in this folder is simulated**, drawn from seed {spec.seed}:
no count, cell or crowd is real.

`{feed}` has the counts, `cells.csv` the cells, `labels.csv` the crowds ({len(city.crowds)})
as known events, each {spec.grace_min:g} minutes longer than the crowd on both sides.

`truth.csv` has what was drawn: onset, full, emptying, end; people in the middle and what the
middle expects without them; density on the tile and, for `alley`, in the alley itself.
`peak_ratio` is people by expected, `peak_share` the crowd's share of all who are there at its
height. A `wide` crowd stands on all cells of its `footprint`; its label names the middle one.

Settings that fit: `calendar.tz = "{spec.tz}"`, `calendar.country = "{spec.country}"`,
a hop of {spec.hop_s} s. Days off that no calendar lists: {unlisted}.

{numbers}
"""
