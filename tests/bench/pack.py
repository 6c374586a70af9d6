"""Building the ground of a pack and the density step after it, at full size: time and memory.

Invented cities of bare points on a square of land: 5,000 cells on 400 x 400 tiles of 50 m, and
50,000 cells on 200,000 tiles of 100 m; the same with discs that overlap, and with the streets that
people walk on. Each is built in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geo.coverage import coverage_of
from geo.density import people
from geo.disc import discs
from geo.making.ground import ground_of
from geo.making.shapes import nearest_ground
from geo.making.spreading import spread_over
from geo.spread import Spread, prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["main"]

ROUNDS: Final = 41
PAIRS: Final = 500_000
RADIUS_MAX_M: Final = 2_000.0
STREETS: Final = 20_000
FLOOR: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A square of land with `tiles` x `tiles` tiles, and as many cells.

    disc_m: radius of the largest disc; 0 = bare points. streets: walkable polygons; 0 = no layer.
    """

    cells: int
    side_m: float
    tiles: int
    disc_m: float = 0.0
    streets: int = 0

    @property
    def name(self) -> str:
        """Say what it is in a few words."""
        kind = "discs" if self.disc_m else "bare points"
        streets = f", {self.streets:,} streets" if self.streets else ""
        return f"{self.cells:,} {kind} on {self.tiles**2:,} tiles of {self.side_m:g} m{streets}"


FINE: Final = Town(cells=5_000, side_m=50.0, tiles=400)
WIDE: Final = Town(cells=50_000, side_m=100.0, tiles=448)
TOWNS: Final = (
    FINE,
    replace(FINE, disc_m=500.0),
    replace(FINE, streets=STREETS),
    WIDE,
    replace(WIDE, disc_m=500.0),
    replace(WIDE, streets=STREETS),
)


def streets(town: Town, land_m: float) -> NDArray[np.object_]:
    """Draw bent streets, 12 m wide and up to 280 m long, that cross each other."""
    chance = np.random.default_rng(2)
    first = chance.uniform(0, land_m, (town.streets, 2))
    way = chance.uniform(-200, 200, (town.streets, 2))
    bend = first + way / 2 + chance.uniform(-20, 20, (town.streets, 2))
    lines = shapely.linestrings(np.stack((first, bend, first + way), axis=1))
    return np.asarray(shapely.buffer(lines, 6.0, quad_segs=3), dtype=np.object_)


def build(town: Town) -> tuple[Spread, str]:
    """Build coverage as `geo build` does; return what a hop reads, and a line about it."""
    chance = np.random.default_rng(1)
    land_m = town.tiles * town.side_m
    land, none = shapely.box(0, 0, land_m, land_m), np.zeros(0, dtype=np.object_)
    sites = chance.uniform(0, land_m, (town.cells, 2)).round(6)
    reach_m = chance.uniform(100, max(town.disc_m, 100), town.cells)
    walkable = streets(town, land_m)
    began, worked = time.monotonic(), time.process_time()
    shapes = (
        discs(sites, reach_m)
        if town.disc_m
        else nearest_ground(sites, boundary=land, radius_max_m=RADIUS_MAX_M)
    )
    ground = ground_of(
        side_m=town.side_m,
        boundary=land,
        walkable=walkable,
        excluded=none,
        assumed_share=0.3,
        footprints=shapes,
    )
    found = spread_over(shapes, ground, side_m=town.side_m, boundary=land, excluded=none)
    cover = coverage_of(found.cell, found.tile, found.share, town.cells)
    took_s, work_s = time.monotonic() - began, time.process_time() - worked
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    says = (
        f"{took_s:.1f} s ({work_s:.1f} s of one core), {peak_mib:,.0f} MiB at most, "
        f"{cover.cell.size:,} pairs"
    )
    return prepare(cover.cell, cover.tile, cover.share, ground.row.size), says


def step_ms(plan: Spread, cells: int, *, withheld_ratio: float) -> float:
    """Return what one hop takes of one core, milliseconds, median of several."""
    chance = np.random.default_rng(3)
    present = chance.random(cells) < 0.98
    hidden = chance.random(cells) < withheld_ratio
    point = np.where(present, chance.poisson(50, cells), 0).astype(np.float32)
    ends: dict[str, Any] = {"low": point, "point": point, "high": point}
    if withheld_ratio:
        ends["low"] = np.where(hidden, 0, point).astype(np.float32)
        ends["high"] = np.where(hidden, FLOOR - 1, point).astype(np.float32)
    took_s = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        people(plan, **ends, present=present, fresh=present, withheld=hidden)
        took_s.append(time.thread_time() - began)
    return statistics.median(took_s) * 1000


def measure(town: Town) -> None:
    """Build one town and print what it took, and what its hops take."""
    plan, says = build(town)
    pairs = plan.entry.size
    hops = {hidden: step_ms(plan, town.cells, withheld_ratio=hidden) for hidden in (0.0, 0.1)}
    steps = ", ".join(
        f"{ms:.1f} ms a hop with {hidden:.0%} of the cells withheld "
        f"({ms * PAIRS / pairs:.1f} ms per half a million pairs)"
        for hidden, ms in hops.items()
    )
    print(f"{town.name}: built in {says}; {steps}", flush=True)


def main() -> None:
    """Measure all towns, one after the other."""
    fresh = multiprocessing.get_context("spawn")
    for town in TOWNS:
        process = fresh.Process(target=measure, args=(town,))
        process.start()
        process.join()
        if process.exitcode:
            message = f"{town.name}: the build ended with {process.exitcode}"
            raise RuntimeError(message)


if __name__ == "__main__":
    main()
