"""A trade-off as a small SVG: events found over off-list incidents, ours and the peers'."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from tests.quality.curve import at_rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.quality.curve import Point
    from tests.quality.figure import Curve

__all__ = ["file_name", "picture"]

_WIDTH: Final = 640
_HEIGHT: Final = 300
_LEFT: Final = 48
_RIGHT: Final = 190  # room for the names of the lines
_TOP: Final = 34
_BOTTOM: Final = 46
_STEPS: Final = 60
# Told apart without colour, too: each line has its own dashes.
_INK: Final = ("#b3261e", "#1f4e79", "#4d6b1f", "#6b4d8a", "#7a5c1e", "#3d3d3d")
_DASHES: Final = ("", "7 3", "2 3", "9 3 2 3", "4 4", "1 5")


def file_name(name: str) -> str:
    """Return the file of a curve.

    >>> file_name("CalIt2 in and out, local clock")
    'calit2-in-and-out-local-clock.svg'
    """
    kept = "".join(sign if sign.isalnum() else "-" for sign in name.lower())
    return "-".join(part for part in kept.split("-") if part) + ".svg"


def picture(curve: Curve) -> str:
    """Return the drawing; it needs no font, script or file of its own."""
    per = "a week" if curve.weekly else "a tile-week"
    title = f"{curve.name}: share of {curve.events} events found, by off-list incidents {per}"
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {box}>',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="18" font-weight="bold">{escape(curve.name)}</text>',
        *_axes(curve, per),
    ]
    for number, (name, points) in enumerate(curve.lines.items()):
        lines += _line(number, name, _steps(points, curve.rate_max))
    return "\n".join([*lines, "</svg>", ""])


def _steps(points: Sequence[Point], rate_max: float) -> list[tuple[float, float]]:
    """Return (x, y) in the unit square: the best share at each off-list rate."""
    path = []
    for step in range(_STEPS + 1):
        best = at_rate(points, rate_max * step / _STEPS)
        path.append((step / _STEPS, 0.0 if best is None else best.score.share))
    return path


def _axes(curve: Curve, per: str) -> list[str]:
    made, low = [], _HEIGHT - _BOTTOM + 16
    for tick in range(5):
        share = tick / 4
        x, y = _place(share, share)
        made += [
            f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>',
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>',
            f'<text x="{x:.1f}" y="{low}" text-anchor="middle">{curve.rate_max * share:g}</text>',
        ]
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    made.append(
        f'<text x="{middle:.0f}" y="{_HEIGHT - 10}" text-anchor="middle">'
        f"off-list incidents {per}</text>"
    )
    return made


def _line(number: int, name: str, path: list[tuple[float, float]]) -> list[str]:
    places = [_place(x, y) for x, y in path]
    drawn = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    ink, dashes = _INK[number % len(_INK)], _DASHES[number % len(_DASHES)]
    wide = 3 if number == 0 else 1.5
    style = f'fill="none" stroke="{ink}" stroke-width="{wide}" stroke-dasharray="{dashes}"'
    x, y = _WIDTH - _RIGHT + 14, _TOP + 8 + 20 * number
    return [
        f'<path d="{drawn}" {style}/>',
        f'<path d="M{x} {y}h26" {style}/>',
        f'<text x="{x + 32}" y="{y + 4}">{escape(name)}</text>',
    ]


def _place(x: float, y: float) -> tuple[float, float]:
    """Return where a point of the unit square lies on the sheet."""
    across, down = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    return _LEFT + x * across, _HEIGHT - _BOTTOM - y * down
