"""The forecast held against what came: error beside the baseline's, and how often it held.

Run through the stages as they are, on the squares of Milan, after 14 days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from typing_extensions import override

from detectors.forecast_calibration import Calibration
from replay.engine import Engine
from tests.quality.crowded import milan, milan_set
from tests.quality.figure import Figure, Measured
from tests.quality.scoring import DAY_MS

if TYPE_CHECKING:
    from detectors.forecast_calibration import Horizon
    from stream.block_state import BlockState, HopSeen
    from tests.quality.labelled import LabelledSet

__all__ = ["forecast_squares"]

_WARM_DAYS: Final = 14
_JUDGED_MIN: Final = 30.0  # the horizon of which something is asked
_ERROR_RATIO_MAX: Final = 0.9
_HELD: Final = 0.8
_HELD_OFF_MAX: Final = 0.05


class _Watching(Engine):
    """The offline engine that holds every tile's forecasts against their outcomes."""

    def __init__(self, one: LabelledSet, *, from_ms: int) -> None:
        super().__init__(one.settings, one.city, on_hop=lambda _row: None)
        self._from_ms = from_ms
        self.calibration: Calibration | None = None

    @override
    def _saw_hop(self, state: BlockState, seen: HopSeen) -> None:
        super()._saw_hop(state, seen)
        if seen.hop_ms < self._from_ms:
            return
        forecast = state.outlook.forecast
        if self.calibration is None:
            self.calibration = Calibration(
                hop_min=forecast.hop_min, horizons_min=forecast.horizons_min
            )
        now = seen.frame.now
        self.calibration.hop(
            now.point,
            now.fresh & np.isfinite(now.point),
            ahead=state.outlook.whole(seen.verdict),
            expected=state.outlook.expected,
        )


def forecast_squares() -> Measured:
    """Return error and hold of the forecasts on 28 squares of Milan, by horizon."""
    one = milan_set("Milan, 28 squares, forecast", milan())
    engine = _Watching(one, from_ms=int(milan().start_ms[0]) + _WARM_DAYS * DAY_MS)
    for record in one.log():
        engine.feed(record)
        engine.published.clear()
    assert engine.calibration is not None
    figures = [
        figure for each in engine.calibration.horizons for figure in _figures(one.name, each)
    ]
    return Measured(figures=tuple(figures))


def _figures(name: str, horizon: Horizon) -> tuple[Figure, Figure]:
    judged = horizon.minutes == _JUDGED_MIN
    off = abs(horizon.held_ratio - _HELD)
    return (
        Figure(
            set=name,
            what=f"error at {horizon.minutes:g} min, of the baseline's",
            got=round(horizon.error_ratio, 4),
            shown=f"{horizon.error_ratio:.3f}",
            asked=_ERROR_RATIO_MAX if judged else None,
            more=False,
            loss=0.01,
            note=f"mean absolute error {horizon.mean_error:.1f}, {horizon.outcomes:,} forecasts",
        ),
        Figure(
            set=name,
            what=f"hold of the 80 % interval at {horizon.minutes:g} min, off by",
            got=round(off, 4),
            shown=f"{off:.3f}",
            asked=_HELD_OFF_MAX if judged else None,
            more=False,
            loss=0.01,
            note=f"held {horizon.held_ratio:.1%}, {horizon.below:,} under, {horizon.above:,} over",
        ),
    )
