"""Detection figures on recorded counts: `make quality`, with `DATA=FOLDER` on larger sets, too."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.quality.larger import NAMES, larger
from tests.quality.trials import BUDGETS, SHIPPED, figures, trial

if TYPE_CHECKING:
    from tests.quality.trials import Figures, LabelledSet

__all__ = ["main"]

HEAD: Final = (
    "set",
    "budget/day",
    "found",
    "in time",
    "after 14 d",
    "off-list",
    "a week",
    "lead min",
)
WIDTHS: Final = (-20, 10, 8, 8, 10, 8, 8, 9)
LEGEND: Final = """
budget/day  false alarms the desk accepts a day; 1.0 is the default. min_people is 0 everywhere.
found       labelled events that an incident overlaps; San Siro: kick-off - 3 h to kick-off + 3 h.
in time     matches told before the final whistle (kick-off + 110 min).
after 14 d  found, of the events that begin after two weeks of learning.
off-list    incidents that no label explains, some of them real gatherings nobody listed.
lead min    median from being told to the begin of the label; negative: after it began. At San
            Siro the label begins three hours before kick-off: -151 is 29 minutes before it.
C2TM        names no events: every incident there counts as off-list.
"""


def main() -> None:
    """Print one line for each set and budget, as they are ready."""
    data = os.environ.get("CROWDTIDE_QUALITY_DATA", "")
    _line(HEAD)
    for one in SHIPPED:
        _judge(one)
    if data:
        with tempfile.TemporaryDirectory() as folder:
            try:
                sets = larger(Path(data), Path(folder))
            except (OSError, KeyError) as fault:
                sys.exit(f"quality: DATA={data} does not hold the larger sets: {fault}")
            for one in sets:
                _judge(one)
    else:
        for name in NAMES:
            print(f"{name:20}  not run: DATA not given")
    print(LEGEND, end="")


def _judge(one: LabelledSet) -> None:
    for budget in BUDGETS:
        _line(_row(one.name, budget, figures(one, trial(one, budget_per_day=budget))))


def _row(name: str, budget: float, seen: Figures) -> tuple[str, ...]:
    return (
        name,
        f"{budget:g}",
        _share(seen.found, seen.events),
        _share(seen.in_time, seen.events),
        _share(seen.learnt_found, seen.learnt_events),
        str(seen.off_list),
        f"{seen.off_list / seen.weeks:.2f}",
        "-" if seen.lead_min is None else f"{seen.lead_min:.0f}",
    )


def _share(part: int | None, whole: int) -> str:
    return "-" if part is None or not whole else f"{part}/{whole}"


def _line(words: tuple[str, ...]) -> None:
    cells = (
        word.ljust(-width) if width < 0 else word.rjust(width)
        for word, width in zip(words, WIDTHS, strict=True)
    )
    print("  ".join(cells).rstrip(), flush=True)


if __name__ == "__main__":
    main()
