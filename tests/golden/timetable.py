"""A golden scenario as a timetable: `at Wed 20:00 push`, `by Wed 20:01 want`.

A line is one of these; `#` opens a comment, days count from the first one on:

    begin 2026-09-28T00:00+08:00        of the first interval, with the offset of all times
    every 15 min for 3 days             the grid of intervals
    hours 60 50 ... (24 numbers)        what cells usually report, by hour of the day
    at Wed 20:00 push c5=900 c6=- c8=?  the interval that ends then: a count, withheld, missing
    at Wed 20:10 correct Wed 20:00 c5=950  a later report of the interval that ended at 20:00
    at Wed 20:20 act police ack         a desk acts on the newest alert it got
    by Wed 20:31 want police raised yellow  the next alert, told after the time before and by then

Every alert must be wanted, in this order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Act", "Timetable", "Want", "feed_lines", "read_timetable"]

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MISSING: Final = "?"
WITHHELD: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a desk does with the newest alert it got."""

    at: datetime
    desk: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """The next alert of all: told later than `after` and not later than `by`."""

    after: datetime
    by: datetime
    alert: tuple[str, str, str]  # desk, kind, colour


@dataclass(slots=True, kw_only=True)
class Timetable:
    """A scenario, filled line by line.

    pushed: counts as written, by (end of the interval, cell). corrected: (at, end of the
    interval, cell, count). now, before: the time of the newest line, and the one before it.
    """

    begin: datetime
    now: datetime
    before: datetime
    every: timedelta = timedelta(minutes=15)
    days: int = 1
    hours: tuple[int, ...] = ()
    pushed: dict[tuple[datetime, str], str] = field(default_factory=dict)
    corrected: list[tuple[datetime, datetime, str, str]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    wants: list[Want] = field(default_factory=list)

    def moment(self, day: str, clock: str) -> datetime:
        """Return the time of `Wed 20:00`."""
        ahead = (DAYS.index(day) - self.begin.weekday()) % len(DAYS)
        hour, minute = clock.split(":")
        return self.begin + timedelta(days=ahead, hours=int(hour), minutes=int(minute))


def read_timetable(text: str) -> Timetable:
    """Read a timetable; a line that is none raises ValueError with the line."""
    lines = [line for raw in text.splitlines() if (line := raw.partition("#")[0].strip())]
    begin = datetime.fromisoformat(lines[0].removeprefix("begin "))
    table = Timetable(begin=begin, now=begin, before=begin)
    for line in lines[1:]:
        if not _take(table, line.split()):
            message = f"no line of a timetable: {line!r}"
            raise ValueError(message)
    return table


def _take(table: Timetable, words: list[str]) -> bool:
    """Take one line; return False if it is none."""
    match words:
        case ["every", minutes, "min", "for", days, "days"]:
            table.every, table.days = timedelta(minutes=int(minutes)), int(days)
            return True
        case ["hours", *counts]:
            table.hours = tuple(map(int, counts))
            return len(table.hours) == 24
        case ["at" | "by", day, clock, *deed]:
            moment = table.moment(day, clock)
            if moment > table.now:
                table.before, table.now = table.now, moment
            return moment == table.now and _do(table, deed)
        case _:
            return False


def _do(table: Timetable, deed: list[str]) -> bool:
    match deed:
        case ["push", *counts]:
            for cell, _, count in (one.partition("=") for one in counts):
                table.pushed[table.now, cell] = count
        case ["correct", day, clock, *counts]:
            end = table.moment(day, clock)
            for cell, _, count in (one.partition("=") for one in counts):
                table.corrected.append((table.now, end, cell, count))
        case ["act", desk, action]:
            table.acts.append(Act(at=table.now, desk=desk, action=action))
        case ["want", desk, kind, colour]:
            table.wants.append(Want(after=table.before, by=table.now, alert=(desk, kind, colour)))
        case _:
            return False
    return True


def feed_lines(table: Timetable, cells: Sequence[str]) -> Iterator[str]:
    """Yield the feed file that the timetable describes, line by line."""
    yield "start,cell,count,seq,received"
    for interval in range(int(timedelta(days=table.days) / table.every)):
        start = table.begin + interval * table.every
        for number, cell in enumerate(cells):
            # Neighbours differ, and no two intervals are quite alike; whole numbers only.
            usual = table.hours[start.hour] + 3 * number + interval * (number + 3) % 7
            count = table.pushed.get((start + table.every, cell), str(usual))
            if count != MISSING:
                yield f"{_stamp(start)},{cell},{count.removeprefix(WITHHELD)},,"
    for at, end, cell, count in table.corrected:
        yield f"{_stamp(end - table.every)},{cell},{count},1,{_stamp(at)}"


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
