"""A small city as a pack gives it: one grid, feeds by name, versions, sites, duty."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geo.duty import Area, Duty, Post
from geo.grid_digest import grid_digest
from geo.version import BEGINNING_MS, Version, version_digest
from tests.geo.sample_pack import sample_pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.city import City
    from geo.coverage import Coverage
    from geo.pack import Pack
    from geo.site import PlacedSite

__all__ = ["duty_of", "pack_with", "packed"]


def packed(
    plain: City,
    *,
    feeds: Sequence[str] = ("cmcc",),
    later: dict[int, Coverage] | None = None,
    sites: Sequence[PlacedSite] = (),
    duty: Duty | None = None,
    assumed: Sequence[bool] | None = None,
    assumed_share: float | None = None,
) -> City:
    """Return the city of a cells file as that of a pack; later: coverage of all feeds by time."""
    covers = {BEGINNING_MS: plain.coverage} | (later or {})
    held = {since: dict.fromkeys(feeds, cover) for since, cover in covers.items()}
    versions = tuple(
        Version(valid_from_ms=since, feeds=by_feed, digest=version_digest(plain.cells, by_feed))
        for since, by_feed in sorted(held.items())
    )
    where = None if assumed is None else np.array(assumed, np.bool_)
    return replace(
        plain,
        versions=versions,
        digest=grid_digest(plain.grid, where),
        sites=tuple(sites),
        duty=duty,
        assumed=where,
        assumed_share=assumed_share,
    )


def duty_of(
    city: City, *, police: Sequence[int], fire: Sequence[int], posts: Sequence[int]
) -> Duty:
    """Return areas and posts with made-up names, by their number on each tile."""
    assert len(police) == len(fire) == len(posts) == len(city.grid.tile_ids)
    return Duty(
        police=tuple(Area(id=f"p{n}", name=f"Police {n}") for n in range(max(police) + 1)),
        fire=tuple(Area(id=f"f{n}", name=f"Fire {n}") for n in range(max(fire) + 1)),
        posts=tuple(
            Post(
                id=f"g{n:02d}",
                name=f"Grid {n}",
                post=f"Chief {n}",
                deputy=f"Deputy {n}",
                unit=f"Unit {n}",
                contact=f"ext. {n}",
            )
            for n in range(max(posts) + 1)
        ),
        police_of=np.array(police, np.int32),
        fire_of=np.array(fire, np.int32),
        post_of=np.array(posts, np.int32),
    )


def pack_with(city: City) -> Pack:
    """Return a pack around a city, with nothing to draw."""
    sample, side_m = sample_pack(), city.grid.side_m
    nowhere = np.full(len(city.cells), np.nan)
    places = dict.fromkeys(sample.places.__dataclass_fields__, nowhere)
    return replace(
        sample,
        city=city,
        projection=city.grid.projection,
        ground_m2=np.full(len(city.grid.tile_ids), np.nan if side_m is None else side_m**2),
        places=replace(sample.places, **places),
    )
