"""Laws of source clocks: hops close once, in order, and only by the slowest source."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from stream.clock import Clocks, ClocksState, HopTimes, beat_of

HOP_MS, LATE_MS = 60_000, 20_000
TIMES = HopTimes(hop_ms=HOP_MS, lateness_ms=LATE_MS)
ticks = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 900).map(lambda s: s * 1000)), max_size=60
)


def closings(news: list[tuple[int, int]], *, reload: bool = False) -> list[tuple[int, int]]:
    """Return every (hop, decided) that closes; with reload, through bytes after each tick."""
    clocks, closed = Clocks(TIMES, 3), []
    for source, now_ms in news:
        clocks.tick(source, now_ms)
        while (hop := clocks.close_next()) is not None:
            closed.append(hop)
        if reload:
            saved = msgspec.msgpack.encode(clocks.state)
            clocks = Clocks(TIMES, 3)
            clocks.state = msgspec.msgpack.decode(saved, type=ClocksState)
    return closed


def naive(news: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Say the same from the definition: first ticks, final clocks, first tick at a deadline."""
    raised: list[list[int]] = [[], [], []]
    for source, now_ms in news:
        if now_ms > max(raised[source], default=-1):
            raised[source].append(now_ms)
    if not all(raised):
        return []
    hop = max(own[0] for own in raised) // HOP_MS * HOP_MS + HOP_MS
    closed = []
    while hop + LATE_MS <= min(own[-1] for own in raised):
        at = [next(t for t in own if t >= hop + LATE_MS) for own in raised]
        closed.append((hop, max(at)))
        hop += HOP_MS
    return closed


@given(ticks)
def test_hops_close_as_the_definition_says(news: list[tuple[int, int]]) -> None:
    """In order, without gaps, decided by the last source to reach the deadline."""
    assert closings(news) == naive(news)


@given(ticks)
def test_interleaving_of_sources_changes_nothing(news: list[tuple[int, int]]) -> None:
    """Only the order within each source counts."""
    by_source = [one for source in range(3) for one in news if one[0] == source]
    assert closings(by_source) == closings(news)


@given(ticks)
def test_clocks_survive_their_bytes(news: list[tuple[int, int]]) -> None:
    """A restart after any tick changes nothing."""
    assert closings(news, reload=True) == closings(news)


def test_what_was_seen_before_is_no_news() -> None:
    """A repeated origin, or an older one, is skipped (PROTOCOL 7)."""
    clocks = Clocks(TIMES, 1)
    assert [clocks.is_news(0, (0, *o)) for o in [(3, 0), (3, 1), (3, 1), (2, 9), (4, 0)]] == [
        True,
        True,
        False,
        False,
        True,
    ]


def test_a_clock_never_falls() -> None:
    """A tick from a clock that was set back is ignored."""
    clocks = Clocks(TIMES, 1)
    clocks.tick(0, 500_000)
    clocks.tick(0, 100_000)
    assert clocks.now(0) == 500_000


def test_a_deadline_is_above_the_clock_that_has_not_passed_it() -> None:
    """A reading at exactly the deadline acts from the next hop."""
    assert TIMES.after(HOP_MS + LATE_MS - 1) == HOP_MS
    assert TIMES.after(HOP_MS + LATE_MS) == 2 * HOP_MS
    assert beat_of(19_999) == 10_000


def test_beats_pass_once() -> None:
    """Ticks each second give one beat every ten of them."""
    clocks = Clocks(TIMES, 1)
    beats = []
    for now_ms in range(95_000, 125_000, 1000):
        clocks.tick(0, now_ms)
        beats.append(clocks.pass_beats())
    assert [beat for beat in beats if beat is not None] == [90_000, 100_000, 110_000, 120_000]
