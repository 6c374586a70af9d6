"""What history teaches is worth it: real counts, learnt up to a day in August, then gone on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import pytest

from geo.city import City, load_city
from replay.backtest import Saved, backtest
from replay.badrow import FeedError
from replay.feed import read_feed
from replay.hand_over import slice_of
from replay.labels import read_labels
from replay.learn import Learnt, learn
from replay.memory import Memory, read_memory
from replay.samples import CALIT2
from stream.settings_load import read
from tests.replay.test_report_page import KilledError, Killing

if TYPE_CHECKING:
    from pathlib import Path

    from replay.feed import Feed
    from replay.report import BacktestReport
    from stream.settings import Loaded


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}T00:00:00+00:00").timestamp() * 1000)


CUT_MS, END_MS = at("2005-08-16"), at("2005-08-30")
LATENESS_MS = 60_000


def settings(*sets: str) -> Loaded:
    return read(None, env={}, sets=["calendar.tz=UTC", "calendar.country=none", *sets])


@pytest.fixture(scope="module", name="city")
def fixture_city() -> City:
    return load_city(CALIT2.cells, side_m=100.0)


@pytest.fixture(scope="module", name="counts")
def fixture_counts() -> Feed:
    return slice_of(read_feed(CALIT2.feed), to_ms=END_MS + LATENESS_MS)


@pytest.fixture(scope="module", name="file")
def fixture_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("memory") / "memory.crowd"
    return path


@pytest.fixture(scope="module", name="found")
def fixture_found(counts: Feed, city: City, file: Path) -> Learnt:
    """Learn the three weeks before."""
    before = slice_of(counts, to_ms=CUT_MS + LATENESS_MS)
    found, memory = learn(before, city, settings(), out=file)
    assert (memory, found.seal) == read_memory(file)
    return found


@pytest.fixture(scope="module", name="after")
def fixture_after(counts: Feed) -> Feed:
    return slice_of(counts, from_ms=CUT_MS + LATENESS_MS)


@pytest.fixture(scope="module", name="warm")
def fixture_warm(after: Feed, city: City, file: Path, found: Learnt) -> BacktestReport:
    assert found.known == 1
    return run(after, city, memory=file)


def run(feed: Feed, city: City, *, memory: Path | None = None) -> BacktestReport:
    labels = read_labels(CALIT2.labels, tz="UTC")
    return backtest(feed, city, settings(), labels=labels, memory=memory)


def opened(report: BacktestReport) -> list[str]:
    return [one.opened for one in report.alerts if one.opened >= "2005-08-16"]


def test_a_warm_start_raises_what_an_uninterrupted_run_raises(
    counts: Feed, city: City, warm: BacktestReport
) -> None:
    assert opened(warm) == opened(run(counts, city))


def test_an_event_on_the_first_day_is_found_by_a_warm_start_alone(
    after: Feed, city: City, warm: BacktestReport
) -> None:
    """It begins on 16 August at 10:30; a cold deployment has not seen that time of day yet."""
    cold = run(after, city)
    first = [
        {row.name: row.incident for row in one.labels.events}["event 9"] for one in (warm, cold)
    ]
    assert first[0] is not None
    assert first[1] is None
    assert warm.off_list.count < cold.off_list.count


def test_the_answer_says_what_was_learnt(found: Learnt) -> None:
    assert found.span == ("2005-07-24T00:00:00+00:00", "2005-08-16T00:00:00+00:00")
    assert found.days == {"working": 16, "off": 3, "holiday": 4}
    assert (found.hops, found.tiles, found.known) == (23 * 48, 1, 1)
    assert found.account.accepted == found.account.rows == 23 * 48
    assert found.near_threshold is None
    assert msgspec.json.decode(msgspec.json.encode(found))["schema"] == "learn/1"


def test_a_report_says_what_it_began_with(warm: BacktestReport) -> None:
    (note,) = [note for note in warm.notes if "memory.crowd" in note]
    assert "begins with memory.crowd: learnt 1,104 hops, 2005-07-24" in note


def test_a_report_on_the_time_that_was_learnt_says_that_it_flatters(
    counts: Feed, city: City, file: Path, found: Learnt
) -> None:
    assert found.hops
    part = slice_of(counts, from_ms=at("2005-08-15") + LATENESS_MS, to_ms=CUT_MS + LATENESS_MS)
    assert any("figures are too good" in note for note in run(part, city, memory=file).notes)


def test_a_report_long_after_says_that_places_may_have_changed(
    city: City, file: Path, found: Learnt
) -> None:
    assert found.hops
    late = slice_of(read_feed(CALIT2.feed), from_ms=at("2005-10-01") + LATENESS_MS)
    late = slice_of(late, to_ms=at("2005-10-03") + LATENESS_MS)
    assert any("46 days before" in note for note in run(late, city, memory=file).notes)


def test_a_sweep_of_budgets_knows_what_the_run_knew(
    after: Feed, city: City, file: Path, warm: BacktestReport
) -> None:
    """Its own budget must find what the run itself found, no more."""
    labels = read_labels(CALIT2.labels, tz="UTC")
    swept = backtest(after, city, settings(), labels=labels, memory=file, trade_off=True)
    (own,) = [point for point in swept.sweep if point.per_day == 1.0]
    assert own.incidents == len(warm.alerts)
    assert own.off_list == warm.off_list.count


def test_an_interrupted_run_goes_on_with_what_it_began_with(
    after: Feed, city: City, file: Path, warm: BacktestReport, tmp_path: Path
) -> None:
    labels, saved = read_labels(CALIT2.labels, tz="UTC"), Saved(path=tmp_path / "stand", every_s=0)
    with pytest.raises(KilledError):
        backtest(after, city, settings(), memory=file, saved=saved, progress=Killing(99))
    with pytest.raises(FeedError, match="another memory;"):
        backtest(after, city, settings(), saved=saved)
    again = backtest(after, city, settings(), labels=labels, memory=file, saved=saved)
    assert again.alerts == warm.alerts
    assert again.notes == warm.notes


def test_a_history_of_strangers_teaches_nothing(counts: Feed, tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text("cell,area_m2\nelsewhere,100\n", encoding="utf-8")
    other, out = load_city(path, side_m=100.0), tmp_path / "memory.crowd"
    with pytest.raises(FeedError, match="no usable row"):
        learn(slice_of(counts, to_ms=at("2005-07-26")), other, settings(), out=out)
    assert not out.exists()


def test_a_memory_holds_no_count_of_a_hop(file: Path, found: Learnt) -> None:
    """Only means over days: what is handed on says nothing of one afternoon."""
    assert found.hops
    assert set(Memory.__struct_fields__).isdisjoint({"readings", "waiting", "recent"})
    assert file.stat().st_size < 20_000
