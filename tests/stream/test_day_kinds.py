"""Laws of days: natures and names, the operator's own days, until when the calendar is known."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.day_kinds import DayKinds, Nature
from stream.settings import ConfigError, load, settings_hash
from stream.settings_days import LocalDay, rows_of

if TYPE_CHECKING:
    from pathlib import Path

CHINA = DayKinds(country="CN")
DATES = st.dates(date(2005, 1, 1), date(2035, 12, 30))


@pytest.mark.parametrize(
    ("day", "nature", "zh", "en"),
    [
        ("2026-10-01", Nature.HOLIDAY, "国庆节", "National Day"),
        ("2026-10-10", Nature.MAKEUP, "", ""),
        ("2026-09-30", Nature.EVE, "", ""),
        ("2026-03-03", Nature.WORK, "元宵节", "Lantern Festival"),
        ("2027-02-20", Nature.OFF, "元宵节", "Lantern Festival"),
        ("2026-11-28", Nature.OFF, "", ""),
        ("2026-11-27", Nature.WORK, "", ""),
    ],
)
def test_a_day_is_called_what_people_call_it(day: str, nature: Nature, zh: str, en: str) -> None:
    seen = CHINA.day(date.fromisoformat(day), lang="zh-CN")
    assert (seen.nature, seen.name) == (nature, zh)
    assert CHINA.day(date.fromisoformat(day), lang="en").name == en


@given(DATES)
def test_nature_and_kind_never_contradict_each_other(day: date) -> None:
    seen = CHINA.day(day)
    is_worked = seen.nature in {Nature.WORK, Nature.MAKEUP, Nature.EVE}
    assert is_worked == (seen.kind == 0)
    assert seen.nature is not Nature.HOLIDAY or seen.kind == 2


@given(DATES, st.sampled_from(["work", "off", "holiday"]))
def test_what_the_operator_says_of_a_day_wins(day: date, kind: str) -> None:
    own = LocalDay(date=day.isoformat(), kind=kind, name="ours")  # type: ignore[arg-type]
    seen = DayKinds(country="CN", local=[own]).day(day)
    assert (seen.kind == 0) == (kind == "work")
    assert kind != "holiday" or (seen.nature, seen.kind) == (Nature.HOLIDAY, 2)
    assert seen.name == "ours"


@given(DATES)
def test_a_local_day_changes_no_day_but_itself_and_the_one_before(day: date) -> None:
    own = LocalDay(date="2026-06-10", kind="holiday")
    other = DayKinds(country="CN", local=[own])
    if day not in {date(2026, 6, 10), date(2026, 6, 9)}:
        assert other.day(day) == CHINA.day(day)


def test_a_days_off_eve_may_be_told_by_the_operator() -> None:
    days = [LocalDay(date="2026-06-10", kind="holiday")]
    assert DayKinds(country="none", local=days).day(date(2026, 6, 9)).nature is Nature.EVE


def test_china_is_known_to_the_end_of_the_last_announced_year() -> None:
    assert CHINA.known_until(date(2026, 11, 28)) == date(2026, 12, 31)


def test_the_operators_make_up_days_carry_the_calendar_on() -> None:
    own = LocalDay(date="2027-05-08", kind="work")
    assert DayKinds(country="CN", local=[own]).known_until(date(2026, 11, 28)) == date(2027, 12, 31)


def test_a_country_without_make_up_days_is_known_as_far_as_tables_reach() -> None:
    assert DayKinds(country="IT").known_until(date(2026, 11, 28)).year == 2100
    assert DayKinds(country="none").known_until(date(2026, 11, 28)).year == 2100


def test_a_days_file_decides_and_its_path_does_not(tmp_path: Path) -> None:
    one, other = tmp_path / "a.csv", tmp_path / "b.csv"
    for path in (one, other):
        path.write_text("date,kind,name\n2027-05-08,work,\n", encoding="utf-8")
    plain = load(None, env={}, sets=[])
    mine = load(None, env={}, sets=[f"calendar.days_file={one}"])
    theirs = load(None, env={}, sets=[f"calendar.days_file={other}"])
    assert [row.date for row in mine.calendar.days] == ["2027-05-08"]
    assert settings_hash(mine) == settings_hash(theirs) != settings_hash(plain)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no rows"),
        ("day,kind\n2027-05-08,work\n", "wanted the columns"),
        ("date,kind\n08.05.2027,work\n", "row 2"),
        ("date,kind\n2027-05-08,worked\n", "wanted work, off, holiday"),
        ("date,kind,town\n2027-05-08,work,x\n", "column 'town'"),
    ],
)
def test_a_wrong_days_file_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "days.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as fault:
        load(None, env={}, sets=[f"calendar.days_file={path}"])
    assert len(fault.value.faults) == 1
    assert says in str(fault.value)


def test_a_days_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(None, env={}, sets=[f"calendar.days_file={tmp_path / 'none.csv'}"])


def test_an_impossible_local_day_is_refused() -> None:
    with pytest.raises(ConfigError, match="no day of the calendar"):
        load(None, env={}, sets=['calendar.days=[{date="2027-02-30", kind="off"}]'])


@given(st.text())
def test_any_text_is_rows_or_a_reason(text: str) -> None:
    assert isinstance(rows_of(text), (list, str))
