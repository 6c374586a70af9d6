"""State and logs that are not whole: a line that says what to do, and a way to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from replay.engine import Engine
from stream.block import BlockMachine
from stream.cell_keys import keys_of
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


def detections(town: City, *, blocks: int = 1) -> list[bytes]:
    """Return the log that the incident stage read while crowds came and went."""
    engine, values = Engine(settings(blocks=blocks), town), []
    step = engine.incident.step

    def noted(record: Delivered) -> object:
        values.append(record.value or b"")
        return step(record)

    engine.incident.step = noted  # type: ignore[assignment, method-assign]  # a tap into the log
    for record in log(hops=HOPS):
        engine.feed(record)
    return values


def told_of(machine: Machine, values: list[bytes]) -> list[tuple[int, str]]:
    """Run a log through a machine; return (hop, type) of all alerts that it makes of it."""
    told = []
    for offset, value in enumerate(values):
        step = machine.step(
            Delivered(partition=0, offset=offset, timestamp_ms=0, key=None, value=value)
        )
        events = [
            msgspec.json.decode(out.value)
            for out in step.out
            if out.topic in {Topic.POLICE, Topic.FIRE}
        ]
        told += [(event["data"]["hop_ms"], event["type"].split(".")[2]) for event in events]
    return told


@pytest.mark.parametrize("gone", [{0}, {1}, {0, 1}], ids=["one", "the other", "both"])
def test_what_is_gone_of_some_hops_is_dark_and_never_calm(town: City, gone: set[int]) -> None:
    """After `--accept-gap` the stage goes on; what stood stays open through the gap (law 4)."""
    values = detections(town, blocks=2)
    whole = IncidentMachine(settings(blocks=2), town)
    told = told_of(whole, values)
    first_ms = min(hop_ms for hop_ms, _ in told) + 3 * HOP_S * 1000
    gap = range(first_ms, first_ms + 5 * HOP_S * 1000)

    def is_gone(value: bytes) -> bool:
        one = decode_detections(value)
        return isinstance(one, Closed) and one.origin.partition in gone and one.hop_ms in gap

    left = [value for value in values if not is_gone(value)]
    assert len(left) == len(values) - 5 * len(gone)
    machine = IncidentMachine(settings(blocks=2), town)
    again = told_of(machine, left)
    assert machine.state.closed_hop_ms == whole.state.closed_hop_ms
    assert (
        [one for one in again if one[0] < first_ms]
        == [one for one in told if one[0] < first_ms]
        != []
    )
    assert [kind for hop_ms, kind in again if hop_ms in gap and kind == "resolved"] == []
    if gone == {0, 1}:
        assert [one for one in again if one[0] in gap and one[1] == "raised"] == []


def test_state_made_anew_begins_where_the_log_does(town: City) -> None:
    values = detections(town)

    def is_old(value: bytes) -> bool:
        one = decode_detections(value)
        return isinstance(one, Closed) and one.hop_ms < START_MS + 40 * HOP_S * 1000

    machine, seen = IncidentMachine(settings(), town), []
    machine._on_hop = lambda hop, _: seen.append(hop.hop_ms)  # noqa: SLF001  to look only
    told_of(machine, [value for value in values if not is_old(value)])
    assert min(seen) == START_MS + 40 * HOP_S * 1000


def test_what_is_said_again_in_a_new_epoch_counts_once(town: City) -> None:
    """Block partitions may publish again after `kafka.log_epoch` was raised."""

    def anew(value: bytes) -> bytes:
        one = decode_detections(value)
        if not isinstance(one, Closed | Passed):
            return value
        return encode(
            msgspec.structs.replace(one, origin=msgspec.structs.replace(one.origin, epoch=1))
        )

    values = detections(town)
    closed = [at for at, v in enumerate(values) if isinstance(decode_detections(v), Closed)]
    cut = closed[45] + 1  # this hop is open: nobody has said yet that it is whole
    again = [anew(values[at]) for at in closed[:46]]
    log = [*values[:cut], *again, *map(anew, values[cut:])]
    whole, machine = IncidentMachine(settings(), town), IncidentMachine(settings(), town)
    assert told_of(machine, log) == told_of(whole, values) != []
    assert machine.state.hops == whole.state.hops == {}


def test_a_log_made_anew_is_read_from_its_beginning_with_a_new_epoch(town: City) -> None:
    machine = BlockMachine(settings(), town, 0, density=False)
    cells = keys_of(town).keys.tobytes()
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
    assert machine.waiting == 2 * 2 * CELLS  # in its block, and in the panel
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
    told_of(machine, [encode(record) for record in records])
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


def test_state_of_another_release_is_refused_for_its_version(town: City) -> None:
    """Its fields may be others, so that as a whole it reads as damaged."""
    machine = BlockMachine(settings(), town, 0, density=False)
    entries = {entry.key: entry.value for entry in machine.snapshot().hot}
    block = next(iter(entries))
    entries[block] = msgspec.msgpack.encode([4, "settings", "city", block, 17, [], {}])
    with pytest.raises(SnapshotError, match=f"^{block}: schema version is 4, this worker has 6; "):
        BlockMachine(settings(), town, 0, density=False).load(entries)


def test_a_damaged_incident_table_changes_nothing(town: City) -> None:
    machine = IncidentMachine(settings(), town)
    told_of(machine, detections(town))
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
