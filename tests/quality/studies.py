"""Which studies there are, in the order of the page, and which of them a run takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from tests.quality.city_studies import (
    fast_crowds,
    hard_city,
    laboratory_cities,
    laboratory_city,
    quiet_city,
)
from tests.quality.crowded import crowded
from tests.quality.larger import c2tm, larger, matches_by_two_signals
from tests.quality.lookahead import forecast_squares
from tests.quality.measure import measure
from tests.quality.promise import at_default, quiet_squares
from tests.quality.shift import shifted_squares
from tests.quality.shipped import shipped
from tests.quality.sizes import state_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.quality.figure import Measured

__all__ = ["Study", "of_data", "shipped_studies"]


# Seed, tiles, days and hop: the largest has longer hops, or a run would take an hour.
_SIZES: Final = (
    (134, 400, 28, 600),
    (135, 4_000, 28, 600),
    (133, 20_000, 21, 1_800),
)
_UNSEEN: Final = (102, 103, 104, 105)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One piece of work. quick: it belongs to the short run, too."""

    name: str
    run: Callable[[], Measured]
    quick: bool = False


def shipped_studies() -> Iterator[Study]:
    """Yield the studies that need nothing but the product."""
    for one in shipped():
        yield Study(name=one.name, run=partial(measure, one), quick=True)
    made = crowded(seed=1)
    yield Study(name=made.name, run=partial(measure, made), quick=True)
    yield Study(name="Milan, 25 squares", run=quiet_squares, quick=True)
    yield Study(name="Milan, 28 squares, forecast", run=forecast_squares, quick=True)
    yield Study(name="Memory", run=state_bytes, quick=True)
    for factor in (2.0, 0.3):
        name = f"Milan, squares x {factor:g}"
        yield Study(name=name, run=partial(shifted_squares, factor))
    yield Study(
        name="Simulated city, 49 tiles",
        run=partial(laboratory_city, 101, tiles=49, asked=False),
        quick=True,
    )
    yield from _cities()


def _cities() -> Iterator[Study]:
    run = partial(laboratory_cities, _UNSEEN, tiles=400)
    yield Study(name="Simulated cities, 400 tiles, one budget", run=run)
    for seed in _UNSEEN[:2]:
        run = partial(laboratory_city, seed, tiles=400)
        yield Study(name=f"Simulated city, 400 tiles, seed {seed}", run=run)
    yield Study(name="Simulated hard city, seed 111", run=partial(hard_city, 111, tiles=400))
    for seed in (121, 122):
        yield Study(name=f"Simulated fast crowds, seed {seed}", run=partial(fast_crowds, seed))
    for seed, tiles, days, hop_s in _SIZES:
        run = partial(quiet_city, seed, tiles=tiles, days=days, hop_s=hop_s)
        yield Study(name=f"Simulated city, {tiles:,} tiles, default budget", run=run)


def of_data(data: Path, folder: Path) -> Iterator[Study]:
    """Yield the studies of sets that do not come with the product.

    data: the folder that holds them; folder: where their feeds may be written. Raises OSError
    or KeyError where data does not hold them.
    """
    for one in (*larger(data, folder), matches_by_two_signals(folder)):
        yield Study(name=one.name, run=partial(measure, one))
    city = c2tm(data, folder)
    run = partial(at_default, city, asked=2.0, spans_days=(0.0, 7.0), lab="1.0")
    yield Study(name=city.name, run=run)
