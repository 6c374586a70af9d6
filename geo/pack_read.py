"""A pack from its bytes: every byte is accounted for by the seal, every index by a check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import shapely

from geo.assumed_share import assumed_share
from geo.city_value import City
from geo.coverage import SHARE_UNIT, Coverage
from geo.duty import Duty
from geo.footprint import Squares
from geo.grid import ORIGIN, Grid, identity_grid, square_grid
from geo.grid_digest import grid_digest
from geo.pack import CellPlaces, Outlines, Pack
from geo.pack_arrays import OUTLINES, PLACES, Members, array_of, index_of, shapes_of
from geo.pack_text import SCHEMA, PackText
from geo.pack_zip import FIRST, PackError, seal_of, unzipped
from geo.readonly import read_only
from geo.site import PlacedSite
from geo.version import Version

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["pack_of"]

_AGAIN: Final = "build it again with this version"


class _Schema(msgspec.Struct, frozen=True):
    """What the text of any format begins with."""

    schema: str


def pack_of(data: bytes) -> Pack:
    """Read a pack from its bytes. Raises PackError: damaged, of another format, or no pack."""
    digest = seal_of(data)
    members = unzipped(data)
    try:
        text = _text(members[FIRST])
        return _pack(text, members, digest)
    except (KeyError, IndexError, ValueError, shapely.errors.ShapelyError) as error:
        if isinstance(error, PackError):
            raise
        raise PackError(f"does not hold what a {SCHEMA} holds ({error})", _AGAIN) from error


def _text(data: bytes) -> PackText:
    """Decode the text, after a look at its schema alone."""
    schema = msgspec.json.decode(data, type=_Schema).schema
    if schema != SCHEMA:
        raise PackError(f"is a {schema[:20]}, this version reads {SCHEMA}", f"{_AGAIN}, or update")
    return msgspec.json.decode(data, type=PackText)


def _pack(text: PackText, members: Members, digest: str) -> Pack:
    """Build the pack from its members."""
    grid = _grid(text, members)
    cells, tiles = len(text.cells), len(grid.tile_ids)
    assumed = array_of(members, "tile/assumed.npy", "|b1")
    if grid_digest(grid, assumed if assumed.size else None) != text.grid.digest:
        raise PackError("has another grid than its digest says", _AGAIN)
    ground_m2 = array_of(members, "tile/ground_m2.npy", "<f8", tiles)
    numbers = sorted({number for version in text.versions for number in version.feeds.values()})
    held = {number: _coverage(members, number, cells=cells, tiles=tiles) for number in numbers}
    city = City(
        grid=grid,
        cells=text.cells,
        versions=tuple(
            Version(
                valid_from_ms=version.valid_from_ms,
                feeds={feed: held[number] for feed, number in version.feeds.items()},
                digest=version.digest,
            )
            for version in text.versions
        ),
        digest=text.grid.digest,
        duty=_duty(text, members, tiles) if text.duty else None,
        sites=_sites(text, members, tiles),
        panel=index_of(members, "panel.npy", cells),
        assumed=assumed if assumed.size else None,
        assumed_share=assumed_share(assumed, grid.walkable_m2, ground_m2),
    )
    place = {name: array_of(members, f"place/{name}.npy", "<f8", cells) for name in PLACES}
    return Pack(
        name=text.name,
        name_zh=text.name_zh,
        city=city,
        projection=text.grid.projection,
        ground_m2=ground_m2,
        outlines=Outlines(**{name: shapes_of(members, f"outline/{name}.wkb") for name in OUTLINES}),
        places=CellPlaces(**place),
        inputs=text.inputs,
        report=text.report,
        digest=digest,
    )


def _grid(text: PackText, members: Members) -> Grid:
    """Build the grid again; its tiles must stand in the order in which it numbers them."""
    row, col = (array_of(members, f"tile/{axis}.npy", "<i4") for axis in ("row", "col"))
    walkable_m2 = array_of(members, "tile/walkable_m2.npy", "<f8", row.size)
    side_m, projection = text.grid.side_m, text.grid.projection
    if side_m is not None and projection is not None:
        return square_grid(
            row - np.int32(ORIGIN),
            col - np.int32(ORIGIN),
            side_m=side_m,
            projection=projection,
            walkable_m2=walkable_m2,
        )
    ids, names = text.grid.tiles, text.grid.names
    shapes = shapes_of(members, "tile/shapes.wkb")
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.intp)
    squares = Squares(
        cells=tuple(ids[place] for place in order.tolist()),
        area_m2=walkable_m2[order],
        row=row[order],
        col=col[order],
        names=tuple(names[place] for place in order.tolist()),
        shapes=shapes[order] if shapes.size else None,
    )
    return identity_grid(squares)


def _coverage(members: Members, number: int, *, cells: int, tiles: int) -> Coverage:
    """Read one coverage."""
    name = f"coverage/{number:03d}"
    first = array_of(members, f"{name}/first.npy", "<i8", tiles + 1)
    cell = index_of(members, f"{name}/cell.npy", cells)
    if first[0] != 0 or first[-1] != cell.size:
        raise ValueError(f"{name}/first.npy does not fit its cells")
    share = array_of(members, f"{name}/share.npy", "<i8", cell.size)
    outside = array_of(members, f"{name}/outside.npy", "<i8", cells)
    return Coverage(
        cell=cell,
        tile=read_only(np.repeat(np.arange(tiles, dtype=np.int32), np.diff(first))),
        share=read_only(share.astype(np.float64) * SHARE_UNIT),
        outside=read_only(outside.astype(np.float64) * SHARE_UNIT),
        registered=array_of(members, f"{name}/registered.npy", "|b1", cells),
    )


def _duty(text: PackText, members: Members, tiles: int) -> Duty:
    """Read who answers for each tile; -1 throughout where no such layer was given."""
    layers: dict[str, NDArray[np.int32]] = {}
    for field, owners in (
        ("police_of", text.police),
        ("fire_of", text.fire),
        ("post_of", text.posts),
    ):
        name = f"tile/{field}.npy"
        of_tile: NDArray[np.int32] = array_of(members, name, "<i4", tiles)
        layers[field] = index_of(members, name, len(owners)) if owners else of_tile
    return Duty(police=text.police, fire=text.fire, posts=text.posts, **layers)


def _sites(text: PackText, members: Members, tiles: int) -> tuple[PlacedSite, ...]:
    """Read the sites with their tiles."""
    first = array_of(members, "site/first.npy", "<i8", len(text.sites) + 1)
    held = np.split(index_of(members, "site/tile.npy", tiles), first[1:-1])
    return tuple(
        PlacedSite(
            name=site.name,
            tiles=read_only(own),
            capacity=site.capacity,
            access_risk=site.access_risk,
            rungs=site.rungs,
        )
        for site, own in zip(text.sites, held, strict=False)
    )
