"""Which studies there are, in the order of the page, and which of them a run takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tests.quality.crowded import crowded
from tests.quality.larger import c2tm, larger
from tests.quality.measure import measure
from tests.quality.promise import at_default, quiet_squares
from tests.quality.shift import shifted_squares
from tests.quality.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.quality.figure import Measured

__all__ = ["Study", "of_data", "shipped_studies"]


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
    for factor in (2.0, 0.3):
        name = f"Milan, squares x {factor:g}"
        yield Study(name=name, run=partial(shifted_squares, factor))


def of_data(data: Path, folder: Path) -> Iterator[Study]:
    """Yield the studies of sets that do not come with the product.

    data: the folder that holds them; folder: where their feeds may be written. Raises OSError
    or KeyError where data does not hold them.
    """
    for one in larger(data, folder):
        yield Study(name=one.name, run=partial(measure, one))
    city = c2tm(data, folder)
    run = partial(at_default, city, asked=2.0, spans_days=(0.0, 7.0), lab="1.0")
    yield Study(name=city.name, run=run)
