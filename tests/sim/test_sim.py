"""The simulator finds nothing in the product, and every broken rule, or it proves nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import stream.gateway
import stream.hop_record
from replay.sim import fewest_faults, main
from replay.sim_chance import Chance
from replay.sim_check import Reader
from replay.sim_cluster import EVERY_FAULT, NO_FAULT
from replay.sim_run import simulate
from replay.sim_world import SHAPES, world_of
from stream.block import BlockMachine
from stream.gateway import TICK_IGNORED, Gateway
from stream.machine import Delivered
from stream.wire import Batch, Clock, decode_readings
from tests.sim.mutants import MUTANTS, caught

if TYPE_CHECKING:
    from stream.machine import Outgoing

SEEDS_OF_MUTANT = 120
"""The mutants that are hardest to catch show in one of a dozen seeds."""


@pytest.mark.parametrize("first", range(1, 61, 10))
def test_no_seed_breaks_a_law(first: int) -> None:
    problems = [simulate(seed).problem for seed in range(first, first + 10)]
    assert problems == [None] * 10


def test_interleaving_alone_breaks_no_law() -> None:
    assert [simulate(seed, faults=NO_FAULT).problem for seed in range(61, 71)] == [None] * 10


def test_records_cut_into_many_parts_break_no_law(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash may fall between two parts of one record; origins tell them apart (rule 7)."""
    monkeypatch.setattr(stream.gateway, "PART_CELLS_MAX", 2)
    monkeypatch.setattr(stream.hop_record, "ROWS_MAX", 1)
    assert [simulate(seed).problem for seed in range(86, 96)] == [None] * 10


def test_a_seed_is_a_run() -> None:
    assert simulate(5) == simulate(5)


def test_the_faults_really_happen_and_alerts_are_due() -> None:
    ran = [simulate(seed) for seed in range(71, 86)]
    assert sum(one.broken for one in ran) > 100
    assert sum(one.alerts for one in ran) > 150


def test_seeds_meet_every_shape_of_time_and_many_shapes_of_space() -> None:
    worlds = [world_of(Chance(seed)) for seed in range(60)]
    assert {world.shape.name for world in worlds} == {shape.name for shape in SHAPES}
    partitions = {(world.sources, world.settings.topics.partitions.blocks) for world in worlds}
    assert len(partitions) > 6
    assert any(world.is_long for world in worlds), "no slot is ever visited again"


@pytest.mark.parametrize("number", range(len(MUTANTS)), ids=lambda i: f"{MUTANTS[i].rule}-{i}")
def test_every_broken_rule_is_caught(number: int) -> None:
    assert any(caught(number, seed) for seed in range(1, SEEDS_OF_MUTANT + 1)), MUTANTS[number].what


def test_every_rule_that_runs_without_a_broker_has_a_mutant() -> None:
    assert {mutant.rule for mutant in MUTANTS} == set(range(1, 15))


def test_a_failure_says_how_to_repeat_it(capsys: pytest.CaptureFixture[str]) -> None:
    with MUTANTS[0].alive():
        code = main(["--seed", "3", "--runs", "1", "--jobs", "1"])
    told = capsys.readouterr().out
    assert code == 1
    assert "make sim SEED=3 RUNS=1" in told
    assert "1 violations" in told


def test_the_faults_that_are_told_suffice_to_fail() -> None:
    mutant = next(one for one in MUTANTS if one.rule == 12)
    with mutant.alive():
        seed = next(seed for seed in range(1, SEEDS_OF_MUTANT) if simulate(seed).problem)
        needed = fewest_faults(seed)
        assert NO_FAULT < needed < EVERY_FAULT
        assert simulate(seed, faults=needed).problem is not None
    assert simulate(seed, faults=needed).problem is None


# -- rule 5 -----------------------------------------------------------------------------------


def _of_tick(gateway: Gateway, *, now_ms: int, stamp_ms: int) -> list[Batch | Clock]:
    value = json.dumps({"schema": "tick/1", "now_ms": now_ms}).encode()
    record = Delivered(partition=0, offset=7, timestamp_ms=stamp_ms, key=None, value=value)
    return [decode_readings(out.value) for out in gateway.step(record).out]


def _world_with_ticks(kind: str) -> Gateway:
    worlds = (world_of(Chance(seed)) for seed in range(200))
    world = next(
        one
        for one in worlds
        if one.settings.time.ticks == kind and one.settings.topics.partitions.blocks == 2
    )
    return Gateway(world.settings, world.city, 0)


@pytest.mark.parametrize("skew_ms", [-5_001, 5_001, 86_400_000])
def test_a_tick_far_off_its_stamp_moves_no_clock_but_is_counted(skew_ms: int) -> None:
    stamp_ms = 1_790_000_000_000
    out = _of_tick(_world_with_ticks("worker"), now_ms=stamp_ms + skew_ms, stamp_ms=stamp_ms)
    (batch,) = out
    assert isinstance(batch, Batch)
    assert (batch.rejects, batch.cells) == ({TICK_IGNORED: 1}, b"")


@pytest.mark.parametrize(
    ("kind", "skew_ms"), [("worker", 5_000), ("worker", -5_000), ("feed", 10**9)]
)
def test_a_tick_near_its_stamp_or_of_a_replay_goes_to_every_block_partition(
    kind: str, skew_ms: int
) -> None:
    stamp_ms = 1_790_000_000_000
    out = _of_tick(_world_with_ticks(kind), now_ms=stamp_ms + skew_ms, stamp_ms=stamp_ms)
    assert [one.now_ms for one in out if isinstance(one, Clock)] == [stamp_ms + skew_ms] * 2


# -- rule 12, at the very beginning -----------------------------------------------------------


def test_a_crash_in_the_first_snapshot_costs_nothing() -> None:
    """Blocks whose hot record never landed begin anew; those that have one wait for them."""
    world = next(
        one
        for one in (world_of(Chance(seed)) for seed in range(200))
        if one.settings.topics.partitions.blocks == 1
        and one.sources == 1
        and one.settings.time.ticks == "feed"
        and len(one.city.grid.block_ids) > 2
    )
    gateway = Gateway(world.settings, world.city, 0)
    log = _log_of(gateway, [*range(6)], begin_ms=world.begin_ms, hop_ms=world.settings.hop_ms)
    whole = BlockMachine(world.settings, world.city, 0, density=False)
    first = next(i for i, record in enumerate(log) if whole.step(record).closes)
    snapshot = whole.snapshot()
    entries = {entry.key: entry.value for entry in (*snapshot.slots, *snapshot.hot[:1])}
    rest = [whole.step(record).out for record in log[first + 1 :]]

    again = BlockMachine(world.settings, world.city, 0, density=False)
    again.load(entries)
    assert again.applied == -1
    out = [again.step(record).out for record in log]
    assert out[: first + 1] == [()] * (first + 1), "they were delivered before"
    assert out[first + 1 :] == rest
    assert again.snapshot().hot == whole.snapshot().hot


def _log_of(gateway: Gateway, hops: list[int], *, begin_ms: int, hop_ms: int) -> list[Delivered]:
    """Return the readings log of a tick a hop."""
    out: list[Outgoing] = []
    for number in hops:
        value = json.dumps({"schema": "tick/1", "now_ms": begin_ms + number * hop_ms}).encode()
        record = Delivered(partition=0, offset=number, timestamp_ms=0, key=None, value=value)
        out += gateway.step(record).out
    return [
        Delivered(partition=0, offset=i, timestamp_ms=0, key=None, value=one.value)
        for i, one in enumerate(out)
    ]


# -- rule 14 ----------------------------------------------------------------------------------


def test_a_reader_takes_each_revision_once_and_never_goes_back() -> None:
    reader = Reader()
    for name in ("i/police/1", "i/police/2", "i/police/1", "i/fire/1", "i/police/2", "i/police/3"):
        reader.take(json.dumps({"id": name, "data": {}}).encode())
    told = [name for name, _ in reader.told]
    assert told == ["i/police/1", "i/police/2", "i/fire/1", "i/police/3"]
