"""Sets that do not come with the product, made into feeds from the folder named in DATA.

The hourly set of a Chinese city (C2TM) is under GPLv3 and is never committed, not even in part;
the outward flow of CalIt2 is left out for its size. Both are written into a folder of their own.
"""

from __future__ import annotations

import csv
import gzip
from typing import TYPE_CHECKING, Final

from replay.samples import CALIT2
from tests.quality.trials import LabelledSet

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NAMES", "larger"]

NAMES: Final = ("CalIt2 out", "C2TM")

# Areas are not known. So wide a tile keeps the density ladder out of it: judged is the usual.
_AREA_M2: Final = 10_000_000


def larger(data: Path, folder: Path) -> tuple[LabelledSet, ...]:
    """Write the feeds of the larger sets into a folder. Raises OSError where one is not there."""
    return (_calit2_out(data, folder), _c2tm(data, folder))


def _calit2_out(data: Path, folder: Path) -> LabelledSet:
    feed = folder / "calit2_out.csv"
    rows = [
        # Its naive clock is written as if it were UTC, as in the sample of the inward flow.
        (f"{row['time_local'].replace(' ', 'T')}+00:00", "main-door", row["flow_out"], "1800")
        for row in _rows(data / "calit2" / "counts.csv.gz")
    ]
    _write(feed, rows)
    return LabelledSet(
        name="CalIt2 out",
        feed=feed,
        cells=CALIT2.cells,
        labels=CALIT2.labels,
        tz="UTC",
        country="US",
    )


def _c2tm(data: Path, folder: Path) -> LabelledSet:
    feed, cells = folder / "c2tm.csv", folder / "c2tm.cells.csv"
    rows = [
        (f"{row['time_local'].replace(' ', 'T')}+08:00", row["cell"], row["users"], "3600")
        for row in _rows(data / "c2tm" / "cells_hourly_2012-08.csv.gz")
    ]
    _write(feed, rows)
    names = sorted({row[1] for row in rows})
    lines = "".join(f"{name},{_AREA_M2}\n" for name in names)
    cells.write_text(f"cell,area_m2\n{lines}", encoding="utf-8")
    return LabelledSet(
        name="C2TM", feed=feed, cells=cells, labels=None, tz="Asia/Shanghai", country="CN"
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _write(path: Path, rows: list[tuple[str, str, str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as text:
        out = csv.writer(text)
        out.writerow(("start", "cell", "count", "period_s"))
        out.writerows(rows)
