"""Pictures of how a month was handled: first answers against their deadlines, and plain bars."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import log2
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from replay.chart import NARROW, Scale, sheet, text_px

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alerts.ledger.month_case import Case

__all__ = ["BarRow", "answers_chart", "bars_chart"]

_ROW: Final = 46.0
_TOP: Final = 22.0
_LANES: Final = 5
_LEAST_MIN: Final = 0.5
_STEPS: Final = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 240, 480, 960, 1920, 5760)
_NEVER_PX: Final = 58.0
_TICK_PX: Final = 30.0
_BAR: Final = 22.0


def answers_chart(
    cases: Sequence[Case],
    grades: Mapping[int, str],
    words: Mapping[str, str],
    *,
    known_ms: int,
    says: str,
) -> str:
    """Return one row a grade: each answer as a mark over its minutes, the deadline as a line.

    cases: those that were asked for an answer. known_ms: until when the ledger knows.
    """
    rows = sorted({one.first_level for one in cases}, reverse=True)
    given = [one.deadline_min or 0.0 for one in cases]
    most = max([2.0, *given, *(one.answer_min or 0.0 for one in cases)])
    steps = [one for one in _STEPS if one < most]
    end = next((one for one in _STEPS if one >= most), most)

    def draw(width: int) -> tuple[float, list[str]]:
        left = max(text_px(grades[level]) for level in rows) + 10
        x = Scale(low=log2(_LEAST_MIN), high=log2(end), a=left, b=width - _NEVER_PX - 12)
        bottom = _TOP + _ROW * len(rows)
        parts = _axis(x, [*steps, end], bottom)
        parts.append(
            f'<text class="soft" x="{left:g}" y="13">{escape(words["axis.minutes"])}</text>'
            f'<text class="soft" x="{width - 2}" y="13" text-anchor="end">'
            f"{escape(words['chart.never'])}</text>"
        )
        for number, level in enumerate(rows):
            those = [one for one in cases if one.first_level == level]
            top = _TOP + number * _ROW
            never = sum(_is_never(one, known_ms) for one in those)
            parts += [*_frame(grades[level], never, top, width), *_row(those, x, top, words)]
        return bottom + 20, parts

    return sheet(draw, says=says)


def _frame(grade: str, never: int, top: float, width: int) -> list[str]:
    """Return what stands at both ends of a row: its grade, and how many had no answer."""
    y = top + _ROW / 2 + 4
    parts = [
        f'<line class="grid" x1="0" x2="{width}" y1="{top:g}" y2="{top:g}"/>',
        f'<text x="0" y="{y:g}">{escape(grade)}</text>',
    ]
    if never:
        parts.append(
            f'<text x="{width - 2}" y="{y:g}" text-anchor="end"'
            f' style="fill:var(--false);font-weight:600">× {never}</text>'
        )
    return parts


def _is_never(one: Case, known_ms: int) -> bool:
    return one.answered_ms is None and not one.was_over_first and not one.is_waiting(known_ms)


def _axis(x: Scale, steps: Sequence[float], bottom: float) -> list[str]:
    parts = []
    last = -_TICK_PX
    for minutes in steps:
        at = x(log2(minutes))
        if at - last < _TICK_PX:
            continue
        last = at
        parts.append(
            f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP:g}" y2="{bottom:g}"/>'
            f'<text class="soft" x="{at:.1f}" y="{bottom + 14:g}" text-anchor="middle">'
            f"{minutes:g}</text>"
        )
    return parts


def _row(those: Sequence[Case], x: Scale, top: float, words: Mapping[str, str]) -> list[str]:
    parts = []
    for minutes in sorted({one.deadline_min for one in those if one.deadline_min is not None}):
        at = x(log2(max(minutes, _LEAST_MIN)))
        told = escape(f"{words['chart.deadline']}: {minutes:g} min")
        parts.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{top + 2:g}" y2="{top + _ROW - 2:g}"'
            f' stroke="var(--limit)" stroke-width="3"><title>{told}</title></line>'
        )
    answered = [(one.answer_min, one) for one in those if one.answer_min is not None]
    for number, (minutes, one) in enumerate(sorted(answered, key=itemgetter(0))):
        at = x(log2(max(minutes, _LEAST_MIN)))
        y = top + _ROW / 2 + (number % _LANES - _LANES // 2) * 7.5
        title = f"<title>{escape(one.place)}: {minutes:.1f} min</title>"
        if one.is_late:
            parts.append(
                f'<path d="M{at:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5Z" style="fill:var(--false)">'
                f"{title}</path>"
            )
        else:
            parts.append(
                f'<circle class="dot" fill-opacity=".75" cx="{at:.1f}" cy="{y:.1f}" r="3.6">'
                f"{title}</circle>"
            )
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class BarRow:
    """One bar. colour: a variable of the page's style."""

    label: str
    value: float
    told: str
    colour: str


def bars_chart(rows: Sequence[BarRow], *, says: str, limit: tuple[float, str] | None = None) -> str:
    """Return bars from the left, each with its label and figure; limit: a value, and its name."""
    top = max([1.0, *(row.value for row in rows), limit[0] if limit else 0.0])

    def draw(width: int) -> tuple[float, list[str]]:
        left = min(max(text_px(row.label) for row in rows) + 12, width * 0.42)
        room = max(text_px(row.told) for row in rows) + 10
        x = Scale(low=0.0, high=top, a=left, b=width - room)
        begin = 20.0 if limit else 2.0
        parts = []
        for number, row in enumerate(rows):
            y = begin + number * (_BAR + 6)
            parts.append(
                f'<text x="{left - 8:.1f}" y="{y + 15:g}" text-anchor="end">{escape(row.label)}'
                f'</text><rect x="{left:.1f}" y="{y:g}" width="{max(x(row.value) - left, 1):.1f}"'
                f' height="{_BAR:g}" style="fill:var(--{row.colour});fill-opacity:.8"/>'
                f'<text x="{x(row.value) + 6:.1f}" y="{y + 15:g}">{escape(row.told)}</text>'
            )
        bottom = begin + len(rows) * (_BAR + 6)
        if limit:
            parts += _limit(x(limit[0]), limit[1], bottom, width)
        return bottom, parts

    return sheet(draw, says=says)


def _limit(at: float, name: str, bottom: float, width: int) -> list[str]:
    half = text_px(name) / 2
    place = min(max(at, half), width - half - (4 if width == NARROW else 0))
    line = (
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="17" y2="{bottom:g}" stroke="var(--limit)"'
        ' stroke-width="2" stroke-dasharray="6 4"/>'
    )
    text = f'<text class="halo" x="{place:.1f}" y="12" text-anchor="middle">{escape(name)}</text>'
    return [line, text]
