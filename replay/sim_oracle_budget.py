"""The desk's budget for the oracle: a part for tiles alone, a part for tiles with those around."""

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
        self._own_rate, self._near_rate = whole * (1.0 - near), whole * near
        self._own, self._near = BudgetState(), BudgetState()
        self._owed = 0.0
        self._beside = city.grid.neighbours()

    def thresholds(self) -> tuple[float, float]:
        """Return those of tiles alone, and with those around them."""
        near, tiles = inf, self._tiles
        more = 1.0 + self._owed / OWED_EACH if self._near_rate > 0 else 1.0
        if self._near_rate > 0:
            near = threshold(self._near, self._near_rate * more, tiles=tiles)
        return threshold(self._own, self._own_rate * more, tiles=tiles), near

    def told(self, incidents: int) -> None:
        """Note how many a hop opened for being unusual."""
        self._owed = max(self._owed - incidents, 0.0)

    def spend(self, ended: Ended, scored: int, hop_ms: int) -> None:
        """Account the runs that ended with a hop that was judged. scored: tiles that could."""
        due = self._promised * (scored * self._hop_ms) / (self._tiles * 86_400_000)
        self._owed = min(self._owed + due, OWED_MAX)
        for budget, tiles, peaks in (
            (self._own, ended.tiles, ended.peaks),
            (self._near, ended.near_tiles, ended.near_peaks),
        ):
            runs = Runs(tiles.tolist(), peaks.tolist())
            watched_ms = scored * self._hop_ms
            spend(budget, runs, self._beside, hop_ms=hop_ms, watched_ms=watched_ms)
