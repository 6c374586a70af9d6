"""Laws of `explain` and `whatif` as commands: languages, JSON, pages, one line for mistakes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from stream.cli.group import _crowdtide
from tests.replay.evenings import CROWD, at, city, feed

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

UTC = ("calendar.tz=UTC", "calendar.country=none")


def call(command: str, folder: Path, *more: str) -> Result:
    flag = "--base" if command == "whatif" else "--set"
    zone = [part for one in UTC for part in (flag, one)]
    files = [str(folder / "feed.csv"), "--cells", str(folder / "cells.csv")]
    return CliRunner(env={"LANG": "en"}).invoke(_crowdtide, [command, *files, *zone, *more])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    city(tmp_path)
    feed(tmp_path)
    return tmp_path


def test_explain_answers_in_both_languages_and_as_a_page(folder: Path) -> None:
    where = ("--tile", "Old square", "--at", "2026-01-13 18:40", "--html", str(folder / "e.html"))
    english = call("explain", folder, *where, "--lang", "en")
    assert english.exit_code == 0, english.output
    assert "ALERT" in english.stdout
    chinese = call("explain", folder, *where, "--lang", "zh-CN")
    assert "有预警" in chinese.stdout
    assert "有预警" in (folder / "e.html").read_text("utf-8")


def test_explain_prints_json_for_programs(folder: Path) -> None:
    result = call("explain", folder, "--tile", "square", "--at", at(CROWD[1]), "--json")
    told = json.loads(result.stdout)
    assert (told["schema"], told["tile"]) == ("explain/1", "square")
    assert told["level"]["now"] >= 1


def test_whatif_tells_what_is_lost_and_writes_a_page(folder: Path) -> None:
    more = ("--set", "alerts.min_people=5000", "--html", str(folder / "w.html"))
    result = call("whatif", folder, *more, "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "raise it if small places alarm" in result.stdout
    assert "Alerts lost" in (folder / "w.html").read_text("utf-8")


def test_whatif_compares_two_settings_files(folder: Path) -> None:
    other = folder / "other.toml"
    other.write_text("[alerts]\nmin_people = 5000\n", "utf-8")
    told = json.loads(call("whatif", folder, "--against", str(other), "--json").stdout)
    assert told["schema"] == "whatif/1"
    assert [one["key"] for one in told["settings"]] == ["alerts.min_people"]
    assert told["lost"]


@pytest.mark.parametrize(
    ("command", "more", "code", "says"),
    [
        ("explain", ("--tile", "sqare", "--at", "2026-01-13 18:40"), 2, "did you mean 'square'"),
        ("explain", ("--tile", "square", "--at", "2027-01-01 00:00"), 2, "goes from 2026-01-05"),
        ("explain", ("--tile", "square", "--at", "soon"), 2, "no ISO 8601 time"),
        ("whatif", (), 2, "nothing differs"),
        ("whatif", ("--set", "alerts.hold_s=900"), 1, "same settings"),
        ("whatif", ("--set", "alerts.hold=900"), 2, "alerts.hold"),
    ],
)
def test_a_mistake_is_told_in_a_line(
    folder: Path, command: str, more: tuple[str, ...], code: int, says: str
) -> None:
    result = call(command, folder, *more)
    assert result.exit_code == code, result.output
    assert says in result.stderr
    assert "Traceback" not in result.output
