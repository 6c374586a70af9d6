"""What a report tells of the forecasts: how often they held, and how far off they were."""

from __future__ import annotations

import msgspec

__all__ = ["ForecastRow", "Held"]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Forecasts of one horizon against what came.

    outcomes: compared. inside_ratio: share inside the 80 % interval; under_ratio, over_ratio:
    below and above it, a tenth each where it is balanced. error, baseline_error: mean absolute
    errors of the forecast and of the baseline alone, in the feed's unit; error_ratio: the first
    over the second, null where the baseline was never off. width: mean of the intervals.
    """

    outcomes: int
    inside_ratio: float
    under_ratio: float
    over_ratio: float
    error: float
    baseline_error: float
    error_ratio: float | None
    width: float


class ForecastRow(msgspec.Struct, frozen=True, kw_only=True):
    """One horizon. crowded: of places that held far more than usual as they were forecast."""

    minutes: float
    all: Held
    crowded: Held | None
