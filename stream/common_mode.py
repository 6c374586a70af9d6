"""Common mode: a feed whose tiles jump together has changed itself; no crowd does that.

A market share that doubles overnight, a day counted eight times over, a clock that slips: many
tiles leave their usual at one hop. Then nothing that is unusual raises a level until they are
back, and operators are told. The ladder of densities stays, for a crowd that is too dense is too
dense. A festival fills a city too, but not within one hop.

The other way round it is the same: tiles that sink together at one hop have lost part of their
signal, and then no place counts as left by its people.

All numbers are whole, so that sums over block partitions do not depend on their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.contract import Verdict

    Jump = tuple[NDArray[np.float32], NDArray[np.float32], Verdict]
    """People, z of the hop before and verdict of every tile; shape (tiles,)."""

__all__ = ["Movement", "added", "has_sunk", "is_suspect", "movement"]

TILES_MIN: Final = 8  # of fewer tiles one cannot say what is common to them
JUMP_RATIO: Final = 0.3
CALM_RATIO: Final = 0.15
JUMP_Z: Final = 3.0
RISING_Z: Final = 2.0
RISING_SCORE: Final = 1.0
# Later the city's factor and the levels of the tiles have followed, or it is no passing fault.
HELD_MS_MAX: Final = 86_400_000


class Movement(msgspec.Struct, frozen=True, array_like=True):
    """How the tiles of one feed moved at one hop, in whole numbers.

    tiles: that could be judged. jumped: whose score rose by three spreads since the hop before.
    rising: that stand above their usual, or whose alarm has not drained yet. people, usual: what
    they hold and what is due.
    heard: judged, those with a zero that is not believed among them. sunk, low: of them, whose
    score fell by three spreads, and that stand below their usual or whose drop has not drained.
    """

    tiles: int = 0
    jumped: int = 0
    rising: int = 0
    people: int = 0
    usual: int = 0
    heard: int = 0
    sunk: int = 0
    low: int = 0


def movement(
    covered: NDArray[np.bool_],
    point: NDArray[np.float32],
    before_z: NDArray[np.float32],
    verdict: Verdict,
) -> Movement:
    """Return how the tiles that a feed covers moved; all arrays have shape (tiles,).

    before_z: z of the hop before, as the tiles kept it.
    """
    heard = covered & verdict.known & np.isfinite(point)
    judged = heard & ~verdict.blind
    jumped = judged & (verdict.z - before_z >= JUMP_Z)
    rising = judged & ((verdict.z >= RISING_Z) | (verdict.score >= RISING_SCORE))
    sunk = heard & (before_z - verdict.z >= JUMP_Z)
    low = heard & ((verdict.z <= -RISING_Z) | (verdict.drop >= RISING_SCORE))
    return Movement(
        tiles=int(np.count_nonzero(judged)),
        jumped=int(np.count_nonzero(jumped)),
        rising=int(np.count_nonzero(rising)),
        people=int(np.rint(point[judged]).astype(np.int64).sum()),
        usual=int(np.rint(verdict.expected[judged]).astype(np.int64).sum()),
        heard=int(np.count_nonzero(heard)),
        sunk=int(np.count_nonzero(sunk)),
        low=int(np.count_nonzero(low)),
    )


def added(parts: Iterable[Movement]) -> Movement:
    """Return the movement of all parts together; their order does not matter.

    >>> added([Movement(tiles=2, jumped=1), Movement(tiles=3)])
    Movement(tiles=5, jumped=1, rising=0, people=0, usual=0, heard=0, sunk=0, low=0)
    """
    rows = [msgspec.structs.astuple(part) for part in parts]
    return Movement(*(sum(column) for column in zip(*rows, strict=True)))


def is_suspect(since_ms: int, seen: Movement, hop_ms: int) -> bool:
    """Tell whether a feed is suspect after a hop. since_ms: since when it has been, -1 = it is not.

    >>> is_suspect(-1, Movement(tiles=10, jumped=4, rising=4), 0)
    True
    >>> is_suspect(0, Movement(tiles=10, rising=2), 600_000)
    True
    >>> is_suspect(0, Movement(tiles=10, rising=1), 600_000)
    False
    """
    if since_ms < 0:
        return seen.tiles >= TILES_MIN and seen.jumped > JUMP_RATIO * seen.tiles
    if hop_ms - since_ms >= HELD_MS_MAX:
        return False
    # Of nothing seen nothing is known: silence is no proof that the feed is well again.
    return seen.tiles == 0 or seen.rising >= CALM_RATIO * seen.tiles


def has_sunk(since_ms: int, seen: Movement, hop_ms: int) -> bool:
    """Tell likewise whether the tiles of a feed have sunk together.

    >>> has_sunk(-1, Movement(heard=10, sunk=4, low=4), 0), has_sunk(0, Movement(heard=10), 600_000)
    (True, False)
    """
    turned = Movement(tiles=seen.heard, jumped=seen.sunk, rising=seen.low)
    return is_suspect(since_ms, turned, hop_ms)
