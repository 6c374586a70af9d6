"""What of a city file with faults can be read all the same: its sound layers.

A build tells the faults of all files at once; a slip in the city file must not hide those of its
layers. An entry with a fault of its own is left out: what would be said of its file may only
follow from that fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    import msgspec

    from geo.fault import Fault
    from geo.making.city_file import CityFile
    from geo.making.toml_shape import Shaper

__all__ = ["readable"]


def readable(city: CityFile, shaper: Shaper) -> CityFile:
    """Return a city file without the entries that have a fault. shaper: what has made it."""
    if not shaper.faults:
        return city
    faulty = _faulty(shaper.faults)
    ground, duty = city.ground, city.jurisdictions
    of_duty = {name: getattr(duty, name) for name in ("police", "fire", "posts")}
    return replace(
        city,
        grid=replace(city.grid, centre=None if "grid" in faulty else city.grid.centre),
        cells=_rows(shaper, "cells", faulty),
        ground=replace(
            ground,
            walkable=_rows(shaper, "ground.walkable", faulty),
            excluded=_rows(shaper, "ground.excluded", faulty),
        ),
        boundary=None if "boundary" in faulty else city.boundary,
        jurisdictions=replace(
            duty,
            **{
                name: None if f"jurisdictions.{name}" in faulty else entry
                for name, entry in of_duty.items()
            },
        ),
        sites=None if "sites" in faulty else city.sites,
    )


def _faulty(faults: Iterable[Fault]) -> set[str]:
    """Name the tables in which a fault stands: `cells 2`, `ground`, `jurisdictions.police`."""
    return {fault.where or fault.field.rpartition(".")[0] for fault in faults}


def _rows(shaper: Shaper, key: str, faulty: set[str]) -> tuple[msgspec.Struct, ...]:
    """Return the sound tables of a list, in its order."""
    return tuple(
        row
        for where, row in shaper.rows.items()
        if where.rpartition(" ")[0] == key and where not in faulty
    )
