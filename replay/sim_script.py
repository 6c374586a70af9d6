"""What the sources of the simulator write: crowds, and everything that is wrong with real feeds.

Made before the run, from its own chance, so that the same readings meet any schedule of faults:
late and early intervals, duplicates, corrections, conflicts, withheld counts, unknown cells,
bytes that are no record, clocks that are skewed, step either way or fall silent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replay.sim_chance import Chance
    from replay.sim_world import World

__all__ = ["Planned", "last_tick", "script_of", "tick"]

SKEW_MS: Final = 4_000
"""Where ticks are checked (PROTOCOL 5), most must pass."""


def _junk(feed: str, start: object, cells: list[object], counts: list[object]) -> bytes:
    batch = {"schema": "cell-counts/1", "feed": feed, "start": start, "period_s": 60}
    return msgspec.json.encode({**batch, "cells": cells, "counts": counts})


JUNK: Final = (
    None,
    b"not a batch",
    b"",
    b'{"schema": "cell-counts/9"}',
    b'{"schema": "tick/1", "now_ms": -5}',
    _junk("a", "soon", ["c00"], [1]),
    _junk("zz", 0, ["c00", 7], [1, 2]),
    _junk("a", 7, ["c00"], [None]),
    _junk("a", 0, ["c00"], []),
    _junk("a", 60_000, ["c00", "c01"], [1, "2"]),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One record to come: true time, source partition, bytes (None: a tombstone)."""

    at_ms: int
    source: int
    value: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """People gathering on neighbouring cells, hop numbers inclusive."""

    first: int
    last: int
    cell: int
    people: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """People who leave neighbouring cells at a stroke, hop numbers inclusive.

    left: share that stays.
    """

    first: int
    last: int
    cell: int
    left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch as an operator would send it."""

    feed: str
    start: int
    period_s: int
    cells: list[Any]
    counts: list[Any]
    seq: int = 0
    schema: str = "cell-counts/1"


def script_of(chance: Chance, world: World) -> list[Planned]:
    """Return what all sources write, by true time; now and then all fall silent for a while."""
    planned = [*_readings(chance, world)]
    for source in range(world.sources):
        planned += _ticks(chance, world, source)
    for _ in range(chance.randrange(6)):
        at_ms = world.begin_ms + chance.randrange(world.shape.hops * world.settings.hop_ms)
        source = chance.randrange(world.sources)
        planned.append(Planned(at_ms=at_ms, source=source, value=chance.choice(JUNK)))
    if chance.hits(0.3):
        silent = _span(chance, world)
        planned = [one for one in planned if _hop_at(world, one.at_ms) not in silent]
    return sorted(planned, key=lambda one: (one.at_ms, one.source, one.value or b""))


def last_tick(world: World, newest_ms: int) -> int:
    """Return the time after which every reading has acted and every hop it acts on is closed."""
    after_ms = world.settings.lateness_ms + world.settings.time.future_s * 1000
    return newest_ms + after_ms + 4 * world.settings.hop_ms


def tick(now_ms: int) -> bytes:
    """Return a tick."""
    return msgspec.json.encode({"schema": "tick/1", "now_ms": now_ms})


def _hop_at(world: World, at_ms: int) -> int:
    return (at_ms - world.begin_ms) // world.settings.hop_ms


def _readings(chance: Chance, world: World) -> Iterator[Planned]:
    crowds = _crowds(chance, world)
    flights = _flights(chance, world) if world.settings.detectors.has_drops else []
    for name, period_s in world.shape.feeds:
        feed = world.settings.feeds[name]
        begin_ms = world.begin_ms + feed.phase_s * 1000
        silent = _span(chance, world) if chance.hits(0.3) else range(0)
        for number in range(world.shape.hops * world.shape.hop_s // period_s):
            start_ms = begin_ms + number * period_s * 1000
            hop = _hop_at(world, start_ms)
            if hop in silent:
                continue
            cells = [cell for cell in world.city.cells if chance.hits(0.96)]
            chance.shuffle(cells)
            cut = chance.randrange(len(cells) + 1)
            for part in (cells[:cut], cells[cut:]):
                counts = [_count(chance, crowds, flights, hop, int(cell[1:])) for cell in part]
                batch = Batch(
                    feed=name, start=start_ms, period_s=period_s, cells=[*part], counts=counts
                )
                yield from _sent(chance, world, batch)


def _crowds(chance: Chance, world: World) -> list[Crowd]:
    crowds = []
    for _ in range(chance.randrange(2, 5)):
        first = chance.randrange(world.shape.hops)
        crowds.append(
            Crowd(
                first=first,
                last=first + chance.randrange(3, 14),
                cell=chance.randrange(len(world.city.cells)),
                people=chance.choice((400.0, 900.0, 1400.0, 2100.0)),
            )
        )
    return crowds


def _flights(chance: Chance, world: World) -> list[Flight]:
    flights = []
    for _ in range(chance.randrange(1, 4)):
        # Late enough for something to be usual there.
        first = chance.randrange(world.shape.hops // 3, world.shape.hops)
        flights.append(
            Flight(
                first=first,
                last=first + chance.randrange(2, 8),
                cell=chance.randrange(len(world.city.cells)),
                left=chance.choice((0.0, 0.1, 0.25, 0.4)),
            )
        )
    return flights


def _count(
    chance: Chance, crowds: list[Crowd], flights: list[Flight], hop: int, cell: int
) -> float | None:
    """Return the people in a cell; None where withheld."""
    people = 60.0 + 12.0 * cell + chance.randrange(12)
    for crowd in crowds:
        if crowd.first <= hop <= crowd.last and cell - crowd.cell in {0, 1, 2}:
            rise = min(hop - crowd.first + 1, crowd.last - hop + 1, 3) / 3
            people += round(crowd.people * rise * (1.0, 0.8, 0.5)[cell - crowd.cell])
    for flight in flights:
        if flight.first <= hop <= flight.last and cell - flight.cell in {0, 1}:
            people = round(people * flight.left)
    return None if chance.hits(0.03) else people


def _sent(chance: Chance, world: World, batch: Batch) -> Iterator[Planned]:
    """Yield a batch as it is sent: perhaps late or early, again, corrected, contradicted."""
    hop_ms = world.settings.hop_ms
    end_ms = batch.start + batch.period_s * 1000
    if chance.hits(0.75):
        delay_ms = chance.randrange(world.settings.lateness_ms)
    elif chance.hits(0.84):
        delay_ms = chance.randrange(4 * hop_ms)
    else:
        delay_ms = -chance.randrange(5 * hop_ms)
    versions = [_spoilt(chance, batch)]
    if chance.hits(0.12):
        versions.append(batch)
    if chance.hits(0.12):
        versions.append(_changed(chance, batch, seq=batch.seq + chance.randrange(1, 3)))
    if chance.hits(0.1):
        versions.append(_changed(chance, batch, seq=batch.seq))
    for version in versions:
        yield Planned(
            at_ms=end_ms + delay_ms,
            source=chance.randrange(world.sources),
            value=msgspec.json.encode(msgspec.to_builtins(version)),
        )
        delay_ms += chance.choice((0, hop_ms // 7, hop_ms, 3 * hop_ms))


def _spoilt(chance: Chance, batch: Batch) -> Batch:
    """Return a batch, now and then with cells and counts that must be refused."""
    if chance.hits(0.94) or not batch.cells:
        return batch
    odd = chance.choice((("c99", 4), ("c00", -1), (5, 5), ("c01", "many"), ("c01", 1e9)))
    return replace(batch, cells=[*batch.cells, odd[0]], counts=[*batch.counts, odd[1]])


def _changed(chance: Chance, batch: Batch, *, seq: int) -> Batch:
    """Return other counts for some of a batch's cells."""
    kept = [i for i in range(len(batch.cells)) if chance.hits(0.7)]
    counts = [
        None if chance.hits(0.1) else (batch.counts[i] or 0.0) + chance.randrange(400) for i in kept
    ]
    return replace(batch, cells=[batch.cells[i] for i in kept], counts=counts, seq=seq)


def _span(chance: Chance, world: World) -> range:
    """Return some hop numbers of silence."""
    first = chance.randrange(world.shape.hops)
    return range(first, first + chance.randrange(2, 4 if world.is_long else 9))


def _ticks(chance: Chance, world: World, source: int) -> Iterator[Planned]:
    """Yield the ticks of one source: skewed, stepping, and silent where it has no owner."""
    hop_ms, shape = world.settings.hop_ms, world.shape
    checked = world.settings.time.ticks == "worker"
    skew_ms = (
        chance.randrange(-SKEW_MS, SKEW_MS) if checked else chance.randrange(-hop_ms, hop_ms) // 2
    )
    at_ms = world.begin_ms + chance.randrange(-2 * hop_ms, 2 * hop_ms)
    silent = _span(chance, world) if chance.hits(0.5) else range(0)
    while at_ms < world.begin_ms + (shape.hops + 2) * hop_ms:
        if _hop_at(world, at_ms) not in silent:
            now_ms = max(at_ms + skew_ms, 0) // 1000 * 1000
            yield Planned(at_ms=at_ms, source=source, value=tick(now_ms))
        if chance.hits(0.06):
            skew_ms += chance.randrange(-hop_ms, hop_ms + hop_ms // 2)
        if checked and abs(skew_ms) > SKEW_MS and chance.hits(0.5):
            skew_ms = chance.randrange(-SKEW_MS, SKEW_MS)
        at_ms += chance.randrange(hop_ms // 4, hop_ms)
