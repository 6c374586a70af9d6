"""How well forecasts held: outcomes around the 80 % interval, and errors side by side."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from replay.chart import CAPTION_PX, NARROW, Scale, caption, line, lines_of, sheet, text_px, ticks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from replay.report_forecast import ForecastRow

__all__ = ["forecast_chart"]

_LEFT, _RIGHT, _GAP = 56.0, 14.0, 30.0
_ROW: Final = 34.0
_BAR: Final = 20.0
_THIN: Final = 9.0
_AXIS: Final = 20.0
_MISSED: Final = 0.1  # of an 80 % interval that is balanced, at each end
_PERCENT: Final = (0, 10, 50, 90, 100)


def forecast_chart(rows: Sequence[ForecastRow], words: Mapping[str, str], *, says: str) -> str:
    """Return both pictures, one beside the other, on a phone one below the other."""

    def draw(width: int) -> tuple[float, list[str]]:
        half = width if width == NARROW else (width - _GAP) / 2
        below, parts = _held(rows, words, 0.0, half)
        if width == NARROW:
            lower, more = _errors(rows, words, 0.0, half)
            moved = f'<g transform="translate(0 {below + 10:g})">{"".join(more)}</g>'
            return below + 10 + lower, [*parts, moved]
        lower, more = _errors(rows, words, half + _GAP, half)
        return max(below, lower), [*parts, *more]

    return sheet(draw, says=says)


def _held(
    rows: Sequence[ForecastRow], words: Mapping[str, str], left: float, width: float
) -> tuple[float, list[str]]:
    """Return the height and the parts of the bars under, inside and over the interval."""
    x = Scale(low=0.0, high=1.0, a=left + _LEFT, b=left + width - _RIGHT)
    key = lines_of(words["chart.held"], width - _RIGHT)
    top = CAPTION_PX * len(key) + 8.0
    bottom = top + _ROW * len(rows)
    parts = [caption(key, x=left, y=top - 9.0)]
    for at, row in enumerate(rows):
        y = top + _ROW * at + (_ROW - _BAR) / 2
        under, inside = row.all.under_ratio, row.all.under_ratio + row.all.inside_ratio
        parts.append(_horizon(row, x.a, y + _BAR / 2))
        for kind, a, b in (("outside", 0.0, under), ("bar", under, inside), ("outside", inside, 1)):
            parts.append(
                f'<rect class="{kind}" x="{x(a):.1f}" y="{y:.1f}" width="{x(b) - x(a):.1f}"'
                f' height="{_BAR:g}"/>'
            )
        parts.append(
            f'<text class="halo" x="{x(0.5):.1f}" y="{y + 14:.1f}" text-anchor="middle">'
            f"{row.all.inside_ratio:.1%}</text>"
        )
    parts += [
        line("limit", [(x(share), top), (x(share), bottom)]) for share in (_MISSED, 1 - _MISSED)
    ]
    parts += [_number(x(percent / 100), bottom + 14, f"{percent}") for percent in _PERCENT]
    return bottom + _AXIS, parts


def _errors(
    rows: Sequence[ForecastRow], words: Mapping[str, str], left: float, width: float
) -> tuple[float, list[str]]:
    """Return the height and the parts of the errors of the forecast and of the baseline."""
    values = ticks(max(max(row.all.error, row.all.baseline_error) for row in rows))
    told = [_told(row) for row in rows]
    room = max(map(text_px, told)) + 8.0
    x = Scale(low=0.0, high=values[-1], a=left + _LEFT, b=left + width - _RIGHT - room)
    key = lines_of(words["chart.errors"], width - _RIGHT)
    top = CAPTION_PX * len(key) + 8.0
    bottom = top + _ROW * len(rows)
    parts = [caption(key, x=left, y=top - 9.0)]
    for at, (row, text) in enumerate(zip(rows, told, strict=True)):
        y = top + _ROW * at + (_ROW - 2 * _THIN - 2) / 2
        parts.append(_horizon(row, x.a, y + _THIN + 1))
        for number, (kind, error) in enumerate(
            (("bar", row.all.error), ("baseline", row.all.baseline_error))
        ):
            parts.append(
                f'<rect class="{kind}" x="{x.a:.1f}" y="{y + number * (_THIN + 2):.1f}"'
                f' width="{x(error) - x.a:.1f}" height="{_THIN:g}"/>'
            )
        end = x(max(row.all.error, row.all.baseline_error)) + 6
        parts.append(f'<text x="{end:.1f}" y="{y + _THIN + 5:.1f}">{escape(text)}</text>')
    parts += [_number(x(value), bottom + 14, f"{value:,g}") for value in values]
    return bottom + _AXIS, parts


def _told(row: ForecastRow) -> str:
    ratio = row.all.error_ratio
    return "" if ratio is None else f"{ratio:.2f} ×"


def _horizon(row: ForecastRow, right: float, middle: float) -> str:
    return (
        f'<text x="{right - 6:.1f}" y="{middle + 4:.1f}" text-anchor="end">'
        f"{row.minutes:g} min</text>"
    )


def _number(x: float, y: float, text: str) -> str:
    return f'<text class="soft" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{text}</text>'
