"""The hours around a moment as inline SVG: people against baseline, score against threshold, level.

Drawn twice, wide for a desk and narrow for a phone, since text in a picture that is scaled down
cannot be read; the style sheet shows one of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Final

from alerts.text import GRADES
from replay.chart import CAPTION_PX, text_px
from replay.explain_plot import LEFT, RIGHT, Scale, Times, nice_top, runs
from replay.explain_say import figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replay.explain_report import Curve
    from replay.explain_say import Said

__all__ = ["charts"]

_PEOPLE: Final = (26, 170)
_SCORE: Final = (225, 319)  # above it names of events, and two rows of keys on a phone
_LEVEL: Final = (343, 361)
_HEIGHT: Final = 401
_LABELLED_PX: Final = 22  # a level shorter than this has no room for its grade
_TICK_PX: Final = 64
_KEY_PX: Final = 20  # from a mark of the legend to its word
_HOURS: Final = (1, 2, 3, 4, 6, 12)


def charts(said: Said) -> str:
    """Return both pictures, as figures of an HTML page."""
    wide, narrow = _chart(said, 900.0), _chart(said, 370.0)
    return f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'


def _chart(said: Said, width: float) -> str:
    curve, found = said.found.curve, said.found
    ends = [datetime.fromisoformat(one) for one in curve.end]
    hop = datetime.fromisoformat(found.hop[1]) - datetime.fromisoformat(found.hop[0])
    times = Times(begin=ends[0] - hop, end=ends[-1], width=width)
    parts = [
        *_events(said, times),
        *_people(said, times),
        *_scores(said, times),
        *_levels(said, times),
        *_axis(said, times),
        *_moment(said, times),
    ]
    return (
        f'<svg viewBox="0 0 {width:g} {_HEIGHT}" role="img" aria-label="{_alternative(said)}">'
        f"{''.join(parts)}</svg>"
    )


def _alternative(said: Said) -> str:
    """Return the picture in words, for those who cannot see it."""
    curve, words = said.found.curve, said.words
    known = [(value, end) for value, end in zip(curve.people, curve.end, strict=True) if value]
    most = max(known, default=(0.0, curve.end[0]))
    score = max(zip(curve.score, curve.end, strict=True))
    text = (
        f"{words[f'curve.{said.found.unit}']}: "
        + words["curve.max"].format(max=figure(most[0], "", digits=1))
        + f" ({said.when(most[1])}); {words['curve.score']}: "
        + words["curve.max"].format(max=figure(score[0], ""))
        + f" ({said.when(score[1])}), "
        + words["curve.threshold"].format(threshold=figure(said.found.budget.threshold, ""))
        + f"; {words['curve.level']}: {said.grade(max(curve.level))}"
    )
    return escape(text, quote=True)


def _people(said: Said, times: Times) -> list[str]:
    curve, words = said.found.curve, said.words
    high = [
        None if due is None or spread is None else due + 2.0 * spread
        for due, spread in zip(curve.expected, curve.spread, strict=True)
    ]
    low = [
        None if due is None or spread is None else max(due - 2.0 * spread, 0.0)
        for due, spread in zip(curve.expected, curve.spread, strict=True)
    ]
    top = nice_top(max((one for one in (*curve.people, *high) if one is not None), default=0.0))
    scale = Scale(upper=_PEOPLE[0], lower=_PEOPLE[1], top=top)
    legend = (
        ("people", words[f"curve.{said.found.unit}"]),
        ("usual", words["curve.expected"]),
        ("band", words["curve.band"]),
    )
    return [
        *_grid(scale, times),
        *_band(curve, times, scale, low=low, high=high),
        _line(curve, curve.expected, times, scale, kind="usual"),
        _line(curve, curve.people, times, scale, kind="people"),
        *_legend(legend, times, y=_PEOPLE[0] - 10),
    ]


def _scores(said: Said, times: Times) -> list[str]:
    curve, words = said.found.curve, said.words
    every = (*curve.score, *curve.threshold, *curve.near, *curve.near_threshold)
    top = nice_top(max((one for one in every if one is not None), default=0.0))
    scale = Scale(upper=_SCORE[0], lower=_SCORE[1], top=top)
    threshold = figure(said.found.budget.threshold, "")
    legend = [
        ("score", words["curve.score"]),
        ("limit", words["curve.threshold"].format(threshold=threshold)),
    ]
    if said.found.near_budget is not None:
        legend.append(("near", words["curve.near"]))
    return [
        *_grid(scale, times),
        _line(curve, curve.near_threshold, times, scale, kind="near limit"),
        _line(curve, curve.near, times, scale, kind="near"),
        _line(curve, curve.threshold, times, scale, kind="limit"),
        _line(curve, curve.score, times, scale, kind="score"),
        *_legend(legend, times, y=_SCORE[0] - 10),
    ]


def _grid(scale: Scale, times: Times) -> list[str]:
    lines = []
    for share in (0.0, 0.5, 1.0):
        value = scale.top * share
        y = scale.y(value)
        lines.append(
            f'<line class="grid" x1="{LEFT}" x2="{times.width - RIGHT:g}" y1="{y:g}" y2="{y:g}"/>'
            f'<text class="tick" x="{LEFT - 6}" y="{y + 4:g}" text-anchor="end">'
            f"{figure(value, '', digits=1)}</text>"
        )
    return lines


def _line(
    curve: Curve, values: Sequence[float | None], times: Times, scale: Scale, *, kind: str
) -> str:
    parts = []
    for run in runs(values):
        points = [
            f"{times.x(curve.end[at]):.1f},{scale.y(value):.1f}"
            for at in run
            if (value := values[at]) is not None
        ]
        parts.append("M" + "L".join(points) + ("h0.1" if len(points) == 1 else ""))
    return f'<path class="{kind}" d="{"".join(parts)}"/>'


def _band(
    curve: Curve,
    times: Times,
    scale: Scale,
    *,
    low: Sequence[float | None],
    high: Sequence[float | None],
) -> list[str]:
    parts = []
    for run in runs(high):
        upper = [(at, high[at]) for at in run]
        lower = [(at, low[at]) for at in reversed(run)]
        points = [
            f"{times.x(curve.end[at]):.1f},{scale.y(value):.1f}"
            for at, value in (*upper, *lower)
            if value is not None
        ]
        parts.append(f'<path class="band" d="M{"L".join(points)}Z"/>')
    return parts


def _legend(entries: Sequence[tuple[str, str]], times: Times, *, y: float) -> list[str]:
    """Return the keys of a panel, in rows that fit; `y` is the last one's, the others above."""
    rows: list[list[tuple[float, str, str]]] = [[]]
    x = float(LEFT)
    for kind, text in entries:
        if rows[-1] and x + _KEY_PX + text_px(text) > times.width:
            rows.append([])
            x = float(LEFT)
        rows[-1].append((x, kind, text))
        x += _KEY_PX + 14 + text_px(text)
    return [
        _key(x, y - CAPTION_PX * (len(rows) - 1 - at), kind=kind, text=text)
        for at, row in enumerate(rows)
        for x, kind, text in row
    ]


def _key(x: float, y: float, *, kind: str, text: str) -> str:
    mark = (
        f'<rect class="band" x="{x:g}" y="{y - 8:g}" width="16" height="9"/>'
        if kind == "band"
        else f'<path class="{kind}" d="M{x:g},{y - 4:g}h16"/>'
    )
    return f'{mark}<text class="key" x="{x + _KEY_PX:g}" y="{y:g}">{escape(text)}</text>'


def _levels(said: Said, times: Times) -> list[str]:
    curve = said.found.curve
    upper, lower = _LEVEL
    label, wide = escape(said.words["curve.level"]), times.width - LEFT - RIGHT
    ground = f'x="{LEFT}" y="{upper}" width="{wide:g}" height="{lower - upper}"'
    parts = [
        f'<text class="key" x="{LEFT}" y="{upper - 6}">{label}</text>',
        f'<rect class="none" {ground}/>',
    ]
    begin = 0
    for at in range(1, len(curve.level) + 1):
        if at < len(curve.level) and curve.level[at] == curve.level[begin]:
            continue
        level = curve.level[begin]
        if level:
            left, right = times.x(curve.end[max(begin - 1, 0)]), times.x(curve.end[at - 1])
            parts.append(
                f'<rect class="level{level}" x="{left:.1f}" y="{upper}"'
                f' width="{max(right - left, 2.0):.1f}" height="{lower - upper}">'
                f"<title>{escape(said.grade(level))}</title></rect>"
            )
            if right - left >= _LABELLED_PX:
                parts.append(
                    f'<text class="grade{level}" x="{(left + right) / 2:.1f}" y="{lower - 5}"'
                    f' text-anchor="middle">{GRADES[level]}</text>'
                )
        begin = at
    return parts


def _axis(said: Said, times: Times) -> list[str]:
    """Return times of day at whole hours, as many as there is room for."""
    hours = (times.end - times.begin) / timedelta(hours=1)
    room = max((times.width - LEFT - RIGHT) / _TICK_PX, 1.0)
    step = next((one for one in _HOURS if hours / one <= room), 24)
    at = times.begin.replace(minute=0, second=0, microsecond=0)
    parts = []
    while at <= times.end:
        if at >= times.begin and at.hour % step == 0:
            x = times.x(at)
            anchor = "end" if x > times.width - RIGHT - _TICK_PX / 4 else "middle"
            parts.append(
                f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_LEVEL[1]}"'
                f' y2="{_LEVEL[1] + 4}"/><text class="tick" x="{x:.1f}" y="{_LEVEL[1] + 16}"'
                f' text-anchor="{anchor}">{at:%H:%M}</text>'
            )
        at += timedelta(hours=1)
    zone = escape(f"{said.found.hop[1][:10]} {said.found.tz}")
    x = times.width - RIGHT
    parts.append(f'<text class="tick" x="{x:g}" y="{_HEIGHT - 6}" text-anchor="end">{zone}</text>')
    return parts


def _moment(said: Said, times: Times) -> list[str]:
    x = times.x(said.found.hop[1])
    text = escape(f"{said.words['moment']} {said.found.hop[1][11:16]}")
    anchor = "end" if x > times.width / 2 else "start"
    shift = -5 if anchor == "end" else 5
    place = f'x="{x + shift:.1f}" y="{_PEOPLE[0] + 12}" text-anchor="{anchor}"'
    return [
        f'<line class="moment" x1="{x:.1f}" x2="{x:.1f}" y1="{_PEOPLE[0]}" y2="{_LEVEL[1] + 4}"/>',
        f'<text class="when" {place}>{text}</text>',
    ]


def _events(said: Said, times: Times) -> list[str]:
    parts = []
    for one in said.found.labels:
        left, right = times.x(one.start), times.x(one.end)
        parts.append(
            f'<rect class="event" x="{left:.1f}" y="{_PEOPLE[0]}" width="{right - left:.1f}"'
            f' height="{_SCORE[1] - _PEOPLE[0]}"><title>{escape(one.name)}</title></rect>'
        )
        # A name that would leave the picture ends at its edge instead.
        end = times.width - RIGHT
        cut = left + 4 + text_px(one.name) > end
        place = f'x="{end:.1f}" text-anchor="end"' if cut else f'x="{left + 4:.1f}"'
        parts.append(f'<text class="when" {place} y="{_PEOPLE[1] + 14}">{escape(one.name)}</text>')
    return parts
