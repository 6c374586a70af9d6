"""What kind a local day is and what it is called: public holidays, make-up workdays, local days.

Two views of one day. Its *kind* is what the detectors compare by: 0 a working day, 1 a day off
before another day off, 2 a Sunday, a public holiday or the last day off before work. Its *nature*
is what people call it: a make-up workday is a working day on a weekend, an eve is a working day
before a public holiday. Eves and lunar festivals that are worked keep the kind of a working day:
their evenings are what one wants to be warned of, so they must not become a usual of their own.

What the operator's list says of a day wins over the tables. Beyond the years for which a country
has announced its make-up days everything still works; only those days are missing, and
`known_until` says from when on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import holidays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holidays import HolidayBase

    from stream.settings_days import LocalDay

__all__ = ["DAY_OFF_FIRST", "DAY_OFF_LAST", "WORKING_DAY", "Day", "DayKinds", "Nature"]

WORKING_DAY: Final = 0
DAY_OFF_FIRST: Final = 1
DAY_OFF_LAST: Final = 2

_SATURDAY: Final = 5
_SUNDAY: Final = 6
_ONE_DAY: Final = timedelta(days=1)
# The Lantern Festival is the fifteenth day of the month that begins with the lunar new year.
_NEW_YEAR_TO_LANTERNS: Final = timedelta(days=14)
_NEW_YEAR: Final = "Chinese New Year (Spring Festival)"
_LANTERNS: Final = {"zh-CN": "元宵节", "en": "Lantern Festival"}
_TABLE_LANGUAGE: Final = {"zh-CN": "zh_CN", "en": "en_US"}
# Beyond it no table reaches; a country without make-up workdays is known that far.
_YEAR_MAX: Final = 2100


class Nature(StrEnum):
    """What people call a day."""

    WORK = "work"
    MAKEUP = "makeup"
    EVE = "eve"
    OFF = "off"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One local day. kind: 0, 1 or 2 as the detectors take it. name: "" where it has none."""

    kind: int
    nature: Nature
    name: str = ""


class DayKinds:
    """The days of one country, with the operator's own.

    country: ISO code of the holiday table, or `none` (weekends only). local: what the operator
    says of single days, in settings `calendar.days`; of two rows for one day the later one counts.

    >>> china = DayKinds(country="CN")
    >>> china.day(date(2026, 10, 10))  # a Saturday, worked
    Day(kind=0, nature=<Nature.MAKEUP: 'makeup'>, name='')
    >>> china.day(date(2026, 10, 1), lang="en").name
    'National Day'
    >>> china.day(date(2026, 9, 30)).nature
    <Nature.EVE: 'eve'>
    """

    def __init__(self, *, country: str, local: Sequence[LocalDay] = ()) -> None:
        """Open the table; KeyError or NotImplementedError where there is none."""
        self._country = country
        self._table = None if country == "none" else holidays.country_holidays(country)
        self._local = {date.fromisoformat(one.date): one for one in local}
        self._named: dict[str, HolidayBase] = {}
        self._years: set[int] = set()
        self._kinds: dict[date, int] = {}

    def kind(self, day: date) -> int:
        """Return the kind of a day: 0, 1 or 2."""
        known = self._kinds.get(day)
        if known is None:
            known = self._kinds[day] = self._judge(day)
        return known

    def day(self, day: date, *, lang: str = "en") -> Day:
        """Return all that is known of a day; lang: `zh-CN` or `en`, of the tables' names."""
        return Day(kind=self.kind(day), nature=self._nature(day), name=self._name(day, lang))

    def known_until(self, today: date) -> date:
        """Return the last day whose make-up workdays and holidays are known.

        A country that has ever announced make-up workdays is known to the end of the last year
        with one, from the table or the operator's list; others as far as the tables reach.
        today: where to begin looking, so that a long past does not have to be loaded.
        """
        # A list of last year's days alone tells nothing of a country that has make-up days: look
        # back as far as such a country could have gone without one.
        years = range(today.year - 2, today.year + 3)
        with_makeup = [year for year in years if self._has_makeup(year)]
        if not with_makeup:
            return date(_YEAR_MAX, 12, 31)
        return date(max(with_makeup), 12, 31)

    def _has_makeup(self, year: int) -> bool:
        own = any(one.kind == "work" and day.year == year for day, one in self._local.items())
        if own or self._table is None:
            return own
        self._know(year)
        return any(day.year == year for day in self._table.weekend_workdays)

    def _nature(self, day: date) -> Nature:
        if self._is_off(day):
            return Nature.HOLIDAY if self._is_listed(day) else Nature.OFF
        if self._is_weekend(day):
            return Nature.MAKEUP
        tomorrow = day + _ONE_DAY
        eve = self._is_listed(tomorrow) and self._is_off(tomorrow)
        return Nature.EVE if eve else Nature.WORK

    def _name(self, day: date, lang: str) -> str:
        own = self._local.get(day)
        if own is not None and own.name:
            return own.name
        if self._table is None:
            return ""
        if self._country == "CN" and self._is_lanterns(day):
            return _LANTERNS[lang]
        return self._names(lang).get(day) or ""

    def _names(self, lang: str) -> HolidayBase:
        """Return the table with its names in a language, or in the country's own without it."""
        table = self._named.get(lang)
        if table is None:
            wanted = _TABLE_LANGUAGE[lang]
            languages = holidays.list_localized_countries().get(self._country, [])
            spoken = wanted if wanted in languages else None
            table = holidays.country_holidays(self._country, language=spoken)
            self._named[lang] = table
        return table

    def _is_lanterns(self, day: date) -> bool:
        table = self._names("en")
        first, before = day - _NEW_YEAR_TO_LANTERNS, day - _NEW_YEAR_TO_LANTERNS - _ONE_DAY
        return table.get(first) == _NEW_YEAR and table.get(before) != _NEW_YEAR

    def _judge(self, day: date) -> int:
        if not self._is_off(day):
            return WORKING_DAY
        last = not self._is_off(day + _ONE_DAY)
        rest = self._is_listed(day) or last or day.weekday() == _SUNDAY
        return DAY_OFF_LAST if rest else DAY_OFF_FIRST

    def _is_listed(self, day: date) -> bool:
        """Tell whether a day is a holiday by name, whatever its weekday."""
        own = self._local.get(day)
        if own is not None:
            return own.kind == "holiday"
        if self._table is None:
            return False
        self._know(day.year)
        return day in self._table

    def _is_off(self, day: date) -> bool:
        own = self._local.get(day)
        if own is not None:
            return own.kind != "work"
        if self._table is None:
            return day.weekday() in {_SATURDAY, _SUNDAY}
        self._know(day.year)
        return not self._table.is_working_day(day)

    def _is_weekend(self, day: date) -> bool:
        if self._table is None:
            return day.weekday() in {_SATURDAY, _SUNDAY}
        return self._table.is_weekend(day)

    def _know(self, year: int) -> None:
        """Load the year and the next one, which names the make-up days of late December.

        The table loads years only when it is asked for holidays, not for make-up workdays; the
        answer must not depend on what was asked before.
        """
        if self._table is None or year in self._years:
            return
        self._years.add(year)
        for wanted in (year, year + 1):
            self._table.get(date(wanted, 1, 1))
