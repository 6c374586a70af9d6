"""The state in the snapshot topic, held against the state of the offline machines.

Left out of the comparison, because a repeated delivery may shift it and nothing decides by it:
`applied` of every machine, and the origins of block partitions in the incident stage. Both are
offsets of our internal logs, which hold a repeat after a crash that the offline run has not.
Everything else must be equal: readings, frames, baselines with all finished slots and their
visits, clocks with their origins in the input logs, the account, incidents, budget, actions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from stream.block import BlockMachine
from stream.incident import IncidentMachine
from stream.snapshot import Hot, slot_entry
from stream.topics import Topic
from tests.kafka.tail_of import TailOf

if TYPE_CHECKING:
    from geo.city import City
    from replay.engine import Engine
    from stream.block_state import BlockState
    from stream.settings import Settings

__all__ = ["Saved", "SnapshotTail", "account", "differences"]

_hot = msgspec.msgpack.Decoder(Hot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """Machines as a worker would load them now."""

    blocks: tuple[BlockMachine, ...]
    incident: IncidentMachine

    @property
    def closed_hop_ms(self) -> int:
        """The newest hop that every saved machine has closed; -1 if one has closed none."""
        states = [state for machine in self.blocks for state in machine.states]
        hops = [one.clocks.state.next_hop_ms - one.spec.hop_ms for one in states]
        return min(*hops, self.incident.state.closed_hop_ms)


class SnapshotTail:
    """The newest values of the snapshot topic, kept up to date."""

    def __init__(self, bootstrap: str, settings: Settings, city: City) -> None:
        self._settings, self._city = settings, city
        self._tail = TailOf(bootstrap, settings.topics.prefix + Topic.SNAPSHOTS)
        self._newest: dict[int, dict[str, bytes]] = {}

    def close(self) -> None:
        """Let go of the broker."""
        self._tail.__exit__()

    def load(self) -> Saved:
        """Catch up and load machines from it, as a worker does. Raises SnapshotError."""
        for record in self._tail.catch_up():
            newest = self._newest.setdefault(record.partition, {})
            if record.value is None:
                newest.pop(record.key.decode(), None)
            else:
                newest[record.key.decode()] = record.value
        partitions = self._settings.topics.partitions
        blocks = []
        for number in range(partitions.blocks):
            machine = BlockMachine(self._settings, self._city, number)
            machine.load(self._newest.get(number % partitions.snapshots, {}))
            blocks.append(machine)
        incident = IncidentMachine(self._settings, self._city)
        incident.load(self._newest.get(0, {}))
        return Saved(blocks=tuple(blocks), incident=incident)


def differences(saved: Saved, engine: Engine) -> list[str]:
    """Return where saved state is not that of the offline run, in words; empty = equal."""
    found = []
    for number, (live, offline) in enumerate(zip(saved.blocks, engine.blocks, strict=True)):
        if len(live.states) != 1:
            found.append(f"readings/{number}: blocks are at different offsets")
            continue
        got, want = _entries(live), _entries(offline)
        found += [
            f"readings/{number}: {key}"
            for key in sorted(got.keys() | want.keys())
            if got.get(key) != want.get(key)
        ]
    got_state, want_state = (_incident(one) for one in (saved.incident, engine.incident))
    found += [f"incident: {key}" for key, value in want_state.items() if got_state[key] != value]
    return found


def account(saved: Saved) -> dict[str, int]:
    """Return what became of all readings: fates and refusals, summed over block partitions."""
    total: dict[str, int] = {}
    for machine in saved.blocks:
        for state in machine.states:
            total["known"] = total.get("known", 0) + int(state.readings.fates.sum())
            for reason, count in state.refused.items():
                total[reason] = total.get(reason, 0) + count
    return dict(sorted(total.items()))


def _entries(machine: BlockMachine) -> dict[str, object]:
    """Return every hot field and every slot of a machine with one state."""
    (state,) = machine.states
    found: dict[str, object] = {}
    for entry in machine.snapshot().hot:
        hot = _hot.decode(entry.value)
        for field in Hot.__struct_fields__:
            if field != "applied":
                found[f"{entry.key} {field}"] = msgspec.msgpack.encode(getattr(hot, field))
    return found | _slots(state)


def _slots(state: BlockState) -> dict[str, object]:
    found: dict[str, object] = {}
    for number in range(len(state.layout.blocks)):
        for kind, slot in zip(*state.visits[number].nonzero(), strict=True):
            entry = slot_entry(state, number, int(kind), int(slot))
            found[entry.key] = entry.value
    return found


def _incident(machine: IncidentMachine) -> dict[str, bytes]:
    state = machine.state
    fields: dict[str, object] = {
        name: getattr(state, name) for name in state.__struct_fields__ if name != "part"
    }
    fields["offset"] = state.offset[-1:]  # of the acks log: an input log, so it is the same
    found = {name: msgspec.msgpack.encode(value) for name, value in fields.items()}
    return found | {"table": machine.table.dump()}
