"""The desk's budget in its layers: tiles alone, tiles with those around them, and drops.

Each layer has runs and a threshold of its own: under one threshold the better of the two scores
loses most of what the neighbours find. Together they spend what a desk may get.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

from detectors.budget import per_tile_week, relaxed, spend, threshold
from stream.around import has_neighbours

if TYPE_CHECKING:
    from geo.city import City
    from stream.incident_state import HopJoined, IncidentState
    from stream.settings import Settings

__all__ = ["Budgets", "Thresholds"]

DAY_MS: Final = 86_400_000


class Thresholds(NamedTuple):
    """Scores that count as unusual: of a tile alone, of it with those around, of too few people."""

    own: float
    near: float
    drop: float = inf


class Budgets:
    """What each layer may spend, in runs a tile-week; 0 = that layer is not used."""

    def __init__(self, settings: Settings, city: City) -> None:
        alerts = settings.alerts
        ratio = alerts.near_budget_ratio if has_neighbours(city.grid) else 0.0
        self._tiles, self._promised = len(city.grid.tile_ids), alerts.false_alarms_per_day
        whole = per_tile_week(alerts.false_alarms_per_day, self._tiles)
        left = alerts.drop_budget_ratio if settings.detectors.has_drops else 0.0
        self._drop, whole = whole * left, whole * (1.0 - left)
        self._own, self._near = whole * (1.0 - ratio), whole * ratio
        self._hop_ms = settings.hop_ms

    def thresholds(self, state: IncidentState) -> Thresholds:
        """Return the thresholds of a hop, from all hops before it."""
        days = state.budget.tile_ms / (self._tiles * DAY_MS)
        more = relaxed(self._promised, state.opened, watched_days=days)
        near = drop = inf
        if self._drop:
            drop = threshold(state.drop_budget, self._drop * more, tiles=self._tiles)
        if self._near:
            near = threshold(state.near_budget, self._near * more, tiles=self._tiles)
        return Thresholds(threshold(state.budget, self._own * more, tiles=self._tiles), near, drop)

    def spend(self, state: IncidentState, hop: HopJoined, *, drops: bool) -> None:
        """Account a hop that was judged; drops: too few people were judged at it as well."""
        layers = [(state.budget, hop.peaks)]
        if self._near:
            layers.append((state.near_budget, hop.near_peaks))
        if self._drop and drops:
            layers.append((state.drop_budget, hop.drop_peaks))
        for budget, peaks in layers:
            spend(budget, peaks, hop.scored, self._hop_ms)
