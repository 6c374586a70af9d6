"""A whole backtest at a glance: one line a week, events as boxes, incidents as marks in colours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Final

from replay.chart import NARROW, sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

__all__ = ["Bar", "weeks_chart"]

_ROW: Final = 30.0
_TOP: Final = 20.0
_DAYS: Final = 7
WEEKS_MAX: Final = 110  # two years; longer runs show the last of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Something that lasted. kind: `event`, `event missed`, or `g1` to `g4`; says: on hovering."""

    begin_ms: int
    end_ms: int
    kind: str
    says: str
    is_false: bool = False


def weeks_chart(
    bars: Sequence[Bar],
    span: tuple[int, int],
    words: Mapping[str, str],
    zone: ZoneInfo,
    *,
    says: str,
) -> str:
    """Return the chart of a span, Mondays first. says: it in words."""
    end = datetime.fromtimestamp(max(span[1] - 1, span[0]) / 1000, zone)
    begin = datetime.fromtimestamp(span[0] / 1000, zone)
    first, last = _monday(begin), _monday(end)
    weeks = (last - first).days // _DAYS + 1
    if weeks > WEEKS_MAX:
        first, weeks = first + timedelta(days=_DAYS * (weeks - WEEKS_MAX)), WEEKS_MAX

    def draw(width: int) -> tuple[float, list[str]]:
        left = 44.0 if width == NARROW else 62.0
        day = (width - left - 4) / _DAYS
        parts = _paper(first, weeks, words, left=left, day=day)
        for bar in bars:
            for row, a, b in _pieces(bar, first, zone):
                if 0 <= row < weeks:
                    parts.append(_piece(bar, row, left + a * day, left + b * day))
        return _TOP + weeks * _ROW + 4, parts

    return sheet(draw, says=says)


def _monday(at: datetime) -> datetime:
    day = at.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return day - timedelta(days=day.weekday())


def _paper(
    first: datetime, weeks: int, words: Mapping[str, str], *, left: float, day: float
) -> list[str]:
    parts = [
        f'<text class="soft" x="{left + day * (at + 0.5):.1f}" y="13" text-anchor="middle">'
        f"{escape(name)}</text>"
        for at, name in enumerate(words["weekdays"].split())
    ]
    bottom = _TOP + weeks * _ROW
    parts += [
        f'<line class="grid" x1="{left + day * at:.1f}" x2="{left + day * at:.1f}" y1="{_TOP:g}"'
        f' y2="{bottom:g}"/>'
        for at in range(_DAYS + 1)
    ]
    for row in range(weeks):
        y = _TOP + row * _ROW
        date = first + timedelta(days=_DAYS * row)
        parts.append(
            f'<line class="grid" x1="{left:g}" x2="{left + _DAYS * day:.1f}" y1="{y:g}"'
            f' y2="{y:g}"/><text class="soft" x="{left - 5:g}" y="{y + 19:g}" text-anchor="end">'
            f"{date:%m-%d}</text>"
        )
    return parts


def _pieces(bar: Bar, first: datetime, zone: ZoneInfo) -> Iterator[tuple[int, float, float]]:
    """Yield a bar cut by weeks: row, begin and end in days. By the wall clock, as days are."""
    begin, end = (
        (datetime.fromtimestamp(at / 1000, zone).replace(tzinfo=None) - first) / timedelta(days=1)
        for at in (bar.begin_ms, bar.end_ms)
    )
    row = int(begin // _DAYS)
    while row * _DAYS <= end:
        a, b = max(begin, row * _DAYS), min(end, (row + 1) * _DAYS)
        if b > a or a == begin:
            yield row, a - row * _DAYS, b - row * _DAYS
        row += 1


def _piece(bar: Bar, row: int, a: float, b: float) -> str:
    y = _TOP + row * _ROW
    title = f"<title>{escape(bar.says)}</title>"
    if bar.kind.startswith("event"):
        return (
            f'<rect class="{bar.kind}" x="{a:.1f}" y="{y + 3:.1f}" width="{max(b - a, 3):.1f}"'
            f' height="{_ROW - 6:g}">{title}</rect>'
        )
    # A false alarm is also told by its shape: colours alone do not carry it.
    mark = (
        f'<text class="halo" x="{a:.1f}" y="{y + 12:.1f}" text-anchor="middle">×</text>'
        if bar.is_false
        else ""
    )
    return (
        f'<rect class="{bar.kind}" x="{a:.1f}" y="{y + 14:.1f}" width="{max(b - a, 3):.1f}"'
        f' height="10">{title}</rect>{mark}'
    )
