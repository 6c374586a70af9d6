"""Laws of `backtest` and `replay` as commands: files, exit codes, one line for bad input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from stream.cli.group import _crowdtide

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

UTC = ("--set", "calendar.tz=UTC", "--set", "calendar.country=none")


def call(*arguments: str) -> Result:
    return CliRunner().invoke(_crowdtide, arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        f"{1_790_000_000_000 // 1_800_000 * 1_800_000 + k * 1_800_000},a,{50 + k % 3},1800\n"
        for k in range(60)
    ]
    (tmp_path / "feed.csv").write_text("start,cell,count,period_s\n" + "".join(rows), "utf-8")
    (tmp_path / "cells.csv").write_text("cell,area_m2\na,1000\n", "utf-8")
    return tmp_path


def test_a_backtest_writes_what_was_asked_for(folder: Path) -> None:
    paths = {name: str(folder / name) for name in ("out", "scores", "alerts")}
    files = [part for name, path in paths.items() for part in (f"--{name}", path)]
    result = call(
        "backtest", str(folder / "feed.csv"), "--cells", str(folder / "cells.csv"), *files, *UTC
    )
    assert result.exit_code == 0, result.output
    assert "60 rows" in result.stdout
    assert json.loads((folder / "out").read_text("utf-8"))["schema"] == "backtest/1"
    head = (folder / "scores").read_text("utf-8").splitlines()[0]
    assert head == "end,tile,people,expected,spread,score,level,state"
    assert (folder / "alerts").exists()


def test_json_on_stdout_is_the_report(folder: Path) -> None:
    result = call(
        "backtest", str(folder / "feed.csv"), "--set", f"worker.cells={folder}/cells.csv", "--json"
    )
    assert json.loads(result.stdout)["readings"] == 60


@pytest.mark.parametrize("command", ["backtest", "feed check"])
@pytest.mark.parametrize(
    ("feed", "cells"),
    [("none.csv", "cells.csv"), ("feed.csv", "none.csv"), ("empty.csv", "cells.csv")],
)
def test_a_file_that_cannot_be_used_is_one_line_and_exit_1(
    folder: Path, command: str, feed: str, cells: str
) -> None:
    (folder / "empty.csv").write_text("", "utf-8")
    result = call(*command.split(), str(folder / feed), "--cells", str(folder / cells))
    assert result.exit_code == 1, result.output
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_a_feed_of_strangers_is_exit_1(folder: Path) -> None:
    (folder / "other.csv").write_text("cell,area_m2\nb,1000\n", "utf-8")
    result = call("backtest", str(folder / "feed.csv"), "--cells", str(folder / "other.csv"))
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1


def test_a_period_that_fits_no_slot_is_exit_2(folder: Path) -> None:
    result = call(
        "backtest",
        str(folder / "feed.csv"),
        "--cells",
        str(folder / "cells.csv"),
        "--period",
        "1700",
    )
    assert result.exit_code == 2
    assert "does not divide" in result.stderr


def test_a_replay_never_goes_into_the_live_topics(folder: Path) -> None:
    result = call("replay", str(folder / "feed.csv"), "--to-kafka", "--prefix", "crowd.")
    assert result.exit_code == 1
    assert "a replay never goes into the live topics" in result.stderr
