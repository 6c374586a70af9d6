"""The slow and obvious twin of the forecast: one tile, plain Python floats, the text as told.

Forecasts wait in a list with the step they are for; nothing is a ring here.
"""

import math
from dataclasses import dataclass, field


def clip(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


@dataclass
class Waiting:
    """A forecast that waits for its outcome."""

    due: int
    horizon: int
    residual: float
    issued: float


@dataclass
class Horizon:
    """What a tile has learnt of one horizon."""

    above: float
    below: float
    low: float = -1.1
    high: float = 1.3


def horizons() -> list[Horizon]:
    return [Horizon(above=x, below=x) for x in (0.6, 0.5, 0.4)]


@dataclass
class Tile:
    """One tile under the forecast; `hop` learns and forecasts (people, low, high) a horizon."""

    hop_min: float
    residual: float = 0.0
    age_min: float = 0.0
    taught: int = 0
    weight_above: float = 0.0
    weight_below: float = 0.0
    learnt: list[Horizon] = field(default_factory=horizons)
    waiting: list[Waiting] = field(default_factory=list)

    def hop(
        self,
        point: float | None,
        *,
        fresh: bool,
        known: bool,
        expected: float,
        spread: float,
        ahead: list[float],
        number: int,
    ) -> list[tuple[float, float, float] | None]:
        every = max(1, int(15 // self.hop_min))
        step = number // every
        boundary = number % every == 0
        heard = point is not None and fresh and known
        if boundary:
            self._learn(point if heard else None, expected, spread, step)
        if heard:
            assert point is not None
            gain = 1 - math.exp(-self.hop_min / 15)
            self.residual += gain * ((point - expected) / spread - self.residual)
        if point is None:
            self.residual *= math.exp(-self.hop_min / 60)
            self.age_min = min(self.age_min + self.hop_min, 60)
        else:
            self.age_min = 0
        if boundary and known and point is not None:
            self._keep(ahead, step, every)
        return [self._forecast(h, ahead[h], spread / expected) if known else None for h in range(3)]

    def _learn(self, point: float | None, expected: float, spread: float, step: int) -> None:
        due = [one for one in self.waiting if one.due == step]
        self.waiting = [one for one in self.waiting if one.due > step]
        if point is None:
            return
        end_step = 0.03 * max(1.0, 8 / math.sqrt(1 + self.taught))
        for one in due:
            learnt = self.learnt[one.horizon]
            slope = learnt.above if one.residual > 0 else learnt.below
            error = (point - one.issued) / spread - slope * one.residual
            learnt.low -= end_step * ((error < learnt.low) - 0.1)
            learnt.high += end_step * ((error > learnt.high) - 0.1)
            push = clip(one.residual, -8, 8) * clip(error, -1, 1)
            if one.residual > 0:
                learnt.above = clip(slope + push / (self.weight_above + 100), -0.2, 1.3)
            if one.residual < 0:
                learnt.below = clip(slope + push / (self.weight_below + 100), -0.2, 1.3)
        self.taught += 1

    def _keep(self, ahead: list[float], step: int, every: int) -> None:
        for horizon, minutes in enumerate((15, 30, 60)):
            lag = math.ceil(minutes / (every * self.hop_min))
            self.waiting.append(Waiting(step + lag, horizon, self.residual, ahead[horizon]))
        seen = clip(self.residual, -8, 8)
        keep = 1 - 1 / 1500
        self.weight_above = self.weight_above * keep + max(seen, 0) ** 2
        self.weight_below = self.weight_below * keep + min(seen, 0) ** 2

    def _forecast(self, horizon: int, ahead: float, scatter: float) -> tuple[float, float, float]:
        learnt, spread = self.learnt[horizon], ahead * scatter
        middle = (learnt.above if self.residual > 0 else learnt.below) * self.residual
        wider = 1 + self.age_min / 60
        low, high = min(learnt.low, 0) * wider, max(learnt.high, 0) * wider
        people, lowest, highest = (
            max(ahead + spread * x, 0) for x in (middle, middle + low, middle + high)
        )
        return people, lowest, highest
