"""From a run of the engine to a memory, and from a memory to the state that a deployment begins in.

Theory of operation. Saved state has two halves: what is true of places for weeks, and where a
run stands: offsets, clocks, readings, alarms, incidents. A memory is the first half, block by
block, so that it fits any number of partitions; the panel, the same in all of them, is in it once.
To begin, fresh machines are given the memory and asked for their snapshots. So what the engine
loads and what the snapshot topic may hold are records like any others, of offset -1, and a
restart at any moment after that is a restart of any deployment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from replay.badrow import FeedError
from replay.memory import Memory, Places
from stream.block import BlockMachine
from stream.city_panel import panel_slot
from stream.incident import IncidentMachine
from stream.machine import Snapshot
from stream.settings_hash import announce, settings_hash
from stream.snapshot import hot_entry, panel_of, slot_entry
from stream.tile_memory import memory_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from detectors.budget import BudgetState
    from geo.city import City
    from replay.engine import Engine
    from stream.block_state import BlockState
    from stream.city_panel import CityPanel
    from stream.machine import Entry
    from stream.settings import Settings

__all__ = ["entries_of", "learnt", "remember_budgets", "start"]


def learnt(engine: Engine, settings: Settings, city: City, *, begin_ms: int) -> Memory:
    """Return what an engine has learnt; the engine may go on.

    settings, city: those it was made with. begin_ms: begin of its first hop.
    """
    states = [state for block in engine.blocks for state in block.states]
    blocks: dict[str, Places] = {}
    panel: Places | None = None
    for state in states:
        for name, places in _places(state):
            if name is None:
                panel = places  # The same in every partition.
            else:
                blocks[name] = places
    assert panel is not None
    stage = engine.incident.state
    return Memory(
        settings=announce(settings),
        settings_hash=settings_hash(settings),
        city_digest=city.digest,
        feeds=sorted(settings.feeds),
        begin_ms=begin_ms,
        end_ms=stage.closed_hop_ms,
        hops=(stage.closed_hop_ms - begin_ms) // settings.hop_ms,
        blocks=dict(sorted(blocks.items())),
        panel=panel,
        budget=_copy(stage.budget),
        near_budget=_copy(stage.near_budget),
        drop_budget=_copy(stage.drop_budget),
        owed=stage.owed,
    )


def start(memory: Memory, settings: Settings, city: City) -> list[Snapshot]:
    """Return the state to begin in: of each block partition, then of the incident stage.

    Raises FeedError where a memory that passed `check_memory` does not hold what it should.
    """
    try:
        snapshots = [
            _block_start(memory, settings, city, partition)
            for partition in range(settings.topics.partitions.blocks)
        ]
    except (ValueError, KeyError, IndexError) as fault:
        raise FeedError(f"memory: does not fit its own city ({fault}); learn it again") from fault
    incident = IncidentMachine(settings, city)
    remember_budgets(incident, memory)
    return [*snapshots, incident.snapshot()]


def remember_budgets(incident: IncidentMachine, memory: Memory) -> None:
    """Give a fresh incident stage the runs and incidents that its budgets are judged by."""
    incident.state.budget = _copy(memory.budget)
    incident.state.near_budget = _copy(memory.near_budget)
    incident.state.drop_budget = _copy(memory.drop_budget)
    incident.state.owed = memory.owed


def entries_of(snapshot: Snapshot) -> dict[str, bytes]:
    """Return a snapshot as a machine loads it."""
    return {entry.key: entry.value for entry in (*snapshot.slots, *snapshot.hot)}


def _places(state: BlockState) -> Iterator[tuple[str | None, Places]]:
    """Yield what each block of a state knows, under its id; the panel under None."""
    lay = state.layout
    tiles, forecast = memory_of(state).lasting(), state.outlook.forecast.state.lasting()
    for number, block in enumerate(lay.blocks):
        visits, panel = state.visits[number], panel_of(state, number)
        if panel is not None:
            members = panel.panel.state.lasting()
            slots = [(kind, slot, members.slot_bytes(kind, slot)) for kind, slot in _seen(visits)]
            yield (
                None,
                Places(
                    visits=visits.astype("<u4").tobytes(),
                    baseline=members.hot_bytes(),
                    slots=slots,
                    cells=lay.entry_ids[number],
                ),
            )
            continue
        a, b = lay.tile_slices[number].start, lay.tile_slices[number].stop
        yield (
            block,
            Places(
                visits=visits.astype("<u4").tobytes(),
                baseline=tiles.hot_bytes(a, b),
                slots=[
                    (kind, slot, tiles.slot_bytes(kind, slot, a, b)) for kind, slot in _seen(visits)
                ],
                forecast=forecast.hot_bytes(a, b),
            ),
        )


def _seen(visits: NDArray[np.uint32]) -> list[tuple[int, int]]:
    """Return the (kind, slot) that have ended at least once."""
    return [(kind, slot) for kind, slot in np.argwhere(visits > 0).tolist()]


def _block_start(memory: Memory, settings: Settings, city: City, partition: int) -> Snapshot:
    (state,) = BlockMachine(settings, city, partition, density=False).states
    slots: list[Entry] = []
    hot: list[Entry] = []
    for number, block in enumerate(state.layout.blocks):
        panel = panel_of(state, number)
        places = memory.panel if panel is not None else memory.blocks[block]
        visits = np.frombuffer(places.visits, "<u4")
        state.visits[number] = visits.reshape(state.visits[number].shape)
        if panel is not None:
            _remember_panel(panel, places)
        else:
            _remember(state, number, places)
        slots += [
            slot_entry(state, number, kind, slot) for kind, slot in _seen(state.visits[number])
        ]
        hot.append(hot_entry(state, number, []))
    return Snapshot(slots=tuple(slots), hot=tuple(hot))


def _remember(state: BlockState, number: int, places: Places) -> None:
    """Give the tiles of one block what is known of them. Raises ValueError."""
    tiles = state.layout.tile_slices[number]
    memory = memory_of(state)
    memory.load_hot(tiles.start, tiles.stop, places.baseline)
    state.outlook.forecast.state.load_hot(tiles.start, tiles.stop, places.forecast)
    for kind, slot, data in places.slots:
        memory.load_slot(kind, slot, tiles.start, tiles.stop, data)


def _remember_panel(panel: CityPanel, places: Places) -> None:
    """Give the panel its memory; its members may be others under another pack."""
    slots = {(kind, slot): panel_slot(places.cells, data) for kind, slot, data in places.slots}
    panel.load(places.baseline, slots, said=b"", cells=places.cells)


def _copy(budget: BudgetState) -> BudgetState:
    """Return a budget that does not change with the engine's.

    Runs of the last hours stay behind: they name tiles of a ground that may be another by then.
    """
    return msgspec.structs.replace(budget, bins=list(budget.bins), recent=[])
