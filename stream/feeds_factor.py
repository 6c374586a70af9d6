"""How counted devices become people: the factor of one feed, and of all feeds together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stream.settings_feed import Feed
    from stream.settings_model import Settings

__all__ = ["Factor", "counted_ratio", "factor"]


class Factor(NamedTuple):
    """people: how many one counted device stands for; None = no one number says it.

    date: ISO date it was measured, the oldest of all feeds; None where a feed does not say.
    """

    people: float | None
    date: str | None


def counted_ratio(feed: Feed) -> float | None:
    """Return the part of all people that a feed counts; None where it has an expansion instead.

    >>> from stream.settings_feed import Feed
    >>> counted_ratio(Feed(period_s=300, market_share=0.5, phone_on_ratio=0.8))
    0.4
    """
    return None if feed.market_share is None else feed.market_share * feed.phone_on_ratio


def factor(settings: Settings) -> Factor:
    """Return the factor that the people of alerts rest on, while all feeds are there.

    Feeds of one expansion have that; fused feeds count, together, the sum of their parts.
    Activity is no people, and feeds of several expansions have no common factor.

    >>> from stream.settings_load import load
    >>> sets = ["feeds.a.period_s=300", "feeds.b.period_s=300"]
    >>> sets += ["feeds.a.market_share=0.5", "feeds.a.factor_date=2026-04-01"]
    >>> sets += ["feeds.b.market_share=0.3", "feeds.b.factor_date=2026-03-01"]
    >>> factor(load(None, env={}, sets=sets))
    Factor(people=1.25, date='2026-03-01')
    """
    feeds = [feed for _, feed in sorted(settings.counting.items()) if feed.unit == "people"]
    dates = [feed.factor_date for feed in feeds if feed.factor_date is not None]
    date = min(dates) if dates and len(dates) == len(feeds) else None
    parts = [part for part in map(counted_ratio, feeds) if part is not None]
    if parts:
        return Factor(1.0 / sum(parts), date)
    expansions = {feed.expansion for feed in feeds}
    return Factor(expansions.pop(), date) if len(expansions) == 1 else Factor(None, None)
