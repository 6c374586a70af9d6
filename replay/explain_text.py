"""An answer of `explain` at a terminal: the verdict first, then rules, facts and 24 hours drawn."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from unicodedata import east_asian_width

from replay.explain_facts import sections
from replay.explain_say import Said, figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replay.explain_report import Explanation

__all__ = ["columns", "explain_text", "sparkline"]

_BARS: Final = "▁▂▃▄▅▆▇█"
_LEVELS: Final = "·░▒▓█"
WIDTH: Final = 72
_INDENT: Final = "  "
_TICKS: Final = 6


def explain_text(found: Explanation, lang: str) -> str:
    """Return the answer as text, its last line ended."""
    said = Said(found, lang)
    lines = [said.title()]
    if len(found.tiles) > 1:
        others = said.words["others"].format(word=found.asked[0], tiles=len(found.tiles))
        lines.append(others)
    lines += ["", *said.verdict(), "", said.words["section.rules"], *_rules(said)]
    lines += ["", said.words["section.picture"], *_picture(said)]
    for section in sections(said):
        wide = max((columns(label) for label, _ in section.rows), default=0)
        lines += ["", section.title]
        lines += [f"{_INDENT}{_padded(label, wide)}  {text}" for label, text in section.rows]
    notes = [*found.notes, said.words["settings"].format(hash=found.settings_hash)]
    lines += ["", *notes]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _rules(said: Said) -> list[str]:
    lines = []
    rules = said.rules()
    wide = max((columns(rule.title) for rule in rules), default=0)
    for rule in rules:
        mark = "✓" if rule.met else "✗"
        needs = "  ".join(("" if met else "✗ ") + text for text, met in rule.needs)
        near = said.words["rule.met"] if rule.met else f"{min(rule.share, 0.99):4.0%}"
        lines.append(f"{_INDENT}{mark} {_padded(rule.title, wide)}  {_padded(near, 4)}  {needs}")
        if rule.remedy:
            lines.append(f"{_INDENT}    → {rule.remedy}")
    return lines


def _picture(said: Said) -> list[str]:
    """Return the curves as bars over one time axis, the moment marked."""
    found, words = said.found, said.words
    curve = found.curve
    at = curve.end.index(found.hop[1])
    cells = min(WIDTH, len(curve.end))
    both = [one for one in (*curve.people, *curve.expected) if one is not None]
    top = max(both, default=0.0)
    rows = [
        (
            words[f"curve.{found.unit}"],
            sparkline(curve.people, cells, top=top),
            _top(said, curve.people),
        ),
        (
            words["curve.expected"],
            sparkline(curve.expected, cells, top=top),
            _top(said, curve.expected),
        ),
        (
            words["curve.score"],
            sparkline(curve.score, cells, top=max([*curve.score, found.budget.threshold])),
            f"{_top(said, curve.score)}, "
            + words["curve.threshold"].format(threshold=figure(found.budget.threshold, "")),
        ),
        (words["curve.level"], _levels(curve.level, cells), said.grade(max(curve.level))),
    ]
    rows += [(one.name, _during(curve.end, one.start, one.end, cells), "") for one in found.labels]
    wide = max(columns(label) for label, _, _ in rows)
    lines = [f"{_INDENT}{_padded(label, wide)}  {bars}  {note}" for label, bars, note in rows]
    place = at * cells // len(curve.end)
    gap = " " * (wide + len(_INDENT) + 2)
    lines.append(gap + " " * place + f"▲ {found.hop[1][11:16]}")
    lines.append(gap + _axis(curve.end, cells))
    return lines


def _top(said: Said, values: Sequence[float | None]) -> str:
    known = [one for one in values if one is not None]
    most = figure(max(known), "", digits=1) if known else said.words["unknown"]
    return said.words["curve.max"].format(max=most)


def _buckets(count: int, cells: int) -> list[slice]:
    """Return which values each of some character cells stands for; every value once."""
    return [slice(i * count // cells, (i + 1) * count // cells) for i in range(cells)]


def sparkline(values: Sequence[float | None], cells: int, *, top: float) -> str:
    """Return bars from 0 to `top`, the highest value of each cell; a blank where all is unknown.

    >>> sparkline([0.0, 2.0, None, 4.0], 4, top=4.0)
    '▁▅ █'
    """
    bars = []
    for bucket in _buckets(len(values), cells):
        known = [one for one in values[bucket] if one is not None]
        if not known:
            bars.append(" ")
            continue
        share = min(max(*known, 0.0) / top, 1.0) if top > 0 else 0.0
        bars.append(_BARS[round(share * (len(_BARS) - 1))])
    return "".join(bars)


def _levels(levels: Sequence[int], cells: int) -> str:
    return "".join(_LEVELS[max(levels[bucket])] for bucket in _buckets(len(levels), cells))


def _during(ends: Sequence[str], start: str, end: str, cells: int) -> str:
    """Return a line where an event lies; both in local time with equal or other offsets."""
    begin, close = datetime.fromisoformat(start), datetime.fromisoformat(end)
    inside = [begin < datetime.fromisoformat(one) <= close for one in ends]
    return "".join("━" if any(inside[bucket]) else "·" for bucket in _buckets(len(ends), cells))


def _axis(ends: Sequence[str], cells: int) -> str:
    """Return some times of day under the cells they belong to."""
    line = [" "] * (cells + 5)
    step = max(cells // _TICKS, 1)
    for cell in range(0, cells, step):
        text = ends[cell * len(ends) // cells][11:16]
        line[cell : cell + len(text)] = text
    return "".join(line).rstrip()


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes; Chinese ones take two.

    >>> columns("人数"), columns("people")
    (4, 6)
    """
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def _padded(text: str, wide: int) -> str:
    return text + " " * (wide - columns(text))
