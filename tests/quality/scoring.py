"""How incidents are held against known events; the product and its peers are counted alike.

The rules. Only what happens after the warm-up counts: events whose label begins then, incidents
that end then. Incidents of the same tiles less than an hour apart are one. An event is found by
one that touches its cell, overlaps its label and was open for at most 12 hours. One that meets no
label is off the list; such on overlapping tiles less than an hour apart are one. Every further 12
hours of anything cost one more, so that an alarm that never ends finds nothing for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Final

from replay.labels import OPEN_MS_MAX, off_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from replay.labels import Label, Span

__all__ = ["DAY_MS", "Course", "Event", "Score", "joined", "score"]

DAY_MS: Final = 86_400_000
_JOINED_MS: Final = 3_600_000
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A known event. label: its name, cell and span with grace. begin_ms: when it truly begins.

    kind: what the simulator calls it; empty elsewhere.
    """

    label: Label
    begin_ms: int
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a set is scored on.

    begin_ms, end_ms: of its hops. warm_days: before that nothing counts. tiles: that share the
    off-list rate. tiles_of: tiles of each labelled cell. lateness_ms: from the end of a hop to
    its alerts.
    """

    begin_ms: int
    end_ms: int
    warm_days: float
    tiles: int
    tiles_of: Mapping[str, frozenset[int]]
    lateness_ms: int

    @property
    def warm_ms(self) -> int:
        """When counting begins."""
        return self.begin_ms + round(self.warm_days * DAY_MS)

    @property
    def days(self) -> float:
        """Days of counting."""
        return self.tile_weeks * 7.0 / self.tiles

    @property
    def tile_weeks(self) -> float:
        """Weeks of counting, of all tiles together."""
        return (self.end_ms - self.warm_ms) / (7 * DAY_MS) * self.tiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one threshold, or one budget, reached.

    found, events: events found / counted. off: incidents off the list. rate: those a tile-week.
    runs: all incidents. delay_min: median from the true begin to being told; negative = before.
    hits: of each counted event, minutes from its begin to the opening; None = missed.
    """

    found: int
    events: int
    off: int
    rate: float
    runs: int
    delay_min: float | None
    hits: tuple[float | None, ...]

    @property
    def share(self) -> float:
        """Part of the events that was found; 0 where there are none."""
        return self.found / self.events if self.events else 0.0


def score(spans: Sequence[Span], events: Sequence[Event], course: Course) -> Score:
    """Hold incidents against the events of a set."""
    runs = [span for span in joined(spans) if span.closed_ms >= course.warm_ms]
    counted = [one for one in events if one.label.start_ms >= course.warm_ms]
    off_runs = _unlisted(runs, [one.label for one in events], course)
    off = off_list((), off_runs, tiles_of={})
    off += sum(max(run.closed_ms - run.opened_ms - 1, 0) // OPEN_MS_MAX for run in runs)
    able = _Places([run for run in runs if run.closed_ms - run.opened_ms <= OPEN_MS_MAX])
    hits = tuple(_hit(one, able, course) for one in counted)
    late_min = course.lateness_ms / _MINUTE_MS
    delays = [hit + late_min for hit in hits if hit is not None]
    return Score(
        found=len(delays),
        events=len(counted),
        off=off,
        rate=off / course.tile_weeks,
        runs=len(runs),
        delay_min=median(delays) if delays else None,
        hits=hits,
    )


def joined(spans: Sequence[Span]) -> list[Span]:
    """Return the spans in order of opening, those of the same tiles less than 1 h apart as one."""
    runs: list[Span] = []
    last: dict[frozenset[int], int] = {}
    for span in sorted(spans, key=lambda one: (one.opened_ms, one.incident)):
        at = last.get(span.tiles)
        if at is not None and span.opened_ms - runs[at].closed_ms < _JOINED_MS:
            runs[at] = replace(runs[at], closed_ms=max(runs[at].closed_ms, span.closed_ms))
        else:
            last[span.tiles] = len(runs)
            runs.append(span)
    return runs


class _Places:
    """Runs by tile, so that a label asks only those near it."""

    def __init__(self, runs: Sequence[Span]) -> None:
        self._all = list(runs)
        self._of: dict[int, list[Span]] = {}
        for run in runs:
            for tile in run.tiles:
                self._of.setdefault(tile, []).append(run)

    def near(self, label: Label, course: Course) -> list[Span]:
        """Return the runs that overlap a label on its cell, in order of opening."""
        runs = self._all
        if label.cell is not None:
            tiles = course.tiles_of.get(label.cell, frozenset())
            one_of_each = {run.incident: run for tile in tiles for run in self._of.get(tile, ())}
            runs = sorted(one_of_each.values(), key=lambda run: (run.opened_ms, run.incident))
        return [
            run for run in runs if run.opened_ms <= label.end_ms and run.closed_ms >= label.start_ms
        ]


def _unlisted(runs: Sequence[Span], labels: Sequence[Label], course: Course) -> list[Span]:
    """Return the runs that meet no label."""
    places = _Places(runs)
    met = {run.incident for label in labels for run in places.near(label, course)}
    return [run for run in runs if run.incident not in met]


def _hit(event: Event, able: _Places, course: Course) -> float | None:
    """Return the minutes from an event's true begin to the first incident that finds it."""
    near = able.near(event.label, course)
    return (near[0].opened_ms - event.begin_ms) / _MINUTE_MS if near else None
