"""The block stage run once and kept on a tape; then the incident stage alone for every budget.

Theory of operation. Scores do not depend on the budget, only the incident stage does. So the
records of the detections topic are written down in one pass of the offline engine, and each
budget of a sweep replays them into a fresh incident machine. A test holds this against a whole
backtest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from typing_extensions import override

from replay.engine import Engine
from replay.labels import Span
from stream.incident import IncidentMachine
from stream.machine import Delivered, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.summary import Episode
    from alerts.table import IncidentTable
    from geo.city import City
    from replay.log import LogRecord
    from stream.incident_state import HopJoined
    from stream.settings import Settings

__all__ = ["Heard", "Tape", "hear", "record"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tape:
    """All records of the detections topic of one run, and what is needed to replay them.

    begin_ms, end_ms: begin of the first hop and end of the last one.
    """

    settings: Settings
    city: City
    records: tuple[Delivered, ...]
    begin_ms: int
    end_ms: int

    @property
    def tiles(self) -> int:
        """How many tiles share the budget of the desk."""
        return len(self.city.grid.tile_ids)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heard:
    """What one budget makes of a tape.

    incidents: by opening, each on all tiles it ever stood on. tiles: the same tile by tile, runs
    of hops with a level: stricter where an incident wanders over many tiles.
    """

    incidents: tuple[Span, ...]
    tiles: tuple[Span, ...]


class _Recorder(IncidentMachine):
    """An incident stage that only writes down what it is sent."""

    def __init__(self, settings: Settings, city: City) -> None:
        super().__init__(settings, city)
        self.taken: list[Delivered] = []

    @override
    def step(self, record: Delivered) -> Step:
        self.taken.append(record)
        return Step()


class _Recording(Engine):
    """The offline engine without its last stage."""

    def __init__(self, settings: Settings, city: City) -> None:
        super().__init__(settings, city)
        self.recorder = _Recorder(settings, city)
        self.incident = self.recorder


def record(settings: Settings, city: City, log: Iterable[LogRecord]) -> Tape:
    """Run gateway and block stage over a log, written down.

    settings: as `replay.engine.offline` returns them.
    """
    engine = _Recording(settings, city)
    for each in log:
        engine.feed(each)
        engine.published.clear()
    taken = tuple(engine.recorder.taken)
    machine = IncidentMachine(settings, city)
    first_ms = -1
    for one in taken:
        machine.step(one)
        if first_ms < 0:
            first_ms = machine.state.closed_hop_ms
    if first_ms < 0:
        raise ValueError("the log closed no hop")
    return Tape(
        settings=settings,
        city=city,
        records=taken,
        begin_ms=first_ms - settings.hop_ms,
        end_ms=machine.state.closed_hop_ms,
    )


def hear(tape: Tape, *, per_day: float) -> Heard:
    """Replay a tape under a budget of false alarms a day."""
    alerts = msgspec.structs.replace(tape.settings.alerts, false_alarms_per_day=per_day)
    settings = msgspec.structs.replace(tape.settings, alerts=alerts)
    runs = _TileRuns()
    machine = IncidentMachine(settings, tape.city, on_hop=runs.hop)
    known: dict[str, Episode] = {}
    for one in tape.records:
        if machine.step(one).out:
            # Whoever was told of is in the table now; later the table may forget it.
            known.update((each.incident, each) for each in machine.table.episodes())
    known.update((each.incident, each) for each in machine.table.episodes())
    episodes = sorted(known.values(), key=lambda each: (each.opened_ms, each.incident))
    return Heard(
        incidents=tuple(_span(each, tape.end_ms) for each in episodes), tiles=tuple(runs.ended())
    )


class _TileRuns:
    """Runs of hops for which a tile kept a level, each a span of its own."""

    def __init__(self) -> None:
        self._open: dict[int, list[int]] = {}  # tile: first and last hop
        self._ended: list[Span] = []

    def hop(self, hop: HopJoined, table: IncidentTable) -> None:
        """Take the levels of one hop."""
        tile, level = table.levels()
        alarmed = set(tile[level > 0].tolist())
        for gone in sorted(self._open.keys() - alarmed):
            self._end(gone)
        for one in sorted(alarmed):
            self._open.setdefault(one, [hop.hop_ms, 0])[1] = hop.hop_ms

    def ended(self) -> list[Span]:
        """Return all runs; those still open end with the tape."""
        for tile in sorted(self._open):
            self._end(tile)
        return self._ended

    def _end(self, tile: int) -> None:
        opened_ms, closed_ms = self._open.pop(tile)
        self._ended.append(
            Span(
                incident=f"{tile}/{opened_ms}",
                opened_ms=opened_ms,
                closed_ms=closed_ms,
                tiles=frozenset({tile}),
            )
        )


def _span(one: Episode, end_ms: int) -> Span:
    return Span(
        incident=one.incident,
        opened_ms=one.opened_ms,
        closed_ms=one.ended_ms or end_ms,
        tiles=frozenset(one.tiles.tolist()),
    )
