"""Where things lie in a plot over time: heights, moments, round tops of axes, known stretches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["LEFT", "RIGHT", "Scale", "Times", "nice_top", "runs"]

LEFT: Final = 46
RIGHT: Final = 10
"""Pixels beside the plot, for the numbers of its axis and the end of its last label."""

_STEPS: Final = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Where values of one panel lie. top: value at the upper edge; 0 is at the lower one."""

    upper: float
    lower: float
    top: float

    def y(self, value: float) -> float:
        """Return the height of a value; what lies above the panel is cut."""
        share = min(max(value / self.top, 0.0), 1.0) if self.top > 0 else 0.0
        return self.lower - share * (self.lower - self.upper)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Where moments lie. begin: of the first hop; end: of the last one."""

    begin: datetime
    end: datetime
    width: float

    def x(self, moment: str | datetime) -> float:
        """Return the place of a moment, cut at the edges."""
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        share = (at - self.begin) / (self.end - self.begin) if self.end > self.begin else 0.0
        return LEFT + min(max(share, 0.0), 1.0) * (self.width - LEFT - RIGHT)


def nice_top(value: float) -> float:
    """Return a round number at or above a value, for the top of an axis.

    >>> nice_top(79.3), nice_top(7.8), nice_top(0.0)
    (80.0, 8.0, 1.0)
    """
    if value <= 0:
        return 1.0
    step = 10.0 ** math.floor(math.log10(value))
    return next(m * step for m in _STEPS if m * step >= value)


def runs(values: Sequence[float | None]) -> Iterable[range]:
    """Yield the stretches of known values."""
    begin: int | None = None
    for at, value in enumerate((*values, None)):
        if value is not None and begin is None:
            begin = at
        elif value is None and begin is not None:
            yield range(begin, at)
            begin = None
