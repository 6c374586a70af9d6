"""Where each tile is going: the forecasts of a run of blocks, from what one hop said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.forecast import Forecast, ForecastSpec
from stream.seen import observation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from detectors.baseline import Baseline
    from detectors.contract import CityNow, Verdict
    from detectors.forecast import Ahead
    from stream.block_spec import BlockSpec
    from stream.frame import Frame

__all__ = ["Outlook"]


class Outlook:
    """The forecast of all tiles here, and the moments it is for.

    forecast: the detectors' part. expected: people the baseline expects at its horizons, as it
    was at the newest hop, shape (3, tiles).
    """

    def __init__(self, spec: BlockSpec, *, tiles: int) -> None:
        self.forecast = Forecast(ForecastSpec(), tiles=tiles, hop_min=spec.hop_ms / 60_000)
        self._spec = spec

    def close(
        self,
        baseline: Baseline,
        frame: Frame,
        verdict: Verdict,
        *,
        hop_ms: int,
        said: CityNow,
        at: NDArray[np.intp],
    ) -> Ahead:
        """Learn from the hop just scored and forecast some local tiles; said: by the panel.

        Before the baseline learns: what it expects is what it knew when it scored.
        """
        self.expected = self._expected(baseline, hop_ms, said)
        believed = observation(frame).learnable & frame.now.fresh & ~verdict.blind
        return self.forecast.step(
            frame.now.point,
            believed,
            expected=verdict.expected,
            spread=verdict.spread,
            ahead=self.expected,
            known=verdict.known,
            hop=hop_ms // self._spec.hop_ms,
            at=at,
        )

    def whole(self, verdict: Verdict) -> Ahead:
        """Return the forecasts of all tiles at the newest hop, for reports."""
        return self.forecast.ahead(
            self.expected, expected=verdict.expected, spread=verdict.spread, known=verdict.known
        )

    def _expected(self, baseline: Baseline, hop_ms: int, said: CityNow) -> NDArray[np.float32]:
        spec = self._spec
        now, *moments = (
            spec.calendar.moment(
                hop_ms + round(minutes * 60_000), hop_ms=spec.hop_ms, slot_min=spec.slot_min
            )
            for minutes in (0, *self.forecast.horizons_min)
        )
        return baseline.ahead(moments, now=now, city=said)
