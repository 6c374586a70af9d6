"""An evening as a timetable, run through the offline engine: what happens, who acts, who must hear.

A folder of `tests/golden/evenings` has `timetable.txt`, `why.md` and what is told, `told.txt`. A
line of the timetable is one of these; `#` opens a comment, times are local (Asia/Shanghai):

    begin 2026-09-28T18:00          the first interval begins then; intervals take five minutes
    set alerts.hold_s=600           a setting
    site Quay a1 a2 capacity 3000   a place of these tiles; `risk` at the end: access is at risk
    event 7 Quay 4000 20:00 22:00 Lantern fair   a licensed event on a site
    usual 100                       what every tile reports unless something else is pushed
    history 3                       so many days of the usual before
    alone                           each desk has one post, rung once: nobody is passed over
    fixture itaewon                 another town: public points, interpolated (`replay.fixtures`)
    sample san_siro_calls_sms       or real counts of another town (`replay/samples`)
    20:00 push a1=2000 a2=-         from the interval that ends then on; `-` withheld, `?` missing
    20:00 silent                    from then on the feed says nothing; `heard` ends that
    20:12 correct 20:10 a1=300      a later report of the interval that ended at 20:10
    20:07 act police ack level=2 id=x text=seen until=+30m by=chief on=other
    22:00 end
    by 20:07 want police raised yellow first      the next message: told by then
    by 20:08 want reply police refused            or the next answer to a desk

The town has four rows (a to d) of eight tiles, 1,000 m2 of walkable ground each. Its west (1 to 4)
and its east (5 to 8) are police areas of their own; one fire area serves both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from stream.topics import Topic

__all__ = ["COLS", "DESKS", "EVENINGS", "ROWS", "ZONE", "Evening", "clock_of", "read"]

EVENINGS: Final = Path(__file__).parent / "evenings"
ROWS, COLS = "abcd", 8
ZONE: Final = timedelta(hours=8)
ALONE: Final = ('chain=["duty_officer"]', "ring_again_s=[0, 0, 0, 0]")
DESKS: Final = {Topic.POLICE: "police", Topic.FIRE: "fire"}


@dataclass(slots=True, kw_only=True)
class Evening:
    """A timetable, read: what the town is, what happens when, what is wanted by when."""

    begin_ms: int = 0
    end_ms: int = 0
    sets: list[str] = field(default_factory=list)
    sites: list[tuple[str, list[str], float | None, bool]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    usual: int = 100
    history_ms: int = 0
    source: tuple[str, str] | None = None
    pushed: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    silent: list[tuple[int, bool]] = field(default_factory=list)
    corrected: list[tuple[int, int, dict[str, str]]] = field(default_factory=list)
    acts: list[tuple[int, str, str, dict[str, str]]] = field(default_factory=list)
    wants: list[tuple[int, str]] = field(default_factory=list)


def _ms(begin: datetime, clock: str) -> int:
    """Return the epoch ms of a local time; before the begin = tomorrow, 2/10:00 = two days on."""
    day, _, time = clock.rpartition("/")
    hour, minute = map(int, time.split(":"))
    at = begin.replace(hour=hour, minute=minute) + timedelta(days=int(day or 0))
    if not day and at < begin:
        at += timedelta(days=1)
    return int((at.replace(tzinfo=UTC) - ZONE).timestamp()) * 1000


def clock_of(begin_ms: int, clock: str) -> int:
    """Return the epoch ms of a time of an evening that begins then."""
    begin = datetime.fromtimestamp(begin_ms // 1000, UTC) + ZONE
    return _ms(begin.replace(tzinfo=None), clock)


def _pairs(words: list[str]) -> dict[str, str]:
    return dict(word.partition("=")[::2] for word in words)


def read(text: str) -> Evening:
    """Read a timetable; a line that is none raises ValueError with the line."""
    lines = [line for raw in text.splitlines() if (line := raw.partition("#")[0].strip())]
    begin = datetime.fromisoformat(lines[0].removeprefix("begin "))
    evening = Evening(begin_ms=_ms(begin, f"{begin:%H:%M}"))
    for line in lines[1:]:
        if not (_frame(evening, begin, line.split()) or _happens(evening, begin, line.split())):
            message = f"no line of a timetable: {line!r}"
            raise ValueError(message)
    return evening


def _frame(evening: Evening, begin: datetime, words: list[str]) -> bool:
    match words:
        case ["set", *rest]:
            evening.sets.append(" ".join(rest))
        case ["usual", count]:
            evening.usual = int(count)
        case ["history", days]:
            evening.history_ms = int(days) * 86_400_000
        case ["alone"]:
            evening.sets += [f"desks.{one}.{what}" for one in DESKS.values() for what in ALONE]
        case ["fixture" | "sample" as kind, name]:
            evening.source = (kind, name)
        case ["site", name, *rest]:
            tiles = [word for word in rest if word[0] in ROWS and word[1:].isdigit()]
            size = float(rest[rest.index("capacity") + 1]) if "capacity" in rest else None
            evening.sites.append((name, tiles, size, "risk" in rest))
        case ["event", number, site, attendance, start, end, *name]:
            times = [
                datetime.fromtimestamp(_ms(begin, one) // 1000, UTC).isoformat()
                for one in (start, end)
            ]
            evening.events.append(
                f'{{id="{number}", site="{site}", attendance={attendance}, '
                f'start="{times[0]}", end="{times[1]}", name="{" ".join(name)}"}}'
            )
        case _:
            return False
    return True


def _happens(evening: Evening, begin: datetime, words: list[str]) -> bool:
    match words:
        case ["by", clock, "want", *what]:
            evening.wants.append((_ms(begin, clock), " ".join(what)))
        case [clock, "push", *counts]:
            evening.pushed.append((_ms(begin, clock), _pairs(counts)))
        case [clock, "silent" | "heard" as how]:
            evening.silent.append((_ms(begin, clock), how == "silent"))
        case [clock, "correct", end, *counts]:
            row = (_ms(begin, clock), _ms(begin, end), _pairs(counts))
            evening.corrected.append(row)
        case [clock, "act", desk, action, *more]:
            evening.acts.append((_ms(begin, clock), desk, action, _pairs(more)))
        case [clock, "end"]:
            evening.end_ms = _ms(begin, clock)
        case _:
            return False
    return True
