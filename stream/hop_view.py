"""What the incident table is told of a joined hop: candidates, thresholds, who is doubted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.view import HopView
from stream.feed_news import doubts_drops, doubts_rises, feed_states

if TYPE_CHECKING:
    from stream.budgets import Thresholds
    from stream.incident_state import HopJoined, IncidentState
    from stream.settings import Settings

__all__ = ["hop_view"]


def hop_view(
    state: IncidentState,
    hop: HopJoined,
    limits: Thresholds,
    settings: Settings,
    *,
    settings_hash: str,
) -> HopView:
    """Return the view of a hop; state: after the news of the feeds at this hop."""
    feeds = feed_states(state, settings)
    return HopView(
        hop_ms=hop.hop_ms,
        decided_ms=hop.decided_ms,
        hop_s=settings.hop_ms // 1000,
        candidates=hop.candidates,
        blind=hop.blind,
        threshold=limits.own,
        near_threshold=limits.near,
        drop_threshold=limits.drop,
        settings_hash=settings_hash,
        feeds=feeds,
        anomaly_held=doubts_rises(state),
        drop_held=doubts_drops(feeds),
    )
