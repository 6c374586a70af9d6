"""What half an hour ahead may bring, for the oracle: the whole city in one piece.

The forecast and the look ahead are the product's own pure rooms; which moments they are asked for,
and what they may learn from, is worked out here once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.forecast import Forecast, ForecastSpec
from detectors.lookahead import LookAhead

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from detectors.baseline import Baseline
    from detectors.contract import CityNow, Observation, Verdict
    from stream.calendar import Calendar
    from stream.settings import Settings

__all__ = ["AheadHop"]


class AheadHop:
    """Closes hops of the forecast one after the other."""

    def __init__(self, settings: Settings, calendar: Calendar, baseline: Baseline) -> None:
        self._settings, self._calendar = settings, calendar
        self._look = LookAhead(baseline)
        self._forecast = Forecast(
            ForecastSpec(), tiles=baseline.state.tiles, hop_min=settings.hop_ms / 60_000
        )

    def close(
        self, seen: Observation, verdict: Verdict, hop_ms: int, said: CityNow
    ) -> dict[str, NDArray[np.generic]]:
        """Return the columns of candidates; learn from this hop."""
        settings = self._settings
        now, *moments = (
            self._calendar.moment(
                hop_ms + int(minutes) * 60_000, hop_ms=settings.hop_ms, slot_min=settings.slot_min
            )
            for minutes in (0, *self._forecast.horizons_min)
        )
        ahead = self._forecast.step(
            seen.point,
            seen.fresh & seen.learnable & ~verdict.blind,
            expected=verdict.expected,
            spread=verdict.spread,
            ahead=self._look.expected(moments, now=now, city=said),
            known=verdict.known,
            hop=hop_ms // settings.hop_ms,
        )
        return {
            "ahead_30": ahead.people[1],
            "ahead_30_low": ahead.low[1],
            "ahead_30_high": ahead.high[1],
        }
