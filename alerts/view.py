"""What the table is told of one closed hop."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alerts.candidate import Candidates

__all__ = ["HopView"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HopView:
    """All that the table is told of one closed hop.

    hop_ms: its end. decided_ms: when it was decided, on the clock of the log. hop_s: its length.
    blind: global tiles that are blind or under 80 % of their usual coverage, in any order.
    threshold: score of the false-alarm budget. near_threshold: likewise of tiles with those around
    them; infinity where nobody looks at them so. drop_threshold: of too few people; infinity
    where they alarm nobody. feeds: (name, state), as told to desks.
    anomaly_held: a feed is suspect: nothing unusual raises a level (it still keeps one, and the
    ladder is untouched). drop_held: a feed is silent, suspect or sunk: no drop raises a level.
    """

    hop_ms: int
    decided_ms: int
    hop_s: int
    candidates: Candidates
    blind: NDArray[np.int32]
    threshold: float
    settings_hash: str
    near_threshold: float = inf
    drop_threshold: float = inf
    feeds: tuple[tuple[str, str], ...] = ()
    anomaly_held: bool = False
    drop_held: bool = False
