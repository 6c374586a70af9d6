"""The slow and obvious twin of the shift: one tile, plain Python floats."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.naive_detectors import Tile


@dataclass
class Shift:
    """Minutes far off, with the side as sign, and sums of counts and dues; the hop of now."""

    far_min: float = 0.0
    seen: float = 0.0
    due: float = 0.0
    due_now: dict[str, float] = field(default_factory=dict)
    good: bool = False
    stands: bool = False

    def move(self, far_min: float, count: float, due: float) -> None:
        """Move to so many minutes; at none the sums begin anew."""
        self.far_min = far_min
        self.seen = self.seen + count if far_min else 0.0
        self.due = self.due + due if far_min else 0.0

    def less(self, minutes: float) -> float:
        """Return the minutes far off less some, never beyond none."""
        return math.copysign(max(abs(self.far_min) - minutes, 0.0), self.far_min)


def end_slot(tile: Tile, kind: int, i: int, learnt: float, *, weekday: int) -> None:
    """Let a tile learn the slot that ended, and then whether it has changed for good."""
    far, slot = tile.shift, float(tile.slot_min)
    days = sum(tile.day[q][i].n for q in range(3))
    found = tile.learn_slot(kind, i, learnt, due=far.due_now, weekday=weekday)
    if found is None:
        far.move(far.far_min if far.stands else far.less(slot), 0.0, 0.0)
        return
    tile.blank_min = max(tile.blank_min - slot, 0.0)
    count, due = found
    if not far.good or far.due_now["n"] < 2 or days < 10 or max(count, due) < 10:
        return
    side = (count > 1.5 * due) - (4 * count < due)
    agrees = side * far.far_min > 0 or far.far_min == 0
    far.move(far.far_min + side * slot if agrees else far.less(4 * slot), count, due)
    if far.far_min >= 30 * 60 or far.far_min <= -72 * 60:
        begin_anew(tile)


def begin_anew(tile: Tile) -> None:
    """Rescale a tile of which a shift is sure, or blank it."""
    far = tile.shift
    if far.far_min > 0 and far.due < 4 * far.far_min / tile.slot_min * tile.scale:
        tile.scale, tile.blank_min = 1.0, 8 * 1440.0
        tile.size_sum = tile.size_den = 0.0
    else:
        tile.scale *= far.seen / far.due
        tile.size_sum *= far.seen / far.due
    tile.level, tile.level_var = 0.0, 0.12**2
    tile.dispersion, tile.dispersion_n = max(tile.dispersion, 1.0), 0
    far.move(0.0, 0.0, 0.0)
