"""The weeks before the demo's evening: through the offline engine, up to the hand-over.

The same engine then says what the evening should bring, so that what comes out of Kafka can be
compared with it byte for byte.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.city import load_city
from replay.attendance import Line, match_peaks, read_matches
from replay.engine import Engine, offline
from replay.feed import read_feed
from replay.hand_over import hand_over, slice_of
from replay.log import input_log, log_span
from replay.samples import FOLDER, MATCHES, MILAN
from stream.cli.demo_screen import heard
from stream.topics import Topic

if TYPE_CHECKING:
    from replay.attendance import Match
    from replay.feed import Feed
    from replay.progress import Progress
    from stream.machine import Snapshot
    from stream.settings import Settings

__all__ = [
    "CELLS",
    "CONFIG",
    "DESKS",
    "STADIUM",
    "Evening",
    "History",
    "evening_of",
    "live_through",
]

CONFIG: Final = FOLDER / "demo.toml"
CELLS: Final = MILAN.cells
STADIUM: Final = "san-siro"
DESKS: Final = {"police": Topic.POLICE, "fire": Topic.FIRE}

HOUR_MS: Final = 3_600_000
BEGINS_MS: Final = -165 * 60_000  # from the kick-off: 18:00, before the first spectators
ENDS_MS: Final = 315 * 60_000  # 02:00, when the last incident of the evening is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """The sample, cut in two. begins_ms: the hop up to which `before` goes, epoch ms.

    match: tonight's. peaks: (activity, attendance) of the earlier ones. line: through them.
    """

    before: Feed
    after: Feed
    begins_ms: int
    match: Match
    peaks: list[tuple[float, float]]
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the offline engine made of it.

    state: what is to be in the snapshot topic. expected: per desk, what the evening must bring.
    raised: incidents of the weeks before, told to police. here: those at the stadium.
    """

    state: dict[tuple[Topic, int], Snapshot]
    expected: dict[str, list[bytes]]
    raised: int
    here: int
    seconds: float


def evening_of(settings: Settings) -> Evening:
    """Read the sample and cut it; nothing of the evening is in what is known before it."""
    feed = read_feed(MILAN.feed)
    *earlier, match = read_matches(MATCHES)
    begins_ms = match.kickoff_ms + BEGINS_MS
    ends_ms = match.kickoff_ms + ENDS_MS
    before = slice_of(feed, to_ms=begins_ms + settings.lateness_ms)
    peaks = match_peaks(before, STADIUM, earlier)
    return Evening(
        before=before,
        after=slice_of(
            feed,
            from_ms=begins_ms + settings.lateness_ms,
            to_ms=ends_ms + settings.lateness_ms,
        ),
        begins_ms=begins_ms,
        match=match,
        peaks=peaks,
        line=Line.through(peaks),
    )


def live_through(evening: Evening, settings: Settings, progress: Progress) -> History:
    """Run the weeks before the evening, take the state, then run the evening for comparison."""
    begun = time.perf_counter()
    parts = settings.topics.partitions
    engine = Engine(
        offline(settings, counts=parts.counts, blocks=parts.blocks),
        load_city(CELLS, side_m=settings.grid.side_m, walkable_share=settings.grid.walkable_share),
    )
    _run(engine, evening.before, settings, progress)
    state = hand_over(engine)
    seconds = time.perf_counter() - begun
    told = [heard("police", out.value) for out in engine.published if out.topic is Topic.POLICE]
    raised = [one.data["area"]["worst_tile"] for one in told if one.data["kind"] == "raised"]
    engine.published.clear()
    _run(engine, evening.after, settings, None)
    expected = {
        desk: [out.value for out in engine.published if out.topic is topic]
        for desk, topic in DESKS.items()
    }
    return History(
        state=state,
        expected=expected,
        raised=len(raised),
        here=raised.count(STADIUM),
        seconds=seconds,
    )


def _run(engine: Engine, feed: Feed, settings: Settings, progress: Progress | None) -> None:
    grid = {"hop_ms": settings.hop_ms, "lateness_ms": settings.lateness_ms}
    first_ms, last_ms = log_span(feed, **grid)
    for record in input_log(feed, **grid):
        engine.feed(record)
        if progress is not None and record.is_tick:
            progress.at((record.at_ms - first_ms) / (last_ms - first_ms))
    if progress is not None:
        progress.done()
