"""Laws of forecasts held against what came: the counts are those of a slow book, and resume."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from typing_extensions import override

from detectors.forecast_calibration import Calibration
from detectors.horizons import hops_a_step
from geo.city import load_city
from replay.backtest import Page, backtest
from replay.chart_forecast import forecast_chart
from replay.engine import Engine, offline
from replay.feed import read_feed
from replay.log import input_log
from replay.outcomes import Outcomes, spread_out
from replay.register import registered
from replay.report_words import WORDS
from replay.summary import summary
from stream.settings_load import read
from stream.states import OK

if TYPE_CHECKING:
    from pathlib import Path

    from geo.city import City
    from stream.block_state import BlockState, HopSeen
    from stream.settings import Settings

T0: Final = 1_767_571_200_000  # Monday, 2026-01-05 00:00 UTC
CELLS: Final = ("park", "pier", "square")
SETS: Final = ("calendar.tz=UTC", "calendar.country=none")


def write_feed(folder: Path, *, period_s: int, days: int) -> Path:
    """Write noise with an outage of one cell, withheld counts of another, and a crowd."""
    chance = np.random.default_rng(5)
    slots = 86_400 // period_s
    lines = ["start,cell,count,period_s"]
    for slot in range(days * slots):
        usual = 60 + 40 * np.sin(slot / slots * 2 * np.pi)
        for number, cell in enumerate(CELLS):
            count = f"{chance.poisson(usual + 300 * (slot // slots == days - 2 and number == 2))}"
            if number == 0 and slot % slots < slots // 12:
                continue
            if number == 1 and slot % slots == slots // 2:
                count = ""
            lines.append(f"{T0 + slot * period_s * 1000},{cell},{count},{period_s}")
    path = folder / "feed.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def city(tmp_path: Path) -> City:
    path = tmp_path / "cells.csv"
    path.write_text("cell,area_m2\n" + "".join(f"{one},10000\n" for one in CELLS), "utf-8")
    return load_city(path, side_m=100.0)


class Book(Outcomes):
    """Counts twice: as the product does, and by the slow book of the detectors' tests."""

    def __init__(self, tiles: int, settings: Settings) -> None:
        super().__init__(tiles, hop_ms=settings.hop_ms)
        self.hop_min = settings.hop_ms / 60_000
        self.every = hops_a_step(self.hop_min)
        self.slow: Calibration | None = None

    @override
    def saw(self, state: BlockState, seen: HopSeen) -> None:
        super().saw(state, seen)
        forecast = state.outlook.forecast
        if round(seen.hop_ms / 60_000 / self.hop_min) % self.every:
            return
        if self.slow is None:
            self.slow = Calibration(
                hop_min=self.hop_min * self.every, horizons_min=forecast.horizons_min
            )
        now = seen.frame.now
        ahead = state.outlook.whole(seen.verdict)
        believed = (seen.state == OK) & now.fresh
        self.slow.hop(now.point, believed, ahead=ahead, expected=state.outlook.expected)


@pytest.mark.parametrize(("period_s", "days"), [(300, 6), (600, 8), (1800, 12)])
def test_what_is_counted_is_what_the_slow_book_counts(
    tmp_path: Path, city: City, period_s: int, days: int
) -> None:
    loaded = read(None, env={}, sets=SETS)
    feed, settings, _ = registered(
        read_feed(write_feed(tmp_path, period_s=period_s, days=days)), loaded
    )
    settings = offline(settings)
    book = Book(len(city.grid.tile_ids), settings)
    engine = Engine(settings, city, watch=book)
    for record in input_log(feed, hop_ms=settings.hop_ms, lateness_ms=settings.lateness_ms):
        engine.feed(record)
    assert book.slow is not None
    slow = {one.minutes: one for one in book.slow.horizons}  # of equal ones the last
    rows = book.rows()
    assert [row.minutes for row in rows] == list(slow)
    for row, one in zip(rows, slow.values(), strict=True):
        assert row.all.outcomes == one.outcomes > 100
        assert row.all.inside_ratio == round(one.held_ratio, 4)
        assert row.all.under_ratio == round(one.below / one.outcomes, 4)
        assert row.all.error == pytest.approx(one.mean_error, abs=1e-3)
        assert row.all.error_ratio == pytest.approx(one.error_ratio, abs=1e-4)
        assert row.all.width == pytest.approx(one.width / one.outcomes, abs=1e-3)
        assert row.crowded is not None
        assert 0 < row.crowded.outcomes < row.all.outcomes


def test_a_state_that_was_saved_and_loaded_goes_on_the_same(city: City, tmp_path: Path) -> None:
    loaded = read(None, env={}, sets=SETS)
    feed, settings, _ = registered(read_feed(write_feed(tmp_path, period_s=1800, days=9)), loaded)
    settings = offline(settings)
    whole, cut = (Outcomes(len(CELLS), hop_ms=settings.hop_ms) for _ in range(2))
    seen: list[bytes] = []

    class Both(Outcomes):
        @override
        def saw(self, state: BlockState, seen_hop: HopSeen) -> None:
            nonlocal cut
            whole.saw(state, seen_hop)
            again = Outcomes(len(CELLS), hop_ms=settings.hop_ms)
            again.load(cut.dump())
            again.saw(state, seen_hop)
            cut = again
            seen.append(cut.dump())

    engine = Engine(settings, city, watch=Both(len(CELLS), hop_ms=settings.hop_ms))
    for record in input_log(feed, hop_ms=settings.hop_ms, lateness_ms=settings.lateness_ms):
        engine.feed(record)
    assert cut.rows() == whole.rows()
    assert cut.rows()
    assert {len(one) for one in seen} == {len(seen[0])}  # however long the feed is


def test_large_cities_are_judged_by_places_spread_over_them() -> None:
    places = spread_out(200_000)
    assert len(places) == 10_000
    assert {b - a for a, b in pairwise(places.tolist())} == {20}
    assert len(Outcomes(200_000, hop_ms=300_000).dump()) < 5_000_000


@pytest.mark.parametrize("lang", sorted(WORDS))
def test_the_report_tells_it_in_json_text_and_page(tmp_path: Path, city: City, lang: str) -> None:
    feed = read_feed(write_feed(tmp_path, period_s=1800, days=12))
    path, out = tmp_path / "page.html", tmp_path / "report.json"
    report = backtest(
        feed, city, read(None, env={}, sets=SETS), out=out, page=Page(path=path, lang=lang)
    )
    row = report.forecast[0]
    text = path.read_text("utf-8")
    part = text[text.index('id="forecast"') : text.index('id="data"')]
    assert f"{row.all.inside_ratio:.1%}" in part
    assert len(re.findall("<svg", part)) == 2
    assert WORDS[lang]["forecast.none"] not in text
    told = summary(report, (), tz="UTC")
    assert f"{row.minutes:g} min  all" in told
    assert f"{row.all.inside_ratio:.1%}" in told
    saved = json.loads(out.read_bytes())["forecast"][0]
    assert saved["all"]["inside_ratio"] == row.all.inside_ratio


def test_a_feed_too_short_for_a_forecast_says_so(tmp_path: Path, city: City) -> None:
    feed = read_feed(write_feed(tmp_path, period_s=1800, days=1))
    path = tmp_path / "short.html"
    report = backtest(feed, city, read(None, env={}, sets=SETS), page=Page(path=path, lang="en"))
    assert report.forecast == []
    assert WORDS["en"]["forecast.none"] in path.read_text("utf-8")
    assert "forecasts" not in summary(report, (), tz="UTC")


def test_a_chart_of_a_place_that_is_never_off_is_drawn(tmp_path: Path, city: City) -> None:
    rows = ["start,cell,count,period_s"]
    rows += [f"{T0 + k * 1_800_000},park,0,1800" for k in range(10 * 48)]
    (tmp_path / "zeros.csv").write_text("\n".join(rows) + "\n", "utf-8")
    report = backtest(read_feed(tmp_path / "zeros.csv"), city, read(None, env={}, sets=SETS))
    drawn = forecast_chart(report.forecast, WORDS["en"], says="all & none")
    for picture in re.findall(r"<svg.*?</svg>", drawn, re.DOTALL):
        assert ET.fromstring(picture).get("aria-label") == "all & none"
    assert "nan" not in drawn
