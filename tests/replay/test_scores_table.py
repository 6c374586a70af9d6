"""Laws of the scores as a table: the same as the CSV, and the page's questions have answers."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pytest

from geo.city import load_city
from replay import scores_table
from replay.backtest import Saved, backtest
from replay.badrow import FeedError
from replay.feed import read_feed
from stream.settings_load import read

if TYPE_CHECKING:
    from geo.city import City
    from replay.feed import Feed
    from stream.settings import Loaded

T0: Final = 1_767_571_200_000  # Monday, 2026-01-05 00:00 UTC
HALF_HOUR: Final = 1_800_000
HOPS: Final = 9 * 48
PAGE: Final = Path(__file__).parents[2] / "docs" / "explain.md"
QUESTIONS: Final = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def ask(question: str) -> list[tuple[Any, ...]]:
    answer = duckdb.sql(question)
    assert answer is not None
    return answer.fetchall()


@pytest.fixture(name="loaded")
def fixture_loaded() -> Loaded:
    sets = ["calendar.tz=UTC", "calendar.country=none", "alerts.min_people=100"]
    return read(None, env={}, sets=sets)


@pytest.fixture(name="city")
def fixture_city(tmp_path: Path) -> City:
    path = tmp_path / "cells.csv"
    path.write_text("cell,area_m2\npark,90000\nsquare,90000\n", encoding="utf-8")
    return load_city(path, side_m=100.0)


@pytest.fixture(name="feed")
def fixture_feed(tmp_path: Path) -> Feed:
    lines = ["start,cell,count"]
    for hop in range(HOPS):
        usual = 30 + 20 * (hop % 48 > 16) + hop % 5
        crowd = 3_000 * (hop > HOPS - 6)
        withheld = hop % 48 < 10 and hop % 7 == 0  # by day it would look like a dead sensor
        lines.append(f"{T0 + hop * HALF_HOUR},park,{'' if withheld else usual}")
        if hop % 50 > 3:  # else the square is not heard
            lines.append(f"{T0 + hop * HALF_HOUR},square,{usual + crowd}")
    path = tmp_path / "feed.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_feed(path)


@pytest.fixture(name="_group", params=[7, 10_000_000])
def fixture_group(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores_table, "ROWS", request.param)


@pytest.mark.usefixtures("_group")
def test_the_table_says_what_the_csv_says(
    tmp_path: Path, city: City, feed: Feed, loaded: Loaded
) -> None:
    plain, table = tmp_path / "s.csv", tmp_path / "s.parquet"
    backtest(feed, city, loaded, scores=plain)
    backtest(feed, city, loaded, scores=table)
    rows = list(csv.DictReader(plain.read_text(encoding="utf-8").splitlines()))
    found = ask(f"SELECT * FROM '{table}'")
    assert len(found) == len(rows) == HOPS * 2
    for row, one in zip(rows, found, strict=True):
        end, tile, *figures, level, state = one
        assert end.isoformat() == row["end"]
        assert (tile, str(level), state) == (row["tile"], row["level"], row["state"])
        names = ("people", "expected", "spread", "score")
        assert ["" if n is None else f"{n:.7g}" for n in figures] == [row[n] for n in names]


def test_every_question_of_the_page_has_an_answer(
    tmp_path: Path, city: City, feed: Feed, loaded: Loaded
) -> None:
    table = tmp_path / "scores.parquet"
    backtest(feed, city, loaded, scores=table)
    assert len(QUESTIONS) == 3
    unseen, restless, days = (ask(one.replace("scores.parquet", str(table))) for one in QUESTIONS)
    assert [tile for tile, _ in unseen] == ["square"]
    assert 1 < unseen[0][1] < 10
    assert all(len(row) == 3 for row in restless)
    assert sum(hops for _, _, hops in days) > HOPS
    assert days[-1][1] > 0


def test_a_table_cannot_go_on_where_a_run_was_interrupted(
    tmp_path: Path, city: City, feed: Feed, loaded: Loaded
) -> None:
    saved = Saved(path=tmp_path / "saved")
    with pytest.raises(FeedError, match="Parquet cannot go on after an interruption"):
        backtest(feed, city, loaded, scores=tmp_path / "s.parquet", saved=saved)
    assert not (tmp_path / "s.parquet").exists()
