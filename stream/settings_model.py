"""All settings of a deployment as one frozen value, with the few numbers derived from them."""

from __future__ import annotations

import msgspec

from stream.settings_alerts import Alerts
from stream.settings_cap import Cap
from stream.settings_deciding import Calendar, Grid, Privacy, Site, Time
from stream.settings_desks import Desks
from stream.settings_detectors import Detectors
from stream.settings_fault import ConfigError
from stream.settings_feed import Feed
from stream.settings_hosting import Kafka, Topics, Worker
from stream.settings_ledger import Ledger
from stream.settings_notify import Notify

__all__ = ["SLOT_MIN", "Settings"]

SLOT_MIN = 30
"""Minutes of a baseline slot, unless a feed's period is longer."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one deployment, checked; made by `load`.

    feeds: by name; what iterates over them sorts the names.

    >>> one = Settings(feeds={"cmcc": Feed(period_s=600)})
    >>> one.hop_s_resolved, one.window_hops, one.slot_min, one.max_age_ms("cmcc")
    (600, 2, 30, 1200000)
    """

    time: Time = Time()
    kafka: Kafka = Kafka()
    topics: Topics = Topics()
    worker: Worker = Worker()
    notify: Notify = Notify()
    ledger: Ledger = Ledger()
    calendar: Calendar = Calendar()
    grid: Grid = Grid()
    privacy: Privacy = Privacy()
    alerts: Alerts = Alerts()
    desks: Desks = Desks()
    cap: Cap = Cap()
    detectors: Detectors = Detectors()
    feeds: dict[str, Feed] = msgspec.field(default_factory=dict)
    sites: tuple[Site, ...] = ()

    @property
    def counting(self) -> dict[str, Feed]:
        """The feeds that count people (or activity) by name: all that do not support one."""
        return {name: feed for name, feed in self.feeds.items() if feed.supports is None}

    @property
    def hop_s_resolved(self) -> int:
        """Seconds of a hop: `time.hop_s`, else the shortest period of the feeds that count.

        Raises ConfigError where there is neither.
        """
        if self.time.hop_s is not None:
            return self.time.hop_s
        if not self.feeds:
            raise ConfigError.one(
                "no feed is registered, so there is no hop",
                key="feeds",
                instead="[feeds.NAME] with its period_s, or time.hop_s",
            )
        return min(feed.period_s for feed in (self.counting or self.feeds).values())

    @property
    def hop_ms(self) -> int:
        """Milliseconds of a hop."""
        return self.hop_s_resolved * 1000

    @property
    def lateness_ms(self) -> int:
        """Milliseconds a hop stays open after its end."""
        return self.time.lateness_s * 1000

    @property
    def window_hops(self) -> int:
        """Hops of the rolling window: as many as it takes to fill `time.window_s`, at least one."""
        return max(1, -(-self.time.window_s // self.hop_s_resolved))

    @property
    def slot_min(self) -> int:
        """Minutes of a baseline slot: 30, or the longest period (or the hop) where that is more."""
        spans_s = [feed.period_s for feed in self.counting.values()]
        return max(SLOT_MIN, *(-(-span_s // 60) for span_s in (*spans_s, self.time.hop_s or 0)))

    def max_age_ms(self, feed: str) -> int:
        """Return for how long after its end a reading of this feed may stand for the present."""
        register = self.feeds[feed]
        if register.max_age_s is not None:
            return register.max_age_s * 1000
        return max(2 * register.period_s, register.delay_s + self.hop_s_resolved) * 1000

    def min_excess(self, feed: str) -> float:
        """Return the excess below which nothing of this feed is unusual, in its own unit."""
        register = self.feeds[feed]
        if register.min_excess is not None:
            return register.min_excess
        return 0.0 if register.unit == "activity" else self.alerts.min_people
