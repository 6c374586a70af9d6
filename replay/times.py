"""Times as people write them in files, to epoch ms; naive ones by a named time zone.

Of an hour that occurs twice (clocks put back) the first occurrence is taken; a time that never
was (clocks put forward) is no time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from replay.badrow import FeedError
from replay.columns import whole_number
from stream.records import parse_start

__all__ = ["LocalTimes", "iso"]


class LocalTimes:
    """Reads times, with `tz` for those without an offset.

    tz: IANA name such as Europe/Rome; None: a naive time is refused. Raises FeedError for a
        zone nobody knows.
    ambiguous: naive times met so far that occur twice.
    """

    def __init__(self, tz: str | None) -> None:
        """Look the zone up."""
        self.ambiguous: set[datetime] = set()
        try:
            self._zone = None if tz is None else ZoneInfo(tz)
        except (KeyError, ValueError, OSError) as fault:
            message = f"--tz {tz}: no such time zone; wanted is a name like Asia/Shanghai"
            raise FeedError(message) from fault

    def parse(self, value: object) -> int | str:
        """Return epoch ms, or why the value is no time.

        value: ISO 8601 text, or epoch ms as an integer or as digits.

        >>> rome = LocalTimes("Europe/Rome")
        >>> rome.parse("2013-11-01T01:00:00"), rome.parse("2013-11-01T00:00Z"), rome.parse("7")
        (1383264000000, 1383264000000, 7)
        >>> rome.parse("2013-03-31 02:30")
        "'2013-03-31 02:30' does not exist in Europe/Rome: clocks were put forward"
        """
        number = whole_number(value)
        if isinstance(number, int):
            stamp = parse_start(number)
            return f"{value!r} is no epoch time in ms" if stamp is None else stamp
        if not isinstance(value, str):
            return "no time" if value is None else f"{value!r} is no time"[:200]
        text = value.strip()
        stamp = parse_start(text)
        return self._naive(text) if stamp is None else stamp

    def _naive(self, text: str) -> int | str:
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            return f"{text!r} is no ISO 8601 time"[:200] if text else "no time"
        if local.tzinfo is not None or local.microsecond % 1000:
            return f"{text!r} is finer than a millisecond"
        if self._zone is None:
            return f"{text!r} lacks its offset from UTC: name its zone with --tz"
        try:
            exact = local.replace(tzinfo=self._zone).astimezone(UTC)
            second = local.replace(tzinfo=self._zone, fold=1).astimezone(UTC)
        except OverflowError:
            return f"{text!r} is out of range"
        if exact.astimezone(self._zone).replace(tzinfo=None) != local:
            return f"{text!r} does not exist in {self._zone.key}: clocks were put forward"
        if second != exact:
            self.ambiguous.add(local)
        stamp = parse_start(exact.isoformat())
        return f"{text!r} is no time" if stamp is None else stamp


def iso(time_ms: int) -> str:
    """Return epoch ms as ISO 8601 in UTC with offset, to the second or, if needed, finer.

    >>> iso(1383264000000)
    '2013-11-01T00:00:00+00:00'
    """
    return (
        datetime.fromtimestamp(time_ms // 1000, UTC)
        .replace(microsecond=time_ms % 1000 * 1000)
        .isoformat()
    )
