"""Laws of `ledger report`: every figure of a month in every form, and what is not known is said."""

from __future__ import annotations

import csv
import io
import re
from itertools import pairwise
from string import Formatter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
import pytest
from click.testing import CliRunner

from alerts.action import Action, Outcome
from alerts.ledger.month import Month
from stream.cli.group import _crowdtide
from stream.cli.ledger_report import days_of
from stream.cli.month_words import WORDS
from stream.ledger.store import open_store
from stream.settings_load import read
from tests.alerts.booked import Records
from tests.alerts.bookkeeping import Evening
from tests.cli.made_month import made_month
from tests.replay.pictures import texts_of

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from alerts.ledger.entry import Entry

HOUR_MS = 3_600_000
SHANGHAI, ROME = "Asia/Shanghai", "Europe/Rome"


def kept(folder: Path, entries: list[Entry], tz: str = SHANGHAI) -> list[str]:
    """Write a ledger, and return the options by which it is found."""
    sets = [f"ledger.file={folder / 'ledger.sqlite3'}", f"calendar.tz={tz}"]
    store = open_store(read(None, env={}, sets=sets).settings, write=True)
    store.write(entries, {}, {})
    store.close()
    return [part for one in sets for part in ("--set", one)]


def report(options: list[str], *arguments: str, month: str = "2026-11") -> Result:
    return CliRunner().invoke(
        _crowdtide, ["ledger", "report", "--month", month, *arguments, *options]
    )


def since(month: str, tz: str = SHANGHAI) -> int:
    return days_of(month, ZoneInfo(tz))[0].since_ms


@pytest.fixture(scope="module", name="made")
def fixture_made(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("month")
    return kept(folder, made_month(since("2026-11"), 30, incidents=40))


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def test_the_figures_are_the_same_in_json_and_table(made: list[str], tmp_path: Path) -> None:
    days = tmp_path / "days.csv"
    result = report(made, "--json", "--csv", str(days))
    assert result.exit_code == 0, result.output
    told = msgspec.json.decode(result.stdout, type=Month)
    rows = table(days)
    assert [row["date"] for row in rows] == [f"2026-11-{n:02}" for n in range(1, 31)] * 2
    for desk in told.desks:
        mine = [row for row in rows if row["desk"] == desk.desk]
        for name, count in (
            ("incidents", desk.incidents),
            ("messages", desk.messages),
            ("real", desk.verdicts["real"]),
            ("unfounded", desk.verdicts["unfounded"]),
            ("unjudged", desk.unjudged),
        ):
            assert sum(int(row[name]) for row in mine) == count, name
        colours = ("blue", "yellow", "orange", "red")
        by_level = tuple(sum(int(row[one]) for row in mine) for one in colours)
        assert by_level == desk.by_level
        assert sum(by_level) == desk.incidents == sum(desk.verdicts.values())
    assert told.desks[0].incidents == 40
    assert [one.status for one in told.drills] == ["Exercise"]
    assert (len(told.silences), told.silent_min) == (3, 40.0)


@pytest.mark.parametrize("lang", sorted(WORDS))
def test_the_text_fits_a_terminal_and_names_the_head_of_the_book(
    made: list[str], lang: str
) -> None:
    result = report(made, "--lang", lang)
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) < 45
    told = msgspec.json.decode(report(made, "--json").stdout, type=Month)
    assert told.head is not None
    assert told.head.link in result.stdout
    assert re.search(rf"\b{told.head.seq}\b", result.stdout)
    share = f"{told.desks[0].unfounded_ratio:.0%}"
    assert share in result.stdout


@pytest.mark.parametrize("lang", sorted(WORDS))
def test_the_page_is_whole_in_itself_and_cuts_no_text(
    made: list[str], tmp_path: Path, lang: str
) -> None:
    path = tmp_path / "month.html"
    assert report(made, "--html", str(path), "--lang", lang).exit_code == 0
    page = path.read_text("utf-8")
    for part in ("days", "outcomes", "answers", "budget", "hours", "worst", "deeds", "system"):
        assert f'<h2 id="{part}">' in page
    assert not re.search(r"https?://|src=|<script|<link", page)
    assert "South Gate &amp; Pier" in page
    assert "South Gate & Pier" not in page
    texts = list(texts_of(page))
    assert len(texts) > 100
    assert [one for one in texts if one[0] < -1.0 or one[1] > one[2] + 1.0] == []
    told = msgspec.json.decode(report(made, "--json").stdout, type=Month)
    assert told.head is not None
    assert told.head.link in page.rpartition("<footer>")[2]


def test_one_desk_alone_is_told_alone(made: list[str], tmp_path: Path) -> None:
    days = tmp_path / "days.csv"
    result = report(made, "--desk", "fire", "--csv", str(days), "--lang", "en")
    assert "police" not in result.stdout
    assert {row["desk"] for row in table(days)} == {"fire"}


def test_drills_have_a_report_of_their_own(made: list[str]) -> None:
    told = msgspec.json.decode(report(made, "--json", "--status", "Exercise").stdout, type=Month)
    assert told.desks[0].incidents == 1
    assert [one.status for one in told.drills] == ["Actual"]


@pytest.mark.parametrize("lang", sorted(WORDS))
def test_a_month_the_ledger_does_not_cover_is_never_called_calm(
    made: list[str], tmp_path: Path, lang: str
) -> None:
    page, days = tmp_path / "month.html", tmp_path / "days.csv"
    files = ("--html", str(page), "--csv", str(days))
    result = report(made, *files, "--lang", lang, month="2027-02")
    assert result.exit_code == 0, result.output
    assert WORDS[lang]["covered.none"] in result.stdout
    assert WORDS[lang]["covered.none"] in page.read_text("utf-8")
    assert "<svg" not in page.read_text("utf-8")
    for told in (result.stdout, page.read_text("utf-8")):
        assert WORDS[lang]["system.calm"] not in told
        assert WORDS[lang]["system.whole"] not in told
    rows = table(days)
    assert len(rows) == 56
    assert {row["incidents"] for row in rows} == {""}


def test_a_month_in_which_nothing_happened_says_so(tmp_path: Path) -> None:
    book = Records()
    for month in ("2026-10", "2026-12"):
        Evening(book, since(month) + 50 * HOUR_MS).see({0: 2.3}, *[None] * 9)
    page, days = tmp_path / "month.html", tmp_path / "days.csv"
    options = kept(tmp_path, book.entries())
    result = report(options, "--html", str(page), "--csv", str(days), "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "no desk was told of anything" in result.stdout
    assert "covers the whole month" in result.stdout
    assert {row["incidents"] for row in table(days)} == {"0"}


def test_days_outside_the_ledger_are_dark(tmp_path: Path) -> None:
    book = Records()
    for day in (9, 11):
        Evening(book, since("2026-11") + (24 * day + 12) * HOUR_MS).see({0: 2.3}, *[None] * 9)
    page, days = tmp_path / "month.html", tmp_path / "days.csv"
    options = kept(tmp_path, book.entries())
    result = report(options, "--html", str(page), "--csv", str(days), "--desk", "police")
    assert result.exit_code == 0, result.output
    known = [row["date"][8:] for row in table(days) if row["incidents"]]
    assert known == ["10", "11", "12"]
    assert page.read_text("utf-8").count('class="hole"') == 2 * 27


@pytest.mark.parametrize(("month", "day", "hours"), [("2026-03", 29, 23), ("2026-10", 25, 25)])
def test_days_on_which_clocks_change_keep_what_is_theirs(
    tmp_path: Path, month: str, day: int, hours: int
) -> None:
    spans = days_of(month, ZoneInfo(ROME))
    changed = spans[day - 1]
    assert changed.until_ms - changed.since_ms == hours * HOUR_MS
    assert all(one.until_ms == other.since_ms for one, other in pairwise(spans))
    book = Records()
    for at_ms in (changed.since_ms, changed.until_ms - HOUR_MS, changed.until_ms):
        evening = Evening(book, at_ms)
        incident = evening.see({0: 2.3})[0].incident
        evening.do(Action.CLOSE, incident, level=1, outcome=Outcome.REAL)
        evening.see(*[None] * 9)
    days = tmp_path / "days.csv"
    options = kept(tmp_path, book.entries(), ROME)
    assert report(options, "--csv", str(days), "--desk", "police", month=month).exit_code == 0
    counts = {row["date"]: row["incidents"] for row in table(days) if row["incidents"]}
    assert counts[f"{month}-{day}"] == "2"
    assert counts[f"{month}-{day + 1}"] == "1"


def test_no_ledger_is_one_clear_line(tmp_path: Path) -> None:
    result = report(["--set", f"ledger.file={tmp_path / 'none.sqlite3'}"])
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert "none.sqlite3: no such file" in line
    assert not (tmp_path / "none.sqlite3").exists()


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "november", "0000-01"])
def test_what_is_no_month_is_refused(made: list[str], month: str) -> None:
    result = report(made, month=month)
    assert result.exit_code == 2
    assert "is no month" in result.stderr


def test_a_file_that_cannot_be_written_is_one_line(made: list[str], tmp_path: Path) -> None:
    result = report(made, "--html", str(tmp_path / "no" / "month.html"))
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert "cannot be written" in line


def test_both_languages_have_the_same_words_and_values() -> None:
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert WORDS["en"].keys() == WORDS["zh-CN"].keys()
    for key, text in WORDS["en"].items():
        assert names(text) == names(WORDS["zh-CN"][key]), key


def test_the_help_has_examples_and_exit_codes() -> None:
    result = CliRunner().invoke(_crowdtide, ["ledger", "report", "--help"])
    assert "Examples:\n" in result.stdout
    assert "Exit codes: 0 done" in result.stdout
