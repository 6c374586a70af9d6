"""Small cities and settings for the simulator: every shape of time and ground that rules hang on.

A city has 6 to 9 cells over 2 to 4 blocks, so that a crash can tear blocks of one partition
apart; discs touch tiles of several blocks. Time comes short (minutes, a rolling window) and long
(each hop ends a baseline slot, and slots are visited again within the run).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo.city import City, city_of
from geo.footprint import Footprints, Squares
from replay.sim_pack import packed
from stream.settings import load

if TYPE_CHECKING:
    from replay.sim_chance import Chance
    from stream.settings import Settings

__all__ = ["SHAPES", "Shape", "World", "world_of"]

START_MS: Final = 1_789_948_800_000
"""2026-09-21, a Monday, 08:00 in Shanghai: every period starts anew."""
INTO_SLOT_MS: Final = 21 * 60_000
"""Short hops start so long after it that a baseline slot ends among them."""
AREA_M2: Final = 400.0
DROPS: Final = 'detectors.directions=["rise", "drop"]'
FIRST_BLOCK: Final = 31
"""Rows of blocks from here on spread well over 2, 3 and 4 partitions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One way of cutting time. hops: of crowds, before the last ticks. sets: settings of it."""

    name: str
    hop_s: int
    lateness_s: int
    hops: int
    feeds: tuple[tuple[str, int], ...]
    sets: tuple[str, ...] = ()

    @property
    def all_sets(self) -> tuple[str, ...]:
        """Everything that is set in this shape."""
        return (
            f"time.hop_s={self.hop_s}",
            f"time.lateness_s={self.lateness_s}",
            f"time.future_s={self.hop_s}",
            f"time.window_s={3 * self.hop_s}",
            f"alerts.hold_s={2 * self.hop_s}",
            f"alerts.update_s={2 * self.hop_s}",
            f"alerts.reopen_s={3 * self.hop_s}",
            f"alerts.keep_s={max(12 * self.hop_s, 3600)}",
            f"alerts.watch_s={6 * self.hop_s}",
            f"alerts.ack_expires_s={5 * self.hop_s}",
            f"alerts.shelve_max_s={[min(3 * self.hop_s, 43_200)] * 3 + [0]}",
            f"desks.police.ack_deadline_s={[3 * self.hop_s, 2 * self.hop_s, self.hop_s, 10]}",
            "alerts.false_alarms_per_day=20",
            "alerts.min_people=60",
            "calendar.country=none",
            *(f"feeds.{name}.period_s={period_s}" for name, period_s in self.feeds),
            *self.sets,
        )


FLOOD: Final = "alerts.flood_messages=2"
"""So few that a small city, too, is told as one now and then."""

SHAPES: Final = (
    Shape(name="minute", hop_s=60, lateness_s=20, hops=26, feeds=(("a", 60),), sets=(DROPS, FLOOD)),
    Shape(
        name="slow feed",
        hop_s=60,
        lateness_s=20,
        hops=24,
        feeds=(("a", 60), ("b", 180)),
        sets=("feeds.b.delay_s=120", "feeds.b.expansion=0.5"),
    ),
    Shape(
        name="fused",
        hop_s=60,
        lateness_s=20,
        hops=24,
        feeds=(("a", 60), ("b", 120)),
        sets=(
            "feeds.a.market_share=0.5",
            "feeds.a.phone_on_ratio=0.9",
            "feeds.b.market_share=0.4",
            DROPS,
        ),
    ),
    Shape(
        name="checked ticks",
        hop_s=60,
        lateness_s=30,
        hops=24,
        feeds=(("a", 60),),
        sets=("time.ticks=worker",),
    ),
    Shape(
        name="half slots",
        hop_s=900,
        lateness_s=60,
        hops=26,
        feeds=(("a", 900), ("b", 450)),
        sets=("feeds.a.phase_s=300",),
    ),
    Shape(
        name="days", hop_s=7200, lateness_s=600, hops=34, feeds=(("a", 7200),), sets=(DROPS, FLOOD)
    ),
    Shape(
        name="supported",
        hop_s=3600,
        lateness_s=120,
        hops=30,
        feeds=(("a", 1800), ("b", 3600), ("c", 3600)),
        sets=("feeds.a.supports=0.5", "feeds.a.floor=40", DROPS),
    ),
    Shape(
        name="sites",
        hop_s=3600,
        lateness_s=120,
        hops=28,
        feeds=(("a", 3600), ("b", 14_400)),
        sets=(
            'sites=[{name="hall", cells=["c00", "c04"], capacity=900, access_risk=true}]',
            "alerts.rise_hops=2",
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One deployment. shape: how its time is cut. snapshots: partitions of the snapshot topic."""

    shape: Shape
    settings: Settings
    city: City
    snapshots: int

    @property
    def sources(self) -> int:
        """Number of cell-counts partitions."""
        return self.settings.topics.partitions.counts

    @property
    def is_long(self) -> bool:
        """Whether baseline slots are visited again within a run."""
        return self.shape.hop_s * self.shape.hops > 86_400  # noqa: PLR2004 - seconds of a day

    @property
    def begin_ms(self) -> int:
        """Start of the first interval, epoch ms."""
        return START_MS + (INTO_SLOT_MS if self.shape.hop_s == 60 else 0)  # noqa: PLR2004 - a minute


def world_of(chance: Chance) -> World:
    """Draw a deployment."""
    shape = chance.choice(SHAPES)
    on_squares = chance.hits(0.7)
    city = (
        chance.choice((_squares(6, 2), _squares(9, 3), _squares(8, 2))) if on_squares else _discs()
    )
    settings = _settings(shape, chance.choice((1, 2, 2, 3)), chance.choice((1, 1, 2, 2, 3, 4)))
    world = World(shape=shape, settings=settings, city=city, snapshots=chance.choice((1, 2)))
    return replace(world, city=_packed(chance, world)) if chance.hits(0.4) else world


def _packed(chance: Chance, world: World) -> City:
    """Return the world's city as a pack, with a version that comes to act during the run."""
    hop_ms = world.shape.hop_s * 1000
    # Now and then within a hop: then it acts from the next one on.
    since_ms = world.begin_ms + chance.randrange(world.shape.hops) * hop_ms
    since_ms += chance.choice((0, 0, hop_ms // 3))
    return packed(world.city, tuple(name for name, _ in world.shape.feeds), since_ms)


@cache
def _settings(shape: Shape, counts: int, blocks: int) -> Settings:
    ticks = () if any(one.startswith("time.ticks") for one in shape.sets) else ("time.ticks=feed",)
    partitions = (
        f"topics.partitions.counts={counts}",
        f"topics.partitions.blocks={blocks}",
    )
    return load(None, env={}, sets=[*shape.all_sets, *ticks, *partitions])


@cache
def _squares(cells: int, a_block: int) -> City:
    """Return cells that are tiles, a few neighbours in each block, the blocks far apart."""
    number = np.arange(cells, dtype=np.int32)
    register = Squares(
        cells=tuple(f"c{i:02d}" for i in range(cells)),
        area_m2=np.full(cells, AREA_M2),
        row=((FIRST_BLOCK + number // a_block) * 16 + 15 * (number % 2)).astype(np.int32),
        col=(number % a_block).astype(np.int32),
        names=(None,) * cells,
    )
    return city_of(register, file="squares", side_m=100.0, walkable_share=1.0)


@cache
def _discs() -> City:
    """Return discs of 300 m on tiles of 250 m, two of them across an edge between blocks."""
    at = [(110.36 + 0.02 * (i % 3), 21.27 + 0.001 * (i // 3)) for i in range(6)]
    register = Footprints(
        cells=tuple(f"c{i:02d}" for i in range(6)),
        shapes=np.array([shapely.Point(*one) for one in at], object),
        radius_m=np.full(6, 300.0),
        azimuth_deg=np.full(6, np.nan),
        beam_deg=np.full(6, np.nan),
    )
    return city_of(register, file="discs", side_m=250.0, walkable_share=0.005)
