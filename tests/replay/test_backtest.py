"""The contract of `backtest`: its files, its account, its refusals."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from geo.city import load_city
from replay.alert_line import alert_line
from replay.backtest import backtest
from replay.badrow import FeedError
from replay.feed import FeedOptions, read_feed
from replay.labels import Label
from replay.progress import Progress
from replay.register import default_feed
from replay.summary import summary
from stream.settings_load import read

if TYPE_CHECKING:
    from pathlib import Path

    from geo.city import City
    from stream.settings import Loaded

T0 = 1_767_571_200_000  # Monday, 2026-01-05 00:00 UTC
HALF_HOUR = 1_800_000
DAYS = 10
CALM = "alerts.min_people=100"  # the small numbers of the other evenings are no incident
CROWD = range(8 * 48 + 36, 8 * 48 + 42)  # the evening of the ninth day


def settings(*sets: str) -> Loaded:
    return read(None, env={}, sets=["calendar.tz=UTC", "calendar.country=none", *sets])


def rows(*, crowd: int = 3_000) -> list[str]:
    usual = [30 + 20 * (slot % 48 > 16) + slot % 5 for slot in range(DAYS * 48)]
    return [
        f"{T0 + slot * HALF_HOUR},{cell},{count + crowd * (slot in CROWD and cell == 'square')}"
        for slot, count in enumerate(usual)
        for cell in ("park", "square")
    ]


@pytest.fixture
def city(tmp_path: Path) -> City:
    path = tmp_path / "cells.csv"
    path.write_text("cell,area_m2\npark,90000\nsquare,90000\n", encoding="utf-8")
    return load_city(path, side_m=100.0)


def feed_file(folder: Path, *lines: str, header: str = "start,cell,count") -> Path:
    path = folder / "feed.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_the_report_keeps_its_contract(tmp_path: Path, city: City) -> None:
    feed = read_feed(feed_file(tmp_path, *rows()))
    start_ms = T0 + CROWD[2] * HALF_HOUR
    labels = [Label(name="fair", start_ms=start_ms, end_ms=start_ms + 3_600_000, cell="square")]
    out, scores, alerts = tmp_path / "r.json", tmp_path / "s.csv", tmp_path / "a.ndjson"
    report = backtest(
        feed, city, settings(CALM), out=out, scores=scores, alerts=alerts, labels=labels
    )
    told = json.loads(out.read_bytes())
    assert told["schema"] == "backtest/1"
    assert (told["frames"], told["tiles"], told["readings"]) == (DAYS * 48, 2, DAYS * 96)
    assert told["start_hop"] == "2026-01-05T00:30:00+00:00"
    assert told["span"] == ["2026-01-05T00:00:00+00:00", "2026-01-15T00:00:00+00:00"]
    (one,) = told["alerts"]
    assert one["tiles"] == ["square"]
    assert one["direction"] == "rise"
    assert one["people_max"] > 3_000
    opened, closed = (datetime.fromisoformat(one[key]) for key in ("opened", "closed"))
    assert opened.timestamp() * 1000 == T0 + (CROWD[0] + 1) * HALF_HOUR
    assert closed > opened
    assert told["labels"]["found"] == told["labels"]["total"] == 1
    (event,) = told["labels"]["events"]
    assert event["incident"] == one["incident"]
    assert event["lead_min"] == 29.0  # told a minute after the hop that ends half an hour before
    assert told["off_list"] == {"count": 0, "per_week": 0.0}
    assert {"settings_hash", "wall_s"} <= told.keys()
    text = summary(report, feed.rejects, tz="Asia/Shanghai")
    assert "found 1 of 1 events" in text
    assert "min_people 100" in text


def test_scores_have_one_row_for_every_tile_and_hop(tmp_path: Path, city: City) -> None:
    made = rows()
    made[10:14] = [f"{row.rsplit(',', 1)[0]}," for row in made[10:14]]
    feed = read_feed(feed_file(tmp_path, *made))
    path = tmp_path / "s.csv.gz"
    backtest(feed, city, settings(CALM), scores=path)
    table = list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))
    header = ["end", "tile", "people", "expected", "spread", "score", "level", "state"]
    assert list(table[0]) == header
    assert len(table) == DAYS * 48 * 2
    assert [row["tile"] for row in table[:4]] == ["park", "square"] * 2
    assert [row["state"] for row in table[10:14]] == ["withheld"] * 4
    assert {row["state"] for row in table} <= {"ok", "warming", "withheld", "missing", "blind"}
    assert {row["level"] for row in table if row["tile"] == "park"} == {"0"}
    peak = max(table, key=lambda row: float(row["score"] or 0))
    assert (peak["tile"], float(peak["people"]) > 3_000) == ("square", True)


def test_alerts_are_written_as_they_would_be_published(tmp_path: Path, city: City) -> None:
    feed = read_feed(feed_file(tmp_path, *rows()))
    path = tmp_path / "a.ndjson"
    backtest(feed, city, settings(), alerts=path)
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert lines
    for line in lines:
        assert list(line) == ["topic", "key", "id", "type", "data"]
        assert line["topic"] in {"crowd.alerts.police.v1", "crowd.alerts.fire.v1"}
        assert line["id"].startswith(line["key"] + "/")
        assert line["data"]["schema"] == "alert/1"
    assert lines[0]["type"] == "crowd.alert.raised.v1"
    assert lines[-1]["type"] == "crowd.alert.resolved.v1"


def test_the_same_file_gives_the_same_bytes(tmp_path: Path, city: City) -> None:
    feed = read_feed(feed_file(tmp_path, *rows()))
    files = []
    for name in ("one", "two"):
        path = tmp_path / name
        backtest(feed, city, settings(), alerts=path)
        files.append(path.read_bytes())
    assert files[0] == files[1]


def test_every_row_is_accounted_for(tmp_path: Path, city: City) -> None:
    made = rows(crowd=0)
    extra = [made[5], made[5].rsplit(",", 1)[0] + ",7", f"{T0},moon,1", f"{T0},park,-3", "x,park,1"]
    path = feed_file(tmp_path, *made, *extra)
    account = backtest(read_feed(path), city, settings()).account
    assert account.rows == len(made) + 5
    assert account.bad_rows == {"bad_interval": 1}
    assert account.refused == {"unknown_cell": 1, "bad_count": 1}
    assert (account.duplicate, account.conflict, account.late) == (1, 1, 0)
    assert account.accepted == len(made)
    assert account.waiting == 0


def test_a_file_s_counts_may_be_anything_so_no_excess_is_too_small(
    tmp_path: Path, city: City
) -> None:
    feed = read_feed(feed_file(tmp_path, *rows()))
    few, many = (backtest(feed, city, settings(*more)) for more in ((CALM,), ()))
    assert any("min_people 0" in note for note in many.notes)
    assert len(few.alerts) < len(many.alerts)


def test_a_register_of_feeds_is_used_as_it_stands(tmp_path: Path, city: City) -> None:
    path = feed_file(tmp_path, *rows())
    loaded = settings("feeds.cmcc.period_s=1800", "alerts.min_people=5000")
    feed = read_feed(path, FeedOptions(feed=default_feed(loaded.settings)))
    report = backtest(feed, city, loaded)
    assert report.alerts == []
    assert not any("register" in note for note in report.notes)
    with pytest.raises(FeedError, match=r"its feeds are file, the settings count cmcc"):
        backtest(read_feed(path), city, loaded)
    two = settings(
        "feeds.cmcc.period_s=1800", "feeds.file.period_s=1800", "feeds.file.supports=0.5"
    )
    with pytest.raises(FeedError, match=r"its feeds are file, the settings count cmcc"):
        backtest(read_feed(path), city, two)


def test_several_feeds_need_a_register(tmp_path: Path, city: City) -> None:
    made = [f"{row},{'ab'[i % 2]}" for i, row in enumerate(rows())]
    path = feed_file(tmp_path, *made, header="start,cell,count,feed")
    with pytest.raises(FeedError, match=r"feeds a, b; register them.*--set feeds.a.period_s=1800"):
        backtest(read_feed(path), city, settings())


def test_a_feed_of_another_city_is_refused_and_leaves_no_file(tmp_path: Path, city: City) -> None:
    out = tmp_path / "r.json"
    strangers = read_feed(feed_file(tmp_path, f"{T0},moon,1", f"{T0 + HALF_HOUR},moon,1"))
    with pytest.raises(FeedError, match="knows none of its 1 cells; the first is 'moon'"):
        backtest(strangers, city, settings(), out=out)
    refused = read_feed(feed_file(tmp_path, f"{T0},park,-1", f"{T0 + HALF_HOUR},park,-1"))
    with pytest.raises(FeedError, match="no usable row: 2 bad_count"):
        backtest(refused, city, settings(), out=out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cells.csv", "feed.csv"]


def test_a_file_that_cannot_be_written_is_told_before_the_run(tmp_path: Path, city: City) -> None:
    feed = read_feed(feed_file(tmp_path, *rows()))
    with pytest.raises(FeedError, match="cannot be written"):
        backtest(feed, city, settings(), out=tmp_path / "nowhere" / "r.json")


def test_progress_is_plain_lines_where_nobody_watches() -> None:
    text, now = io.StringIO(), [0.0]
    progress = Progress(text, "backtest", clock=lambda: now[0])
    for second in range(31):
        now[0] = float(second)
        progress.at(second / 40)
    progress.done()
    lines = text.getvalue().splitlines()
    assert len(lines) == 3
    assert lines[-1].startswith("backtest  75%, 30 s, about 10 s to go")


def test_a_line_of_an_alert_keeps_the_bytes_of_its_data() -> None:
    data = b'{"z":1.50,  "a":"\xe6\xb9\x9b"}'
    value = b'{"specversion":"1.0","id":"i/fire/1","type":"t","data":' + data + b"}"
    line = alert_line("p.alerts.fire.v1", None, value)
    assert line.endswith(b'"data":' + data + b"}\n")
    assert json.loads(line)["key"] is None
