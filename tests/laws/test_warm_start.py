"""Law 2 after a warm start: neither partitions nor restarts decide anything of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from geo.version import BEGINNING_MS
from replay.engine import Engine
from replay.warm_start import entries_of, learnt, start
from stream.block import BlockMachine
from stream.incident import IncidentMachine
from tests.laws.crowds import START_MS, discs, log, settings, squares
from tests.laws.next_week import pack_of_versions as pack
from tests.laws.test_equality import Reloaded, alerts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from geo.city import City
    from replay.log import LogRecord
    from replay.memory import Memory
    from stream.machine import Machine

HOPS = 400
CUT = 300  # more than a day, so that every slot is known; a crowd comes after it
DAY_MS = 86_400_000


class Begun(Reloaded):
    """A machine that begins with entries and lives only from one snapshot to the next."""

    def __init__(self, make: Callable[[], Machine], entries: Mapping[str, bytes]) -> None:
        super().__init__(make)
        self._topic |= entries
        self._machine.load(self._topic)


@pytest.fixture(scope="module", name="town", params=[squares, discs])
def fixture_town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> City:
    city: City = request.param(tmp_path_factory.mktemp("city"))
    return city


def machines(engine: Engine) -> list[Machine]:
    """Return the machines with state, as a start has them."""
    return [*engine.blocks, engine.incident]


def halves() -> tuple[list[LogRecord], list[LogRecord]]:
    """Return the log up to the tick that closes a hop, and from that very tick on."""
    records = list(log(hops=HOPS))
    at = [number for number, record in enumerate(records) if record.is_tick][CUT]
    return records[: at + 1], records[at:]


def taught(city: City, *, counts: int = 1, blocks: int = 1) -> Memory:
    """Return what the first half teaches."""
    shape = settings(counts=counts, blocks=blocks)
    engine = Engine(shape, city)
    for record in halves()[0]:
        engine.feed(record)
    return learnt(engine, shape, city, begin_ms=START_MS)


def warm(
    city: City, memory: Memory | None, *, counts: int = 1, blocks: int = 1, restarts: bool = False
) -> list[str]:
    """Return the alerts of the second half, begun with a memory."""
    shape = settings(counts=counts, blocks=blocks)
    engine = Engine(shape, city)
    if memory is not None:
        entries = [entries_of(one) for one in start(memory, shape, city)]
        if restarts:
            makes: list[Callable[[], Machine]] = [
                lambda p=p: BlockMachine(shape, city, p, density=False)  # type: ignore[misc]
                for p in range(blocks)
            ]
            makes.append(lambda: IncidentMachine(shape, city))
            *all_blocks, incident = map(Begun, makes, entries)
            engine.blocks, engine.incident = all_blocks, incident  # type: ignore[assignment]
        else:
            for machine, one in zip(machines(engine), entries, strict=True):
                machine.load(one)
                assert machine.applied == -1
    for record in halves()[1]:
        engine.feed(record)
    return alerts(engine)


@pytest.fixture(scope="module", name="memory")
def fixture_memory(town: City) -> Memory:
    return taught(town)


def test_partitions_and_restarts_decide_nothing_after_a_warm_start(
    town: City, memory: Memory
) -> None:
    plain = warm(town, memory)
    assert plain
    assert warm(town, memory, counts=4, blocks=4) == plain
    assert warm(town, memory, restarts=True) == plain
    assert warm(town, memory, counts=3, blocks=2, restarts=True) == plain


def test_what_is_learnt_does_not_depend_on_partitions(town: City, memory: Memory) -> None:
    many = taught(town, counts=3, blocks=4)
    assert msgspec.msgpack.encode(many) == msgspec.msgpack.encode(memory)


def test_a_memory_that_is_started_and_taken_again_is_the_same(town: City, memory: Memory) -> None:
    """Nothing is lost on the way to saved state and back."""
    shape = settings()
    engine = Engine(shape, town)
    snapshots = start(memory, shape, town)
    for machine, one in zip(machines(engine), snapshots, strict=True):
        machine.load(entries_of(one))
    again = learnt(engine, shape, town, begin_ms=START_MS)
    for name in ("blocks", "panel", "budget", "near_budget", "owed"):
        assert getattr(again, name) == getattr(memory, name), name


def test_a_memory_changes_what_is_said_of_a_crowd(town: City, memory: Memory) -> None:
    """Else all of the above would hold for a memory that is forgotten."""
    assert warm(town, memory) != warm(town, None) != []


def test_cells_that_come_and_go_cost_no_memory(tmp_path: Path) -> None:
    """The next pack has other cells on the same grid, some of them in the panel."""
    town = discs(tmp_path)
    before = pack(town, (BEGINNING_MS, set(town.cells) - {"c01", "c10"}, {}))
    after = pack(town, (BEGINNING_MS, set(town.cells) - {"c02"}, {}))
    memory = taught(before)
    engine = Engine(settings(), after)
    snapshots = start(memory, settings(), after)
    for machine, one in zip(machines(engine), snapshots, strict=True):
        machine.load(entries_of(one))
    (state,) = engine.blocks[0].states
    again = learnt(engine, settings(), after, begin_ms=START_MS)
    assert again.blocks == memory.blocks
    panel = state.city
    assert panel is not None
    names = state.layout.entry_ids[-1].decode().split("\n")
    known = np.asarray(panel.panel.state.members.n.any(axis=(0, 1)))
    unknown = {names[at] for at in np.flatnonzero(~known)}
    assert unknown == {"c01", "c10"} & set(names)
    assert warm(after, memory)
