"""Laws of a backtest's report: figures, page, trade-off, and going on where a run stopped."""

from __future__ import annotations

import json
import re
from string import Formatter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import msgspec
import pytest
from typing_extensions import override

from geo.city import load_city
from replay.backtest import Page, Saved, backtest
from replay.badrow import FeedError
from replay.feed import read_feed
from replay.labels import Label
from replay.progress import Progress
from replay.report_words import WORDS
from stream.settings_load import read
from tests.replay.pictures import texts_of

if TYPE_CHECKING:
    from pathlib import Path

    from geo.city import City
    from replay.report import BacktestReport
    from stream.settings import Loaded

T0 = 1_767_571_200_000  # Monday, 2026-01-05 00:00 UTC
HALF_HOUR = 1_800_000
DAYS = 16
CROWDS = {"square": range(12 * 48 + 36, 12 * 48 + 42), "park": range(14 * 48 + 20, 14 * 48 + 24)}


def settings(*sets: str) -> Loaded:
    return read(None, env={}, sets=["calendar.tz=Asia/Shanghai", "calendar.country=none", *sets])


def feed_file(folder: Path, *, crowd: int = 900) -> Path:
    lines = ["start,cell,count"]
    for slot in range(DAYS * 48):
        usual = 30 + 20 * (slot % 48 > 16) + slot % 5
        for cell, when in CROWDS.items():
            lines.append(f"{T0 + slot * HALF_HOUR},{cell},{usual + crowd * (slot in when)}")
    path = folder / "feed.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def city(tmp_path: Path) -> City:
    path = tmp_path / "cells.csv"
    path.write_text("cell,area_m2,name\npark,90000,Park <1>\nsquare,90000,\n", encoding="utf-8")
    return load_city(path, side_m=100.0)


def label(name: str, slot: int, cell: str, *, slots: int = 4) -> Label:
    start_ms = T0 + slot * HALF_HOUR
    return Label(name=name, start_ms=start_ms, end_ms=start_ms + slots * HALF_HOUR, cell=cell)


LABELS = (
    label("beyond", 40 * 48, "park"),
    label("quiet <b>", 13 * 48 + 10, "square"),
    label("fair", CROWDS["square"][2], "square"),
)


@pytest.fixture
def report(tmp_path: Path, city: City) -> BacktestReport:
    return backtest(
        read_feed(feed_file(tmp_path)), city, settings(), labels=LABELS, trade_off=True,
        out=tmp_path / "r.json", page=Page(path=tmp_path / "r.html", lang="en"),
    )  # fmt: skip


def test_a_label_outside_the_span_is_told_and_no_miss(report: BacktestReport) -> None:
    assert report.labels.outside == ["beyond"]
    assert [(one.name, one.found) for one in report.labels.events] == [
        ("fair", True),
        ("quiet <b>", False),
    ]
    assert any("outside the span" in note and "beyond" in note for note in report.notes)


def test_levels_share_out_all_incidents(report: BacktestReport) -> None:
    assert [row.level for row in report.levels] == [4, 3, 2, 1]
    assert sum(row.incidents for row in report.levels) == len(report.alerts)
    assert report.levels[-1].events >= report.labels.found


def test_the_sweep_at_the_own_budget_is_the_run_itself(report: BacktestReport) -> None:
    (own,) = [one for one in report.sweep if one.per_day == report.budget.promised_per_day]
    assert own.incidents == len(report.alerts)
    assert (len(own.found), own.off_list) == (report.labels.found, report.off_list.count)


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_a_page_is_one_file_that_needs_no_network(tmp_path: Path, city: City, lang: str) -> None:
    path = tmp_path / "page.html"
    backtest(
        read_feed(feed_file(tmp_path)), city, settings(), labels=LABELS,
        page=Page(path=path, lang=lang),
    )  # fmt: skip
    text = path.read_text("utf-8")
    assert not re.search(r"https?:|<script|<link|src=|@import|url\(", text)
    assert "quiet <b>" not in text
    assert "quiet &lt;b&gt;" in text
    assert "Park &lt;1&gt;" in text
    for drawing in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        picture = ET.fromstring(drawing)
        assert picture.get("aria-label")
        assert "nan" not in drawing
    assert WORDS[lang]["missed.q"] in text


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_no_text_of_a_picture_is_cut_at_an_edge(tmp_path: Path, city: City, lang: str) -> None:
    path = tmp_path / "page.html"
    backtest(
        read_feed(feed_file(tmp_path)), city, settings(), labels=LABELS, trade_off=True,
        page=Page(path=path, lang=lang),
    )  # fmt: skip
    texts = list(texts_of(path.read_text("utf-8")))
    assert len(texts) > 100
    assert [one for one in texts if one[0] < -1.0 or one[1] > one[2] + 1.0] == []


def test_both_languages_have_the_same_words_and_values() -> None:
    def names(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert WORDS["en"].keys() == WORDS["zh-CN"].keys()
    for key, text in WORDS["en"].items():
        assert names(text) == names(WORDS["zh-CN"][key]), key


class KilledError(Exception):
    """Ends a run as a kill would: nothing after it is written."""


class Killing(Progress):
    """Kills the run after some ticks."""

    def __init__(self, ticks: int) -> None:
        super().__init__(None, "")
        self._ticks = ticks

    @override
    def at(self, share: float, note: str = "") -> None:
        self._ticks -= 1
        if self._ticks < 0:
            raise KilledError


@pytest.mark.parametrize("ticks", [0, 333, DAYS * 48])
def test_a_run_that_was_killed_goes_on_and_ends_the_same(
    tmp_path: Path, city: City, ticks: int
) -> None:
    feed = read_feed(feed_file(tmp_path))

    def run(name: str, saved: Saved | None, progress: Progress | None) -> dict[str, bytes]:
        files = {kind: tmp_path / f"{name}.{kind}" for kind in ("out", "scores", "alerts", "html")}
        report = backtest(
            feed, city, settings(), labels=LABELS, trade_off=True, saved=saved, progress=progress,
            out=files["out"], scores=files["scores"], alerts=files["alerts"],
            page=Page(path=files["html"], lang="en"),
        )  # fmt: skip
        told = {kind: path.read_bytes() for kind, path in files.items()}
        told["out"] = msgspec.json.encode(msgspec.structs.replace(report, wall_s=0.0))
        return told

    whole = run("whole", None, None)
    saved = Saved(path=tmp_path / "stand", every_s=0.0)
    with pytest.raises(KilledError):
        run("cut", saved, Killing(ticks))
    assert not (tmp_path / "cut.out").exists()
    with pytest.raises(KilledError):
        run("cut", saved, Killing(5))
    again = run("cut", saved, None)
    assert again == whole
    assert json.loads(again["out"])["alerts"]
    assert json.loads(again["out"])["forecast"]
    assert not saved.path.exists()


def test_a_folder_of_another_run_is_refused_in_a_line(tmp_path: Path, city: City) -> None:
    feed = read_feed(feed_file(tmp_path))
    saved = Saved(path=tmp_path / "stand", every_s=0.0)
    with pytest.raises(KilledError):
        backtest(feed, city, settings(), saved=saved, progress=Killing(9))
    other = read_feed(feed_file(tmp_path, crowd=901))
    with pytest.raises(FeedError, match="another feed;"):
        backtest(other, city, settings(), saved=saved)
    with pytest.raises(FeedError, match="another settings;"):
        backtest(feed, city, settings("alerts.hold_s=1200"), saved=saved)
    with pytest.raises(FeedError, match="another set of output files;"):
        backtest(feed, city, settings(), saved=saved, alerts=tmp_path / "a.ndjson")
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "letter.txt").write_text("dear", "utf-8")
    with pytest.raises(FeedError, match="no backtest of ours"):
        backtest(feed, city, settings(), saved=Saved(path=strange))
    assert (strange / "letter.txt").exists()
