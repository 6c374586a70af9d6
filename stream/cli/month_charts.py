"""Pictures of when a month's incidents came: day by day in their colours, and by hour."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from replay.chart import NARROW, Scale, sheet, text_px, ticks, value_axis

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from alerts.ledger.month_desk import DayFigures

__all__ = ["days_chart", "hours_chart"]

_LEFT, _RIGHT = 34.0, 8.0
_DAYS: Final = (40.0, 170.0)
_DATE_PX: Final = 40  # room for a date below a bar
_CELL_PX: Final = 34.0
_HOURS: Final = 24
_PALE, _DARK = 0.1, 0.95
_READ_ON_DARK: Final = 0.7


def days_chart(
    days: Sequence[DayFigures],
    grades: Mapping[int, str],
    dark: Container[str],
    *,
    name: str,
    says: str,
) -> str:
    """Return incidents day by day, stacked by grade, the gravest below.

    grades: level to what people call it. dark: dates of which nothing is known. name: of the
    chart, for marks that are drawn once.
    """

    def draw(width: int) -> tuple[float, list[str]]:
        mark = f"{name}-{width}"
        values = ticks(max(1, *(day.incidents for day in days)), 3)
        y = Scale(low=0.0, high=values[-1], a=_DAYS[1], b=_DAYS[0])
        whole = [value for value in values if value == int(value)]
        parts = [_patterns(mark), *_legend(grades, mark)]
        parts += value_axis(y, whole, left=_LEFT, right=width - _RIGHT)
        step = (width - _LEFT - _RIGHT) / len(days)
        # Where one figure does not fit, none is shown: half of them would mislead.
        fits = all(text_px(str(day.incidents)) <= step for day in days)
        every = max(1, -(-_DATE_PX // int(max(step, 1))))
        for number, day in enumerate(days):
            a = _LEFT + number * step
            if day.date in dark:
                parts.append(_dark(day, a, step))
            parts += _day(day, y, (a + step * 0.12, step * 0.76), grades, mark)
            if fits and day.incidents:
                parts.append(_middle("halo", a + step / 2, y(day.incidents) - 4, day.incidents))
            if number % every == 0:
                parts.append(_middle("soft", a + step / 2, _DAYS[1] + 15, day.date[5:]))
        return _DAYS[1] + 20, parts

    return sheet(draw, says=says)


def _middle(kind: str, x: float, y: float, text: object) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{text}</text>'


def _dark(day: DayFigures, x: float, width: float) -> str:
    return (
        f'<rect class="hole" x="{x:.1f}" y="{_DAYS[0]:g}" width="{width + 0.5:.1f}"'
        f' height="{_DAYS[1] - _DAYS[0]:g}"><title>{day.date}</title></rect>'
    )


def _patterns(mark: str) -> str:
    """Return marks of grades for eyes, or printers, that do not tell their colours apart."""
    forms = {2: "M0 3H6", 3: "M0 6L6 0", 4: "M0 6L6 0M0 0L6 6"}
    drawn = "".join(
        f'<pattern id="{mark}-p{level}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<path d="{form}" stroke="#000" stroke-opacity=".45" style="stroke-width:1"/></pattern>'
        for level, form in forms.items()
    )
    return f"<defs>{drawn}</defs>"


def _legend(grades: Mapping[int, str], mark: str) -> list[str]:
    parts = []
    x = 0.0
    for level, text in sorted(grades.items(), reverse=True):
        parts.append(_box(x, 4, 13, 13, level=level, mark=mark))
        parts.append(f'<text x="{x + 17:g}" y="15">{escape(text)}</text>')
        x += 17 + text_px(text) + 8
    return parts


def _box(x: float, y: float, width: float, height: float, *, level: int, mark: str) -> str:
    at = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    over = f'<rect {at} fill="url(#{mark}-p{level})"/>' if level > 1 else ""
    return f'<rect class="g{level}" {at}/>{over}'


def _day(
    day: DayFigures,
    y: Scale,
    bar: tuple[float, float],
    grades: Mapping[int, str],
    mark: str,
) -> list[str]:
    if not day.incidents:
        return []
    told = ", ".join(
        f"{grades[level]} {count}"
        for level, count in sorted(enumerate(day.by_level, 1), reverse=True)
        if count
    )
    parts = [f"<g><title>{day.date}: {escape(told)}</title>"]
    below = 0
    for level, count in sorted(enumerate(day.by_level, 1), reverse=True):
        if count:
            top = y(below + count)
            # A hair's breadth of paper between colours.
            parts.append(_box(bar[0], top, bar[1], y(below) - top - 0.8, level=level, mark=mark))
            below += count
    return [*parts, "</g>"]


def hours_chart(counts: Sequence[int], *, says: str) -> str:
    """Return 24 cells with what came in each hour; on a phone in two rows."""
    most = max(1, *counts)

    def draw(width: int) -> tuple[float, list[str]]:
        in_row = _HOURS // 2 if width == NARROW else _HOURS
        step = width / in_row
        parts = []
        for hour, count in enumerate(counts):
            x, top = hour % in_row * step, hour // in_row * (_CELL_PX + 22)
            share = count / most
            depth = _PALE + (_DARK - _PALE) * share if count else 0.0
            # On a dark cell the figure takes the colour of the paper.
            ink = ' style="fill:var(--paper)"' if depth > _READ_ON_DARK else ""
            parts.append(
                f'<rect x="{x + 1:.1f}" y="{top + 1:g}" width="{step - 2:.1f}"'
                f' height="{_CELL_PX - 2:g}" stroke="var(--line)" fill="var(--people)"'
                f' fill-opacity="{depth:.2f}"><title>{hour:02}: {count}</title></rect>'
                f'<text class="soft" x="{x + step / 2:.1f}" y="{top + _CELL_PX + 13:g}"'
                f' text-anchor="middle">{hour:02}</text>'
            )
            if count:
                parts.append(
                    f'<text x="{x + step / 2:.1f}" y="{top + _CELL_PX / 2 + 4:g}"'
                    f' text-anchor="middle"{ink}>{count}</text>'
                )
        return (_CELL_PX + 22) * (_HOURS // in_row), parts

    return sheet(draw, says=says)
