"""Laws of the calendar: kinds of day against China's real table, slots in local time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.calendar import Calendar

CHINA = Calendar(tz="Asia/Shanghai", country="CN")
NONE = Calendar(tz="UTC", country="none")

# State Council notices for 2024 to 2026: weekends that are worked.
MAKE_UP = [
    "2024-02-04",
    "2024-02-18",
    "2024-04-07",
    "2024-04-28",
    "2024-05-11",
    "2024-09-14",
    "2024-09-29",
    "2024-10-12",
    "2025-01-26",
    "2025-02-08",
    "2025-04-27",
    "2025-09-28",
    "2025-10-11",
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    "2026-10-10",
]
# And weekdays that are not.
OFF_WEEKDAYS = [
    "2024-01-01",
    "2024-02-12",
    "2024-02-16",
    "2024-04-05",
    "2024-05-03",
    "2024-06-10",
    "2024-09-17",
    "2024-10-07",
    "2025-01-01",
    "2025-01-28",
    "2025-02-04",
    "2025-05-05",
    "2025-06-02",
    "2025-10-08",
    "2026-01-02",
    "2026-02-23",
    "2026-04-06",
    "2026-05-05",
    "2026-06-19",
    "2026-09-25",
    "2026-10-07",
]


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize("day", MAKE_UP)
def test_a_make_up_workday_is_a_working_day(day: str) -> None:
    assert date.fromisoformat(day).weekday() >= 5
    assert CHINA.kind(date.fromisoformat(day)) == 0


@pytest.mark.parametrize("day", OFF_WEEKDAYS)
def test_a_weekday_off_by_law_is_a_holiday(day: str) -> None:
    assert date.fromisoformat(day).weekday() < 5
    assert CHINA.kind(date.fromisoformat(day)) == 2


def test_a_saturday_before_a_worked_sunday_is_the_last_day_off() -> None:
    assert CHINA.kind(date(2025, 1, 25)) == 2


def test_a_make_up_day_is_known_whatever_was_asked_before() -> None:
    # The notice for 2007 made the last weekend of 2006 working days.
    assert Calendar(tz="Asia/Shanghai", country="CN").kind(date(2006, 12, 30)) == 0
    assert Calendar(tz="Asia/Shanghai", country="CN").kind(date(2024, 2, 4)) == 0


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_without_a_country_only_weekends_are_off(day: date) -> None:
    assert NONE.kind(day) == {5: 1, 6: 2}.get(day.weekday(), 0)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 30)))
def test_every_day_has_a_kind_even_beyond_the_tables(day: date) -> None:
    kind = CHINA.kind(day)
    assert kind in {0, 1, 2}
    assert kind != 1 or CHINA.kind(day + timedelta(days=1)) != 0


def test_a_holiday_of_another_country_counts_there_alone() -> None:
    italy = Calendar(tz="Europe/Rome", country="IT")
    assert italy.kind(date(2013, 11, 1)) == 2
    assert NONE.kind(date(2013, 11, 1)) == 0


def test_a_weekend_of_friday_and_saturday_works_alike() -> None:
    egypt = Calendar(tz="Africa/Cairo", country="EG")
    kinds = [egypt.kind(date(2024, 11, day)) for day in range(7, 11)]
    assert kinds == [0, 1, 2, 0]


def test_kind_and_minute_are_those_of_the_hops_start() -> None:
    midnight = ms("2024-02-03T16:00:00+00:00")  # Sunday 4 February, local
    last = CHINA.moment(midnight, hop_ms=300_000, slot_min=30)
    first = CHINA.moment(midnight + 300_000, hop_ms=300_000, slot_min=30)
    assert (last.minute, last.kind) == (1435.0, 2)
    assert (first.minute, first.kind) == (0.0, 0)


@given(
    hop=st.integers(0, 200_000),
    hop_s=st.sampled_from([60, 300, 600, 900, 1800]),
    slot_min=st.sampled_from([30, 60, 120, 1440]),
)
def test_slots_end_where_the_local_slot_changes(hop: int, hop_s: int, slot_min: int) -> None:
    end_ms = 1_600_000_200_000 // (hop_s * 1000) * hop_s * 1000 + hop * hop_s * 1000
    seen = NONE.moment(end_ms, hop_ms=hop_s * 1000, slot_min=slot_min)
    assert seen.slot_ends == (end_ms % (slot_min * 60_000) == 0)
    assert seen.minute == (end_ms - hop_s * 1000) % 86_400_000 / 60_000


def test_slots_end_on_local_time_where_the_offset_is_odd() -> None:
    nepal = Calendar(tz="Asia/Kathmandu", country="none")  # UTC + 5:45
    ends = [
        nepal.moment(ms(f"2024-05-01T00:{minute:02}:00+00:00"), hop_ms=900_000, slot_min=30)
        for minute in (0, 15, 30, 45)
    ]
    assert [moment.slot_ends for moment in ends] == [False, True, False, True]


def test_a_change_of_clocks_skips_and_repeats_slots() -> None:
    rome = Calendar(tz="Europe/Rome", country="none")

    def minutes(first: str, hops: int) -> list[tuple[float, bool]]:
        seen = [
            rome.moment(ms(first) + k * 1_800_000, hop_ms=1_800_000, slot_min=30)
            for k in range(hops)
        ]
        return [(moment.minute, moment.slot_ends) for moment in seen]

    spring = minutes("2024-03-31T02:00:00+01:00", 2)
    autumn = minutes("2024-10-27T03:00:00+02:00", 4)
    assert spring == [(90.0, True), (180.0, True)]
    assert autumn == [(150.0, True), (120.0, True), (150.0, True), (180.0, True)]


def test_local_time_has_its_own_offset_of_that_day() -> None:
    assert CHINA.local_iso(ms("1990-07-01T00:00:00+00:00")) == "1990-07-01T09:00:00+09:00"
    assert CHINA.local_iso(ms("2026-07-01T00:00:00+00:00") + 5) == "2026-07-01T08:00:00.005+08:00"


@given(st.integers(-2_000_000_000_000, 7_000_000_000_000))
def test_local_time_says_the_same_instant(epoch_ms: int) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    seen = datetime.fromisoformat(CHINA.local_iso(epoch_ms)) - epoch
    assert seen == timedelta(milliseconds=epoch_ms)


@pytest.mark.parametrize(
    ("day", "weekday"),
    [
        ("2024-02-05", 0),
        ("2024-02-02", 4),
        ("2024-02-04", -1),  # a Sunday, worked
        ("2024-02-03", -1),  # a Saturday
        ("2024-02-12", -1),  # a Monday of the Spring Festival
    ],
)
def test_a_weekday_is_told_of_working_days_that_are_one(day: str, weekday: int) -> None:
    moment = CHINA.moment(ms(f"{day}T12:00:00+08:00"), hop_ms=300_000, slot_min=30)
    assert moment.weekday == weekday
