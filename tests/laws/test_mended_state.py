"""State and logs that are not whole: a line that says what to do, and a way to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from replay.engine import Engine
from stream.block import BlockMachine
from stream.incident import KEY, IncidentMachine
from stream.machine import Delivered, SnapshotError
from stream.snapshot import Hot
from stream.topics import Topic
from stream.wire import AckClock, Batch, Clock, Closed, Origin, Passed, decode_detections, encode
from tests.laws.crowds import CELLS, HOP_S, START_MS, log, settings, squares

if TYPE_CHECKING:
    from pathlib import Path

    from geo.city import City
    from stream.machine import Machine

HOPS = 60


@pytest.fixture(name="town")
def fixture_town(tmp_path: Path) -> City:
    return squares(tmp_path)


def detections(town: City) -> list[bytes]:
    """Return the log that the incident stage read while crowds came and went."""
    engine, values = Engine(settings(), town), []
    step = engine.incident.step

    def noted(record: Delivered) -> object:
        values.append(record.value or b"")
        return step(record)

    engine.incident.step = noted  # type: ignore[assignment, method-assign]  # a tap into the log
    for record in log(hops=HOPS):
        engine.feed(record)
    return values


def run(machine: Machine, values: list[bytes]) -> list[dict[str, Any]]:
    """Return `data` of all alerts that a machine makes of a log."""
    told = []
    for offset, value in enumerate(values):
        step = machine.step(
            Delivered(partition=0, offset=offset, timestamp_ms=0, key=None, value=value)
        )
        told += [
            msgspec.json.decode(out.value)["data"]
            for out in step.out
            if out.topic in {Topic.POLICE, Topic.FIRE}
        ]
    return told


def test_a_hop_whose_records_are_gone_is_dark_and_the_next_one_comes(town: City) -> None:
    """After `--accept-gap` the stage goes on; what stood is blind for a hop, never resolved."""
    values = detections(town)
    whole = IncidentMachine(settings(), town)
    told = run(whole, values)
    lost_ms = next(one["hop_ms"] for one in told) + 2 * HOP_S * 1000

    def is_lost(value: bytes) -> bool:
        one = decode_detections(value)
        return isinstance(one, Closed) and one.hop_ms == lost_ms

    left = [value for value in values if not is_lost(value)]
    assert len(left) == len(values) - 1
    machine = IncidentMachine(settings(), town)
    again = run(machine, left)
    assert machine.state.closed_hop_ms == whole.state.closed_hop_ms
    at = [one for one in again if one["hop_ms"] == lost_ms]
    assert all(one["state"] != "resolved" for one in at)
    before = [one for one in told if one["hop_ms"] < lost_ms]
    assert [one for one in again if one["hop_ms"] < lost_ms] == before != []


def test_a_log_made_anew_is_read_from_its_beginning_with_a_new_epoch(town: City) -> None:
    machine = BlockMachine(settings(), town, 0, density=False)
    cells = np.arange(CELLS, dtype=np.int32).tobytes()
    counts = np.full(CELLS, 30, np.float32).tobytes()
    end_ms = START_MS + HOP_S * 1000
    records: list[Batch | Clock] = [
        Clock(Origin(0, 0, 1000, 0), START_MS),
        Batch(Origin(0, 0, 1001, 0), 0, end_ms, 0, cells, counts, {}),
        Batch(Origin(0, 0, 5, 0), 0, end_ms, 1, cells, counts, {}),  # a repeat of long ago
        Batch(Origin(1, 0, 5, 0), 0, end_ms, 2, cells, counts, {}),  # of the new log
    ]
    for offset, record in enumerate(records):
        machine.step(
            Delivered(partition=0, offset=offset, timestamp_ms=0, key=None, value=encode(record))
        )
    assert machine.waiting == 2 * CELLS
    assert machine.origins() == {(Topic.COUNTS, 0): -1}, "nothing of epoch 0 binds epoch 1"
    older = BlockMachine(settings("kafka.log_epoch=1"), town, 0, density=False)
    snapshot = machine.snapshot()
    older.load({entry.key: entry.value for entry in snapshot.hot})
    assert older.origins() == {(Topic.COUNTS, 0): 5}


def test_the_incident_stage_knows_epochs_too(town: City) -> None:
    machine = IncidentMachine(settings(), town)
    records: list[Passed | AckClock] = [
        Passed(Origin(0, 0, 900, 0), START_MS, START_MS),
        AckClock(Origin(0, 0, 900, 0), START_MS),
        Passed(Origin(0, 0, 7, 0), START_MS + 10_000, START_MS),
        Passed(Origin(1, 0, 7, 0), START_MS + 20_000, START_MS),
    ]
    run(machine, [encode(record) for record in records])
    assert machine.state.clock_ms == [START_MS + 20_000, START_MS]


@pytest.mark.parametrize("field", ["end_ms", "value", "recent", "visits", "baseline", "fates"])
def test_a_damaged_hot_record_is_one_line_that_names_its_block(town: City, field: str) -> None:
    machine = BlockMachine(settings(), town, 0, density=False)
    entries = {entry.key: entry.value for entry in machine.snapshot().hot}
    block = next(key for key in entries if not key.startswith("panel"))
    hot = msgspec.msgpack.decode(entries[block], type=Hot)
    hurt = msgspec.structs.replace(hot, **{field: getattr(hot, field)[:-3]})
    entries[block] = msgspec.msgpack.encode(hurt)
    with pytest.raises(SnapshotError, match=block):
        BlockMachine(settings(), town, 0, density=False).load(entries)


def test_a_damaged_incident_table_changes_nothing(town: City) -> None:
    machine = IncidentMachine(settings(), town)
    run(machine, detections(town))
    (entry,) = machine.snapshot().hot
    hot = msgspec.msgpack.decode(entry.value)
    hot["table"] = hot["table"][:-5]
    fresh = IncidentMachine(settings(), town)
    with pytest.raises(SnapshotError, match=KEY):
        fresh.load({KEY: msgspec.msgpack.encode(hot)})
    assert fresh.applied == -1
    assert fresh.state.closed_hop_ms == -1


def test_state_of_other_partition_counts_is_refused(town: City) -> None:
    block = BlockMachine(settings(counts=2), town, 0, density=False)
    entries = {entry.key: entry.value for entry in block.snapshot().hot}
    with pytest.raises(SnapshotError, match=r"topics\.partitions\.counts = 2, this worker has 3"):
        BlockMachine(settings(counts=3), town, 0, density=False).load(entries)
    incident = IncidentMachine(settings(blocks=2), town)
    (entry,) = incident.snapshot().hot
    with pytest.raises(SnapshotError, match=r"topics\.partitions\.blocks = 2, this worker has 4"):
        IncidentMachine(settings(blocks=4), town).load({entry.key: entry.value})
