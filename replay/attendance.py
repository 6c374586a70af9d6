"""The match attendance estimate: a straight line through the peaks of earlier match days.

Activity at the stadium is no count of people, but its peak of the evening grows with the number
of them (after Botta, Moat and Preis, 2015, Royal Society Open Science 2, 150162). With three
earlier matches a line is all one may draw, and whoever shows it says so.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from replay.badrow import FeedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from replay.feed import Feed

__all__ = ["AROUND_MS", "Line", "Match", "match_peaks", "read_matches"]

AROUND_MS: Final = 3 * 3_600_000
"""A match day's peak is looked for from this long before the kick-off to as long after it."""

LEAST: Final = 70.0  # below it the line would run on under all that it was drawn through
POINTS_MIN: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One match. kickoff_ms, whistle_ms: epoch ms, the whistle being the final one."""

    name: str
    kickoff_ms: int
    whistle_ms: int
    attendance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """attendance = people + people_per_unit x peak activity.

    points: how many matches it was drawn through. least: no estimate for a peak below it.
    """

    people: float
    people_per_unit: float
    points: int
    least: float = LEAST

    @classmethod
    def through(cls, points: Sequence[tuple[float, float]]) -> Self:
        """Return the least-squares line through (peak, attendance).

        Raises ValueError where the points do not make a line.

        >>> Line.through([(100.0, 40_000.0), (200.0, 48_000.0)]).estimate(150.0)
        44000
        """
        peaks = [peak for peak, _ in points]
        if len(set(peaks)) < POINTS_MIN:
            raise ValueError(f"{len(points)} matches with equal peaks make no line")
        mean_peak = sum(peaks) / len(points)
        mean_people = sum(people for _, people in points) / len(points)
        sxx = sum((peak - mean_peak) * (peak - mean_peak) for peak in peaks)
        sxy = sum((peak - mean_peak) * (people - mean_people) for peak, people in points)
        slope = sxy / sxx
        return cls(
            people=mean_people - slope * mean_peak, people_per_unit=slope, points=len(points)
        )

    def estimate(self, peak: float | None) -> int | None:
        """Return the attendance to the nearest hundred; None where the line says nothing."""
        if peak is None or not peak >= self.least:
            return None
        return round((self.people + self.people_per_unit * peak) / 100) * 100


def read_matches(path: Path) -> list[Match]:
    """Read the matches file of a sample, in order of kick-off."""
    with path.open(encoding="utf-8", newline="") as file:
        matches = [
            Match(
                name=row["name"],
                kickoff_ms=_epoch_ms(row["kickoff"]),
                whistle_ms=_epoch_ms(row["final_whistle"]),
                attendance=int(row["attendance"]),
            )
            for row in csv.DictReader(file)
        ]
    return sorted(matches, key=lambda match: match.kickoff_ms)


def match_peaks(feed: Feed, cell: str, matches: Sequence[Match]) -> list[tuple[float, float]]:
    """Return (peak activity of the cell, attendance) of each match.

    Raises FeedError for a match of which the feed holds no reading of this cell.
    """
    here = feed.cell == feed.cells.index(cell)
    end_ms = (feed.start_ms + feed.period_ms)[here]
    counts = feed.count[here]
    peaks = []
    for match in matches:
        near = np.abs(end_ms - match.kickoff_ms) <= AROUND_MS
        known = counts[near & ~np.isnan(counts)]
        if not known.size:
            raise FeedError(f"{feed.name}: no reading of {cell} at {match.name}")
        peaks.append((float(known.max()), float(match.attendance)))
    return peaks


def _epoch_ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
