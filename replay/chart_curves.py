"""A place over some hours: people against what is usual, and the score against its threshold."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from replay.chart import Scale, band, clock_axis, line, sheet, ticks, value_axis

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

__all__ = ["Curve", "curve_chart"]

_PEOPLE: Final = (20.0, 150.0)
_SCORE: Final = (182.0, 252.0)
_HEIGHT: Final = 274.0
_LEFT, _RIGHT = 46.0, 10.0
_SPREADS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """What one tile showed. Arrays of one length; NaN = unknown. hop_ms: ends of hops, rising.

    seen: whether anything came. event, alert: begin and end in epoch ms, None = none.
    """

    hop_ms: NDArray[np.int64]
    people: NDArray[np.float32]
    expected: NDArray[np.float32]
    spread: NDArray[np.float32]
    score: NDArray[np.float32]
    threshold: NDArray[np.float32]
    seen: NDArray[np.bool_]
    events: tuple[tuple[int, int], ...] = ()
    alerts: tuple[tuple[int, int, int], ...] = ()


def curve_chart(curve: Curve, words: Mapping[str, str], zone: ZoneInfo, *, says: str) -> str:
    """Return the chart. alerts of the curve: opened, closed, level. says: it in words."""

    def draw(width: int) -> tuple[float, list[str]]:
        low, high = float(curve.hop_ms[0]), float(curve.hop_ms[-1])
        x = Scale(low=low, high=high, a=_LEFT, b=width - _RIGHT)
        parts = _spans(curve, x)
        parts += _people(curve, x, words, width)
        parts += _score(curve, x, words, width)
        parts += clock_axis(x, zone, y=_SCORE[1], width=width)
        return _HEIGHT, parts

    return sheet(draw, says=says)


def _spans(curve: Curve, x: Scale) -> list[str]:
    parts = [
        f'<rect class="event" x="{x(a):.1f}" y="{_PEOPLE[0]:g}" width="{x(b) - x(a):.1f}"'
        f' height="{_SCORE[1] - _PEOPLE[0]:g}"/>'
        for a, b in curve.events
    ]
    parts += [
        f'<rect class="g{level}" x="{x(a):.1f}" y="{_PEOPLE[1] + 4:g}"'
        f' width="{max(x(b) - x(a), 3):.1f}" height="7"/>'
        f'<line class="mark" x1="{x(a):.1f}" x2="{x(a):.1f}" y1="{_PEOPLE[0]:g}"'
        f' y2="{_SCORE[1]:g}"/>'
        for a, b, level in curve.alerts
    ]
    hop = (x.b - x.a) / max(len(curve.hop_ms) - 1, 1)
    parts += [
        f'<rect class="hole" x="{x(at) - hop:.1f}" y="{_PEOPLE[1] - 4:g}" width="{hop:.1f}"'
        ' height="4"/>'
        for at in curve.hop_ms[~curve.seen].tolist()
    ]
    return parts


def _people(curve: Curve, x: Scale, words: Mapping[str, str], width: int) -> list[str]:
    top = curve.expected + _SPREADS * curve.spread
    both = np.concatenate([curve.people, top])
    values = ticks(float(np.nanmax(both)) if np.isfinite(both).any() else 0.0)
    y = Scale(low=0.0, high=values[-1], a=_PEOPLE[1], b=_PEOPLE[0])
    across = [x(at) for at in curve.hop_ms.tolist()]
    low = np.maximum(curve.expected - _SPREADS * curve.spread, 0.0)
    parts = value_axis(y, values, left=_LEFT, right=width - _RIGHT)
    parts.append(
        band([(at, _px(y, a), _px(y, b)) for at, a, b in zip(across, low, top, strict=True)])
    )
    for kind, column in (("usual", curve.expected), ("people", curve.people)):
        parts.append(line(kind, [(a, _px(y, v)) for a, v in zip(across, column, strict=True)]))
    parts.append(_key(words["key.people"], y=_PEOPLE[0] - 7))
    return parts


def _score(curve: Curve, x: Scale, words: Mapping[str, str], width: int) -> list[str]:
    both = np.concatenate([curve.score, curve.threshold])
    values = ticks(float(np.nanmax(both)) if np.isfinite(both).any() else 0.0, 2)
    y = Scale(low=0.0, high=values[-1], a=_SCORE[1], b=_SCORE[0])
    across = [x(at) for at in curve.hop_ms.tolist()]
    parts = value_axis(y, values, left=_LEFT, right=width - _RIGHT)
    for kind, column in (("limit", curve.threshold), ("score", curve.score)):
        parts.append(line(kind, [(a, _px(y, v)) for a, v in zip(across, column, strict=True)]))
    parts.append(_key(words["key.score"], y=_SCORE[0] - 7))
    return parts


def _px(y: Scale, value: float) -> float:
    return y(float(value)) if np.isfinite(value) else float("nan")


def _key(text: str, *, y: float) -> str:
    return f'<text class="soft halo" x="{_LEFT:g}" y="{y:g}">{escape(text)}</text>'
