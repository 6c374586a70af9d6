"""Checks across feeds: how their counts become people, and which feed supports the others."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from stream.settings_model import SLOT_MIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stream.settings_feed import Feed

    Clash = tuple[tuple[str, ...], str, str]

__all__ = ["feed_clashes"]

SHARE_SLACK: Final = 1e-9  # what adding 0.6, 0.2 and 0.2 may leave


def feed_clashes(feeds: Mapping[str, Feed]) -> Iterator[Clash]:
    """Yield what stands against these feeds together: keys, what is wrong, what to write."""
    counting = {name: feed for name, feed in sorted(feeds.items()) if feed.supports is None}
    fused = any(feed.market_share is not None for feed in counting.values())
    for name, feed in sorted(feeds.items()):
        base = f"feeds.{name}"
        if feed.supports is None:
            yield from _counting(base, feed, fused=fused)
        elif counting:
            yield from _supporting(base, feed, counting)
        if feed.factor_date is not None and not _is_day(feed.factor_date):
            yield (
                (f"{base}.factor_date",),
                f"{feed.factor_date!r} is no day of the calendar",
                "a date such as 2026-03-31",
            )
    yield from _roles(feeds, counting)
    yield from _shares(counting)


def _counting(base: str, feed: Feed, *, fused: bool) -> Iterator[Clash]:
    """Yield what stands against fusing a feed by its market share."""
    if feed.market_share is None and feed.phone_on_ratio != 1:
        yield (
            (f"{base}.phone_on_ratio", f"{base}.market_share"),
            "has no effect without market_share",
            "market_share too, or leave it out",
        )
    if fused and feed.unit == "activity":
        yield (
            (f"{base}.unit", "feeds"),
            "activity is no part of the people that market_share fuses",
            'unit = "people", or no market_share for any feed',
        )
    elif fused and feed.market_share is None:
        yield (
            (f"{base}.market_share", "feeds"),
            "is missing, but another feed has one",
            "a market_share for every feed that counts people, or for none",
        )
    elif fused and feed.expansion != 1:
        yield (
            (f"{base}.expansion", f"{base}.market_share"),
            "stands beside market_share, which takes its place",
            "one of the two",
        )


def _supporting(base: str, feed: Feed, counting: Mapping[str, Feed]) -> Iterator[Clash]:
    """Yield what a feed that counts nobody cannot be, and what has no effect on it."""
    longest_s = max(SLOT_MIN * 60, *(one.period_s for one in counting.values()))
    if feed.period_s > longest_s:
        yield (
            (f"{base}.period_s", f"{base}.supports"),
            f"{feed.period_s} is longer than a slot of the baseline, {longest_s} s",
            f"a supporting feed with readings every {longest_s} s at most",
        )
    if feed.unit == "people" and {one.unit for one in counting.values()} == {"activity"}:
        yield (
            (f"{base}.unit", f"{base}.supports"),
            "people would be held against no privacy floor, where all that count is activity",
            'unit = "activity", if that is what it counts',
        )
    for key, is_set in (
        ("market_share", feed.market_share is not None),
        ("phone_on_ratio", feed.phone_on_ratio != 1),
        ("min_excess", feed.min_excess is not None),
        ("factor_date", feed.factor_date is not None),
    ):
        if is_set:
            yield (
                (f"{base}.{key}", f"{base}.supports"),
                "has no effect on a supporting feed, which counts nobody",
                f"supports or {key}, not both",
            )


def _roles(feeds: Mapping[str, Feed], counting: Mapping[str, Feed]) -> Iterator[Clash]:
    """Yield a second supporting feed, and supporting feeds with nothing to support."""
    supporting = sorted(feeds.keys() - counting.keys())
    if supporting and not counting:
        yield (
            (f"feeds.{supporting[0]}.supports", "feeds"),
            "no feed counts people, so there is nothing to support",
            "leave it out, or register the feed that counts",
        )
        return
    for name in supporting[1:]:
        yield (
            (f"feeds.{name}.supports", f"feeds.{supporting[0]}.supports"),
            f"{supporting[0]} is a supporting feed already, and there is room for one",
            "leave it out for one of them",
        )


def _shares(counting: Mapping[str, Feed]) -> Iterator[Clash]:
    total = sum(feed.market_share or 0.0 for feed in counting.values())
    if total > 1 + SHARE_SLACK:
        names = ", ".join(counting)
        what = f"market shares of {names} add up to {total:.10g}: more phones than there are"
        yield ("feeds",), what, "shares that add up to 1 at most"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
