"""What the system topic hears of feeds at a hop: silent or heard again, suspect or trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.system import FeedBlind, FeedSuspect
from stream.common_mode import is_suspect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stream.incident_state import HopJoined, IncidentState

__all__ = ["feed_states", "silence_news", "suspicion_news"]


def silence_news(state: IncidentState, hop: HopJoined, feeds: Sequence[str]) -> Iterator[FeedBlind]:
    """Note which feeds are silent; yield those that fell silent or are heard again."""
    for feed, name in enumerate(feeds):
        before_ms = state.silent[feed]
        is_silent = hop.known[feed] > 0 and hop.present[feed] == 0
        if is_silent == (before_ms >= 0):
            continue
        state.silent[feed] = hop.hop_ms if is_silent else -1
        since_ms = hop.hop_ms if is_silent else before_ms
        yield FeedBlind(feed=name, blind=is_silent, since_ms=since_ms, hop_ms=hop.hop_ms)


def suspicion_news(
    state: IncidentState, hop: HopJoined, feeds: Sequence[str]
) -> Iterator[FeedSuspect]:
    """Note which feeds jump as a whole; yield those that began to, or are trusted again."""
    for feed, name in enumerate(feeds):
        before_ms, seen = state.suspect[feed], hop.moved[feed]
        suspect = is_suspect(before_ms, seen, hop.hop_ms)
        if suspect == (before_ms >= 0):
            continue
        state.suspect[feed] = hop.hop_ms if suspect else -1
        yield FeedSuspect(
            feed=name,
            suspect=suspect,
            since_ms=hop.hop_ms if suspect else before_ms,
            hop_ms=hop.hop_ms,
            total=float(seen.people),
            usual=float(seen.usual),
            rising_ratio=round(seen.rising / max(seen.tiles, 1), 3),
        )


def feed_states(state: IncidentState, feeds: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the state of each feed as alerts tell it: blind, suspect or ok."""
    return tuple(
        (name, "blind" if silent >= 0 else "suspect" if suspect >= 0 else "ok")
        for name, silent, suspect in zip(feeds, state.silent, state.suspect, strict=True)
    )
