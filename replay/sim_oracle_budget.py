"""The desk's budget for the oracle: for tiles alone, for those with others around, for drops."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from detectors.budget import OWED_EACH, OWED_MAX, BudgetState, Runs, spend, threshold

if TYPE_CHECKING:
    from detectors.contract import Ended
    from geo.city import City
    from stream.settings import Settings

__all__ = ["TwoBudgets"]


class TwoBudgets:
    """Thresholds of a hop from all hops before it. layered: tiles have others around them."""

    def __init__(self, settings: Settings, city: City, *, layered: bool) -> None:
        alerts = settings.alerts
        near = alerts.near_budget_ratio if layered else 0.0
        self._promised = alerts.false_alarms_per_day
        self._tiles, self._hop_ms = len(city.grid.tile_ids), settings.hop_ms
        whole = 7.0 * alerts.false_alarms_per_day / self._tiles
        self._drop_rate = 0.0
        if "drop" in settings.detectors.directions:
            self._drop_rate = whole * alerts.drop_budget_ratio
            whole *= 1.0 - alerts.drop_budget_ratio
        self._own_rate, self._near_rate = whole * (1.0 - near), whole * near
        self._own, self._near, self._drop = BudgetState(), BudgetState(), BudgetState()
        self._owed = 0.0
        self._beside = city.grid.neighbours()

    def thresholds(self) -> tuple[float, float, float]:
        """Return those of tiles alone, with those around, of drops."""
        near, drop, tiles = inf, inf, self._tiles
        each = max(OWED_EACH, self._promised)
        more = 1.0 + self._owed / each if self._near_rate > 0 else 1.0
        if self._near_rate > 0:
            near = threshold(self._near, self._near_rate * more, tiles=tiles)
        if self._drop_rate > 0:
            drop = threshold(self._drop, self._drop_rate * more, tiles=tiles)
        return threshold(self._own, self._own_rate * more, tiles=tiles), near, drop

    def told(self, incidents: int) -> None:
        """Note how many a hop opened for being unusual."""
        self._owed = max(self._owed - incidents, 0.0)

    def spend(self, ended: Ended, scored: int, hop_ms: int, *, drops: bool) -> None:
        """Account the runs that ended with a hop that was judged. scored: tiles that could.

        drops: too few people were judged, too.
        """
        watched_ms = scored * self._hop_ms
        self._owed = min(
            self._owed + self._promised * watched_ms / (self._tiles * 86_400_000), OWED_MAX
        )
        layers = [
            (self._own, ended.tiles, ended.peaks),
            (self._near, ended.near_tiles, ended.near_peaks),
        ]
        if drops:
            layers.append((self._drop, ended.drop_tiles, ended.drop_peaks))
        for budget, tiles, peaks in layers:
            runs = Runs(tiles.tolist(), peaks.tolist())
            spend(budget, runs, self._beside, hop_ms=hop_ms, watched_ms=watched_ms)
