"""One labelled set under one false-alarm budget: run by the backtest, read from its report."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Final

from geo.city import load_city
from replay.backtest import backtest
from replay.feed import read_feed
from replay.labels import read_labels
from replay.samples import CALIT2, MATCHES, SAN_SIRO_CALLS, SAN_SIRO_INTERNET
from stream.settings_load import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from replay.report import BacktestReport

__all__ = [
    "BUDGETS",
    "SHIPPED",
    "Figures",
    "LabelledSet",
    "figures",
    "told_in_time",
    "trial",
    "whistles",
]

BUDGETS: Final = (0.07, 0.14, 0.29, 0.43, 1.0)
"""False alarms a desk accepts a day: half, one, two, three a week, and the default."""

_LEARNING: Final = timedelta(days=14)  # the figures of others start after two weeks, too


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSet:
    """A feed with its calendar and what is known of it.

    labels: known events; None: none are known, so every incident is off-list.
    in_time: CSV with `final_whistle` of each label, in order; None: no such moment.
    """

    name: str
    feed: Path
    cells: Path
    labels: Path | None
    tz: str
    country: str
    in_time: Path | None = None


SHIPPED: Final = (
    LabelledSet(
        name="San Siro calls_sms",
        feed=SAN_SIRO_CALLS.feed,
        cells=SAN_SIRO_CALLS.cells,
        labels=SAN_SIRO_CALLS.labels,
        tz="Europe/Rome",
        country="IT",
        in_time=MATCHES,
    ),
    LabelledSet(
        name="San Siro internet",
        feed=SAN_SIRO_INTERNET.feed,
        cells=SAN_SIRO_INTERNET.cells,
        labels=SAN_SIRO_INTERNET.labels,
        tz="Europe/Rome",
        country="IT",
        in_time=MATCHES,
    ),
    LabelledSet(
        name="CalIt2 in",
        feed=CALIT2.feed,
        cells=CALIT2.cells,
        labels=CALIT2.labels,
        tz="UTC",  # its naive clock is written as if it were UTC
        country="US",
    ),
)
"""The sets whose licences let them come with the product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one run found.

    found, events: labels an incident overlaps / all. in_time: those told before the final
    whistle; None where there is none. learnt_found, learnt_events: as found and events, of labels
    that begin after two weeks. off_list: incidents no label explains; weeks: of the whole run.
    lead_min: median from being told to the begin of the label, min; negative = after it; None:
    nothing found.
    """

    found: int
    events: int
    in_time: int | None
    learnt_found: int
    learnt_events: int
    off_list: int
    weeks: float
    lead_min: float | None


def trial(one: LabelledSet, *, budget_per_day: float) -> BacktestReport:
    """Run a set under a budget; no excess is too small, as counts of a file may be anything."""
    loaded = read(
        None,
        env={},
        sets=[
            f"calendar.tz={one.tz}",
            f"calendar.country={one.country}",
            f"alerts.false_alarms_per_day={budget_per_day}",
            "alerts.min_people=0",
        ],
    )
    city = load_city(one.cells, side_m=loaded.settings.grid.side_m)
    labels = () if one.labels is None else read_labels(one.labels)
    return backtest(read_feed(one.feed), city, loaded, labels=labels)


def figures(one: LabelledSet, report: BacktestReport) -> Figures:
    """Read the figures of a run from its report."""
    begin, end = (datetime.fromisoformat(stamp) for stamp in report.span)
    events = report.labels.events
    learnt = [event for event in events if datetime.fromisoformat(event.start) >= begin + _LEARNING]
    leads = [event.lead_min for event in events if event.lead_min is not None]
    return Figures(
        found=report.labels.found,
        events=report.labels.total,
        in_time=None if one.in_time is None else sum(told_in_time(report, whistles(one.in_time))),
        learnt_found=sum(event.found for event in learnt),
        learnt_events=len(learnt),
        off_list=report.off_list.count,
        weeks=(end - begin) / timedelta(weeks=1),
        lead_min=median(leads) if leads else None,
    )


def told_in_time(report: BacktestReport, moments: Sequence[datetime]) -> list[bool]:
    """Return for each label whether its incident was told before a moment.

    Told is the label's begin less the lead, which already counts the lateness of the hop.
    """
    return [
        event.lead_min is not None
        and datetime.fromisoformat(event.start) - timedelta(minutes=event.lead_min) < moment
        for event, moment in zip(report.labels.events, moments, strict=True)
    ]


def whistles(path: Path) -> list[datetime]:
    """Return the final whistle of every match, in order."""
    with path.open(encoding="utf-8", newline="") as text:
        return [datetime.fromisoformat(row["final_whistle"]) for row in csv.DictReader(text)]
