"""Source clocks: what time each input partition says it is, and which hops all of them passed.

Theory of operation. Every source partition carries ticks; its clock is the newest tick read
from it. The minimum over all sources passes hop ends (plus lateness): then a hop closes. A
machine acts on *that* a hop closed, never on the minimum itself, so that no output depends on
how sources interleave. Where a time of decision is wanted it is the maximum over sources of
that source's first tick at or after the deadline: ticks that crossed a deadline are kept until
every hop they decide has closed (PROTOCOL 1, 3).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

import msgspec

__all__ = ["BEAT_MS", "Clocks", "ClocksState", "HopTimes", "beat_of"]

BEAT_MS: Final = 10_000  # desk actions take effect at multiples of this (PROTOCOL 4)
NEVER: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class HopTimes:
    """The grid of hops: multiples of hop_ms since the epoch; a hop closes lateness_ms after."""

    hop_ms: int
    lateness_ms: int

    def after(self, clock_ms: int) -> int:
        """Return the first hop whose deadline lies above a clock.

        >>> HopTimes(hop_ms=300_000, lateness_ms=60_000).after(360_000)
        600000
        """
        return (clock_ms - self.lateness_ms) // self.hop_ms * self.hop_ms + self.hop_ms

    def at_or_after(self, end_ms: int) -> int:
        """Return the first hop that does not end before an interval does."""
        return -(-end_ms // self.hop_ms) * self.hop_ms

    def deadline(self, hop_ms: int) -> int:
        """Return when a hop closes on its sources' clocks."""
        return hop_ms + self.lateness_ms


def beat_of(clock_ms: int) -> int:
    """Return the last beat that a clock has passed.

    >>> beat_of(1_234_567)
    1230000
    """
    return clock_ms // BEAT_MS * BEAT_MS


class ClocksState(msgspec.Struct, array_like=True):
    """One entry per source: newest origin, newest and first tick, ticks that crossed deadlines."""

    epoch: list[int]
    offset: list[int]
    part: list[int]
    now_ms: list[int]
    first_ms: list[int]
    crossed: list[list[int]]
    first_hop_ms: int = NEVER
    next_hop_ms: int = NEVER
    beat_ms: int = NEVER


class Clocks:
    """The clocks of all sources of one machine."""

    def __init__(self, times: HopTimes, sources: int) -> None:
        self.times = times
        self.state = ClocksState(
            epoch=[NEVER] * sources,
            offset=[NEVER] * sources,
            part=[NEVER] * sources,
            now_ms=[NEVER] * sources,
            first_ms=[NEVER] * sources,
            crossed=[[] for _ in range(sources)],
        )

    def is_news(self, source: int, origin: tuple[int, int, int]) -> bool:
        """Note an origin (epoch, offset, part); False for what was seen before (PROTOCOL 7, 15)."""
        state = self.state
        if origin <= (state.epoch[source], state.offset[source], state.part[source]):
            return False
        state.epoch[source], state.offset[source], state.part[source] = origin
        return True

    def origins(self, epoch: int) -> list[int]:
        """Return the newest offset seen of each source in an epoch of the log; -1 for none."""
        state = self.state
        return [
            offset if seen == epoch else NEVER
            for seen, offset in zip(state.epoch, state.offset, strict=True)
        ]

    def now(self, source: int) -> int:
        """Return a source's clock, epoch ms; -1 before its first tick."""
        return self.state.now_ms[source]

    def ahead(self) -> frozenset[int]:
        """Return the sources that are more than a hop ahead of the slowest one."""
        clocks = self.state.now_ms
        limit_ms = min(clocks) + self.times.hop_ms
        return frozenset(source for source, now_ms in enumerate(clocks) if now_ms > limit_ms)

    def tick(self, source: int, now_ms: int) -> bool:
        """Advance one clock; it never falls. Return whether it did advance."""
        state, old = self.state, self.state.now_ms[source]
        if now_ms <= old:
            return False
        state.now_ms[source] = now_ms
        if old == NEVER:
            state.first_ms[source] = now_ms
        if old == NEVER or self.times.after(now_ms) > self.times.after(old):
            state.crossed[source].append(now_ms)
        if state.first_hop_ms == NEVER and min(state.first_ms) != NEVER:
            hop_ms = self.times.hop_ms
            state.first_hop_ms = max(state.first_ms) // hop_ms * hop_ms + hop_ms
            state.next_hop_ms = state.first_hop_ms
        return True

    def close_next(self) -> tuple[int, int] | None:
        """Return (hop end, decided) of the next hop that every source has passed, or None."""
        state = self.state
        deadline = self.times.deadline(state.next_hop_ms)
        if state.next_hop_ms == NEVER or min(state.now_ms) < deadline:
            return None
        decided = max(ticks[bisect_left(ticks, deadline)] for ticks in state.crossed)
        closed = state.next_hop_ms
        state.next_hop_ms += self.times.hop_ms
        for ticks in state.crossed:
            del ticks[: bisect_left(ticks, self.times.deadline(state.next_hop_ms))]
        return closed, decided

    def pass_beats(self) -> int | None:
        """Return the newest beat if the minimum passed one since the last call."""
        state = self.state
        if state.first_hop_ms == NEVER:
            return None
        beat = beat_of(min(state.now_ms))
        if beat <= state.beat_ms:
            return None
        state.beat_ms = beat
        return beat
