"""Laws of `learn` as a command, and of a backtest that begins with what it wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from stream.cli.group import _crowdtide
from stream.cli.learn_text import TEXTS

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

UTC = ("--set", "calendar.tz=UTC", "--set", "calendar.country=none")
START_MS = 1_790_002_800_000 // 86_400_000 * 86_400_000


def call(*arguments: str) -> Result:
    return CliRunner().invoke(_crowdtide, arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [f"{START_MS + k * 1_800_000},a,{50 + k % 3},1800\n" for k in range(150)]
    (tmp_path / "early.csv").write_text("start,cell,count,period_s\n" + "".join(rows[:100]))
    (tmp_path / "late.csv").write_text("start,cell,count,period_s\n" + "".join(rows[100:]))
    (tmp_path / "cells.csv").write_text("cell,area_m2\na,1000\n")
    return tmp_path


def learn(folder: Path, *more: str) -> Result:
    cells, out = str(folder / "cells.csv"), str(folder / "m.crowd")
    return call("learn", str(folder / "early.csv"), "--cells", cells, "--out", out, *UTC, *more)


def backtest(folder: Path, *more: str) -> Result:
    cells, file = str(folder / "cells.csv"), str(folder / "m.crowd")
    feed = str(folder / "late.csv")
    return call("backtest", feed, "--cells", cells, "--memory", file, *UTC, *more)


def test_what_is_learnt_is_told_in_both_languages(folder: Path) -> None:
    english, chinese = (learn(folder, "--lang", lang) for lang in ("en", "zh-CN"))
    assert english.exit_code == chinese.exit_code == 0, english.output
    assert "1 of 1 have a day profile" in english.stdout
    assert "1 个中 1 个已有日常曲线" in chinese.stdout
    assert TEXTS["en"].keys() == TEXTS["zh-CN"].keys()


def test_what_the_history_lacks_is_told(folder: Path) -> None:
    """Two days from a Monday on."""
    assert "no day off before another, no Sunday or holiday in the history" in (
        learn(folder, "--lang", "en").stdout
    )
    assert "历史中没有周日与节日以外的休息日、周日或节日" in learn(folder, "--lang", "zh-CN").stdout


def test_json_is_for_programs(folder: Path) -> None:
    told = json.loads(learn(folder, "--json").stdout)
    assert told["schema"] == "learn/1"
    assert told["bytes"] == (folder / "m.crowd").stat().st_size


def test_a_backtest_begins_with_it_and_says_so(folder: Path) -> None:
    assert learn(folder).exit_code == 0
    done = backtest(folder, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert any("begins with m.crowd: learnt 100 hops" in note for note in report["notes"])


def test_a_memory_of_other_settings_is_one_line_and_exit_1(folder: Path) -> None:
    assert learn(folder).exit_code == 0
    done = backtest(folder, "--set", "alerts.false_alarms_per_day=0.5")
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert "alerts.false_alarms_per_day was 1.0 and is 0.5" in line


def test_a_backtest_without_the_memory_it_names_is_exit_1(folder: Path) -> None:
    done = backtest(folder)
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)


def test_a_history_that_cannot_be_used_leaves_the_old_memory(folder: Path) -> None:
    assert learn(folder).exit_code == 0
    before = (folder / "m.crowd").read_bytes()
    (folder / "early.csv").write_text("start,cell,count,period_s\n")
    done = learn(folder)
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert (folder / "m.crowd").read_bytes() == before
