"""Slow, obvious oracles for the alerts room."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def adjoin(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    """Tell whether two (row, col, area) touch, corners included, inside one area."""
    placed = min(one[0], one[1], other[0], other[1]) >= 0
    near = abs(one[0] - other[0]) <= 1 and abs(one[1] - other[1]) <= 1
    return placed and near and one[2] == other[2]


def components(places: Sequence[tuple[int, int, int]]) -> list[int]:
    """Return the group of each place by breadth-first search, numbered as they are met."""
    group = [-1] * len(places)
    number = 0
    for start in range(len(places)):
        if group[start] >= 0:
            continue
        group[start] = number
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            for there in range(len(places)):
                if group[there] < 0 and adjoin(places[here], places[there]):
                    group[there] = number
                    waiting.append(there)
        number += 1
    return group


def unusual(score: float, excess: float, threshold: float, *, large: float) -> int:
    """Return the level of one score alone."""
    if not (score >= threshold and excess >= 100):
        return 0
    return 2 if score >= 2 * threshold and excess >= large else 1


def level(
    *,
    density: float,
    rolling: float,
    low: float,
    expected: float,
    score: float,
    slope: float,
    near: float,
    near_excess: float,
    threshold: float,
    area_m2: float = 1000.0,
) -> int:
    """Return the level one tile asks for at default settings, told in plain ifs (NaN = unknown)."""
    base = max(
        unusual(score, low - expected, threshold, large=min(500, 3 * expected)),
        unusual(near, near_excess, threshold, large=500),
    )
    for rung, mark in enumerate((2.0, 3.0, 4.0), start=1):
        if rolling >= mark:
            base = max(base, rung)
    if density >= 5.0:
        base = 4
    if 1 <= base <= 3 and slope > 0:
        mark = (2.0, 3.0, 4.0, 5.0)[base]
        if max(mark - density, 0.0) * area_m2 / slope < 30 and not math.isnan(density):
            base += 1
    return base
