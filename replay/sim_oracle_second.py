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
    from stream.common_mode import Jump
    from stream.settings import Settings

__all__ = ["SecondHop"]


class SecondHop:
    """Closes hops of the supporting feed one after the other; there may be none.

    jump: by name of the feed, its people, z of the hop before and verdict of the newest hop.
    """

    def __init__(self, settings: Settings, city: City) -> None:
        self._settings, self._city = settings, city
        self.jump: dict[str, Jump] = {}
        self._parts = {
            name: feed.supports
            for name, feed in settings.feeds.items()
            if feed.supports is not None
        }
        self._baseline = Baseline(
            settings.detectors.baseline,
            tiles=len(city.grid.tile_ids),
            hop_min=settings.hop_ms / 60_000,
            slot_min=settings.slot_min,
        )

    def close(
        self, counts: Counts, covers: Sequence[Coverage | None], moment: Moment, said: CityNow
    ) -> NDArray[np.float32] | None:
        """Return what is added to each tile's score, and learn from the hop; None without one."""
        for name, part in self._parts.items():
            mine = of_feeds(self._settings, covers, supporting=True)
            now = laid(self._settings, self._city, counts, mine)
            nowhere = np.full(len(now.point), np.nan, np.float32)
            before_z = self._baseline.last_z
            verdict = self._baseline.score(seen_by_detectors(now, nowhere, nowhere), moment, said)
            self.jump[name] = now.point, before_z, verdict
            self._baseline.learn()
            return verdict.score * np.float32(part)
        return None
