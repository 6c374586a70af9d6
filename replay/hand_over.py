"""Hands a deployment over from the offline engine to workers on Kafka, in the middle of a log.

Theory of operation. State remembers offsets in two ways: up to which record of its own log a
machine has come (`applied`), and which record of each source it saw last (origins). Both mean
the engine's logs in memory. On new topics offsets begin at 0, so all of them are set to "nothing
of this log yet" (-1); what the records *said* (clocks, first ticks, hops, readings that wait,
baselines, incidents, budget) stays as it is. A worker that loads the result goes on at offset 0
exactly where the engine stopped: alerts then are those of an uninterrupted run, byte for byte.

The engine must have delivered everything, which it always has between two calls of `feed`: no
record may be on its way between two stages, for it could not be told from one of the new logs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec

from stream.topics import Topic

if TYPE_CHECKING:
    from replay.engine import Engine
    from replay.feed import Feed
    from stream.block import BlockMachine
    from stream.incident import IncidentMachine
    from stream.machine import Snapshot

__all__ = ["hand_over", "slice_of"]

NEVER: Final = -1
COLUMNS: Final = (
    "start_ms",
    "period_ms",
    "cell",
    "feed",
    "count",
    "received_ms",
    "seq",
    "partition",
    "offset",
)


def hand_over(engine: Engine) -> dict[tuple[Topic, int], Snapshot]:
    """Return what to write to an empty snapshot topic, by input topic and partition.

    The engine must have begun empty: a machine writes a finished baseline slot only once. It may
    go on: its later offsets are news to its machines as before.
    """
    snapshots: dict[tuple[Topic, int], Snapshot] = {}
    for partition, block in enumerate(engine.blocks):
        _relabel_block(block)
        snapshots[Topic.READINGS, partition] = _first(block.snapshot())
    _relabel_incident(engine.incident)
    snapshots[Topic.DETECTIONS, 0] = _first(engine.incident.snapshot())
    return snapshots


def slice_of(feed: Feed, *, from_ms: int | None = None, to_ms: int | None = None) -> Feed:
    """Return the readings received from `from_ms` on and before `to_ms`.

    Cut at a deadline (a hop's end plus the lateness), so that the logs of the two halves say
    together what the log of the whole says.
    """
    first = 0 if from_ms is None else int(feed.received_ms.searchsorted(from_ms))
    last = len(feed) if to_ms is None else int(feed.received_ms.searchsorted(to_ms))
    columns = {name: getattr(feed, name)[first:last] for name in COLUMNS}
    return replace(feed, **columns, rows=max(last - first, 0), rejects=())


def _first(snapshot: Snapshot) -> Snapshot:
    """Leave out the tombstones: a new topic has nothing to bury."""
    return replace(snapshot, gone=())


def _relabel_block(machine: BlockMachine) -> None:
    for state in machine.states:
        clocks = state.clocks.state
        sources = len(clocks.offset)
        state.applied = NEVER
        clocks.epoch, clocks.offset, clocks.part = ([NEVER] * sources for _ in range(3))


def _relabel_incident(machine: IncidentMachine) -> None:
    state = machine.state
    sources = len(state.offset)
    machine.applied = NEVER
    state.epoch, state.offset, state.part = ([NEVER] * sources for _ in range(3))
    # Actions of one beat are carried out in the order of their log: keep it, before all new ones.
    waiting = sorted(state.actions, key=lambda one: one.offset)
    state.actions = [
        msgspec.structs.replace(one, offset=number - len(waiting))
        for number, one in enumerate(waiting)
    ]
