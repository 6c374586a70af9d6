"""A place over some hours: people against what is usual, and the score against its threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from replay.chart import (
    CAPTION_PX,
    Scale,
    band,
    caption,
    clock_axis,
    line,
    lines_of,
    sheet,
    ticks,
    value_axis,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

__all__ = ["Curve", "curve_chart"]

_PEOPLE_PX: Final = 130.0
_SCORE_PX: Final = 70.0
_CAPTION: Final = 7.0  # px between a caption and its panel
_BETWEEN: Final = 17.0  # px below the people, where incidents are marked
_AXIS: Final = 22.0
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panels:
    """Where the two panels stand, upper and lower edge, and their captions above them."""

    people: tuple[float, float]
    score: tuple[float, float]
    people_key: list[str]
    score_key: list[str]
    right: float


def _panels(words: Mapping[str, str], width: int) -> _Panels:
    """Return the panels; captions that need several lines on a phone move them down."""
    right = width - _RIGHT
    people, score = (lines_of(words[f"key.{one}"], right - _LEFT) for one in ("people", "score"))
    top = CAPTION_PX * len(people) + _CAPTION - 2
    low = top + _PEOPLE_PX + _BETWEEN + CAPTION_PX * len(score)
    return _Panels(
        people=(top, top + _PEOPLE_PX),
        score=(low, low + _SCORE_PX),
        people_key=people,
        score_key=score,
        right=right,
    )


def curve_chart(curve: Curve, words: Mapping[str, str], zone: ZoneInfo, *, says: str) -> str:
    """Return the chart. alerts of the curve: opened, closed, level. says: it in words."""

    def draw(width: int) -> tuple[float, list[str]]:
        panels = _panels(words, width)
        low, high = float(curve.hop_ms[0]), float(curve.hop_ms[-1])
        x = Scale(low=low, high=high, a=_LEFT, b=panels.right)
        parts = _spans(curve, x, panels)
        parts += _people(curve, x, panels)
        parts += _score(curve, x, panels)
        parts += clock_axis(x, zone, y=panels.score[1], width=width)
        return panels.score[1] + _AXIS, parts

    return sheet(draw, says=says)


def _spans(curve: Curve, x: Scale, panels: _Panels) -> list[str]:
    top, below, bottom = panels.people[0], panels.people[1], panels.score[1]
    parts = [
        f'<rect class="event" x="{x(a):.1f}" y="{top:g}" width="{x(b) - x(a):.1f}"'
        f' height="{bottom - top:g}"/>'
        for a, b in curve.events
    ]
    parts += [
        f'<rect class="g{level}" x="{x(a):.1f}" y="{below + 4:g}"'
        f' width="{max(x(b) - x(a), 3):.1f}" height="7"/>'
        f'<line class="mark" x1="{x(a):.1f}" x2="{x(a):.1f}" y1="{top:g}" y2="{bottom:g}"/>'
        for a, b, level in curve.alerts
    ]
    hop = (x.b - x.a) / max(len(curve.hop_ms) - 1, 1)
    parts += [
        f'<rect class="hole" x="{x(at) - hop:.1f}" y="{below - 4:g}" width="{hop:.1f}" height="4"/>'
        for at in curve.hop_ms[~curve.seen].tolist()
    ]
    return parts


def _people(curve: Curve, x: Scale, panels: _Panels) -> list[str]:
    top = curve.expected + _SPREADS * curve.spread
    both = np.concatenate([curve.people, top])
    values = ticks(float(np.nanmax(both)) if np.isfinite(both).any() else 0.0)
    y = Scale(low=0.0, high=values[-1], a=panels.people[1], b=panels.people[0])
    across = [x(at) for at in curve.hop_ms.tolist()]
    low = np.maximum(curve.expected - _SPREADS * curve.spread, 0.0)
    parts = value_axis(y, values, left=_LEFT, right=panels.right)
    parts.append(
        band([(at, _px(y, a), _px(y, b)) for at, a, b in zip(across, low, top, strict=True)])
    )
    for kind, column in (("usual", curve.expected), ("people", curve.people)):
        parts.append(line(kind, [(a, _px(y, v)) for a, v in zip(across, column, strict=True)]))
    parts.append(caption(panels.people_key, x=_LEFT, y=panels.people[0] - _CAPTION))
    return parts


def _score(curve: Curve, x: Scale, panels: _Panels) -> list[str]:
    both = np.concatenate([curve.score, curve.threshold])
    values = ticks(float(np.nanmax(both)) if np.isfinite(both).any() else 0.0, 2)
    y = Scale(low=0.0, high=values[-1], a=panels.score[1], b=panels.score[0])
    across = [x(at) for at in curve.hop_ms.tolist()]
    parts = value_axis(y, values, left=_LEFT, right=panels.right)
    for kind, column in (("limit", curve.threshold), ("score", curve.score)):
        parts.append(line(kind, [(a, _px(y, v)) for a, v in zip(across, column, strict=True)]))
    parts.append(caption(panels.score_key, x=_LEFT, y=panels.score[0] - _CAPTION))
    return parts


def _px(y: Scale, value: float) -> float:
    return y(float(value)) if np.isfinite(value) else float("nan")
