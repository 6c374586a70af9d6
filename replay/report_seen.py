"""Everything a report page is made from, joined once: incidents, events, curves, places, times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from replay.chart_curves import Curve
from replay.labels import find, meets, within
from replay.sweep import spans_of
from stream.states import BLIND, MISSING

if TYPE_CHECKING:
    from alerts.summary import Episode
    from geo.city import City
    from replay.curves import Curves
    from replay.feed import Feed
    from replay.labels import Found, Label, Span
    from replay.report import BacktestReport, Course
    from stream.settings import Settings

__all__ = ["Seen"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """A finished backtest."""

    report: BacktestReport
    course: Course
    settings: Settings
    city: City
    feed: Feed
    curves: Curves
    episodes: tuple[Episode, ...]
    labels: tuple[Label, ...]

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which people read times."""
        return ZoneInfo(self.settings.calendar.tz)

    @property
    def weeks(self) -> float:
        """Weeks of the whole run."""
        return max(self.course.last_hop_ms - self.course.begin_ms, 1) / 604_800_000

    @property
    def spans(self) -> tuple[Span, ...]:
        """The incidents as the join sees them, in the order of `episodes`."""
        return spans_of(self.episodes, end_ms=self.course.last_hop_ms)

    def found(self) -> tuple[Found, ...]:
        """Return what became of each event in the span, by start."""
        course = self.course
        inside, _ = within(self.labels, begin_ms=course.begin_ms, end_ms=course.last_hop_ms)
        return find(inside, self.spans, tiles_of=course.tiles_of, lateness_ms=course.lateness_ms)

    def false_alarms(self) -> list[tuple[Episode, Span]]:
        """Return incidents that met no label, the worst first; without labels: all."""
        off = [
            (one, span)
            for one, span in zip(self.episodes, self.spans, strict=True)
            if not any(meets(label, span, self.course.tiles_of) for label in self.labels)
        ]
        return sorted(
            off,
            key=lambda pair: (-pair[0].level_max, -(pair[0].score_max or 0.0), pair[0].opened_ms),
        )

    def places(self, cell: str | None) -> list[int]:
        """Return where the tiles of a labelled cell stand among the followed; None: all stand."""
        if cell is None:
            return list(range(len(self.curves.tiles)))
        tiles = sorted(self.course.tiles_of.get(cell, ()))
        return [at for tile in tiles if (at := self.curves.place(tile)) is not None]

    def curve(self, place: int, begin_ms: int, end_ms: int) -> Curve | None:
        """Return what a followed tile showed between two times; None: fewer than two hops."""
        hops = self.curves.read()
        first, last = np.searchsorted(hops["hop_ms"], [begin_ms, end_ms])
        part = hops[first : last + 1]
        if len(part) < 2:  # noqa: PLR2004 - a line needs two points
            return None
        tile = part["tile"][:, place]
        number = int(self.curves.tiles[place])
        return Curve(
            hop_ms=np.array(part["hop_ms"]),
            people=tile["people"],
            expected=tile["expected"],
            spread=tile["spread"],
            score=tile["score"],
            threshold=np.array(part["threshold"]),
            seen=(tile["state"] != MISSING) & (tile["state"] != BLIND),
            alerts=tuple(
                (max(span.opened_ms, begin_ms), min(span.closed_ms, end_ms), one.level_max)
                for one, span in zip(self.episodes, self.spans, strict=True)
                if number in span.tiles and span.opened_ms < end_ms and span.closed_ms > begin_ms
            ),
        )
