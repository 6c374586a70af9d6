"""New cells come weekly: the grid and its state stay, and no alert differs for the restart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geo.version import BEGINNING_MS, Version
from replay.engine import Engine
from stream.block import BlockMachine
from stream.gateway import Gateway
from stream.incident import IncidentMachine
from stream.machine import Delivered, SnapshotError
from stream.readings import FATES
from stream.topics import Topic
from tests.laws.crowds import HOP_S, START_MS, discs, log, settings
from tests.laws.next_week import Known, cover
from tests.laws.next_week import pack_of_versions as pack
from tests.laws.test_equality import alerts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo.city import City
    from stream.machine import Outgoing

HOPS = 110
RESTART, SWITCH = 40, 60
HOP_MS = HOP_S * 1000
COMING = {"c01", "c10", "c16"}
"""Not there at first; they sort between the others, so that every number changes."""


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return discs(tmp_path_factory.mktemp("city"))


def before(town: City) -> City:
    return pack(town, (BEGINNING_MS, set(town.cells) - COMING, {}))


def after(town: City, since_ms: int = START_MS + SWITCH * HOP_MS) -> City:
    """Return the next pack: cells come, c02 goes, c05 moves."""
    first: Known = (BEGINNING_MS, set(town.cells) - COMING, {})
    return pack(town, first, (since_ms, set(town.cells) - {"c02"}, {"c05": "c06"}))


def saved(machine: BlockMachine | IncidentMachine) -> dict[str, bytes]:
    snapshot = machine.snapshot()
    return {entry.key: entry.value for entry in (*snapshot.slots, *snapshot.hot)}


def moved_over(engine: Engine, city: City, *, blocks: int) -> None:
    """Stop all workers, and start them again on another pack."""
    shape = settings(blocks=blocks)
    kept: dict[str, bytes] = {}
    for old in engine.blocks:
        kept |= saved(old)
    kept |= saved(engine.incident)
    new = [BlockMachine(shape, city, p, density=False) for p in range(blocks)]
    incident = IncidentMachine(shape, city)
    for machine in new:
        machine.load(kept)
    incident.load(kept)
    engine.blocks, engine.incident = new, incident
    engine._gateways = [Gateway(shape, city, 0)]  # noqa: SLF001 - a host swaps all stages at once


def fed(engine: Engine, records: Iterable[object]) -> Engine:
    for record in records:
        engine.feed(record)  # type: ignore[arg-type]  # records of `log`
    return engine


@pytest.mark.parametrize("blocks", [1, 3])
def test_a_pack_with_new_cells_gives_the_alerts_it_would_always_have_given(
    town: City, blocks: int
) -> None:
    records = list(log(hops=HOPS))
    ticks = [at for at, record in enumerate(records) if record.is_tick]
    cut = ticks[RESTART] + 2  # in the middle of a hop: readings wait
    whole = fed(Engine(settings(), after(town)), records)
    engine = fed(Engine(settings(blocks=blocks), before(town)), records[:cut])
    moved_over(engine, after(town), blocks=blocks)
    fed(engine, records[cut:])
    assert alerts(engine) == alerts(whole) != []
    assert alerts(fed(Engine(settings(), before(town)), records)) != alerts(whole)


def test_a_version_that_does_not_lie_ahead_is_refused(town: City) -> None:
    records = list(log(hops=RESTART))
    engine = fed(Engine(settings(), before(town)), records)
    closed_ms = START_MS + RESTART * HOP_MS
    for since_ms in (closed_ms - HOP_MS, closed_ms - 5 * HOP_MS):
        with pytest.raises(SnapshotError, match=r"needs a valid_from that lies ahead, at 2026-09-"):
            moved_over(engine, after(town, since_ms), blocks=1)
    moved_over(engine, after(town, closed_ms), blocks=1)


def test_another_grid_is_refused_and_told_how_to_go_on(town: City) -> None:
    engine = fed(Engine(settings(), before(town)), log(hops=3))
    other = replace(before(town), digest="0" * 64)
    with pytest.raises(SnapshotError, match=r"ground hash is .*another grid begins anew"):
        moved_over(engine, other, blocks=1)


def on_the_way(city: City, records: Iterable[object]) -> list[Delivered]:
    """Return what the gateway of a city writes of some records, with offsets to come."""
    gateway = Gateway(settings(), city, 0)
    out: list[Outgoing] = []
    for at, record in enumerate(records):
        came = Delivered(
            partition=0,
            offset=10_000 + at,
            timestamp_ms=0,
            key=None,
            value=record.value,  # type: ignore[attr-defined]
        )
        out += gateway.step(came).out
    return [
        Delivered(partition=0, offset=20_000 + at, timestamp_ms=0, key=None, value=one.value)
        for at, one in enumerate(out)
        if one.topic is Topic.READINGS
    ]


def test_readings_on_their_way_keep_their_cells_under_another_register(town: City) -> None:
    """Numbered by the old pack, read under the new one: as if numbered by the new one."""
    records = list(log(hops=RESTART + 6))
    ticks = [at for at, record in enumerate(records) if record.is_tick]
    cut = ticks[RESTART] + 1
    machine = fed(Engine(settings(), before(town)), records[:cut]).blocks[0]
    kept, newest = saved(machine), []
    for city in (before(town), after(town)):
        new = BlockMachine(settings(), after(town), 0, density=False)
        new.load(kept)
        for record in on_the_way(city, records[cut:]):
            new.step(record)
        (state,) = new.states
        names = [after(town).cells[cell] for cell in state.layout.entry_cell.tolist()]
        there = [name not in COMING for name in names]
        newest.append(state.readings.newest[:, there].tolist())
        assert (state.readings.newest[0][there] > 0).any()
    assert newest[0] == newest[1]


def test_every_reading_keeps_its_account_when_cells_go(town: City) -> None:
    """Also those that waited, or were on their way, when their cell went."""
    records = list(log(hops=RESTART))
    cut = [at for at, record in enumerate(records) if record.is_tick][-2] + 3
    old = pack(town, (BEGINNING_MS, set(town.cells), {}))
    gone = pack(town, (BEGINNING_MS, set(town.cells), {}), (START_MS * 2, {"c03"}, {}))
    assert gone.digest == old.digest
    machine = fed(Engine(settings(), old), records[:cut]).blocks[0]
    kept, waited = saved(machine), machine.waiting
    assert waited > 0
    plain = sum(machine.account()[("cmcc", fate)] for fate in FATES)
    less = replace(pack(town, (BEGINNING_MS, set(town.cells) - {"c04", "c11"}, {})), versions=())
    less = replace(less, versions=_as_before(old, town, less.cells))
    new = BlockMachine(settings(), less, 0, density=False)
    new.load(kept)
    coming = on_the_way(old, records[cut:])
    for record in coming:
        new.step(record)
        machine.step(record)
    done = sum(new.account()[("cmcc", fate)] for fate in FATES) + new.waiting
    assert done == sum(machine.account()[("cmcc", fate)] for fate in FATES) + machine.waiting
    assert done > plain


def _as_before(old: City, town: City, cells: tuple[str, ...]) -> tuple[Version, ...]:
    """Return the version that acted before, in the numbers of fewer cells, under its old digest."""
    feeds = {"cmcc": cover(town, cells, set(cells), {})}
    return (Version(valid_from_ms=BEGINNING_MS, feeds=feeds, digest=old.versions[0].digest),)
