"""Laws of a supporting feed: it adds to scores, counts nobody, and is as exact as all the rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest

from replay.engine import Engine
from replay.log import LogRecord
from replay.warm_start import entries_of, learnt, start
from stream.block import BlockMachine
from stream.tile_memory import memory_of
from stream.topics import Topic
from tests.laws.crowds import HOP_S, START_MS, discs, log, settings, squares, with_second
from tests.laws.test_equality import HOPS, alerts, run
from tests.laws.test_warm_start import machines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geo.city import City
    from stream.block_state import BlockState, HopSeen

PART: Final = 0.5
SECOND: Final = ("feeds.out.period_s=300", f"feeds.out.supports={PART}")
DROPS: Final = 'detectors.directions=["rise","drop"]'


@pytest.fixture(scope="module", name="town", params=[squares, discs])
def fixture_town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> City:
    city: City = request.param(tmp_path_factory.mktemp("city"))
    return city


def both(hops: int = HOPS) -> Iterator[LogRecord]:
    return with_second(log(hops=hops))


@pytest.fixture(scope="module", name="plain")
def fixture_plain(town: City) -> list[str]:
    return run(town, *SECOND, records=both())


def test_partitions_and_restarts_decide_nothing(town: City, plain: list[str]) -> None:
    assert plain
    assert run(town, *SECOND, counts=4, blocks=4, records=both()) == plain
    assert run(town, *SECOND, counts=3, blocks=2, reload=True, records=both()) == plain


def test_it_changes_what_is_told(town: City, plain: list[str]) -> None:
    """Else all of this would hold for a feed that is forgotten."""

    def scores(lines: list[str]) -> list[float]:
        told = [json.loads(line.split(" ", 2)[2]) for line in lines]
        return [one["baseline"]["score"] for one in told]

    assert scores(plain) != scores(run(town))


def heard(city: City, *sets: str, records: Iterable[LogRecord]) -> tuple[list[Any], list[Any]]:
    """Return every hop's verdict with what supports it, and what the density topic got."""
    shape, hops = settings(*sets), []

    def keep(state: BlockState, seen: HopSeen) -> None:
        added = None if state.support is None else state.support.added
        hops.append((seen.verdict, added, seen.frame.now))

    engine = Engine(shape, city)
    engine.blocks = [BlockMachine(shape, city, 0, on_hop=keep)]
    for record in records:
        engine.feed(record)
    return hops, [one.value for one in engine.published if one.topic is Topic.DENSITY]


def test_it_counts_nobody(town: City) -> None:
    """People, expected people and whatever the density topic tells are those of one feed alone."""
    alone, map_alone = heard(town, records=log(hops=HOPS))
    two, map_two = heard(town, *SECOND, records=both())
    assert map_two == map_alone
    assert len(alone) == len(two) > 0
    raised = 0
    for (one, _, now), (other, added, other_now) in zip(alone, two, strict=True):
        np.testing.assert_array_equal(now.point, other_now.point)
        for name in ("expected", "spread", "z", "near", "drop"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        np.testing.assert_array_equal(other.score, one.score + added)
        assert (added <= one.score).all(), "it raises nothing alone"
        raised += int(np.count_nonzero(added))
    assert raised > 100


def test_what_is_held_is_not_supported_twice(town: City) -> None:
    """A run of high scores ends with the peak that was told, and only once."""
    hops, _ = heard(town, *SECOND, records=both())
    highest = max(float(verdict.score.max()) for verdict, _, _ in hops)
    engine = Engine(settings(*SECOND), town)
    for record in both():
        engine.feed(record)
    spent = engine.incident.state.budget
    assert spent.n > 0
    assert max(at for at, count in enumerate(spent.bins) if count) / 8 + 1 <= highest


def mended(records: Iterable[LogRecord], *, from_hop: int, times: float) -> Iterator[LogRecord]:
    """Yield a log in which the second signal is multiplied from a hop on; 0 = it falls silent."""
    from_ms = START_MS + from_hop * HOP_S * 1000
    for record in records:
        value = record.value
        if record.at_ms > from_ms and b'"out"' in value:
            if not times:
                continue
            batch = json.loads(value)
            batch["counts"] = [None if n is None else n * times for n in batch["counts"]]
            value = json.dumps(batch).encode()
        yield LogRecord(at_ms=record.at_ms, value=value, is_tick=record.is_tick)


def test_a_silent_one_leaves_everything_as_it_is(town: City) -> None:
    """One that was never heard, and one that was until the last day."""

    def unsigned(lines: list[str], since_ms: int = 0) -> list[dict[str, Any]]:
        told = [json.loads(line.split(" ", 2)[2]) for line in lines]
        for one in told:
            del one["settings_hash"]
        return [one for one in told if one["opened_ms"] >= since_ms]

    plain = run(town)
    assert unsigned(run(town, *SECOND, records=log(hops=HOPS))) == unsigned(plain)
    hops, _ = heard(town, *SECOND, records=mended(both(), from_hop=300, times=0))
    alone, _ = heard(town, records=log(hops=HOPS))
    later = zip(hops[310:], alone[310:], strict=True)
    assert all(np.array_equal(one.score, other.score) for (one, *_), (other, *_) in later)


def test_a_fault_of_it_holds_nothing_back(town: City) -> None:
    """It jumps for an hour, then falls silent: crowds and people who left are told as ever."""
    wild = mended(mended(both(), from_hop=300, times=8), from_hop=312, times=0)
    shape = settings(*SECOND, DROPS)
    engine = Engine(shape, town)
    for record in wild:
        engine.feed(record)
    told = [json.loads(one.value) for one in engine.published if one.topic is Topic.SYSTEM]
    assert not [one for one in told if "suspect" in one["type"] or "sunk" in one["type"]]
    assert [one for one in told if "feed_blind" in one["type"]], "operators hear that it is silent"
    alone = Engine(settings(DROPS), town)
    for record in log(hops=HOPS):
        alone.feed(record)
    since_ms = START_MS + 316 * HOP_S * 1000
    assert opened(engine, since_ms) == opened(alone, since_ms) != []


def opened(engine: Engine, since_ms: int) -> list[str]:
    """Return which incidents desks were told of since."""
    told = [json.loads(line.split(" ", 2)[2]) for line in alerts(engine)]
    return sorted({one["incident"] for one in told if one["opened_ms"] >= since_ms})


def test_a_memory_holds_both(town: City) -> None:
    shape = settings(*SECOND)
    engine = Engine(shape, town)
    for record in both():
        engine.feed(record)
    memory = learnt(engine, shape, town, begin_ms=START_MS)
    begun = Engine(shape, town)
    for machine, one in zip(machines(begun), start(memory, shape, town), strict=True):
        machine.load(entries_of(one))
    (state,), (taught,) = begun.blocks[0].states, engine.blocks[0].states
    assert state.support is not None
    assert taught.support is not None
    known = taught.support.baseline.state
    assert known.n.any()
    np.testing.assert_array_equal(state.support.baseline.state.mu, known.mu)
    assert learnt(begun, shape, town, begin_ms=START_MS).blocks == memory.blocks


def test_bytes_that_are_not_of_both_are_refused(town: City) -> None:
    engine = Engine(settings(*SECOND), town)
    (state,) = engine.blocks[0].states
    memory = memory_of(state)
    whole = memory.hot_bytes(0, 2)
    memory.load_hot(0, 2, whole)
    for wrong in (whole[:-1], whole[: len(whole) // 2]):
        with pytest.raises(ValueError, match="bytes"):
            memory.load_hot(0, 2, wrong)
