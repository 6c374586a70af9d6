"""What a budget buys: found events against false alarms, and false alarms week by week."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from replay.chart import NARROW, Scale, line, sheet, ticks, value_axis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["trade_chart", "weekly_chart"]

_LEFT, _RIGHT = 46.0, 14.0
_ROOM: Final = 38  # px that a figure needs
_TRADE: Final = (40.0, 266.0)  # the caption stands above the figures of the highest points
_WEEKLY: Final = (24.0, 130.0)


def trade_chart(
    points: Sequence[tuple[float, float, int]],
    *,
    total: int,
    own: int,
    words: Mapping[str, str],
    says: str,
) -> str:
    """Return found events over false alarms a week.

    points: (budget a day, false alarms a week, found), by budget. own: which is the settings'.
    """

    def draw(width: int) -> tuple[float, list[str]]:
        top = ticks(max(point[1] for point in points), 3 if width == NARROW else 6)
        x = Scale(low=0.0, high=top[-1], a=_LEFT, b=width - _RIGHT)
        counts = ticks(float(total))
        y = Scale(low=0.0, high=counts[-1], a=_TRADE[1], b=_TRADE[0])
        parts = value_axis(y, counts, left=_LEFT, right=width - _RIGHT)
        parts += [
            f'<text class="soft" x="{x(value):.1f}" y="{_TRADE[1] + 15:g}" text-anchor="middle">'
            f"{value:g}</text>"
            for value in top
        ]
        parts.append(line("people", [(x(rate), y(found)) for _, rate, found in points]))
        parts += _dots(points, own, x, y, words)
        parts.append(
            f'<text class="soft" x="{_LEFT:g}" y="14">{escape(words["axis.found"])}</text>'
            f'<text class="soft" x="{width - _RIGHT:g}" y="{_TRADE[1] + 31:g}" text-anchor="end">'
            f"{escape(words['axis.false_week'])}</text>"
        )
        return _TRADE[1] + 38, parts

    return sheet(draw, says=says)


def _dots(
    points: Sequence[tuple[float, float, int]],
    own: int,
    x: Scale,
    y: Scale,
    words: Mapping[str, str],
) -> list[str]:
    parts = []
    told_at = -99.0
    for number, (budget, rate, found) in enumerate(points):
        is_own = number == own
        at = x(rate)
        parts.append(
            f'<circle class="{"now" if is_own else "dot"}" cx="{at:.1f}" cy="{y(found):.1f}"'
            f' r="{6 if is_own else 4}"><title>{budget:g} · {rate:.2f} · {found}</title></circle>'
        )
        if is_own:
            side = "start" if at < (x.a + x.b) / 2 else "end"
            text = escape(words["chart.now"].format(budget=budget))
            parts.append(
                f'<text class="halo" x="{at:.1f}" y="{y(found) + 26:.1f}" text-anchor="{side}">'
                f"{text}</text>"
            )
        elif at - told_at > _ROOM:
            told_at = at
            parts.append(
                f'<text class="soft halo" x="{at:.1f}" y="{y(found) - 9:.1f}"'
                f' text-anchor="middle">{budget:.2g}</text>'
            )
    return parts


def weekly_chart(
    counts: Sequence[tuple[str, int]], allowed: float, words: Mapping[str, str], *, says: str
) -> str:
    """Return false alarms week by week against what the budget allows a week.

    counts: (first day, false alarms).
    """

    def draw(width: int) -> tuple[float, list[str]]:
        values = ticks(max([allowed, *(count for _, count in counts)]))
        y = Scale(low=0.0, high=values[-1], a=_WEEKLY[1], b=_WEEKLY[0])
        parts = value_axis(y, values, left=_LEFT, right=width - _RIGHT)
        step = (width - _LEFT - _RIGHT) / len(counts)
        every = max(1, -(-46 // int(max(step, 1))))  # px: room for a date
        for number, (day, count) in enumerate(counts):
            a = _LEFT + number * step
            parts.append(
                f'<rect class="bar" x="{a + step * 0.12:.1f}" y="{y(count):.1f}"'
                f' width="{step * 0.76:.1f}" height="{_WEEKLY[1] - y(count):.1f}">'
                f"<title>{day}: {count}</title></rect>"
            )
            if number % every == 0:
                parts.append(
                    f'<text class="soft" x="{a + step / 2:.1f}" y="{_WEEKLY[1] + 15:g}"'
                    f' text-anchor="middle">{day}</text>'
                )
        at = y(allowed)
        parts.append(line("limit", [(_LEFT, at), (width - _RIGHT, at)]))
        parts.append(f'<text class="soft" x="{_LEFT:g}" y="14">{escape(words["axis.week"])}</text>')
        return _WEEKLY[1] + 22, parts

    return sheet(draw, says=says)
