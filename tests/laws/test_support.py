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
from tests.laws.crowds import START_MS, discs, log, settings, squares, with_second
from tests.laws.test_equality import HOPS, run
from tests.laws.test_warm_start import machines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.city import City
    from stream.block_state import BlockState, HopSeen
    from stream.wire import FeedSum

PART: Final = 0.5
SECOND: Final = ("feeds.out.period_s=300", f"feeds.out.supports={PART}")


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


def heard(city: City, *sets: str, records: Iterator[LogRecord]) -> tuple[list[Any], list[Any]]:
    """Return every hop's verdict with what supports it, and what the density topic got."""
    shape, hops = settings(*sets), []

    def keep(state: BlockState, seen: HopSeen) -> None:
        added = None if state.support is None else state.support.added
        hops.append((seen.verdict, added, seen.frame.now, seen.feeds))

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
    for (verdict, _, now, _), (other, _, other_now, _) in zip(alone, two, strict=True):
        np.testing.assert_array_equal(now.point, other_now.point)
        np.testing.assert_array_equal(verdict.expected, other.expected)
        np.testing.assert_array_equal(verdict.z, other.z)
        assert (other.score >= verdict.score).all()
    assert any((one[0].score > other[0].score).any() for one, other in zip(two, alone, strict=True))


def test_a_silent_one_leaves_everything_as_it_is(town: City) -> None:
    """Registered, but never heard."""

    def unsigned(lines: list[str]) -> list[dict[str, Any]]:
        told = [json.loads(line.split(" ", 2)[2]) for line in lines]
        for one in told:
            del one["settings_hash"], one["data_quality"]
        return told

    assert unsigned(run(town, *SECOND, records=log(hops=HOPS))) == unsigned(run(town))


def test_a_jump_of_it_makes_only_itself_suspect(town: City) -> None:
    """Twice as many messages overnight are no crowd, and no fault of the feed of people."""

    def jumping() -> Iterator[LogRecord]:
        for number, record in enumerate(both()):
            value = record.value
            if number > 2200 and b'"out"' in value:
                batch = json.loads(value)
                batch["counts"] = [None if n is None else n * 5 for n in batch["counts"]]
                value = json.dumps(batch).encode()
            yield LogRecord(at_ms=record.at_ms, value=value, is_tick=record.is_tick)

    hops, _ = heard(town, *SECOND, records=jumping())

    def jumped(sums: list[FeedSum]) -> list[int]:
        return [one.moved.jumped for one in sums]

    most = np.array([jumped(feeds) for *_, feeds in hops]).max(axis=0)
    assert most[1] > 3 * max(most[0], 1)


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
