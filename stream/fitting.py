"""Do settings and city fit each other? A pack says what settings may then not say otherwise.

A pack has its own grid, and says which feed each cell is of. So the section `grid` is of no use
with one, and a registered feed that it has no cell of could never be seen. A feed of the pack
that is not registered is no fault: its contract may begin, or have ended, before the pack says so.
"""

from __future__ import annotations

from dataclasses import replace
from math import isclose
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from geo.version import ANY_FEED
from stream.settings import ConfigError, Loaded
from stream.settings_deciding import Grid
from stream.settings_fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.city import City
    from stream.settings import Settings

__all__ = ["check_feeds", "feeds_of", "fitted", "is_pack", "unregistered"]


def is_pack(city: City) -> bool:
    """Tell the city of a pack from that of a cells file, which does not say whose cells it has."""
    return ANY_FEED not in city.versions[0].feeds


def feeds_of(city: City) -> tuple[str, ...]:
    """Return the feeds that any version of a pack has cells of, sorted; none for a cells file."""
    return tuple(sorted({name for one in city.versions for name in one.feeds} - {ANY_FEED}))


def unregistered(settings: Settings, city: City) -> tuple[str, ...]:
    """Return the feeds of a pack that the settings do not register: nobody hears them."""
    return tuple(name for name in feeds_of(city) if name not in settings.feeds)


def fitted(loaded: Loaded, city: City) -> Loaded:
    """Return the settings as they are with this city; raises ConfigError with every misfit.

    With a pack the section `grid` stands at its defaults, so that workers agree whether or not
    one of them says again what the pack says; and a file without a feed register is of the
    pack's one feed, if it has no other.
    """
    if not is_pack(city):
        return loaded
    settings = loaded.settings
    faults = [*_of_grid(loaded, city), *_of_feeds(settings, city), *_of_panel(settings, city)]
    if faults:
        raise ConfigError(faults)
    feeds = feeds_of(city)
    return replace(
        loaded,
        settings=msgspec.structs.replace(loaded.settings, grid=Grid()),
        file_feed=feeds[0] if len(feeds) == 1 else loaded.file_feed,
    )


def check_feeds(settings: Settings, city: City) -> None:
    """Raise ConfigError for every registered feed that a pack has no cell of."""
    if is_pack(city) and (faults := [*_of_feeds(settings, city)]):
        raise ConfigError(faults)


def _of_grid(loaded: Loaded, city: City) -> Iterator[Fault]:
    grid = loaded.settings.grid
    said = (
        ("side_m", "has tiles of {:g} m", grid.side_m, city.grid.side_m),
        ("walkable_share", "assumes {:g} of the ground", grid.walkable_share, city.assumed_share),
    )
    for name, what, ours, packs in said:
        # What a pack does not say at all, nobody contradicts.
        if f"grid.{name}" in loaded.explicit and packs is not None and not isclose(ours, packs):
            yield Fault(
                where="",
                key=f"grid.{name}",
                what=f"is {ours:g}, but the city pack {what.format(packs)}",
                instead="no such line, or a pack that is built so",
            )


def _of_panel(settings: Settings, city: City) -> Iterator[Fault]:
    """Yield a supporting feed whose cells are most of the panel: they say nothing of the city."""
    supporting = sorted(settings.feeds.keys() - settings.counting.keys())
    counted = np.zeros(len(city.cells), np.bool_)
    for version in city.versions:
        for name in settings.counting:
            cover = version.of(name)
            if cover is not None:
                counted |= cover.registered
    ours, members = int(np.count_nonzero(counted[city.panel])), len(city.panel)
    if supporting and ours * 2 < members:
        yield Fault(
            where="",
            key=f"feeds.{supporting[0]}.supports",
            what=f"of the {members} cells of the pack's panel only {ours} are of feeds that count",
            instead="a pack in which both feeds have the same ids for the same places",
        )


def _of_feeds(settings: Settings, city: City) -> Iterator[Fault]:
    known = feeds_of(city)
    for name in sorted(settings.feeds):
        if name not in known:
            yield Fault(
                where="",
                key=f"feeds.{name}",
                what=f"the city pack has no cell of it, only of {', '.join(known)}",
                instead="the name of one of them, or a pack that is built with its cells",
            )
