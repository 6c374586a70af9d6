"""Local time of a city: which instant lies on what kind of day and in which slot."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from detectors.contract import Moment
from stream.day_kinds import WORKING_DAY, DayKinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.day_kinds import Day
    from stream.settings_days import LocalDay

__all__ = ["Calendar"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_MS: Final = 60_000
_SATURDAY: Final = 5


class Calendar:
    """Local time of one city.

    tz: IANA zone. country: ISO code of the holiday table, or `none` (weekends only). days: what
    the operator says of single days.

    >>> rome = Calendar(tz="Europe/Rome", country="none")
    >>> rome.local_iso(1385233200000)
    '2013-11-23T20:00:00+01:00'
    >>> rome.moment(1385233200000, hop_ms=600_000, slot_min=30)
    Moment(kind=1, minute=1190.0, slot_ends=True, weekday=-1)
    """

    def __init__(self, *, tz: str, country: str, days: Sequence[LocalDay] = ()) -> None:
        """Open the zone and the table; KeyError or NotImplementedError where there is none."""
        self._zone = ZoneInfo(tz)
        self._days = DayKinds(country=country, local=days)

    def moment(self, hop_end_ms: int, *, hop_ms: int, slot_min: int) -> Moment:
        """Return the moment of the hop that ends at `hop_end_ms` (epoch ms, exclusive).

        Kind, minute and weekday are those of the hop's start; a working day made up at a weekend
        is like no weekday. A slot ends with this hop where the next hop's end lies in another local
        slot; an hour skipped or repeated by a change of clocks ends or repeats its slots, too.
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
        """Return the kind of a local day: 0, 1 or 2 as `DayKinds` says.

        >>> Calendar(tz="Asia/Shanghai", country="CN").kind(date(2024, 2, 4))  # Sunday, worked
        0
        """
        return self._days.kind(day)

    def day_of(self, epoch_ms: int, *, lang: str = "en") -> Day:
        """Return all that is known of the local day an instant lies on.

        >>> china = Calendar(tz="Asia/Shanghai", country="CN")
        >>> china.day_of(1_772_501_400_000, lang="zh-CN").name
        '元宵节'
        """
        return self._days.day(self._local(epoch_ms).date(), lang=lang)

    def known_until_ms(self, now_ms: int) -> int:
        """Return the end of the last local day whose holidays are known; see `DayKinds`."""
        last = self._days.known_until(self._local(now_ms).date())
        end = datetime(last.year, last.month, last.day, tzinfo=self._zone) + timedelta(days=1)
        return (end - _EPOCH) // timedelta(milliseconds=1)

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
