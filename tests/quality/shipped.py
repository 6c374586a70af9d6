"""The recorded sets that come with the product: San Siro by two signals, CalIt2 inwards."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.city import load_city
from replay.engine import offline
from replay.feed import FeedOptions, read_feed
from replay.labels import read_labels
from replay.log import input_log, sources
from replay.register import registered
from replay.samples import CALIT2, MATCHES, SAN_SIRO_CALLS, SAN_SIRO_INTERNET
from tests.quality.labelled import Ask, Counts, LabelledSet, loaded
from tests.quality.scoring import Event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from replay.feed import Feed
    from replay.samples import Sample

__all__ = ["WEEK_RATES", "feed_set", "san_siro", "shipped", "slotted"]

WEEK_RATES: Final = tuple(round(0.1 * 1.07**step, 3) for step in range(64))
"""Budgets swept where there is one tile, in false alarms a week: 0.1 to 7."""

_FEW_RATES: Final = tuple(round(0.1 * 1.2**step, 3) for step in range(20))
_GRACE_MS: Final = 1_800_000  # each label of CalIt2 begins one slot before its event
_SAN_SIRO_ASKS: Final = (
    Ask(rate=0.5, least=3, lab="3"),
    Ask(rate=0.5, least=4, lab="4", warm_days=1.0),
)


def shipped() -> tuple[LabelledSet, ...]:
    """Return the sets whose licences let them come with the product."""
    return (
        san_siro("San Siro calls and SMS", SAN_SIRO_CALLS),
        san_siro("San Siro internet", SAN_SIRO_INTERNET),
        feed_set(
            "CalIt2 in",
            CALIT2.feed,
            CALIT2.cells,
            # Its naive clock is written as if it were UTC, so that is the zone it is read in.
            tz="UTC",
            country="US",
            events=slotted(CALIT2.labels),
            asks=(Ask(rate=1.0, least=22, lab="23"), Ask(rate=2.0, least=24, lab="24")),
        ),
    )


def slotted(labels: Path, *, tz: str | None = None) -> tuple[Event, ...]:
    """Return events whose label begins one slot early."""
    return tuple(
        Event(label=label, begin_ms=label.start_ms + _GRACE_MS)
        for label in read_labels(labels, tz=tz)
    )


def feed_set(
    name: str,
    path: Path,
    cells: Path,
    *,
    tz: str,
    country: str,
    events: Sequence[Event] = (),
    asks: Sequence[Ask] = (),
    warm_days: float = 14.0,
    sets: Sequence[str] = (),
    naive: bool = False,
    rates: Sequence[float] = WEEK_RATES,
) -> LabelledSet:
    """Return a set of a feed file. sets: further settings. naive: its times have no offset."""
    feed = read_feed(path, FeedOptions(tz=tz if naive else None))
    feed, settings, _ = registered(feed, loaded(tz, country, *sets))
    settings = offline(settings, counts=sources(feed))
    grid = {"hop_ms": settings.hop_ms, "lateness_ms": settings.lateness_ms}
    return LabelledSet(
        name=name,
        settings=settings,
        city=load_city(cells, side_m=settings.grid.side_m),
        log=lambda: input_log(feed, **grid),
        events=tuple(events),
        counts=_counts(feed, tz),
        warm_days=warm_days,
        asks=tuple(asks),
        rates=tuple(rates),
    )


def san_siro(
    name: str,
    sample: Sample,
    *,
    sets: Sequence[str] = ("feeds.file.period_s=600", "feeds.file.unit=activity"),
) -> LabelledSet:
    """Return the four matches of November by a signal; sets: what registers its feeds."""
    with MATCHES.open(encoding="utf-8", newline="") as text:
        kickoffs = [datetime.fromisoformat(row["kickoff"]) for row in csv.DictReader(text)]
    events = [
        Event(label=label, begin_ms=round(kickoff.timestamp() * 1000))
        for label, kickoff in zip(read_labels(sample.labels), kickoffs, strict=True)
    ]
    return feed_set(
        name,
        sample.feed,
        sample.cells,
        tz="Europe/Rome",
        country="IT",
        events=events,
        asks=_SAN_SIRO_ASKS,
        warm_days=7.0,
        rates=_FEW_RATES,
        sets=sets,
    )


def _counts(feed: Feed, tz: str) -> Counts:
    """Lay readings of one period out as hops by cells; feeds of one cell are summed."""
    period_ms = int(feed.period_ms[0])
    first_ms, last_ms = int(feed.start_ms.min()), int(feed.start_ms.max())
    hops = (last_ms - first_ms) // period_ms + 1
    each = np.full((len(feed.feeds), hops, len(feed.cells)), np.nan)
    each[feed.feed, (feed.start_ms - first_ms) // period_ms, feed.cell] = feed.count
    count: NDArray[np.float64] = np.add.reduce(each, axis=0)
    start_ms = first_ms + np.arange(hops, dtype=np.int64) * period_ms
    return Counts(cells=feed.cells, start_ms=start_ms, period_ms=period_ms, count=count, tz=tz)
