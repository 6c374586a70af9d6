"""The evenings keep to their public points, and Itaewon is told two hours before the crush."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from replay.feed import read_feed
from replay.fixtures.__main__ import main
from replay.fixtures.bund import bund
from replay.fixtures.evening import curve_of
from replay.fixtures.itaewon import ITAEWON
from replay.fixtures.making import write_evening
from replay.fixtures.study import ALONE, Variant, tell

if TYPE_CHECKING:
    from pathlib import Path

    from replay.feed import Feed
    from replay.fixtures.evening import Between

HOP_MS = 300_000
WAYS: tuple[Between, ...] = ("ratio", "linear", "hold")
SHORT = replace(ALONE, history_days=2)


def people(feed: Feed, at: str) -> float:
    at_ms = np.datetime64(at).astype("datetime64[ms]").astype(np.int64)
    return float(feed.count[feed.start_ms == at_ms].sum())


@pytest.mark.parametrize("between", WAYS)
@pytest.mark.parametrize("parts", [1, 30])
def test_counts_at_public_times_are_the_public_ones(
    tmp_path: Path, between: Between, parts: int
) -> None:
    write_evening(ITAEWON, tmp_path, replace(SHORT, parts=parts, between=between))
    feed = read_feed(tmp_path / "feed.csv.gz")
    for point in ITAEWON.points:
        at = np.datetime64(point.at) - np.timedelta64(9, "h")
        # Whole people are drawn around it: five sigmas.
        assert abs(people(feed, str(at)) - point.people) < 5 * np.sqrt(point.people)


def test_the_points_of_itaewon_are_those_that_were_published() -> None:
    published = [(point.at.isoformat(" ", "minutes"), point.people) for point in ITAEWON.points]
    assert published == [
        ("2022-10-28 22:00", 30_116),
        ("2022-10-29 13:00", 11_136),
        ("2022-10-29 19:00", 44_000),
        ("2022-10-29 20:00", 51_000),
        ("2022-10-29 22:00", 57_340),
    ]


def test_held_counts_never_come_before_they_were_public() -> None:
    first = ITAEWON.epoch_ms(ITAEWON.points[1].at)
    last = ITAEWON.epoch_ms(ITAEWON.points[-1].at)
    at_ms = np.arange(first - 86_400_000 * 2, last + 1, HOP_MS)
    still = np.ones((len(at_ms), 1))
    ways = {way: curve_of(ITAEWON, at_ms, still, way)[at_ms >= first, 0] for way in WAYS}
    assert (ways["hold"] <= ways["linear"] + 1e-6).all()
    # Keeping the day's own shape rises later than a straight line does, up to the last points.
    at = at_ms[at_ms >= first] <= ITAEWON.epoch_ms(ITAEWON.points[2].at)
    assert (ways["ratio"][at] <= ways["linear"][at] + 1e-6).mean() > 0.9


def test_a_feed_ends_where_the_evening_ends(tmp_path: Path) -> None:
    write_evening(ITAEWON, tmp_path, replace(SHORT, places=2))
    feed = read_feed(tmp_path / "feed.csv.gz")
    assert feed.start_ms.max() + HOP_MS == ITAEWON.epoch_ms(ITAEWON.end)
    assert feed.cells == ("itaewon", "place-01", "place-02")


def test_a_file_of_an_evening_says_what_is_not_real(tmp_path: Path) -> None:
    for evening in (ITAEWON, bund(2.0)):
        readme = write_evening(evening, tmp_path, SHORT)[-1].read_text(encoding="utf-8")
        assert "Interpolated and simulated" in readme
        assert all(point.source in readme for point in evening.points)
        assert all(one in readme for one in evening.assumed)


def test_the_same_seed_gives_the_same_evening(tmp_path: Path) -> None:
    names = [tmp_path / "one", tmp_path / "two"]
    for name in names:
        assert main(["bund", "--history-days", "2", "--places", "3", "--out", str(name)]) == 0
    one, two = (sorted(path.read_bytes() for path in name.iterdir()) for name in names)
    assert one == two


def test_an_evening_without_a_history_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["itaewon", "--history-days", "0", "--out", str(tmp_path)]) == 2
    assert "at least 1 day" in capsys.readouterr().err


CASES = [(way, "1.0") for way in WAYS] + [("ratio", "0.1")]


@pytest.mark.parametrize(("between", "budget"), CASES)
def test_itaewon_is_told_two_hours_before_the_crush(between: Between, budget: str) -> None:
    evening = Variant(
        name="",
        evening=ITAEWON,
        making=replace(ALONE, between=between),
        sets=(f"alerts.false_alarms_per_day={budget}",),
    )
    told = tell(evening, 1)
    assert told.lead_min is not None
    assert told.lead_min >= 120
    # Not a place that rings all the time: then it would prove nothing. A tenth of the budget is
    # .7 a week, so one in the week before is no more than promised, as near as a count can be.
    assert told.before <= max(7 * float(budget), 1.0)
