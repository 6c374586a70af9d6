"""Duty and sites laid on the tiles of a grid, with all faults of all their layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.duty import Duty
from geo.making.assign import Assigned, assign
from geo.making.shapes import projected
from geo.making.sites import place_sites
from geo.readonly import read_only

if TYPE_CHECKING:
    from geo.duty import Area, Post
    from geo.making.areas import Owners
    from geo.making.assign import Tiles
    from geo.making.gathering import Gathering
    from geo.making.sources import Sources, Step
    from geo.pack_report import Slivers
    from geo.site import PlacedSite

__all__ = ["duty_on", "sites_on"]


def duty_on(
    tiles: Tiles | None, sources: Sources, gathering: Gathering, on_step: Step
) -> tuple[Duty | None, tuple[Slivers, ...]]:
    """Give every tile its police area, fire area and post; None where no layer is given.

    tiles: None = nothing has a place; then no layer is given either (`read_sources` sees to it).
    Gaps and overlaps go to the gathering; with one, the result is not to be used.
    """
    layers = sources.city.jurisdictions
    given = {"police": sources.police, "fire": sources.fire, "posts": sources.posts}
    if tiles is None or given == dict.fromkeys(given):
        return None, ()
    found: dict[str, Assigned] = {}
    for number, (name, owners) in enumerate(given.items(), start=1):
        # One layer for both desks is laid once, and its faults are told once.
        twin = next((other for other in found if given[other] is owners), None)
        if twin is not None:
            found[name] = found[twin]
        elif owners is not None:
            called = ", ".join(other for other in given if given[other] is owners)
            found[name] = _assigned(called, owners, tiles, sliver_m2=layers.sliver_m2)
            file = sources.inputs.shown(getattr(layers, name).file)
            gathering.add(file, found[name].faults)
        on_step("duty", number, len(given))
    none = read_only(np.full(len(tiles.ids), -1, np.int32))
    of_tile = {name: found[name].of_tile if name in found else none for name in given}
    unique = {one.slivers.layer: one.slivers for one in found.values()}
    return Duty(
        police=sources.police.owners if sources.police else (),
        fire=sources.fire.owners if sources.fire else (),
        posts=sources.posts.owners if sources.posts else (),
        police_of=of_tile["police"],
        fire_of=of_tile["fire"],
        post_of=of_tile["posts"],
    ), tuple(unique.values())


def sites_on(tiles: Tiles | None, sources: Sources, gathering: Gathering) -> tuple[PlacedSite, ...]:
    """Give every site its tiles; those that get none go to the gathering."""
    drawn, entry = sources.sites, sources.city.sites
    if tiles is None or drawn is None or entry is None:
        return ()
    placed, faults = place_sites(drawn, projected(drawn.shapes, tiles.projection), tiles)
    gathering.add(sources.inputs.shown(entry.file), faults)
    return placed


def _assigned(
    layer: str, owners: Owners[Area] | Owners[Post], tiles: Tiles, *, sliver_m2: float
) -> Assigned:
    """Lay one layer."""
    areas = projected(owners.shapes, tiles.projection)
    ids = tuple(owner.id for owner in owners.owners)
    return assign(areas, ids, tiles, layer=layer, sliver_m2=sliver_m2)
