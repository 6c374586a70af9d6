"""The desk's budget in its layers: tiles alone, tiles with those around them, and drops.

Each layer has runs and a threshold of its own: under one threshold the better of the two scores
loses most of what the neighbours find. Together they spend what a desk may get.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

from detectors.budget import owing, per_tile_week, relaxed, spend, threshold
from stream.around import beside, has_neighbours

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
        self._hop_ms, self._beside = settings.hop_ms, beside(city.grid)

    def thresholds(self, state: IncidentState) -> Thresholds:
        """Return the thresholds of a hop, from all hops before it."""
        # Only with neighbours is one crowd many runs; a place alone is counted as it is told.
        more = relaxed(state.owed, per_day=self._promised) if self._near else 1.0
        near = drop = inf
        if self._drop:
            drop = threshold(state.drop_budget, self._drop * more, tiles=self._tiles)
        if self._near:
            near = threshold(state.near_budget, self._near * more, tiles=self._tiles)
        return Thresholds(threshold(state.budget, self._own * more, tiles=self._tiles), near, drop)

    def spend(self, state: IncidentState, hop: HopJoined, *, drops: bool) -> None:
        """Account a hop that was judged; drops: too few people were judged at it as well."""
        layers = [(state.budget, hop.ended)]
        if self._near:
            layers.append((state.near_budget, hop.near_ended))
        if self._drop and drops:
            layers.append((state.drop_budget, hop.drop_ended))
        watched_ms = hop.scored * self._hop_ms
        due = self._promised * watched_ms / (self._tiles * DAY_MS)
        state.owed = owing(state.owed, due=due, told=0)
        for budget, ended in layers:
            spend(budget, ended, self._beside, hop_ms=hop.hop_ms, watched_ms=watched_ms)
