"""What differs between two packs of a city, and whether saved state can go on with the second.

State is bound to the grid alone. Coverage may change at a moment that lies ahead, duty and sites
at any start; what a version says that both packs have must stay as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from geo.pack_report import CoverageReport

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.city_value import City
    from geo.duty import Area, Post
    from geo.grid import Grid
    from geo.pack import Pack

__all__ = ["CellsDifference", "Difference", "GridDifference", "TilesDifference", "difference"]

# Below it a cell stands where it stood: the rounding of a drawing.
MOVED_MIN_M: Final = 1.0
M_PER_DEGREE: Final = 111_195.0  # of a sphere; how far a cell moved needs no better
EXAMPLES: Final = 5


class GridDifference(msgspec.Struct, frozen=True, kw_only=True):
    """The tiling. side_m, projection: of both packs; None for tiles that are cells.

    only_before, only_after: tiles that one pack alone has. walkable, assumed: tiles of both
    whose walkable area, or whether it is assumed, differs.
    """

    same: bool
    side_m: tuple[float | None, float | None]
    projection: tuple[str | None, str | None]
    tiles: tuple[int, int]
    only_before: int
    only_after: int
    walkable: int
    assumed: int


class CellsDifference(msgspec.Struct, frozen=True, kw_only=True):
    """The newest coverage of one feed; ids are sorted, the first few of them are named.

    moved: cells of which the middle of the ground they serve moved; moved_max_m: by how far at
    most; farthest: which one. reshaped: cells that stayed, but serve other ground.
    """

    feed: str
    cells: tuple[int, int]
    added: int
    removed: int
    moved: int
    moved_max_m: float
    farthest: str | None
    reshaped: int
    added_first: tuple[str, ...]
    removed_first: tuple[str, ...]


class TilesDifference(msgspec.Struct, frozen=True, kw_only=True):
    """Tiles of both packs for which somebody else answers, or under another name or contact."""

    police: int
    fire: int
    posts: int
    first: tuple[str, ...]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """All of it.

    versions_added, versions_removed, versions_changed: `valid_from_ms` of versions that one pack
    alone has, or that say something else in the other; -1 is the beginning. coverages_added: what
    the second pack reports of the versions that are new in it.
    """

    same_bytes: bool
    grid: GridDifference
    cells: tuple[CellsDifference, ...]
    versions_added: tuple[int, ...]
    versions_removed: tuple[int, ...]
    versions_changed: tuple[int, ...]
    coverages_added: tuple[CoverageReport, ...]
    duty: TilesDifference
    sites_added: tuple[str, ...]
    sites_removed: tuple[str, ...]
    sites_changed: tuple[str, ...]

    @property
    def state_goes_on(self) -> bool:
        """Whether workers with the state of the first pack may load the second."""
        return self.grid.same


def difference(before: Pack, after: Pack) -> Difference:
    """Compare two packs."""
    old, new = before.city, after.city
    versions = [{one.valid_from_ms: one.digest for one in city.versions} for city in (old, new)]
    both = _both(old.grid, new.grid)
    sites = [{site.name: site for site in city.sites} for city in (old, new)]
    feeds = {feed for city in (old, new) for feed in city.versions[-1].feeds}
    return Difference(
        same_bytes=bool(before.digest) and before.digest == after.digest,
        grid=_grid(old, new, both),
        cells=tuple(_cells(old, new, feed) for feed in sorted(feeds)),
        versions_added=tuple(sorted(versions[1].keys() - versions[0].keys())),
        versions_removed=tuple(sorted(versions[0].keys() - versions[1].keys())),
        versions_changed=tuple(
            since
            for since in sorted(versions[0])
            if versions[1].get(since) not in {None, versions[0][since]}
        ),
        coverages_added=tuple(
            one for one in after.report.coverages if one.valid_from_ms not in versions[0]
        ),
        duty=_duty(old, new, both),
        sites_added=tuple(sorted(sites[1].keys() - sites[0].keys())),
        sites_removed=tuple(sorted(sites[0].keys() - sites[1].keys())),
        sites_changed=tuple(
            name
            for name in sorted(sites[0].keys() & sites[1].keys())
            if _site_facts(old, name) != _site_facts(new, name)
        ),
    )


def _both(old: Grid, new: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers, in both grids, of the tiles that both have.

    None where plane or side differ: one id then names other ground.
    """
    if (old.projection, old.side_m) != (new.projection, new.side_m):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    place = {tile: number for number, tile in enumerate(new.tile_ids)}
    pairs = [(number, place[tile]) for number, tile in enumerate(old.tile_ids) if tile in place]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _grid(
    old: City, new: City, both: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> GridDifference:
    mine, theirs = both
    area = old.grid.walkable_m2[mine] != new.grid.walkable_m2[theirs]
    guessed = _assumed(old)[mine] != _assumed(new)[theirs]
    return GridDifference(
        same=old.digest == new.digest,
        side_m=(old.grid.side_m, new.grid.side_m),
        projection=(old.grid.projection, new.grid.projection),
        tiles=(len(old.grid.tile_ids), len(new.grid.tile_ids)),
        only_before=len(old.grid.tile_ids) - len(mine),
        only_after=len(new.grid.tile_ids) - len(theirs),
        walkable=int(np.count_nonzero(area)),
        assumed=int(np.count_nonzero(guessed)),
    )


def _assumed(city: City) -> NDArray[np.bool_]:
    return np.zeros(len(city.grid.tile_ids), np.bool_) if city.assumed is None else city.assumed


def _cells(old: City, new: City, feed: str) -> CellsDifference:
    """Compare the newest coverage of a feed."""
    mine, theirs = _served(old, feed), _served(new, feed)
    stayed = sorted(mine.keys() & theirs.keys())
    far = {cell: _apart_m(mine[cell][1], theirs[cell][1]) for cell in stayed}
    moved = [cell for cell in stayed if far[cell] >= MOVED_MIN_M]
    added, removed = sorted(theirs.keys() - mine.keys()), sorted(mine.keys() - theirs.keys())
    farthest = max(moved, key=lambda cell: far[cell], default=None)
    return CellsDifference(
        feed=feed,
        cells=(len(mine), len(theirs)),
        added=len(added),
        removed=len(removed),
        moved=len(moved),
        moved_max_m=round(far[farthest], 1) if farthest is not None else 0.0,
        farthest=farthest,
        reshaped=sum(
            far[cell] < MOVED_MIN_M and mine[cell][0] != theirs[cell][0] for cell in stayed
        ),
        added_first=tuple(added[:EXAMPLES]),
        removed_first=tuple(removed[:EXAMPLES]),
    )


Served = dict[str, tuple[tuple[bytes, bytes], tuple[float, float]]]


def _served(city: City, feed: str) -> Served:
    """For each cell of a feed: what it serves, to compare, and the middle of it in lon, lat."""
    cover = city.versions[-1].feeds.get(feed)
    if cover is None:
        return {}
    centres = city.grid.centres(np.arange(len(city.grid.tile_ids)))
    order = np.argsort(cover.cell, kind="stable")
    cell, tile, share = cover.cell[order], cover.tile[order], cover.share[order]
    # Tiles are compared by id: they have other numbers in another grid.
    ids = np.array(city.grid.tile_ids)
    known = np.flatnonzero(cover.registered)
    found: Served = {}
    for number, first, last in zip(
        known.tolist(),
        np.searchsorted(cell, known, side="left").tolist(),
        np.searchsorted(cell, known, side="right").tolist(),
        strict=True,
    ):
        tiles, shares = tile[first:last], share[first:last]
        says = ids[tiles].tobytes(), shares.tobytes()
        found[city.cells[number]] = says, _middle(centres, tiles, shares)
    return found


def _middle(
    centres: NDArray[np.float64] | None, tiles: NDArray[np.int32], shares: NDArray[np.float64]
) -> tuple[float, float]:
    """Lon, lat of the middle of the ground of a cell; NaN where it has none, or no place."""
    if centres is None or not len(tiles):
        return float("nan"), float("nan")
    lon, lat = ((centres[tiles] * shares[:, None]).sum(axis=0) / shares.sum()).tolist()
    return lon, lat


def _apart_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Distance of two places nearby; 0 where a place is not known."""
    narrow = np.cos(np.radians((one[1] + other[1]) / 2))
    far = np.hypot((one[0] - other[0]) * narrow, one[1] - other[1]) * M_PER_DEGREE
    return 0.0 if np.isnan(far) else float(far)


def _duty(
    old: City, new: City, both: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> TilesDifference:
    mine, theirs = both
    changed = [
        np.array(_who(old, layer))[mine] != np.array(_who(new, layer))[theirs] for layer in LAYERS
    ]
    tiles = mine[np.logical_or.reduce(changed)][:EXAMPLES]
    police, fire, posts = (int(np.count_nonzero(one)) for one in changed)
    return TilesDifference(
        police=police,
        fire=fire,
        posts=posts,
        first=tuple(old.grid.tile_ids[tile] for tile in tiles.tolist()),
    )


LAYERS: Final = ("police", "fire", "post")


def _who(city: City, layer: str) -> list[str]:
    """Say who answers for each tile, with all that is told of them; empty where nobody does."""
    duty = city.duty
    if duty is None:
        return [""] * len(city.grid.tile_ids)
    named: dict[str, tuple[Area | Post, ...]] = {
        "police": duty.police,
        "fire": duty.fire,
        "post": duty.posts,
    }
    numbers = {"police": duty.police_of, "fire": duty.fire_of, "post": duty.post_of}[layer]
    says = [repr(one) for one in named[layer]]
    return [says[number] if number >= 0 else "" for number in numbers.tolist()]


def _site_facts(city: City, name: str) -> object:
    """Return what a site is, with its tiles by id."""
    (site,) = [one for one in city.sites if one.name == name]
    tiles = [city.grid.tile_ids[tile] for tile in site.tiles.tolist()]
    return site.capacity, site.access_risk, site.rungs, tiles
