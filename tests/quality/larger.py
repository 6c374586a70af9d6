"""Sets that do not come with the product, made into feeds from the folder named in DATA.

The hourly set of a Chinese city (C2TM) is under GPLv3 and is never committed, not even in part;
the outward flow of CalIt2 is left out for its size. They are written into a folder of their own,
with the clock that the files have: CalIt2 is read in its own zone, Los Angeles.
"""

from __future__ import annotations

import csv
import gzip
from typing import TYPE_CHECKING, Final

from replay.samples import CALIT2
from tests.quality.labelled import WIDE_M2, Ask
from tests.quality.shipped import feed_set, slotted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.quality.labelled import LabelledSet

__all__ = ["c2tm", "larger"]

_LOS_ANGELES: Final = "America/Los_Angeles"
_DOOR: Final = "main-door"


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
                # Each door count is a half of the movements: two feeds, fused by their shares.
                sets=[
                    f"feeds.{one}.{key}"
                    for one in flows
                    for key in ("period_s=1800", f"market_share={1 / len(flows)}")
                ],
                naive=True,
            )
        )
    return tuple(made)


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
