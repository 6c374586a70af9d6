"""A new normal: squares whose counts double, or fall to a third, for good, and who still rings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tests.quality.crowded import milan, milan_set
from tests.quality.figure import Figure, Measured
from tests.quality.labelled import taped
from tests.quality.scoring import DAY_MS
from tests.quality.tape import hear

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replay.labels import Span

__all__ = ["shifted_squares"]

_AT_DAY: Final = 16
_SHIFTED: Final = (2, 10, 22, 25, 27)  # columns: three of the 25 squares, two that lie apart
_STAGES: Final = ((0, 1, "first day", "25-30 %"), (1, 7, "days 2 to 7", "1-2 %"))


def shifted_squares(factor: float) -> Measured:
    """Return the part of the time that shifted squares have a level.

    factor: what the counts are multiplied with from day 16 on; the budget is the default.
    """
    counts = milan()
    table = counts.count.copy()
    hop = _AT_DAY * DAY_MS // counts.period_ms
    table[hop:, list(_SHIFTED)] *= factor
    one = milan_set(f"Milan, 5 of 28 squares x {factor:g}", replace(counts, count=table))
    tape = taped(one)
    spans = hear(tape, per_day=1.0).tiles
    shifted = [one.city.cell_index[counts.cells[column]] for column in _SHIFTED]
    begin_ms = int(counts.start_ms[hop])
    figures = []
    for first, last, words, lab in _STAGES:
        window = (begin_ms + first * DAY_MS, begin_ms + last * DAY_MS)
        part = sum(_part(spans, tile, window) for tile in shifted) / len(shifted)
        figures.append(
            Figure(
                set=one.name,
                what=f"time in alarm, {words}",
                got=round(part, 4),
                shown=f"{part:.1%}",
                more=False,
                loss=0.02,
                lab=lab,
            )
        )
    return Measured(figures=tuple(figures))


def _part(spans: Sequence[Span], tile: int, window: tuple[int, int]) -> float:
    """Return the part of a window in which a tile has a level."""
    begin_ms, end_ms = window
    inside = sorted(
        (max(span.opened_ms, begin_ms), min(span.closed_ms, end_ms))
        for span in spans
        if tile in span.tiles and span.closed_ms > begin_ms and span.opened_ms < end_ms
    )
    covered, reach = 0, begin_ms
    for low, high in inside:
        covered += max(high - max(low, reach), 0)
        reach = max(reach, high)
    return covered / (end_ms - begin_ms)
