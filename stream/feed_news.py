"""What the system topic hears of feeds at a hop: silent or heard again, suspect or trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.system import FeedBlind, FeedSunk, FeedSuspect
from stream.common_mode import has_sunk, is_suspect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stream.incident_state import HopJoined, IncidentState
    from stream.settings import Settings

__all__ = ["doubts_drops", "doubts_rises", "feed_news", "feed_states"]


def feed_news(
    state: IncidentState, hop: HopJoined, feeds: Sequence[str], *, drops: bool
) -> Iterator[FeedBlind | FeedSuspect | FeedSunk]:
    """Note how the feeds are at a hop; yield what is new. drops: too few people alarm as well."""
    if not hop.tiles:
        return
    yield from _silence(state, hop, feeds)
    yield from _suspicion(state, hop, feeds)
    if drops:
        yield from _sinking(state, hop, feeds)


def _silence(state: IncidentState, hop: HopJoined, feeds: Sequence[str]) -> Iterator[FeedBlind]:
    """Note which feeds are silent; yield those that fell silent or are heard again."""
    now = [hop.known[feed] > 0 and hop.present[feed] == 0 for feed in range(len(feeds))]
    for feed, blind, since_ms in _turned(state.silent, now, hop.hop_ms):
        yield FeedBlind(feed=feeds[feed], blind=blind, since_ms=since_ms, hop_ms=hop.hop_ms)


def _suspicion(state: IncidentState, hop: HopJoined, feeds: Sequence[str]) -> Iterator[FeedSuspect]:
    """Note which feeds jump as a whole; yield those that began to, or are trusted again."""
    both = zip(state.suspect, hop.moved, strict=True)
    now = [is_suspect(since_ms, seen, hop.hop_ms) for since_ms, seen in both]
    for feed, suspect, since_ms in _turned(state.suspect, now, hop.hop_ms):
        seen = hop.moved[feed]
        yield FeedSuspect(
            feed=feeds[feed],
            suspect=suspect,
            since_ms=since_ms,
            hop_ms=hop.hop_ms,
            total=float(seen.people),
            usual=float(seen.usual),
            rising_ratio=round(seen.rising / max(seen.tiles, 1), 3),
        )


def _sinking(state: IncidentState, hop: HopJoined, feeds: Sequence[str]) -> Iterator[FeedSunk]:
    """Note which feeds sink as a whole; yield those that began to, or are trusted again."""
    both = zip(state.sunk, hop.moved, strict=True)
    now = [has_sunk(since_ms, seen, hop.hop_ms) for since_ms, seen in both]
    for feed, sunk, since_ms in _turned(state.sunk, now, hop.hop_ms):
        seen = hop.moved[feed]
        yield FeedSunk(
            feed=feeds[feed],
            sunk=sunk,
            since_ms=since_ms,
            hop_ms=hop.hop_ms,
            total=float(seen.people),
            usual=float(seen.usual),
            falling_ratio=round(seen.low / max(seen.heard, 1), 3),
        )


def _turned(since: list[int], now: Sequence[bool], hop_ms: int) -> Iterator[tuple[int, bool, int]]:
    """Note since when each feed is in a state; yield feeds that entered or left it, and since when.

    since: hop by feed, -1 = it is not; changed in place.
    """
    for feed, (before_ms, is_on) in enumerate(zip(since, now, strict=True)):
        if is_on != (before_ms >= 0):
            since[feed] = hop_ms if is_on else -1
            yield feed, is_on, hop_ms if is_on else before_ms


def doubts_rises(state: IncidentState) -> bool:
    """Return whether some feed is suspect: then nothing unusual raises a level."""
    return any(since >= 0 for since in state.suspect)


def doubts_drops(states: Iterable[tuple[str, str]]) -> bool:
    """Return whether a feed is silent, suspect or sunk: nobody can say who left.

    states: of the feeds that count, as of `feed_states`.
    """
    return any(word != "ok" for _, word in states)


def feed_states(state: IncidentState, settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return the state of each feed that counts as alerts tell it: blind, suspect or ok."""
    counting = settings.counting
    every = zip(sorted(settings.feeds), state.silent, state.suspect, state.sunk, strict=True)
    return tuple(
        (name, "blind" if silent >= 0 else "suspect" if max(suspect, sunk) >= 0 else "ok")
        for name, silent, suspect, sunk in every
        if name in counting
    )
