"""A pack as bytes: a zip of `pack.json`, of `.npy` members (numbers) and `.wkb` members (polygons).

Numbers are little endian, so that numpy opens them anywhere; equal packs give equal bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from geo.coverage import SHARE_UNIT, Coverage
from geo.pack_arrays import OUTLINES, PLACES, npy, wkb
from geo.pack_text import SCHEMA, GridText, PackText, SiteText, VersionText
from geo.pack_zip import FIRST, zipped

if TYPE_CHECKING:
    from geo.pack import Pack
    from geo.version import Version

__all__ = ["pack_bytes"]


def pack_bytes(pack: Pack) -> bytes:
    """Write a pack as bytes."""
    coverages, versions = _numbered(pack.city.versions)
    members: dict[str, bytes] = {FIRST: msgspec.json.encode(_text_of(pack, versions))}
    members |= _tile_members(pack)
    for number, cover in enumerate(coverages):
        members |= _coverage_members(f"coverage/{number:03d}", cover, len(pack.city.grid.tile_ids))
    for field in PLACES:
        members[f"place/{field}.npy"] = npy(getattr(pack.places, field), "<f8")
    for field in OUTLINES:
        members[f"outline/{field}.wkb"] = wkb(getattr(pack.outlines, field))
    return zipped(members)


def _text_of(pack: Pack, versions: tuple[VersionText, ...]) -> PackText:
    """Gather what is text."""
    city, grid = pack.city, pack.city.grid
    duty = city.duty
    own = grid.side_m is None
    return PackText(
        schema=SCHEMA,
        name=pack.name,
        name_zh=pack.name_zh,
        grid=GridText(
            side_m=grid.side_m,
            projection=pack.projection,
            digest=city.digest,
            tiles=grid.tile_ids if own else (),
            names=grid.names if own else (),
        ),
        cells=city.cells,
        versions=versions,
        police=duty.police if duty else (),
        fire=duty.fire if duty else (),
        posts=duty.posts if duty else (),
        duty=duty is not None,
        sites=tuple(
            SiteText(
                name=site.name,
                capacity=site.capacity,
                access_risk=site.access_risk,
                rungs=site.rungs,
            )
            for site in city.sites
        ),
        inputs=pack.inputs,
        report=pack.report,
    )


def _numbered(
    versions: tuple[Version, ...],
) -> tuple[list[Coverage], tuple[VersionText, ...]]:
    """Give each coverage a number; one that acts in several versions is kept once."""
    coverages: list[Coverage] = []
    texts = []
    for version in versions:
        feeds = {}
        for feed, cover in sorted(version.feeds.items()):
            held = [number for number, one in enumerate(coverages) if one is cover]
            feeds[feed] = held[0] if held else len(coverages)
            if not held:
                coverages.append(cover)
        texts.append(
            VersionText(valid_from_ms=version.valid_from_ms, digest=version.digest, feeds=feeds)
        )
    return coverages, tuple(texts)


def _tile_members(pack: Pack) -> dict[str, bytes]:
    """Return the numbers of tiles, and of what is laid on them."""
    city, grid = pack.city, pack.city.grid
    none = np.full(len(grid.tile_ids), -1, np.int32)
    duty = city.duty
    assumed = np.zeros(0, np.bool_) if city.assumed is None else city.assumed
    tiles = [site.tiles for site in city.sites]
    first = np.cumsum([0, *map(len, tiles)])
    return {
        "tile/row.npy": npy(grid.row, "<i4"),
        "tile/col.npy": npy(grid.col, "<i4"),
        "tile/walkable_m2.npy": npy(grid.walkable_m2, "<f8"),
        "tile/ground_m2.npy": npy(pack.ground_m2, "<f8"),
        "tile/assumed.npy": npy(assumed, "|b1"),
        "tile/police_of.npy": npy(duty.police_of if duty else none, "<i4"),
        "tile/fire_of.npy": npy(duty.fire_of if duty else none, "<i4"),
        "tile/post_of.npy": npy(duty.post_of if duty else none, "<i4"),
        "tile/shapes.wkb": wkb(np.zeros(0, np.object_) if grid.shapes is None else grid.shapes),
        "site/first.npy": npy(first, "<i8"),
        "site/tile.npy": npy(np.concatenate([np.zeros(0, np.int32), *tiles]), "<i4"),
        "panel.npy": npy(city.panel, "<i4"),
    }


def _coverage_members(name: str, cover: Coverage, tiles: int) -> dict[str, bytes]:
    """Return a coverage as rows of tiles: where each row begins, its cells, their shares."""
    first = np.searchsorted(cover.tile, np.arange(tiles + 1))
    return {
        f"{name}/first.npy": npy(first, "<i8"),
        f"{name}/cell.npy": npy(cover.cell, "<i4"),
        f"{name}/share.npy": npy(np.rint(cover.share / SHARE_UNIT), "<i8"),
        f"{name}/outside.npy": npy(np.rint(cover.outside / SHARE_UNIT), "<i8"),
        f"{name}/registered.npy": npy(cover.registered, "|b1"),
    }
