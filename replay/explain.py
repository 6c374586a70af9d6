"""Why there was, or was not, an alert: one place and time, asked of the engine itself.

The feed runs through the very stages that run live, up to some hours past the moment, with a
watch on the tiles in question. What the stages saw and judged there is the answer; nothing of it
is computed anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from replay.engine import Engine, offline
from replay.explain_answer import Asked, answer
from replay.explain_place import AskError, find_place
from replay.explain_watch import TileWatch
from replay.log import first_hop_ms, input_log, log_span, sources
from replay.register import registered
from replay.times import LocalTimes, iso
from stream.calendar import Calendar
from stream.fitting import check_feeds
from stream.ground import build_ground

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.city import City
    from replay.explain_place import Place
    from replay.explain_report import Explanation
    from replay.explain_watch import TileHop
    from replay.feed import Feed
    from replay.labels import Label
    from replay.progress import Progress
    from stream.settings import Loaded, Settings

__all__ = ["explain", "moment_of"]

_HOUR_MS: Final = 3_600_000
BEFORE_MS: Final = 18 * _HOUR_MS
AFTER_MS: Final = 6 * _HOUR_MS
"""What of the picture lies before and after the moment: a crowd's whole evening, a day in all."""


def moment_of(text: str, *, tz: str) -> int:
    """Return epoch ms of a time with an offset, or of a local one in `tz`.

    Raises AskError for what is no time.

    >>> moment_of("2013-11-02 20:00", tz="Europe/Rome")
    1383418800000
    """
    moment = LocalTimes(tz).parse(text)
    if isinstance(moment, str):
        raise AskError(f"--at {moment}; wanted is e.g. 2013-11-02T20:00 or with an offset")
    return moment


def explain(
    feed: Feed,
    city: City,
    loaded: Loaded,
    *,
    word: str,
    at: str,
    tz: str | None = None,
    labels: Sequence[Label] = (),
    progress: Progress | None = None,
) -> Explanation:
    """Run the feed to a moment and some hours further; return what was there and what decided.

    word: id of a tile or cell, or a place's name. at: ISO 8601, local in `tz` (default: the
    zone of the settings) where it has no offset.

    Raises AskError for a place or time that is not in the feed, FeedError and ConfigError as
    `backtest` does.
    """
    feed, settings, notes = registered(feed, loaded)
    check_feeds(settings, city)
    settings = offline(settings, counts=sources(feed))
    place = find_place(word, city, build_ground(settings, city))
    hop_ms = _hop_of(feed, settings, at, tz=tz)
    watch = TileWatch(
        settings,
        city,
        place.tiles,
        from_ms=hop_ms - BEFORE_MS,
        to_ms=hop_ms + AFTER_MS,
        detail_ms=hop_ms,
    )
    _run(feed, settings, city, watch, progress=progress, until_ms=hop_ms + AFTER_MS)
    asked = Asked(word=word, at=at, place=place, hop_ms=hop_ms, labels=tuple(labels))
    hops = _worst(watch.hops, place, hop_ms=hop_ms)
    return answer(asked, hops, settings=settings, city=city, notes=(*feed.notes, *notes))


def _hop_of(feed: Feed, settings: Settings, at: str, *, tz: str | None) -> int:
    """Return the end of the hop that a moment lies in, epoch ms."""
    zone, hop_ms = settings.calendar.tz, settings.hop_ms
    moment_ms = moment_of(at, tz=tz or zone)
    end_ms = -(-moment_ms // hop_ms) * hop_ms
    first_ms = first_hop_ms(feed, hop_ms=hop_ms)
    last_ms = log_span(feed, hop_ms=hop_ms, lateness_ms=settings.lateness_ms)[1]
    last_ms -= settings.lateness_ms
    if not first_ms <= end_ms <= last_ms:
        local = Calendar(tz=zone, country="none").local_iso
        begin, end = local(first_ms - hop_ms), local(last_ms)
        raise AskError(f"--at {at}: the feed {feed.name} goes from {begin} to {end} ({zone})")
    return end_ms


def _run(
    feed: Feed,
    settings: Settings,
    city: City,
    watch: TileWatch,
    *,
    progress: Progress | None,
    until_ms: int,
) -> None:
    """Feed the log until the watch has seen enough."""
    hop_ms, lateness_ms = settings.hop_ms, settings.lateness_ms
    first_ms, last_ms = log_span(feed, hop_ms=hop_ms, lateness_ms=lateness_ms)
    span_ms = max(min(last_ms, until_ms + lateness_ms) - first_ms, 1)
    engine = Engine(settings, city, watch=watch)
    for record in input_log(feed, hop_ms=hop_ms, lateness_ms=lateness_ms):
        engine.feed(record)
        engine.published.clear()
        if watch.done:
            break
        if progress is not None and record.is_tick:
            progress.at(min((record.at_ms - first_ms) / span_ms, 1.0))
    if progress is not None:
        progress.done()


def _worst(hops: dict[int, list[TileHop]], place: Place, *, hop_ms: int) -> list[TileHop]:
    """Return the hops of the tile that mattered most at the moment.

    Raises AskError where the stages closed no such hop: the log begins later there.
    """
    asked = {
        tile: next((one for one in seen if one.hop_ms == hop_ms), None)
        for tile, seen in hops.items()
    }
    found = {tile: one for tile, one in asked.items() if one is not None}
    if not found:
        raise AskError(f"no hop that ends at {iso(hop_ms)} was decided at {place.word!r}")
    worst = max(found, key=lambda tile: (*_weight(found[tile]), -tile))
    return hops[worst]


def _weight(one: TileHop) -> tuple[float, ...]:
    people = one.figure("people")
    nearest = max((rule.share for rule in one.rules), default=0.0)
    return one.held.level, one.asks, nearest, people if people > 0 else 0.0
