"""What every detector takes and gives: a moment, an observation, a verdict, and the order of calls.

Once a hop the block stage calls `score`, then `ended`, then `learn`. Score filters forward and
learns nothing, so a reading never judges itself; learn learns from what was just scored. State
is whole between `learn` and the next `score`: that is where it may be saved or exchanged.
"""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Tiles: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]
TileIndex: TypeAlias = NDArray[np.intp]

# Scores are rounded to this many parts before any threshold sees them (PROTOCOL 19).
SCORE_PARTS = 1024.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where a hop lies in the local day.

    kind: 0 working day, 1 day off before another day off, 2 Sunday or public holiday.
    minute: local minute of the day at the start of the hop's newest interval, 0 <= minute < 1440.
    slot_ends: the hop's end is the end of a slot; what the slot gathered is learnt now.
    weekday: 0 (Monday) to 4 (Friday) of a working day that is one; -1 = no weekday part (days
        off, and working days made up at a weekend, which look like no weekday).
    """

    kind: int
    minute: float
    slot_ends: bool
    weekday: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class CityNow:
    """What the panel says of one hop: plain numbers, the same for every tile of every block.

    left, right: the city's day curve at the two slot centres around the moment, for this kind of
        day, in units of a tile's size. mean: of the curve over all (kind, slot) seen; 0 = none.
    whole, off: the factor of the moment: what is due is times 1 + whole + off * g, with g the
        log of the tile's days off over its working days. Both 0 with too few members.
    learnt: the curve in the slot that ended with this hop, after the panel learnt it; NaN where
        no slot ended or the panel saw nothing.
    """

    left: float
    right: float
    mean: float
    whole: float
    off: float
    learnt: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one hop says about each tile; all arrays have shape (tiles,).

    low, point, high: people; the interval matters only where `withheld`. NaN = missing or blind.
    withheld: some part of the point is a withheld cell: unknown between low and high, not zero.
    learnable: enough of the tile was seen, and little enough withheld, to learn from the point.
    hidden: enough was seen, but too much of it withheld: what is learnt lies in the interval.
    fresh: a new interval entered the tile in this hop; without one nothing moves.
    density, rolling: people per walkable m2, newest and over the window; NaN = unknown.
    """

    low: Tiles
    point: Tiles
    high: Tiles
    withheld: Mask
    learnable: Mask
    hidden: Mask
    fresh: Mask
    density: Tiles
    rolling: Tiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a detector thinks of each tile; shape (tiles,), fresh arrays, never NaN.

    expected, spread: people, for this hour and kind of day; a bare guess where not `known`.
    z: the newest reading in spreads, as a normal score; 0 where there is nothing to say.
    score: the alarm statistic, a multiple of 1/1024; 0 until the first known slot.
    known: this hour of the day was seen before; False = warming up.
    sightings: own days seen in this slot and kind of day.
    blind: a zero where many were due, or withheld where far more were due: not believed.
    near: the alarm statistic of a tile together with those around it, a multiple of 1/1024; 0
        where there is no such layer. near_excess: people above the expected in all of them.
    drop: the alarm statistic of too few people, a multiple of 1/1024; blind zeros count.
    sure: a drop would be believed: the tile is known and seen well, nothing of it is withheld, and
        no fault of the feed has part in the statistic any more (see `doubt`).
    standing_min: minutes for which a place that filled has not emptied (see `standing`).
    """

    expected: Tiles
    spread: Tiles
    z: Tiles
    score: Tiles
    known: Mask
    sightings: NDArray[np.int32]
    blind: Mask
    near: Tiles
    near_excess: Tiles
    drop: Tiles
    sure: Mask
    standing_min: Tiles


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ended:
    """Runs of high scores that ended with one hop, by layer: tiles, ascending, and the peaks."""

    tiles: TileIndex
    peaks: Tiles
    near_tiles: TileIndex
    near_peaks: Tiles
    drop_tiles: TileIndex
    drop_peaks: Tiles


class Detector(Protocol):
    """Anything that judges tiles hop by hop."""

    def score(self, seen: Observation, moment: Moment, city: CityNow) -> Verdict:
        """Judge one hop: filters move forward, nothing is learnt."""

    def ended(self, gate: Mask, near_gate: Mask, drop_gate: Mask | None = None) -> Ended:
        """Return the runs of high scores that have ended, of tiles and of those with their around.

        gate, near_gate, shape (tiles,): the excess of this hop (of the tile, and of it with those
        around) is large enough to count for the budget. drop_gate: likewise what is missing of the
        usual, and it is believed; a score counts at such hops only. None = nobody asks for drops.
        """

    def learn(self) -> tuple[int, int] | None:
        """Learn from the hop just scored; return the slot (kind, index) it finished, if any."""


def quantised(score: Tiles) -> Tiles:
    """Round to the nearest 1/1024, halves to even, so that no threshold hangs on a last bit.

    >>> quantised(np.array([0.0004, 2.5], np.float32))
    array([0. , 2.5], dtype=float32)
    """
    parts: Tiles = score * SCORE_PARTS
    np.rint(parts, out=parts)
    parts /= SCORE_PARTS
    return parts
