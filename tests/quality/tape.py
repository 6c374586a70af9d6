"""The block stage run once and kept on a tape; then the incident stage alone for every budget.

The replay is the product's (`replay.sweep`); here the tape is written without an incident stage,
and what is heard is kept tile by tile, too. A test holds this against a whole backtest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import override

from replay import sweep
from replay.engine import Engine
from replay.labels import Span
from replay.sweep import Tape
from stream.incident import IncidentMachine
from stream.machine import Delivered, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.table import IncidentTable
    from geo.city import City
    from replay.log import LogRecord
    from stream.incident_state import HopJoined
    from stream.settings import Settings

__all__ = ["Heard", "hear", "record"]


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
    runs = _TileRuns()
    incidents = sweep.hear(tape, per_day=per_day, on_hop=runs.hop)
    return Heard(incidents=incidents, tiles=tuple(runs.ended()))


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
