"""What all charts of a report share: scales, axes, captions, lines with holes, and their sheet.

A chart is drawn twice, for a desk and for a phone, as a picture scaled down to a phone cannot be
read; the page shows the one that fits. Both carry the same text for people who see neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from math import ceil, floor, isfinite, log10
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from zoneinfo import ZoneInfo

__all__ = [
    "CAPTION_PX",
    "NARROW",
    "WIDE",
    "Scale",
    "band",
    "caption",
    "clock_axis",
    "line",
    "lines_of",
    "sheet",
    "text_px",
    "ticks",
    "value_axis",
]

WIDE: Final = 960
NARROW: Final = 360
_LONG: Final = 10_000  # values that are shown in thousands
_EDGE: Final = 12  # px from the right edge where a time would be cut
_DAY_H: Final = 24
_TICK_PX: Final = {WIDE: 80, NARROW: 62}
CAPTION_PX: Final = 15
"""Height of a line of a caption."""

_LETTER_PX: Final = 6.9  # of 12 px, as wide as system fonts draw them
_HAN_PX: Final = 12.2
_HAN_BEGINS: Final = "\u2e80"
# A phrase in Chinese up to its end or its mark (a character, where it is long), or a word.
_HAN: Final = r"[\u2e80-\uffef]"
_WORDS: Final = re.compile(
    rf"{_HAN}{{1,12}}?(?:[，。；：、）]+|(?!{_HAN}))\s*|{_HAN}|[^\s\u2e80-\uffef]+\s*|\s+"
)
_HOURS: Final = (1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 168, 336, 672)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Maps values `low` to `high` on pixels `a` to `b`; values beyond are cut off."""

    low: float
    high: float
    a: float
    b: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value.

        >>> Scale(low=0, high=10, a=100, b=0)(5)
        50.0
        """
        width = self.high - self.low
        share = (value - self.low) / width if width > 0 else 0.0
        return self.a + (self.b - self.a) * min(max(share, 0.0), 1.0)


def sheet(draw: Callable[[int], tuple[float, Sequence[str]]], *, says: str) -> str:
    """Return a chart in both widths.

    draw: takes a width in px and returns the height and the parts. says: the same in words.
    """
    both = []
    for kind, width in (("wide", WIDE), ("narrow", NARROW)):
        height, parts = draw(width)
        both.append(
            f'<svg class="{kind}" viewBox="0 0 {width} {height:g}" role="img"'
            f' aria-label="{escape(says, quote=True)}">{"".join(parts)}</svg>'
        )
    return "".join(both)


def text_px(text: str) -> float:
    """Return how wide a text of a chart is, rather too much than too little.

    >>> text_px("score") < text_px("scores") < text_px("score 分")
    True
    """
    return sum(_HAN_PX if one >= _HAN_BEGINS else _LETTER_PX for one in text)


def lines_of(text: str, room_px: float) -> list[str]:
    """Return a text in lines that fit, broken between words; a longer word has its own line.

    >>> lines_of("people - solid: counted", 100.0), lines_of("人数：实线为实测", 60.0)
    (['people -', 'solid: counted'], ['人数：', '实线为实测'])
    """
    lines = [""]
    for word in _WORDS.findall(text):
        if lines[-1] and text_px((lines[-1] + word).rstrip()) > room_px:
            lines.append("")
        lines[-1] += word
    return [one.strip() for one in lines]


def caption(lines: Sequence[str], *, x: float, y: float) -> str:
    """Return the lines of a caption, the last one at `y`, the others above it."""
    first = y - CAPTION_PX * (len(lines) - 1)
    return "".join(
        f'<text class="soft halo" x="{x:g}" y="{first + CAPTION_PX * at:g}">{escape(one)}</text>'
        for at, one in enumerate(lines)
    )


def line(kind: str, points: Sequence[tuple[float, float]]) -> str:
    """Return a line; a point that is not finite breaks it."""
    steps = []
    lifted = True
    for x, y in points:
        if isfinite(y):
            steps.append(f"{'M' if lifted else 'L'}{x:.1f} {y:.1f}")
        lifted = not isfinite(y)
    return f'<path class="{kind}" d="{"".join(steps)}"/>' if steps else ""


def band(points: Sequence[tuple[float, float, float]]) -> str:
    """Return areas between two lines, points (x, low, high) in px; holes where not finite."""
    parts: list[str] = []
    run: list[tuple[float, float, float]] = []
    for point in [*points, (0.0, float("nan"), 0.0)]:
        if isfinite(point[1]) and isfinite(point[2]):
            run.append(point)
            continue
        if len(run) > 1:
            there = "L".join(f"{x:.1f} {high:.1f}" for x, _, high in run)
            back = "L".join(f"{x:.1f} {low:.1f}" for x, low, _ in reversed(run))
            parts.append(f'<path class="band" d="M{there}L{back}Z"/>')
        run = []
    return "".join(parts)


def ticks(high: float, count: int = 4) -> list[float]:
    """Return round values from 0 to at least `high`.

    >>> ticks(7.3), ticks(0)
    ([0.0, 2.0, 4.0, 6.0, 8.0], [0.0, 1.0])
    """
    if not high > 0:
        return [0.0, 1.0]
    raw = high / count
    size = 10.0 ** floor(log10(raw))
    step = next(size * by for by in (1, 2, 2.5, 5, 10) if size * by >= raw * (1 - 1e-9))
    return [round(step * number, 10) for number in range(ceil(high / step - 1e-9) + 1)]


def value_axis(y: Scale, values: Sequence[float], *, left: float, right: float) -> list[str]:
    """Return lines across and their values at the left."""
    return [
        f'<line class="grid" x1="{left:g}" x2="{right:g}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
        f'<text class="soft" x="{left - 5:g}" y="{y(value) + 4:.1f}" text-anchor="end">'
        f"{_short(value)}</text>"
        for value in values
    ]


def _short(value: float) -> str:
    """Return a value that fits beside an axis.

    >>> _short(12_000), _short(2.5), _short(3.0)
    ('12k', '2.5', '3')
    """
    return f"{value / 1000:g}k" if abs(value) >= _LONG else f"{value:,g}"


def clock_axis(x: Scale, zone: ZoneInfo, *, y: float, width: int) -> list[str]:
    """Return local times below an axis of epoch ms; midnights are shown as dates."""
    span_h = (x.high - x.low) / 3_600_000
    room = max((x.b - x.a) / _TICK_PX.get(width, 80), 1.0)
    step_h = next((hours for hours in _HOURS if span_h / hours <= room), _HOURS[-1])
    at = datetime.fromtimestamp(x.low / 1000, zone).replace(minute=0, second=0, microsecond=0)
    if step_h >= _DAY_H:
        at = at.replace(hour=0)
    parts = []
    days = 0
    while at.timestamp() * 1000 <= x.high:
        if at.timestamp() * 1000 >= x.low and _is_due(at, step_h, days):
            place = x(at.timestamp() * 1000)
            anchor = "end" if place > x.b - _EDGE else "middle"
            text = f"{at:%m-%d}" if at.hour == 0 else f"{at:%H:%M}"
            parts.append(
                f'<line class="grid" x1="{place:.1f}" x2="{place:.1f}" y1="{y - 4:g}"'
                f' y2="{y:g}"/>'
                f'<text class="soft" x="{place:.1f}" y="{y + 13:g}" text-anchor="{anchor}">'
                f"{text}</text>"
            )
        days += at.hour == 0
        # By the wall: on days of clock changes, too, ticks stand on whole local hours.
        at = (at.replace(tzinfo=None) + timedelta(hours=1)).replace(tzinfo=zone)
    return parts


def _is_due(at: datetime, step_h: int, days: int) -> bool:
    if step_h < _DAY_H:
        return at.hour % step_h == 0
    return at.hour == 0 and days % (step_h // _DAY_H) == 0
