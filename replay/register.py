"""Which settings a feed file runs under: the feed register, or one feed made from the file.

The backtest and the push into Kafka ask here, both, so that a replay is announced under the very
settings of the backtest it is compared with.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from replay.badrow import FeedError
from stream.settings import with_file_feed

if TYPE_CHECKING:
    from replay.feed import Feed
    from stream.settings import Loaded, Settings

__all__ = ["default_feed", "registered"]


def default_feed(settings: Settings) -> str:
    """Return the name for rows that name no feed: the only one registered, else `file`."""
    return next(iter(settings.feeds)) if len(settings.feeds) == 1 else "file"


def registered(feed: Feed, loaded: Loaded) -> tuple[Feed, Settings, tuple[str, ...]]:
    """Return the feed and the settings it runs under, and what a person should know of them.

    With a register in the settings both stay as they are. Without one there is one feed, `file`,
    or that of a city pack which has no other.

    Raises FeedError where the file names several feeds but none is registered, and ConfigError
    where the file's period does not fit the settings.
    """
    settings = loaded.settings
    if settings.feeds:
        if set(feed.feeds).isdisjoint(settings.counting):
            raise FeedError(
                f"{feed.name}: no usable row: its feeds are {', '.join(feed.feeds)}, the settings"
                f" count {', '.join(sorted(settings.counting))}"
            )
        return feed, settings, ()
    if len(feed.feeds) > 1:
        raise FeedError(
            f"{feed.name}: it holds the feeds {', '.join(feed.feeds)}; register them in the"
            f" settings, e.g. --set feeds.{feed.feeds[0]}.period_s={_period_s(feed)}"
        )
    explicit = "alerts.min_people" in loaded.explicit
    settings = with_file_feed(
        settings,
        period_s=_period_s(feed),
        explicit_min_people=explicit,
        delay_s=_delay_s(feed),
        name=loaded.file_feed,
    )
    least = settings.alerts.min_people
    note = (
        f"no feed register: one feed, {loaded.file_feed}, period {_period_s(feed)} s, expansion 1,"
        f" min_people {least:g}"
    )
    return replace(feed, feeds=(loaded.file_feed,)), settings, (note,)


def _period_s(feed: Feed) -> int:
    return feed.period_s[feed.feeds[0]]


def _delay_s(feed: Feed) -> int:
    """Return the usual time from an interval's end to its reading, whole seconds up."""
    delay_ms = np.sort(feed.received_ms - feed.start_ms - feed.period_ms)
    return max(0, -(-int(delay_ms[len(delay_ms) // 2]) // 1000))
