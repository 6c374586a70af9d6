"""Two settings over one feed, side by side, so that each can be asked why the other raised.

Where only the incident stage differs, the block stage runs once and two incident stages read its
records; else two engines take the same log in step. Only where the hops themselves differ do the
two run one after the other, and then neither can say what the other missed at a hop.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from typing_extensions import override

from replay.engine import Engine
from replay.log import input_log, log_span
from replay.whatif_side import Side
from stream.block_spec import block_spec
from stream.incident import IncidentMachine

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo.city import City
    from replay.feed import Feed
    from replay.log import LogRecord
    from replay.progress import Progress
    from stream.block_state import BlockState, HopSeen
    from stream.incident_state import HopJoined
    from stream.machine import Delivered, Outgoing, Step
    from stream.settings import Settings

__all__ = ["run_both", "same_blocks"]

# The hash says that settings differ, not what the stage does; a calendar is its settings.
_ASIDE: Final = {"settings_hash", "calendar"}


def run_both(
    feed: Feed, city: City, base: Settings, other: Settings, *, progress: Progress | None
) -> tuple[Side, Side]:
    """Run a feed under two settings; partition counts must be those of `offline`."""
    sides = Side(base, city), Side(other, city)
    if (base.hop_ms, base.lateness_ms) != (other.hop_ms, other.lateness_ms):
        for number, side in enumerate(sides):
            _one(feed, city, side, tell=_told(progress, part=number, parts=2))
    elif same_blocks(base, other, city):
        _log(feed, base, _twin(city, *sides), tell=_told(progress))
    else:
        _log(feed, base, _pair(city, *sides), tell=_told(progress))
    if progress is not None:
        progress.done()
    return sides


def same_blocks(base: Settings, other: Settings, city: City) -> bool:
    """Tell whether the block stage does the same under both settings, bit for bit."""
    if base.calendar != other.calendar:
        return False
    one, two = block_spec(base, city), block_spec(other, city)
    names = [field.name for field in fields(one) if field.name not in _ASIDE]
    return all(_equal(getattr(one, name), getattr(two, name)) for name in names)


def _equal(one: object, two: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(two, np.ndarray):
        return np.array_equal(one, two)
    return bool(one == two)


def _log(
    feed: Feed,
    settings: Settings,
    take: Callable[[LogRecord], None],
    *,
    tell: Callable[[float], None],
) -> None:
    hop_ms, lateness_ms = settings.hop_ms, settings.lateness_ms
    first_ms, last_ms = log_span(feed, hop_ms=hop_ms, lateness_ms=lateness_ms)
    for record in input_log(feed, hop_ms=hop_ms, lateness_ms=lateness_ms):
        take(record)
        if record.is_tick:
            tell((record.at_ms - first_ms) / max(last_ms - first_ms, 1))


def _told(progress: Progress | None, *, part: int = 0, parts: int = 1) -> Callable[[float], None]:
    def tell(share: float) -> None:
        if progress is not None:
            progress.at((part + share) / parts)

    return tell


def _one(feed: Feed, city: City, side: Side, *, tell: Callable[[float], None]) -> None:
    engine = Engine(side.settings, city, watch=side)

    def take(record: LogRecord) -> None:
        engine.feed(record)
        side.published(engine.published)
        engine.published.clear()
        side.forget()

    _log(feed, side.settings, take, tell=tell)


def _pair(city: City, one: Side, two: Side) -> Callable[[LogRecord], None]:
    """Return what feeds one record to an engine of each side."""
    engines = [(side, Engine(side.settings, city, watch=side)) for side in (one, two)]

    def take(record: LogRecord) -> None:
        for side, engine in engines:
            engine.feed(record)
            side.published(engine.published)
            engine.published.clear()
        _compare(one, two)

    return take


def _twin(city: City, one: Side, two: Side) -> Callable[[LogRecord], None]:
    """Return what feeds one record to one engine whose hops two incident stages read."""
    engine = Engine(one.settings, city, watch=_Both(one, two))
    twin = _Twin(one, two, city)
    engine.incident = twin

    def take(record: LogRecord) -> None:
        engine.feed(record)
        one.published(engine.published)
        two.published(twin.more)
        engine.published.clear()
        twin.more.clear()
        _compare(one, two)

    return take


class _Both:
    """Shows both sides what the block stage saw; what is decided, each stage tells its own side."""

    def __init__(self, one: Side, two: Side) -> None:
        self._one, self._two = one, two

    def saw(self, state: BlockState, seen: HopSeen) -> None:
        self._one.saw(state, seen)
        self._two.saw(state, seen)

    def decided(self, hop: HopJoined, machine: IncidentMachine) -> None:
        self._one.decided(hop, machine)


class _Twin(IncidentMachine):
    """An incident stage that hands every record to a second one, too. more: what that one says."""

    def __init__(self, one: Side, two: Side, city: City) -> None:
        super().__init__(one.settings, city, on_hop=lambda hop, _: one.decided(hop, self))
        self.more: list[Outgoing] = []
        self._second = IncidentMachine(
            two.settings, city, on_hop=lambda hop, _: two.decided(hop, self._second)
        )

    @override
    def step(self, record: Delivered) -> Step:
        step = super().step(record)
        self.more += self._second.step(record).out
        return step


def _compare(one: Side, two: Side) -> None:
    """Ask each side what it made of the places where the other one opened an incident."""
    for side, facing in ((one, two), (two, one)):
        for incident in side.fresh:
            opening = side.openings[incident]
            there = facing.nearest(opening.hop_ms, opening.tile)
            side.openings[incident] = replace(opening, there=there)
    one.forget()
    two.forget()
