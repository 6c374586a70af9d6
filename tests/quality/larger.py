"""Sets that do not come with the product, made into feeds from the folder named in DATA.

The hourly set of a Chinese city (C2TM) is under GPLv3 and is never committed, not even in part;
the outward flow of CalIt2 is left out for its size. They are written into a folder of their own,
with the clock that the files have: CalIt2 is read in its own zone, Los Angeles. Where a place has
two signals, one counts and the other one supports it.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from replay.samples import CALIT2, SAN_SIRO_CALLS, SAN_SIRO_INTERNET
from tests.quality.labelled import WIDE_M2, Ask
from tests.quality.shipped import feed_set, san_siro, slotted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.quality.labelled import LabelledSet

__all__ = ["c2tm", "larger", "matches_by_two_signals"]

_LOS_ANGELES: Final = "America/Los_Angeles"
_DOOR: Final = "main-door"
_FEWEST: Final = 5
"""At a door fewer people than this above the usual are no crowd."""
_SUPPORTS: Final = 0.25


def larger(data: Path, folder: Path) -> tuple[LabelledSet, ...]:
    """Write the labelled sets into a folder; raises OSError where one is not in DATA."""
    labels = folder / "calit2.labels.csv"
    text = CALIT2.labels.read_text(encoding="utf-8")
    labels.write_text(text.replace("+00:00", ""), encoding="utf-8")
    events = slotted(labels, tz=_LOS_ANGELES)
    rows = _rows(data / "calit2" / "counts.csv.gz")
    made = []
    for flow, asks in (
        ("in", (Ask(rate=1.0, least=22, lab="23"), Ask(rate=2.0, least=24, lab="24"))),
        ("out", (Ask(rate=1.0, least=18, lab="18"), Ask(rate=2.0, least=21, lab="21"))),
        # Those who enter are counted, those who leave support: the first tell a crowd first.
        ("in and out", (Ask(rate=1.0, least=24, lab="not tried"),)),
    ):
        flows = [one for one in ("in", "out") if one in flow]
        feed = folder / f"calit2_{'_'.join(flows)}.csv"
        _write(feed, rows, flows)
        made.append(
            feed_set(
                f"CalIt2 {flow}, local clock",
                feed,
                CALIT2.cells,
                tz=_LOS_ANGELES,
                country="US",
                events=events,
                asks=asks,
                sets=[
                    f"alerts.min_people={_FEWEST}",
                    *(f"feeds.{one}.period_s=1800" for one in flows),
                    *(f"feeds.{one}.supports={_SUPPORTS}" for one in flows[1:]),
                ],
                naive=True,
            )
        )
    return tuple(made)


def matches_by_two_signals(folder: Path) -> LabelledSet:
    """Write the matches of San Siro with both of their signals: internet supports calls and SMS."""
    feed = folder / "san_siro_both.csv"
    with feed.open("w", encoding="utf-8", newline="") as text:
        out = csv.writer(text)
        out.writerow(("feed", "start", "cell", "count", "period_s"))
        for name, sample in (("calls", SAN_SIRO_CALLS), ("internet", SAN_SIRO_INTERNET)):
            out.writerows((name, *row.values()) for row in _rows(sample.feed))
    feeds = ("feeds.calls", "feeds.internet")
    return san_siro(
        "San Siro calls and SMS, with internet in support",
        replace(SAN_SIRO_CALLS, feed=feed),
        sets=(
            *(f"{one}.{key}" for one in feeds for key in ("period_s=600", "unit=activity")),
            f"feeds.internet.supports={_SUPPORTS}",
        ),
    )


def c2tm(data: Path, folder: Path) -> LabelledSet:
    """Write the set without labels into a folder; raises OSError where it is not in DATA."""
    feed, cells = folder / "c2tm.csv", folder / "c2tm.cells.csv"
    rows = _rows(data / "c2tm" / "cells_hourly_2012-08.csv.gz")
    with feed.open("w", encoding="utf-8", newline="") as text:
        out = csv.writer(text)
        out.writerow(("start", "cell", "count", "period_s"))
        out.writerows((row["time_local"], row["cell"], row["users"], "3600") for row in rows)
    names = sorted({row["cell"] for row in rows})
    lines = "".join(f"{name},{WIDE_M2:.0f}\n" for name in names)
    cells.write_text(f"cell,area_m2\n{lines}", encoding="utf-8")
    return feed_set(
        "C2TM", feed, cells, tz="Asia/Shanghai", country="CN", naive=True, warm_days=0.0
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _write(path: Path, rows: list[dict[str, str]], flows: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as text:
        out = csv.writer(text)
        out.writerow(("feed", "start", "cell", "count", "period_s"))
        for row in rows:
            for flow in flows:
                out.writerow((flow, row["time_local"], _DOOR, row[f"flow_{flow}"], "1800"))
