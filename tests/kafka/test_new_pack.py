"""Next week's cells while a deployment runs: all workers stop, and go on upon the next pack."""

from __future__ import annotations

import json
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from geo.city import load_city
from geo.pack_file import write_pack
from geo.version import BEGINNING_MS
from stream.topics import Topic
from stream.wire import Batch, decode_readings
from tests.kafka.broker import Broker
from tests.kafka.feeder import Feeder
from tests.kafka.festival import HOP_MS, START_MS, write_festival
from tests.kafka.saved import Saved, SnapshotTail, account, differences
from tests.kafka.tail_of import TailOf
from tests.kafka.test_end_to_end import last_hop_ms, offline, published
from tests.kafka.trial import Trial, patiently
from tests.kafka.witness import compare, live_outputs, offline_run, read_logs
from tests.laws.next_week import Known, pack_of_versions
from tests.stream.packed import pack_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geo.city import City
    from tests.kafka.crew import Crew
    from tests.kafka.festival import Festival

pytestmark = [pytest.mark.kafka, pytest.mark.jvm]

HOPS = 80
STOP, SWITCH, LEAD = 14, 50, 3
"""Hops: all workers stop when this one has closed; the new version acts from this one on.

A lead of more than a reading's greatest age: then those that were strangers are old by then.
"""
SPEED = 800.0
LATENESS_S = 290  # so that a hop is open until just before the readings of the next one
REST_S = 1.0
CELL_BYTES = 8
WORKERS, PARTITIONS, PREFIX = 2, (3, 4), "moving."


@dataclass(frozen=True, kw_only=True)
class Move:
    """A deployment before and after, and what became of it.

    refused: exit codes and words of workers on a pack that changes the past. on_the_way: readings
    written under the old pack that no saved block held when all had stopped.
    """

    before: Trial
    after: Trial
    stopped: Saved
    saved: Saved
    codes: list[int]
    refused: list[tuple[int, list[str]]]
    on_the_way: int
    faults: list[str]


@pytest.fixture(scope="module", name="node")
def fixture_node() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@pytest.fixture(scope="module", name="festival")
def fixture_festival(tmp_path_factory: pytest.TempPathFactory) -> Festival:
    return write_festival(tmp_path_factory.mktemp("festival"), hops=HOPS, seed=7)


def coming(town: City) -> set[str]:
    """Return cells that are not there at first; they sort between the others."""
    return set(town.cells[3::9])


def next_week(town: City, hop: int) -> City:
    """Return the pack in which from a hop on cells come, some go, and some move."""
    first: Known = (BEGINNING_MS, set(town.cells) - coming(town), {})
    gone = set(town.cells[100:106]) - coming(town)
    moved = {town.cells[number]: town.cells[number + 60] for number in range(120, 160, 7)}
    return pack_of_versions(town, first, (START_MS + hop * HOP_MS, set(town.cells) - gone, moved))


def packs(festival: Festival, folder: Path) -> dict[str, Path]:
    """Write the packs of this week and of the next one, and one whose version comes too late."""
    town = load_city(festival.cells, side_m=100.0, walkable_share=0.01)
    cities = {
        "before": pack_of_versions(town, (BEGINNING_MS, set(town.cells) - coming(town), {})),
        "late": next_week(town, STOP // 2),
        "after": next_week(town, SWITCH),
    }
    files = {name: folder / f"{name}.pack" for name in cities}
    for name, city in cities.items():
        write_pack(files[name], pack_with(city))
    return files


def trial_on(node: Broker, festival: Festival, pack: Path) -> Trial:
    at = {"prefix": PREFIX, "partitions": PARTITIONS}
    sets = f"worker.cells={pack}", f"time.lateness_s={LATENESS_S}"
    return Trial.on(node, festival.settings, *sets, **at)  # type: ignore[arg-type]


def ended(crew: Crew, how: signal.Signals | None = None) -> list[int]:
    """Wait until all workers have ended, politely asked or by themselves; return exit codes."""
    processes = [slot.process for slot in crew.slots if slot.process is not None]
    for process in processes:
        if how is not None:
            process.send_signal(how)
    return [process.wait(60) for process in processes]


def whys(crew: Crew) -> list[list[str]]:
    """Return what each worker said when it stopped by itself."""
    said = [slot.log.read_text(encoding="utf-8").splitlines() for slot in crew.slots]
    lines = [[json.loads(text) for text in one if text.startswith("{")] for one in said]
    return [[line["why"] for line in one if line["event"] == "worker.stops"] for one in lines]


def saved_now(trial: Trial) -> Saved:
    tail = SnapshotTail(trial.bootstrap, trial.settings, trial.city)
    try:
        return tail.load()
    finally:
        tail.close()


def waiting(trial: Trial) -> int:
    """Count the readings in the readings topic that no saved block has applied."""
    saved, found = saved_now(trial), 0
    with TailOf(trial.bootstrap, PREFIX + Topic.READINGS) as tail:
        for record in tail.catch_up():
            news = decode_readings(record.value)
            if record.offset > saved.blocks[record.partition].applied and isinstance(news, Batch):
                found += len(news.cells) // CELL_BYTES
    return found


def held_between_hops(trial: Trial, feeder: Feeder) -> None:
    """Hold the feed where readings of the next hop are on their way, and workers have a rest."""

    def is_on_the_way() -> bool:
        feeder.hold()
        time.sleep(REST_S)
        return waiting(trial) > 0

    patiently(is_on_the_way, feeder.go_on)


def looking(crew: Crew, feeder: Feeder) -> Callable[[], None]:
    def look() -> None:
        crew.look()
        feeder.look()

    return look


@pytest.fixture(scope="module", name="move")
def fixture_move(
    node: Broker, festival: Festival, tmp_path_factory: pytest.TempPathFactory
) -> Move:
    folder = tmp_path_factory.mktemp("move")
    before, late, after = (
        trial_on(node, festival, pack) for pack in packs(festival, folder).values()
    )
    options = [*before.options, "--to-kafka", "--speed", str(SPEED)]
    with Feeder(feed=festival.feed, options=options, log=folder / "feeder.log") as feeder:
        with before.crew(folder / "before", WORKERS) as old:
            before.through(START_MS + STOP * HOP_MS, looking(old, feeder))
            held_between_hops(before, feeder)
            codes = ended(old, signal.SIGTERM)
        stopped, on_the_way = saved_now(before), waiting(before)
        feeder.go_on()
        with late.crew(folder / "late", WORKERS) as wrong:
            refused = list(zip(ended(wrong), whys(wrong), strict=True))
        with after.crew(folder / "after", WORKERS) as new:
            last_ms = last_hop_ms(after, festival)
            saved = after.through(last_ms, looking(new, feeder))
            codes += ended(new, signal.SIGTERM)
        assert feeder.starts == 1, (folder / "feeder.log").read_text()
    return Move(
        before=before,
        after=after,
        stopped=stopped,
        saved=saved,
        codes=codes,
        refused=refused,
        on_the_way=on_the_way,
        faults=[*old.faults(), *new.faults(), *old.holes(), *new.holes()],
    )


def test_workers_go_on_upon_the_next_pack_as_if_it_had_always_been_there(
    move: Move, festival: Festival
) -> None:
    assert STOP <= (move.stopped.closed_hop_ms - START_MS) // HOP_MS < SWITCH - LEAD
    assert move.on_the_way > 0, "no reading was on its way under the old pack"
    assert (move.codes, move.faults) == ([0] * (2 * WORKERS), [])
    wanted = offline(move.after, festival)
    assert published(move.after) == wanted != offline(move.before, festival)
    assert len(wanted) > 30, "the festival must alarm both desks"


def test_state_and_account_are_those_of_the_next_pack_but_for_cells_that_were_not_known_yet(
    move: Move,
) -> None:
    after = move.after
    logs = read_logs(after.bootstrap, after.settings)
    engine = offline_run(after.settings, after.city, logs, seed=1)
    for one in compare(engine, live_outputs(after.bootstrap, after.settings)):
        # Dead letters tell of strangers that the next pack knows.
        assert one.is_equal or (one.topic is Topic.COUNTS_DLQ and not one.lost)
    told = {text.rsplit(" ", 1)[1] for text in differences(move.saved, engine)}
    assert told <= {"fates", "refused"}
    live = account(move.saved)
    always = account(Saved(blocks=tuple(engine.blocks), incident=engine.incident))
    assert sum(live.values()) == sum(always.values()) == logs.readings
    early = live.pop("unknown_cell") - always.pop("unknown_cell")
    assert 0 < early == always.pop("known") - live.pop("known")
    assert live == always


def test_a_pack_that_changes_what_has_closed_is_refused_in_one_line_by_whoever_loads_state(
    move: Move,
) -> None:
    assert [code for code, _ in move.refused] == [1] * WORKERS
    for _, said in move.refused:
        assert len(said) == 1
        assert "needs a valid_from that lies ahead, at 2026-09-2" in said[0]
