"""A labelled set: counts, ground, settings and what is known to have happened, ready to be run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np

from geo.city import city_of
from geo.footprint import Squares
from replay.engine import offline
from stream.settings_load import read
from tests.quality.arrays import Rhythm, array_log
from tests.quality.scoring import Course
from tests.quality.tape import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from geo.city import City
    from replay.log import LogRecord
    from replay.sweep import Tape
    from stream.settings import Loaded, Settings
    from tests.quality.scoring import Event

__all__ = [
    "WIDE_M2",
    "Ask",
    "Counts",
    "LabelledSet",
    "array_set",
    "course_of",
    "ground",
    "loaded",
    "taped",
]

# Areas are nominal. So wide a tile keeps the density ladder out of it: judged is the usual.
WIDE_M2: Final = 10_000_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What must be reached: events found at an off-list rate a tile-week.

    least: their number, or their part where `share`; None = nothing was asked. lab: what the
    laboratory reached, in words. warm_days: instead of the set's own.
    """

    rate: float
    least: float | None
    lab: str = "-"
    share: bool = False
    warm_days: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """Counts as the peers take them: shape (hops, cells), NaN = none came or none was told.

    cells: names of the columns. start_ms: begin of each interval, shape (hops,). tz: of the local
    clock that people live by.
    """

    cells: tuple[str, ...]
    start_ms: NDArray[np.int64]
    period_ms: int
    count: NDArray[np.float64]
    tz: str

    def slot_of_week(self, slot_min: int = 30) -> NDArray[np.int64]:
        """Return the slot of the local week of each interval, from Monday 00:00."""
        zone = ZoneInfo(self.tz)
        local = [datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone) for ms in self.start_ms]
        minute = [(at.weekday() * 24 + at.hour) * 60 + at.minute for at in local]
        return np.array(minute, np.int64) // slot_min


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledSet:
    """One set, not yet run.

    settings: as the offline engine takes them. log: makes the input log anew at each call.
    counts: for the peers; None = they are not run on it. asks: what must be reached.
    rates: budgets swept, a tile-week.
    """

    name: str
    settings: Settings
    city: City
    log: Callable[[], Iterable[LogRecord]]
    events: tuple[Event, ...]
    counts: Counts | None
    warm_days: float
    asks: tuple[Ask, ...]
    rates: tuple[float, ...]


def loaded(tz: str, country: str, *more: str) -> Loaded:
    """Return settings with a calendar; no excess is too small, as the unit may be anything."""
    sets = [f"calendar.tz={tz}", f"calendar.country={country}", "alerts.min_people=0", *more]
    return read(None, env={}, sets=sets)


def ground(cells: Sequence[str], places: Sequence[tuple[int, int]] | None = None) -> City:
    """Return the ground of cells that are their own tiles; places: row and column of each."""
    order = sorted(range(len(cells)), key=lambda index: cells[index])
    spot = np.full((len(cells), 2), -1, np.int32) if places is None else np.array(places, np.int32)
    squares = Squares(
        cells=tuple(cells[index] for index in order),
        area_m2=np.full(len(cells), WIDE_M2),
        row=spot[order, 0],
        col=spot[order, 1],
        names=(None,) * len(cells),
    )
    return city_of(squares, file="made", side_m=100.0, walkable_share=1.0)


def taped(one: LabelledSet) -> Tape:
    """Run the block stage over a set."""
    return record(one.settings, one.city, one.log())


def course_of(one: LabelledSet, tape: Tape, *, warm_days: float | None = None) -> Course:
    """Return what incidents of a set are scored on."""
    cells = {event.label.cell for event in one.events if event.label.cell is not None}
    index = one.city.cell_index
    return Course(
        begin_ms=tape.begin_ms,
        end_ms=tape.end_ms,
        warm_days=one.warm_days if warm_days is None else warm_days,
        tiles=tape.tiles,
        tiles_of={
            cell: frozenset(one.city.tiles_of(np.array([index[cell]])).tolist())
            for cell in sorted(cells)
        },
        lateness_ms=one.settings.lateness_ms,
    )


def array_set(
    name: str,
    counts: Counts,
    *,
    places: Sequence[tuple[int, int]] | None,
    loaded: Loaded,
    feed: str,
    events: Sequence[Event] = (),
    asks: Sequence[Ask] = (),
    rates: Sequence[float] = (),
    warm_days: float = 14.0,
    peers: bool = True,
) -> LabelledSet:
    """Return a set whose counts lie in arrays.

    loaded: settings that register `feed`. peers: whether they are run on it.
    """
    settings = offline(loaded.settings)
    rhythm = Rhythm(
        start_ms=int(counts.start_ms[0]),
        period_ms=counts.period_ms,
        lateness_ms=settings.lateness_ms,
    )
    names = list(counts.cells)
    return LabelledSet(
        name=name,
        settings=settings,
        city=ground(counts.cells, places),
        log=lambda: array_log(counts.count, names, rhythm, feed=feed),
        events=tuple(events),
        counts=counts if peers else None,
        warm_days=warm_days,
        asks=tuple(asks),
        rates=tuple(rates),
    )
