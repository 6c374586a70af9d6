"""What every cell of every feed says at one hop, for the oracle: columns from dictionaries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from stream.settings import Settings

__all__ = ["Counts", "Current", "counts_of"]

WEEK_MS: Final = 7 * 86_400_000


@dataclass(slots=True, kw_only=True)
class Current:
    """What counts now: the best offer (seq, value) of each (feed, cell, interval end).

    newest: of each (feed, cell) the newest interval. fresh: those that got a newer one just now.
    """

    feeds: int
    cells: int
    best: dict[tuple[int, int, int], tuple[int, float]] = field(default_factory=dict)
    newest: dict[tuple[int, int], int] = field(default_factory=dict)
    fresh: set[tuple[int, int]] = field(default_factory=set)

    def renew(self, places: Iterable[tuple[int, int, int]]) -> None:
        """Note which intervals were heard of in this hop."""
        self.fresh.clear()
        for feed, cell, end_ms in places:
            if end_ms > self.newest.get((feed, cell), -1):
                self.newest[feed, cell] = end_ms
                self.fresh.add((feed, cell))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """Columns over (feed, cell), feed after feed."""

    low: NDArray[np.float32]
    point: NDArray[np.float32]
    high: NDArray[np.float32]
    present: NDArray[np.bool_]
    fresh: NDArray[np.bool_]
    withheld: NDArray[np.bool_]
    usual: NDArray[np.bool_]
    known: NDArray[np.bool_]


def counts_of(settings: Settings, current: Current, hop_ms: int, *, floor: int = 0) -> Counts:
    """Return what every cell of every feed says at this hop.

    floor: what desks are told: a count below it is as good as withheld.
    """
    rows: list[tuple[float, float, float, bool, bool, bool, bool, bool]] = []
    for feed, name in enumerate(sorted(settings.feeds)):
        spec = settings.feeds[name]
        oldest_ms = hop_ms - settings.max_age_ms(name)
        factor = np.float32(spec.expansion)
        top = np.float32((max(spec.floor, floor, 1) - 1) * spec.expansion)
        for cell in range(current.cells):
            end_ms = current.newest.get((feed, cell), -1)
            known = end_ms >= 0
            present = known and end_ms >= oldest_ms
            value = current.best[feed, cell, end_ms][1] if present else 0.0
            hidden = present and value < floor
            low = np.float32(0 if hidden else value) * factor
            point = top / np.float32(2) if hidden else low
            high = top if hidden else low
            fresh = (feed, cell) in current.fresh
            usual = known and end_ms > hop_ms - WEEK_MS
            rows.append(
                (float(low), float(point), float(high), present, fresh, hidden, usual, known)
            )
    low_, point_, high_, *flags = zip(*rows, strict=True)
    kinds = [np.array(flag, np.bool_) for flag in flags]
    return Counts(
        low=np.array(low_, np.float32),
        point=np.array(point_, np.float32),
        high=np.array(high_, np.float32),
        present=kinds[0],
        fresh=kinds[1],
        withheld=kinds[2],
        usual=kinds[3],
        known=kinds[4],
    )
