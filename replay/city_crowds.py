"""The crowds of a simulated city: where, when, how many, how fast; known exactly.

Times and sizes of `rise` crowds are drawn as in the laboratory's set: .4 to 3 times what the
tile expects and never under 40 people, filling for 15 to 150 minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from replay.city_chance import Purpose, chance_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from replay.city_plan import Layout

__all__ = ["ALLEY_M2", "Crowd", "draw_crowds"]

RATIOS: Final = (0.4, 0.7, 1.0, 1.5, 3.0)
RAMPS_MIN: Final = (15.0, 45.0, 90.0, 150.0)
PLATEAUS_MIN: Final = (30.0, 90.0, 180.0)
DECAY_MIN: Final = 45.0
PEOPLE_MIN: Final = 40.0
# A fast crowd at least doubles a tile that is expected to hold this many.
FAST_RATIOS: Final = (1.0, 1.5, 2.0)
FAST_RAMP_MIN: Final = 10.0  # with hops of 5 minutes the third one, from 10 to 15, is full
FAST_EXPECTED_MIN: Final = 150.0
# What a neighbour of the middle of a wide crowd holds of what the middle holds: sides, corners.
WIDE_SHARES: Final = (0.7, 0.7, 0.7, 0.7, 0.5, 0.5, 0.5, 0.5)
# People to the square metre in a packed alley of 3 m x 40 m.
ALLEY_M2: Final = 120.0
ALLEY_DENSITIES: Final = (4.0, 5.5, 7.0)
ALLEY_RAMPS_MIN: Final = (45.0, 90.0, 150.0)

_APART_MIN: Final = 8 * 60.0
_QUIET_MIN: Final = 7 * 60.0
_WEEK_MIN: Final = 7 * 1_440.0
_TRIES: Final = 20  # of a place and a time that a fast crowd can have


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """One crowd.

    first_hop: counted from the first hop of the city. ramp, plateau, decay: hops, at least 1.
    tiles: where, the middle first. people: at its height on each of these tiles. expected:
    mean of the middle over the crowd's time, without the crowd. ratio: people by expected, in
    the middle. alley_density_per_m2: at its height in the alley; 0 for other kinds.
    """

    kind: str
    first_hop: int
    ramp: int
    plateau: int
    decay: int
    tiles: tuple[int, ...]
    people: tuple[float, ...]
    expected: float
    alley_density_per_m2: float = 0.0

    @property
    def hops(self) -> int:
        """Hops from the first to the last person who is more than usual."""
        return self.ramp + self.plateau + self.decay

    @property
    def ratio(self) -> float:
        """Times that the middle holds its expected number on top of it."""
        return self.people[0] / self.expected

    def shape(self) -> NDArray[np.float64]:
        """Share of the people that are there, hop by hop; (hops,), 1 on the plateau."""
        return np.concatenate(
            (
                np.arange(1, self.ramp + 1) / (self.ramp + 1),
                np.ones(self.plateau),
                1.0 - np.arange(1, self.decay + 1) / (self.decay + 1),
            )
        )


def draw_crowds(layout: Layout) -> tuple[Crowd, ...]:
    """Draw all crowds, in order of time; two on one tile are at least eight hours apart."""
    spec = layout.spec
    chance = chance_of(spec.seed, Purpose.CROWDS)
    hops = spec.days * spec.hops
    taken: dict[int, list[int]] = {}
    apart = _APART_MIN / spec.hop_min
    found = []
    for tile in range(spec.tiles):
        for first in _starts(layout, chance):
            crowd = _one(layout, chance, tile, first)
            if crowd is None or crowd.first_hop + crowd.hops >= hops:
                continue
            if any(
                abs(crowd.first_hop - other) < apart
                for one in crowd.tiles
                for other in taken.get(one, ())
            ):
                continue
            for one in crowd.tiles:
                taken.setdefault(one, []).append(crowd.first_hop)
            found.append(crowd)
    return tuple(sorted(found, key=lambda crowd: (crowd.first_hop, crowd.tiles)))


def _starts(layout: Layout, chance: np.random.Generator) -> list[int]:
    """Draw when crowds of a tile start: few at night; some tiles have one every week."""
    spec = layout.spec
    hops = spec.days * spec.hops
    last = max(hops - 300.0 / spec.hop_min, 0.06 * hops)
    starts = chance.uniform(0.05 * hops, last, chance.poisson(spec.days / spec.crowd_days))
    if chance.random() < spec.weekly_ratio:
        week = _WEEK_MIN / spec.hop_min
        weekly = chance.uniform(0.0, week) + week * np.arange(spec.days // 7)
        starts = np.concatenate((starts, weekly))
    moved = []
    for start in sorted(starts.astype(np.int64).tolist()):
        quiet = (start % spec.hops) * spec.hop_min < _QUIET_MIN
        later = int(chance.uniform(8 * 60, 14 * 60) / spec.hop_min)
        moved.append(start + later if quiet and chance.random() < 0.8 else start)  # noqa: PLR2004  four of five, as in the laboratory
    return moved


def _one(layout: Layout, chance: np.random.Generator, tile: int, first: int) -> Crowd | None:
    """Draw the kind and size of one crowd; None where it does not fit."""
    names = sorted(layout.spec.kinds)
    weights = np.array([layout.spec.kinds[name] for name in names])
    kind = names[int(chance.choice(len(names), p=weights / weights.sum()))]
    if kind == "fast":
        return _fast(layout, chance, tile, first)
    ramp = float(chance.choice(ALLEY_RAMPS_MIN if kind == "alley" else RAMPS_MIN))
    plateau = float(chance.choice(PLATEAUS_MIN))
    ratio = float(chance.choice(RATIOS))
    density = float(chance.choice(ALLEY_DENSITIES))
    times = _times(layout, ramp, plateau)
    expected = _mean(layout, tile, first, sum(times))
    if expected is None:
        return None
    people = density * ALLEY_M2 if kind == "alley" else max(ratio * expected, PEOPLE_MIN)
    tiles, shares = [tile], [1.0]
    if kind == "wide":
        near = layout.ground.near[tile].tolist()
        around = [(one, share) for one, share in zip(near, WIDE_SHARES, strict=True) if one >= 0]
        tiles += [one for one, _ in around]
        shares += [share for _, share in around]
    return _crowd(
        kind,
        first,
        times,
        (tuple(tiles), tuple(people * share for share in shares)),
        expected=expected,
        alley=density if kind == "alley" else 0.0,
    )


def _fast(layout: Layout, chance: np.random.Generator, tile: int, first: int) -> Crowd | None:
    """Look for a time of day, then a tile, at which a busy place can be doubled."""
    ratio, plateau = float(chance.choice(FAST_RATIOS)), float(chance.choice(PLATEAUS_MIN))
    times = _times(layout, FAST_RAMP_MIN, plateau)
    for _ in range(_TRIES):
        expected = _mean(layout, tile, first, sum(times))
        before = float(layout.expected_at(np.array([first]), tile)[0])
        if expected is not None and min(expected, before) >= FAST_EXPECTED_MIN:
            people = ratio * max(expected, before)
            return _crowd("fast", first, times, ((tile,), (people,)), expected=expected)
        tile = int(chance.integers(layout.spec.tiles))
        day = first // layout.spec.hops
        first = day * layout.spec.hops + int(chance.integers(layout.spec.hops))
    return None


def _times(layout: Layout, ramp: float, plateau: float) -> tuple[int, int, int]:
    hop = layout.spec.hop_min
    return max(1, round(ramp / hop)), max(1, round(plateau / hop)), max(1, round(DECAY_MIN / hop))


def _mean(layout: Layout, tile: int, first: int, hops: int) -> float | None:
    """Return what the tile expects over the crowd's time; None past the end of the city."""
    if first + hops >= layout.spec.days * layout.spec.hops:
        return None
    return float(layout.expected_at(np.arange(first, first + hops), tile).mean())


def _crowd(
    kind: str,
    first: int,
    times: tuple[int, int, int],
    where: tuple[tuple[int, ...], tuple[float, ...]],
    *,
    expected: float,
    alley: float = 0.0,
) -> Crowd:
    return Crowd(
        kind=kind,
        first_hop=first,
        ramp=times[0],
        plateau=times[1],
        decay=times[2],
        tiles=where[0],
        people=where[1],
        expected=expected,
        alley_density_per_m2=alley,
    )
