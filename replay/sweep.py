"""The trade-off of a budget: what other budgets would have found, and at how many false alarms.

Theory of operation. Scores do not depend on the budget, only the incident stage does. So what
that stage read in one run of the engine is kept on a tape, and each budget of a sweep replays the
tape into a fresh stage. The labels are looked at only afterwards, never to choose a threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from alerts.direction import Direction
from replay.labels import Span, find, off_list
from replay.warm_start import remember_budgets
from stream.incident import IncidentMachine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from alerts.summary import Episode
    from alerts.table import IncidentTable
    from geo.city import City
    from replay.labels import Label
    from replay.memory import Memory
    from stream.incident_state import HopJoined
    from stream.machine import Delivered
    from stream.settings import Settings

__all__ = ["STEPS", "Point", "Tape", "hear", "spans_of", "sweep"]

STEPS: Final = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 16.0)
"""Budgets worth trying, as multiples of the one in the settings."""

_BUDGET_MAX: Final = 1_000.0  # what the setting takes
_WEEK_MS: Final = 7 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tape:
    """All records of the detections topic of one run, and what is needed to replay them.

    settings: as `replay.engine.offline` returns them. begin_ms, end_ms: begin of the first hop
    and end of the last one. memory: what the run began with, if anything.
    """

    settings: Settings
    city: City
    records: Sequence[Delivered]
    begin_ms: int
    end_ms: int
    memory: Memory | None = None

    @property
    def tiles(self) -> int:
        """How many tiles share the budget of the desk."""
        return len(self.city.grid.tile_ids)

    @property
    def tile_weeks(self) -> float:
        """Weeks watched, times tiles where there are several."""
        return (self.end_ms - self.begin_ms) / _WEEK_MS * max(1, self.tiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One budget. per_day: false alarms allowed a day. found: numbers of the labels found.

    per_week: off-list incidents a week, and tile where there are several.
    """

    per_day: float
    found: tuple[int, ...]
    incidents: int
    off_list: int
    per_week: float


def hear(
    tape: Tape, *, per_day: float, on_hop: Callable[[HopJoined, IncidentTable], None] | None = None
) -> tuple[Span, ...]:
    """Return the incidents that a budget of false alarms a day makes of a tape, by opening.

    on_hop: looks at the stage after each hop, as of `IncidentMachine`.
    """
    alerts = msgspec.structs.replace(tape.settings.alerts, false_alarms_per_day=per_day)
    settings = msgspec.structs.replace(tape.settings, alerts=alerts)
    machine = IncidentMachine(settings, tape.city, on_hop=on_hop)
    if tape.memory is not None:
        remember_budgets(machine, tape.memory)
    known: dict[str, Episode] = {}
    for one in tape.records:
        if machine.step(one).out:
            # Whoever was told of is in the table now; later the table may forget it.
            known.update((each.incident, each) for each in machine.table.episodes())
    known.update((each.incident, each) for each in machine.table.episodes())
    episodes = sorted(known.values(), key=lambda each: (each.opened_ms, each.incident))
    return spans_of(episodes, end_ms=tape.end_ms)


def spans_of(episodes: Sequence[Episode], *, end_ms: int) -> tuple[Span, ...]:
    """Return incidents as the join with labels sees them; open ones end with the feed."""
    return tuple(
        Span(
            incident=one.incident,
            opened_ms=one.opened_ms,
            closed_ms=one.ended_ms or end_ms,
            tiles=frozenset(one.tiles.tolist()),
            rise=one.direction is Direction.RISE,
        )
        for one in episodes
    )


def sweep(
    tape: Tape,
    labels: Sequence[Label],
    *,
    tiles_of: Mapping[str, frozenset[int]],
    steps: Sequence[float] = STEPS,
    told: Callable[[float], None] = lambda _: None,
) -> tuple[Point, ...]:
    """Return what each budget makes of a tape, by rising budget.

    steps: multiples of the settings' budget. told: hears which share is done.
    """
    return tuple(_points(tape, labels, tiles_of, steps, told))


def _points(
    tape: Tape,
    labels: Sequence[Label],
    tiles_of: Mapping[str, frozenset[int]],
    steps: Sequence[float],
    told: Callable[[float], None],
) -> Iterator[Point]:
    own = tape.settings.alerts.false_alarms_per_day
    budgets = sorted({min(own * step, _BUDGET_MAX) for step in steps})
    for number, per_day in enumerate(budgets, 1):
        spans = hear(tape, per_day=per_day)
        found = find(labels, spans, tiles_of=tiles_of, lateness_ms=tape.settings.lateness_ms)
        off = off_list(labels, spans, tiles_of=tiles_of)
        yield Point(
            per_day=per_day,
            found=tuple(at for at, one in enumerate(found) if one.incident is not None),
            incidents=len(spans),
            off_list=off,
            per_week=off / tape.tile_weeks if tape.tile_weeks > 0 else 0.0,
        )
        told(number / len(budgets))
