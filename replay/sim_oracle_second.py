"""A supporting feed, for the oracle: a second signal of the whole city in one piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.baseline import Baseline
from replay.sim_oracle_frame import laid, of_feeds, seen_by_detectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.contract import CityNow, Moment
    from geo.city import City
    from geo.coverage import Coverage
    from replay.sim_oracle_counts import Counts
    from stream.settings import Settings

__all__ = ["SecondHop"]


class SecondHop:
    """Closes hops of the supporting feed one after the other; there may be none."""

    def __init__(self, settings: Settings, city: City) -> None:
        self._settings, self._city = settings, city
        self._parts = [
            feed.supports for feed in settings.feeds.values() if feed.supports is not None
        ]
        self._baseline = Baseline(
            settings.detectors.baseline,
            tiles=len(city.grid.tile_ids),
            hop_min=settings.hop_ms / 60_000,
            slot_min=settings.slot_min,
        )

    def close(
        self, counts: Counts, covers: Sequence[Coverage | None], moment: Moment, said: CityNow
    ) -> NDArray[np.float32] | None:
        """Return what may be added to each tile's score; learn from the hop. None without one."""
        if not self._parts:
            return None
        mine = of_feeds(self._settings, covers, supporting=True)
        now = laid(self._settings, self._city, counts, mine)
        nowhere = np.full(len(now.point), np.nan, np.float32)
        verdict = self._baseline.score(seen_by_detectors(now, nowhere, nowhere), moment, said)
        self._baseline.learn()
        part = np.float32(self._parts[0])
        return np.where(np.isnan(now.point), np.float32(0), verdict.score * part)
