"""What kind of day and which slot an instant is: local time and days off, for the detectors.

Kinds of day follow the detector's figures: 0 a working day, 1 a day off before another day off,
2 a Sunday, a public holiday or the last day off before work. China's make-up workdays are
working days, whatever their weekday.

Years beyond what the holiday tables know still work: fixed and lunar holidays are computed,
and only the make-up days, which are announced each autumn, are missing.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import holidays

from detectors.contract import Moment

if TYPE_CHECKING:
    from holidays import HolidayBase

__all__ = ["DAY_OFF_FIRST", "DAY_OFF_LAST", "WORKING_DAY", "Calendar"]

WORKING_DAY: Final = 0
DAY_OFF_FIRST: Final = 1
DAY_OFF_LAST: Final = 2

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_MS: Final = 60_000
_SUNDAY: Final = 6
_SATURDAY: Final = 5


class Calendar:
    """Local time of one city.

    tz: IANA zone. country: ISO code of the holiday table, or `none` (weekends only).

    >>> rome = Calendar(tz="Europe/Rome", country="none")
    >>> rome.local_iso(1385233200000)
    '2013-11-23T20:00:00+01:00'
    >>> rome.moment(1385233200000, hop_ms=600_000, slot_min=30)
    Moment(kind=1, minute=1190.0, slot_ends=True, weekday=-1)
    """

    def __init__(self, *, tz: str, country: str) -> None:
        """Open the zone and the table; KeyError or NotImplementedError where there is none."""
        self._zone = ZoneInfo(tz)
        self._table: HolidayBase | None = None
        if country != "none":
            self._table = holidays.country_holidays(country)
        self._years: set[int] = set()
        self._kinds: dict[date, int] = {}

    def moment(self, hop_end_ms: int, *, hop_ms: int, slot_min: int) -> Moment:
        """Return the moment of the hop that ends at `hop_end_ms` (epoch ms, exclusive).

        Kind, minute and weekday are those of the hop's start; a working day made up at a weekend
        is like no weekday. A slot ends with this hop where the next
        hop's end lies in another local slot; an hour skipped or repeated by a change of clocks
        ends or repeats its slots, too.
        """
        start = self._local(hop_end_ms - hop_ms)
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        into_day = start.replace(tzinfo=None) - midnight
        newest = self._slot(hop_end_ms - 1, slot_min)
        following = self._slot(hop_end_ms + hop_ms - 1, slot_min)
        kind, weekday = self.kind(start.date()), start.weekday()
        return Moment(
            kind=kind,
            minute=into_day / timedelta(milliseconds=1) / _MINUTE_MS,
            slot_ends=newest != following,
            weekday=weekday if kind == WORKING_DAY and weekday < _SATURDAY else -1,
        )

    def kind(self, day: date) -> int:
        """Return the kind of a local day: 0, 1 or 2 as said above.

        >>> Calendar(tz="Asia/Shanghai", country="CN").kind(date(2024, 2, 4))  # Sunday, worked
        0
        """
        known = self._kinds.get(day)
        if known is None:
            known = self._kinds[day] = self._judge(day)
        return known

    def local_iso(self, epoch_ms: int) -> str:
        """Return local time as ISO 8601 with its offset; milliseconds only where there are some."""
        spec = "milliseconds" if epoch_ms % 1000 else "seconds"
        return self._local(epoch_ms).isoformat(timespec=spec)

    def _local(self, epoch_ms: int) -> datetime:
        # Integer arithmetic on the epoch: a float of seconds could round into another slot.
        return (_EPOCH + timedelta(milliseconds=epoch_ms)).astimezone(self._zone)

    def _slot(self, epoch_ms: int, slot_min: int) -> tuple[int, int]:
        local = self._local(epoch_ms)
        return local.toordinal(), (local.hour * 60 + local.minute) // slot_min

    def _judge(self, day: date) -> int:
        if not self._is_off(day):
            return WORKING_DAY
        listed = self._table is not None and day in self._table
        last = not self._is_off(day + timedelta(days=1))
        return DAY_OFF_LAST if listed or last or day.weekday() == _SUNDAY else DAY_OFF_FIRST

    def _is_off(self, day: date) -> bool:
        if self._table is None:
            return day.weekday() in {_SATURDAY, _SUNDAY}
        self._know(day.year)
        return not self._table.is_working_day(day)

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
