"""The slow and obvious twin of the alarm layers: plain loops over tiles, the formulas as told.

It takes z as given and says what the tile alone beside its neighbours, the tile with those
around it, and too few people score; and how long a crowd has stood.
"""

import math
from dataclasses import dataclass

from tests.naive_detectors import clip, soft_clip


@dataclass
class Sums:
    """Build-up and surge of one tile in one layer."""

    hop_min: float
    buildup: float = 0.0
    surge: float = 0.0

    def step(self, scaled: float, divisor: float) -> float:
        dt = self.hop_min
        push = min(dt / 30, 1) * (soft_clip(scaled) - 0.75)
        self.buildup = max(0.0, math.exp(-dt / 90) * self.buildup + push)
        self.surge += (1 - math.exp(-dt / 20)) * (clip(scaled, -8, 12) - self.surge)
        return max(self.buildup, self.surge / divisor)


@dataclass
class Scale:
    """How restless one tile is over an hour, learnt while the mean of z is negative."""

    hop_min: float
    var: float = 1.0
    hops: int = 200
    mean: float = 0.0

    def restless(self) -> float:
        return max(math.sqrt(self.var) / 1.5, 0.6)

    def learn(self, z: float, *, good: bool) -> None:
        gain = 1 - math.exp(-self.hop_min / 60)
        self.mean += gain * (clip(z, -12, 12) - self.mean)
        if good and self.mean < 0:
            self.hops = min(self.hops + 1, 1000)
            square = self.mean**2 / (gain / (2 - gain))
            self.var += (min(square, 6 * self.var) - self.var) / self.hops


@dataclass
class Contrast:
    """How much of z those around tell."""

    hop_min: float
    xy: float = 0.0
    xx: float = 0.0
    yy: float = 0.0

    def told(self, z: float, others: float) -> float:
        shared = self.xy + 0.7 * 50
        part = clip(shared / (self.xx + 50), 0, 1.5)
        left = clip(1 - part * shared / (self.yy + 50), 0.2, 1)
        keep = 2 ** (-self.hop_min / 1440 / 21)
        x, y = clip(others, -2.5, 2.5), clip(z, -2.5, 2.5)
        self.xy, self.xx = keep * self.xy + x * y, keep * self.xx + x * x
        self.yy = keep * self.yy + y * y
        return (z - part * others) / math.sqrt(left)


def pooled(together: list[float]) -> float:
    """Return the scaled sum of all, of three and more without the highest and the lowest."""
    part = (0, 1, 1, 0.387, 0.546, 0.639, 0.701, 0.744, 0.776, 0.801)[len(together)]
    held = sorted(clip(x, -8, 20) for x in together)
    inner = held[1:-1] if len(held) > 2 else held
    return sum(inner) / math.sqrt(len(held)) / part


@dataclass
class Standing:
    """For how long a crowd has stood."""

    hop_min: float
    minutes: float = 0.0
    peak: float = 0.0

    def step(self, excess: float, spread: float) -> None:
        if excess <= 2 * spread:
            self.minutes, self.peak = 0.0, 0.0
        elif self.peak > 0 and excess >= 0.8 * self.peak:
            self.minutes, self.peak = self.minutes + self.hop_min, max(self.peak, excess)
        else:
            self.minutes, self.peak = 0.0, excess


@dataclass
class Tile:
    """One tile in all layers; z, score, near and drop are those of the last hop that moved it."""

    hop_min: float
    around: list[int]
    z: float = 0.0
    blind: bool = False
    score: float = 0.0
    near: float = 0.0
    drop: float = 0.0
    sure: bool = False
    doubt: bool = False
    last: float = 0.0

    def __post_init__(self) -> None:
        dt = self.hop_min
        self.own_scale, self.near_scale = Scale(dt), Scale(dt)
        self.own, self.wide, self.fall = Sums(dt), Sums(dt), Sums(dt)
        self.contrast, self.standing = Contrast(dt), Standing(dt)

    def quick(self, scaled: float) -> float:
        if self.hop_min > 5:
            return 0.0
        least = min(scaled, self.last, 40.0)
        self.last = scaled
        return least / 1.3


def hop(
    tiles: list[Tile],
    z: list[float],
    good: list[bool],
    *,
    sure: list[bool],
    moving: list[bool],
) -> None:
    """Advance all tiles by a hop; z, good of this hop, `tile.blind` is set before.

    sure: how many are there is known for sure.
    """
    for tile, new, moves in zip(tiles, z, moving, strict=True):
        tile.z = new if moves else tile.z
    seen = [0.0 if tile.blind else tile.z for tile in tiles]
    for i, tile in enumerate(tiles):
        if moving[i]:
            _move(tile, seen[i], [seen[q] for q in tile.around], good=good[i])
            # What a fault may have pushed down is doubted until the drop has drained.
            tile.sure, fault = sure[i], not sure[i] and tile.z < 0
            tile.doubt = fault or (tile.doubt and tile.drop > 1.0)


def _move(tile: Tile, own: float, others: list[float], *, good: bool) -> None:
    restless = tile.own_scale.restless()
    tile.drop = tile.fall.step(-tile.z / math.sqrt(restless), 1.5)
    z9 = pooled([own, *others]) if others and (good or tile.blind) else 0.0
    scaled = z9 / math.sqrt(tile.near_scale.restless())
    tile.near_scale.learn(z9, good=good)
    tile.near = tile.wide.step(scaled, 1.5)
    apart = len(others) >= 3
    if apart and own != 0.0:
        inner = sorted(clip(x, -4, 4) for x in others)[1:-1]
        own = tile.contrast.told(own, sum(inner) / len(inner))
    scaled = own / math.sqrt(restless)
    tile.own_scale.learn(own, good=good)
    tile.score = max(tile.own.step(scaled, 2.0 if apart else 1.5), tile.quick(scaled))
