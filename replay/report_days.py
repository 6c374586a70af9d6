"""Which day of a backtest was the worst, and what was different on it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import numpy as np

from stream.states import WARMING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from replay.report_seen import Seen

__all__ = ["Day", "Reason", "weekly_false", "worst_days"]

Reason = Literal["gaps", "warming", "level_up", "level_down", "place", "scattered", "missed"]

_GAPS_MIN = 0.1
_WARMING_MIN = 0.5
_UP_MIN, _DOWN_MAX = 1.3, 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A local day. false: incidents opened off the list; missed: events that began and were missed.

    level: people of all judged places over what was expected, NaN = unknown. unseen, warming:
    shares of tile-hops. place: where most of the false ones were, and how many.
    """

    date: str
    false: int
    missed: int
    level: float
    unseen: float
    warming: float
    place: tuple[str, int]
    reasons: tuple[Reason, ...]


def worst_days(seen: Seen, *, most: int) -> list[Day]:
    """Return the days with the most false alarms and misses, the worst first."""
    zone = seen.zone
    false: Counter[str] = Counter()
    where: dict[str, Counter[str]] = {}
    for one, _ in seen.false_alarms():
        date = _date(one.opened_ms, zone)
        false[date] += 1
        where.setdefault(date, Counter())[one.place] += 1
    missed = Counter(
        _date(one.label.start_ms, zone) for one in seen.found() if one.incident is None
    )
    dates = sorted(false.keys() | missed.keys(), key=lambda day: (-false[day] - missed[day], day))
    return [
        _day(seen, date, false[date], missed[date], where.get(date, Counter()))
        for date in dates[:most]
    ]


def _date(at_ms: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, zone):%Y-%m-%d}"


def _day(seen: Seen, date: str, false: int, missed: int, where: Counter[str]) -> Day:
    hops = seen.curves.read()
    begin = datetime.fromisoformat(date).replace(tzinfo=seen.zone)
    begin_ms = int(begin.timestamp() * 1000)
    first, last = np.searchsorted(hops["hop_ms"], [begin_ms + 1, begin_ms + 86_400_000], "left")
    part = hops[first : last + 1]
    tile_hops = max(int(part["states"].sum()), 1)
    expected = float(part["expected"].sum())
    level = float(part["people"].sum()) / expected if expected > 0 else float("nan")
    unseen = float(part["unseen"].sum()) / tile_hops
    warming = float(part["states"][:, WARMING].sum()) / tile_hops
    place = where.most_common(1)[0] if where else ("", 0)
    reasons: list[Reason] = []
    if missed:
        reasons.append("missed")
    if unseen >= _GAPS_MIN:
        reasons.append("gaps")
    if warming >= _WARMING_MIN:
        reasons.append("warming")
    if level >= _UP_MIN:
        reasons.append("level_up")
    if level <= _DOWN_MAX:
        reasons.append("level_down")
    if false > 1:
        reasons.append("place" if place[1] * 2 > false else "scattered")
    return Day(
        date=date,
        false=false,
        missed=missed,
        level=level,
        unseen=unseen,
        warming=warming,
        place=place,
        reasons=tuple(reasons),
    )


def weekly_false(seen: Seen) -> list[tuple[str, int]]:
    """Return (first day, false alarms) of each seven days from the begin of the run."""
    week_ms = 7 * 86_400_000
    begin_ms = seen.course.begin_ms
    weeks = max(1, -(-(seen.course.last_hop_ms - begin_ms) // week_ms))
    counts = [0] * weeks
    for one, _ in seen.false_alarms():
        counts[min((one.opened_ms - begin_ms) // week_ms, weeks - 1)] += 1
    return [
        (_date(begin_ms + at * week_ms, seen.zone)[5:], count) for at, count in enumerate(counts)
    ]
