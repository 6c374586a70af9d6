"""A small pack with one of everything, for tests that need some pack."""

import numpy as np
import shapely

from geo.city import City
from geo.coverage import Coverage, coverage_of
from geo.duty import Area, Duty, Post
from geo.footprint import Squares
from geo.grid import Grid, identity_grid, square_grid
from geo.grid_digest import grid_digest
from geo.pack import CellPlaces, Outlines, Pack
from geo.pack_report import CoverageReport, Input, Report
from geo.site import PlacedSite
from geo.version import BEGINNING_MS, Version, version_digest

PLANE = "+proj=laea +lat_0=21.2 +lon_0=110.4 +datum=WGS84 +units=m +no_defs"
CELLS = ("a", "b", "小区-3", "z9")


def sample_report() -> Report:
    cells = CoverageReport(
        feed="cmcc",
        file="cells.csv",
        valid_from_ms=BEGINNING_MS,
        cells=3,
        outside_ratio=0.25,
        outside_worst=(("b", 0.5),),
        fallback=1,
        fallback_cells=("a",),
    )
    return Report(
        tiles=6,
        blocks=2,
        ground_m2=60_000.0,
        walkable_m2=18_000.0,
        assumed_ratio=0.5,
        coverages=(cells,),
        repaired=("districts.geojson: feature 2: mended",),
        slivers=(),
        panel=2,
        tools=("GEOS",),
    )


def sample_squares() -> Grid:
    row, col = np.array([0, 0, 1, -1, -1, 5]), np.array([0, 1, 0, 0, -1, 20])
    walkable_m2 = np.array([3000.0, 2500.5, 1.0, 10.0, 12.25, 9999.0])
    return square_grid(row, col, side_m=100.0, projection=PLANE, walkable_m2=walkable_m2)


def _coverage(pairs: list[tuple[int, int, float]], known: list[int], tiles: int) -> Coverage:
    cell, tile, share = zip(*pairs, strict=True)
    assert max(tile) < tiles
    return coverage_of(
        np.array(cell), np.array(tile), np.array(share), 4, registered=np.array(known, np.bool_)
    )


def sample_city(grid: Grid) -> City:
    first = _coverage([(0, 0, 0.5), (0, 3, 0.5), (1, 1, 2.0**-40), (2, 2, 1.0)], [1, 1, 1, 0], 6)
    other = _coverage([(3, 0, 0.75), (0, 0, 1.0)], [1, 0, 0, 1], 6)
    later = _coverage([(0, 0, 0.5), (3, 5, 0.25)], [1, 0, 0, 1], 6)
    feeds = ({"cmcc": first, "cucc": other}, {"cmcc": later, "cucc": other})
    versions = tuple(
        Version(valid_from_ms=since, feeds=held, digest=version_digest(CELLS, held))
        for since, held in zip((BEGINNING_MS, 1_764_518_400_000), feeds, strict=True)
    )
    assumed = np.array([1, 0, 1, 0, 1, 0], np.bool_)
    duty = Duty(
        police=(Area(id="440802", name="赤坎区"), Area(id="440803", name="霞山区")),
        fire=(),
        posts=(Post(id="g1", name="1", post="chief", deputy="deputy", unit="u", contact="ext 1"),),
        police_of=np.array([0, 0, 1, 1, 0, 1], np.int32),
        fire_of=np.full(6, -1, np.int32),
        post_of=np.zeros(6, np.int32),
    )
    return City(
        grid=grid,
        cells=CELLS,
        versions=versions,
        digest=grid_digest(grid, assumed),
        duty=duty,
        sites=(
            PlacedSite(name="Stadium", tiles=np.array([1, 2], np.int32), capacity=5000.0),
            PlacedSite(
                name="体育场",
                tiles=np.array([4], np.int32),
                access_risk=("narrow", "slope"),
                rungs=(1.0, 2.0, 3.0, 3.5),
            ),
        ),
        panel=np.array([0, 3], np.int32),
        assumed=assumed,
    )


def sample_pack(grid: Grid | None = None) -> Pack:
    ramp = np.arange(4.0)
    box = np.array([shapely.box(0, 0, 100, 100)], dtype=np.object_)
    none = np.zeros(0, np.object_)
    return Pack(
        name="Zhanjiang",
        name_zh="湛江",
        city=sample_city(grid or sample_squares()),
        projection=PLANE,
        ground_m2=np.full(6, 10_000.0),
        outlines=Outlines(boundary=box, police=np.repeat(box, 2), fire=none, sites=none),
        places=CellPlaces(
            x_m=ramp, y_m=-ramp, radius_m=ramp, azimuth_deg=ramp * np.nan, beam_deg=ramp * np.nan
        ),
        inputs=(Input(file="cells.csv", sha256="00", size_bytes=7),),
        report=sample_report(),
    )


def sample_own_tiles() -> Grid:
    """Return an identity tiling with polygons; its tiles have another order than its ids."""
    shapes = np.array([shapely.box(i, 0, i + 1, 1) for i in range(6)], dtype=np.object_)
    return identity_grid(
        Squares(
            cells=tuple("abcdef"),
            area_m2=np.arange(1.0, 7.0),
            row=np.array([-1, 40, 2, 2, 0, -1], np.int32),
            col=np.array([-1, 0, 9, 1, 0, -1], np.int32),
            names=("market", None, None, "码头", None, None),
            shapes=shapes,
        )
    )
