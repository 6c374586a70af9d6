"""Feeds as they really come: gaps, faults, frozen and shifted counts raise no storm of alerts.

Each case bends one plain town of 3 x 3 squares; what it may cost is said beside it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from geo.city import load_city
from replay.backtest import backtest
from replay.feed import FeedOptions, read_feed
from stream.settings_load import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from geo.city import City
    from replay.report import BacktestReport

    Counts = NDArray[np.float64]

BEGIN: Final = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
A_DAY: Final = 48
DAYS: Final = 24
BENT: Final = 16 * A_DAY  # the day on which something happens
CELLS: Final = tuple(f"s{i}{j}" for i in range(3) for j in range(3))


def town_counts() -> Counts:
    """Return counts of every slot (rows) and cell (columns), NaN = no row in the file."""
    chance = np.random.default_rng(5)
    slot = np.arange(DAYS * A_DAY)
    shape = 1.2 + np.sin((slot % A_DAY - 18) / A_DAY * 2 * np.pi)
    size = np.exp(chance.normal(5.0, 0.6, len(CELLS)))
    restless = np.exp(chance.normal(0.0, 0.05, (len(slot), len(CELLS))))
    return chance.poisson(shape[:, None] * size * restless).astype(np.float64)


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    path = tmp_path_factory.mktemp("town") / "cells.csv"
    rows = [f"{cell},40000,{cell[1]},{cell[2]}" for cell in CELLS]
    path.write_text("\n".join(["cell,area_m2,row,col", *rows]) + "\n", encoding="utf-8")
    return load_city(path, side_m=200.0)


def run(
    folder: Path, city: City, counts: Counts, *, stamp: Callable[[int], datetime] | None = None
) -> BacktestReport:
    """Run counts through a backtest, with its defaults but for the calendar."""
    lines = ["start,cell,count"]
    for slot, row in enumerate(counts):
        start = BEGIN + slot * timedelta(minutes=30) if stamp is None else stamp(slot)
        lines += [
            f"{start.isoformat()},{cell},{count:g}"
            for cell, count in zip(CELLS, row, strict=True)
            if not np.isnan(count)
        ]
    path = folder / "feed.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    loaded = read(None, env={}, sets=["calendar.tz=UTC", "calendar.country=none"])
    return backtest(read_feed(path, FeedOptions(period_s=1800)), city, loaded)


def opened_after(report: BacktestReport, slot: int) -> list[datetime]:
    """Return when incidents opened that opened after a slot."""
    begin = BEGIN + slot * timedelta(minutes=30)
    opened = [datetime.fromisoformat(one.opened) for one in report.alerts]
    return [at for at in opened if at > begin]


@pytest.fixture(scope="module", name="unbent")
def fixture_unbent(tmp_path_factory: pytest.TempPathFactory, town: City) -> BacktestReport:
    return run(tmp_path_factory.mktemp("plain"), town, town_counts())


@pytest.fixture(scope="module", name="plain")
def fixture_plain(unbent: BacktestReport) -> int:
    """Return how many incidents the plain town has after the day that the others bend."""
    return len(opened_after(unbent, BENT))


def gaps(counts: Counts) -> None:
    """Lose some rows every day, and once a whole day."""
    chance = np.random.default_rng(6)
    counts[chance.random(counts.shape) < 0.05] = np.nan
    counts[BENT : BENT + A_DAY] = np.nan


def zeros(counts: Counts) -> None:
    """Count nobody for two days: a fault of the feed, not an empty town."""
    counts[BENT : BENT + 2 * A_DAY] = 0.0


def frozen(counts: Counts) -> None:
    """Repeat the last counts for half a day."""
    counts[BENT + 20 : BENT + 20 + 24] = counts[BENT + 19]


def spike(counts: Counts) -> None:
    """Put one reading of one cell out of all proportion."""
    counts[BENT + 30, 4] *= 1_000


def eightfold(counts: Counts) -> None:
    """Count everybody eight times over for one day."""
    counts[BENT : BENT + A_DAY] *= 8.0


def doubled_share(counts: Counts) -> None:
    """Give the operator twice the market from one day to the next.

    A town of nine squares is too small for the common factor to be sure: it rings until each of
    them is sure of its shift, a day and a quarter later.
    """
    counts[BENT:] *= 2.0


def closed_street(counts: Counts) -> None:
    """Close one street for good; beside it places ring a few times, until its fall is sure."""
    counts[BENT:, 4] = np.random.default_rng(7).poisson(3.0, len(counts) - BENT)


def filled(counts: Counts) -> None:
    """Fill a square in which nobody was counted for weeks: told once, then it warms up."""
    counts[:BENT, 4] = 0.0


def new_cell(counts: Counts) -> None:
    """Let one cell appear in the third week."""
    counts[:BENT, 4] = np.nan


@pytest.mark.parametrize(
    ("bend", "more_max"),
    [
        (gaps, 1),
        (zeros, 1),
        (frozen, 3),
        (spike, 1),
        (eightfold, 4),
        (doubled_share, 2),
        (closed_street, 5),
        (filled, 3),
        (new_cell, 2),
    ],
)
def test_a_bent_feed_raises_no_storm(
    bend: Callable[[Counts], None], more_max: int, tmp_path: Path, town: City, plain: int
) -> None:
    counts = town_counts()
    bend(counts)
    seen = opened_after(run(tmp_path, town, counts), BENT)
    assert len(seen) <= plain + more_max, f"{bend.__name__}: {seen}"


@pytest.mark.parametrize("bend", [doubled_share, closed_street, filled, new_cell])
def test_a_new_normal_is_silent_after_three_days(
    bend: Callable[[Counts], None], tmp_path: Path, town: City, plain: int
) -> None:
    counts = town_counts()
    bend(counts)
    assert len(opened_after(run(tmp_path, town, counts), BENT + 3 * A_DAY)) <= plain


def test_all_zeros_from_the_first_row_raise_nothing(tmp_path: Path, town: City) -> None:
    assert run(tmp_path, town, np.zeros((4 * A_DAY, len(CELLS)))).alerts == []


def test_one_and_the_same_count_for_ever_raises_nothing_once_it_is_known(
    tmp_path: Path, town: City
) -> None:
    """A slot's first day counts half, so the second day of a kind may still ring, once."""
    report = run(tmp_path, town, np.full((17 * A_DAY, len(CELLS)), 180.0))
    assert len(report.alerts) <= 1
    assert opened_after(report, 13 * A_DAY) == []


def test_an_hour_that_comes_twice_is_one_hour(tmp_path: Path, town: City, plain: int) -> None:
    """A file in local time without offsets repeats an hour in autumn: duplicates or conflicts."""
    back = timedelta(hours=1)

    def stamp(slot: int) -> datetime:
        at = BEGIN + slot * timedelta(minutes=30)
        return at - back if BENT <= slot < BENT + 2 else at

    report = run(tmp_path, town, town_counts(), stamp=stamp)
    assert report.account.conflict + report.account.duplicate == 2 * len(CELLS)
    assert len(opened_after(report, BENT)) <= plain + 1


def test_a_clock_that_drifts_ten_minutes_a_day_raises_no_storm(
    tmp_path: Path, town: City, unbent: BacktestReport
) -> None:
    """Each day comes a little late, at the end nearly four hours; by stamps on the grid."""
    half_hour = timedelta(minutes=30)

    def stamp(slot: int) -> datetime:
        late = slot // A_DAY * timedelta(minutes=10)
        return BEGIN + slot * half_hour + late // half_hour * half_hour

    report = run(tmp_path, town, town_counts(), stamp=stamp)
    assert len(report.alerts) <= len(unbent.alerts) + 12
