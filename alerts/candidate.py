"""Candidate tiles of one hop, as columns: what the block stage saw, before anyone judges it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

__all__ = ["FIGURES", "Candidates"]

Float = NDArray[np.float32]

FIGURES = (
    "people",
    "low",
    "high",
    "density",
    "rolling",
    "expected",
    "spread",
    "score",
    "slope_per_min",
    "present_ratio",
    "told_people",
    "told_low",
    "told_high",
    "told_rolling",
    "told_slope_per_min",
    "near",
    "near_excess",
    "drop",
    "fewer",
    "standing_min",
    "ahead_30",
    "ahead_30_low",
    "ahead_30_high",
)
"""The float32 columns, in the order in which an active tile remembers them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Columns over candidate tiles of one hop, ascending by tile; NaN = unknown.

    tile: int32 global tile index. people, low, high: the feed's unit (best, and the interval).
    density, rolling: newest and rolling people per walkable m2. expected, spread: baseline and
    its scatter. score: unitless, 0 while warming up. slope_per_min: people a minute over the
    window. present_ratio: share of the tile's usual coverage that was there.
    told_*: people, their interval, rolling and slope again, as if the operator had withheld every
    cell below the privacy floor. Levels are judged by what was counted, desks are told this.
    near, near_excess: score of the neighbour layer, and people over the expected in the tiles
    around and the tile itself. drop: score of the drop channel. fewer: people by which even the
    high end lies under the expected; unknown where a drop is not believed (withheld, blind, seen
    in part, or such a hop still has part in the score). standing_min: minutes for which the
    excess has stood without falling.
    ahead_30, ahead_30_low, ahead_30_high: people forecast for half an hour ahead (a whole number
    of steps: an hour where hops take one), and its 80 % interval; unknown while warming up.
    sightings: own days behind the baseline in this slot.
    """

    tile: NDArray[np.int32]
    people: Float
    low: Float
    high: Float
    density: Float
    rolling: Float
    expected: Float
    spread: Float
    score: Float
    slope_per_min: Float
    present_ratio: Float
    told_people: Float
    told_low: Float
    told_high: Float
    told_rolling: Float
    told_slope_per_min: Float
    near: Float
    near_excess: Float
    drop: Float
    fewer: Float
    standing_min: Float
    ahead_30: Float
    ahead_30_low: Float
    ahead_30_high: Float
    sightings: NDArray[np.int32]

    def __post_init__(self) -> None:
        """Unequal or unordered columns are our own mistake."""
        size = self.tile.shape
        for field in fields(self):
            if getattr(self, field.name).shape != size:
                message = f"candidates: column {field.name} has not the shape {size} of tile"
                raise ValueError(message)
        if self.tile.size > 1 and not (self.tile[1:] > self.tile[:-1]).all():
            message = "candidates: tiles must ascend"
            raise ValueError(message)

    def __len__(self) -> int:
        """Return the number of tiles."""
        return int(self.tile.size)

    def figure(self, name: str) -> Float:
        """Return one of the columns in `FIGURES`."""
        column: Float = getattr(self, name)
        return column

    @classmethod
    def empty(cls) -> Candidates:
        """Return no candidates at all.

        >>> len(Candidates.empty())
        0
        """
        return cls.of(tile=np.zeros(0, np.int32))

    @classmethod
    def of(cls, *, tile: NDArray[np.int32], **columns: NDArray[np.generic]) -> Candidates:
        """Return candidates with the given columns; float columns left out are unknown.

        What is told is what was counted, where it is not given.
        """
        unknown = np.full(tile.shape, np.nan, np.float32)
        figures = {
            name: np.asarray(columns.get(name, columns.get(_counted(name), unknown)), np.float32)
            for name in FIGURES
        }
        sightings = columns.get("sightings", np.zeros(tile.shape, np.int32))
        return cls(
            tile=np.asarray(tile, np.int32), sightings=np.asarray(sightings, np.int32), **figures
        )


def _counted(name: str) -> str:
    """Return the column of what was counted that belongs to one of what is told.

    >>> _counted("told_people"), _counted("score")
    ('people', 'score')
    """
    return name.removeprefix("told_")
