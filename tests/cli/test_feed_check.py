"""Laws of `feed check`: what it counts is what the file holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from stream.cli.feed import feed
from stream.cli.group import _crowdtide

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "start,cell,count,period_s,received\n"


def row(minute: int, cell: str, count: object, *, delay_s: int = 30) -> str:
    received = 300 + delay_s + minute * 60
    return (
        f"{1_790_000_100_000 + minute * 60_000},{cell},{count},300,"
        f"{1_790_000_100_000 + received * 1000}\n"
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [row(minute, "a", minute) for minute in (0, 5, 10, 30, 35)]
    rows += [row(minute, "b", "") for minute in (0, 5, 10)]
    rows += [row(10, "b", "", delay_s=90), row(15, "stranger", 0), row(20, "b", -4)]
    rows += ["junk,a,1,300,\n"]
    path = tmp_path / "feed.csv"
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    (tmp_path / "cells.csv").write_text("cell,area_m2\na,100\nb,100\n", encoding="utf-8")
    return path


def told(*arguments: str, code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(_crowdtide, ["feed", "check", *arguments, "--json"])
    assert result.exit_code == code, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_gaps_delays_and_repeats_are_those_of_the_file(file: Path) -> None:
    (facts,) = told(str(file))["feeds"]
    assert facts["period_s"] == 300
    assert facts["cells"] == 3
    assert facts["repeated"] == 1
    # a misses 15, 20 and 25; b misses 15: 4 of 13 intervals.
    assert facts["cells_with_gaps"] == 2
    assert facts["missing_ratio"] == pytest.approx(4 / 14, abs=0.001)
    assert facts["longest_gap"]["cell"] == "a"
    assert facts["longest_gap"]["missing"] == 3
    assert facts["delay_s"] == [30.0, 90.0, 90.0]


def test_refusals_of_reader_and_gateway_are_told_apart_and_counted_once(file: Path) -> None:
    found = told(str(file), "--cells", str(file.parent / "cells.csv"))
    refused = {(one["by"], one["reason"]): one["count"] for one in found["refused"]}
    assert refused == {
        ("reader", "bad_interval"): 1,
        ("gateway", "bad_count"): 1,
        ("gateway", "unknown_cell"): 1,
    }
    assert found["unknown_cells"] == 1
    assert found["rows"] == 12
    assert found["refused_ratio"] == pytest.approx(3 / 12)


def test_a_register_that_does_not_fit_refuses_all(file: Path) -> None:
    found = told(str(file), "--set", "feeds.cmcc.period_s=600")
    assert found["refused"][-1]["reason"] == "bad_interval"
    assert found["refused"][-1]["count"] >= 10


def test_the_table_ends_with_settings_to_copy(file: Path) -> None:
    result = CliRunner().invoke(feed, ["check", str(file)])
    assert result.exit_code == 0
    assert result.output.endswith("  [feeds.file]\n  period_s = 300\n  delay_s = 90\n")


def test_a_file_without_a_usable_row_is_exit_1_and_one_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(HEAD + "junk,a,1,300,\n", encoding="utf-8")
    result = CliRunner().invoke(_crowdtide, ["feed", "check", str(path)])
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "row 2" in result.stderr


def test_a_strict_read_stops_at_the_first_bad_row(file: Path) -> None:
    result = CliRunner().invoke(_crowdtide, ["feed", "check", str(file), "--strict"])
    assert result.exit_code == 1
    assert "row 13" in result.stderr
