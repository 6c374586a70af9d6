"""The desk's budget in two layers: tiles alone, and tiles with those around them.

Each layer has runs and a threshold of its own: under one threshold the better of the two scores
loses most of what the neighbours find. Together they spend what a desk may get.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, NamedTuple

from detectors.budget import per_tile_week, spend, threshold
from stream.around import has_neighbours

if TYPE_CHECKING:
    from geo.city import City
    from stream.incident_state import HopJoined, IncidentState
    from stream.settings import Settings

__all__ = ["Budgets", "Thresholds"]


class Thresholds(NamedTuple):
    """Scores that count as unusual: of a tile alone, of a tile with those around it."""

    own: float
    near: float


class Budgets:
    """What each layer may spend, in runs a tile-week; 0 = that layer is not used."""

    def __init__(self, settings: Settings, city: City) -> None:
        alerts = settings.alerts
        ratio = alerts.near_budget_ratio if has_neighbours(city.grid) else 0.0
        self._tiles = len(city.grid.tile_ids)
        whole = per_tile_week(alerts.false_alarms_per_day, self._tiles)
        self._own, self._near = whole * (1.0 - ratio), whole * ratio
        self._hop_ms = settings.hop_ms

    def thresholds(self, state: IncidentState) -> Thresholds:
        """Return the thresholds of a hop, from all hops before it."""
        near = threshold(state.near_budget, self._near, tiles=self._tiles) if self._near else inf
        return Thresholds(threshold(state.budget, self._own, tiles=self._tiles), near)

    def spend(self, state: IncidentState, hop: HopJoined) -> None:
        """Account a hop that was judged."""
        layers = [(state.budget, hop.peaks)]
        if self._near:
            layers.append((state.near_budget, hop.near_peaks))
        for budget, peaks in layers:
            spend(budget, peaks, hop.scored, self._hop_ms)
