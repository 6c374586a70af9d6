"""Law 2: the same log gives the same alert bytes, however it is partitioned or interrupted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from replay.engine import Engine
from stream.block import BlockMachine
from stream.incident import IncidentMachine
from stream.topics import Topic
from tests.laws.crowds import discs, log, settings, squares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from geo.city import City
    from replay.log import LogRecord
    from stream.machine import Delivered, Machine, Step

HOPS = 400  # more than a day: the baseline has seen every slot once


class Reloaded:
    """A machine that lives only from one snapshot to the next."""

    def __init__(self, make: Callable[[], Machine]) -> None:
        self._make, self._machine = make, make()
        self._topic: dict[str, bytes] = {}

    def step(self, record: Delivered) -> Step:
        """Step; where a batch may end, save, and go on as a new machine that loaded it."""
        done = self._machine.step(record)
        if done.closes:
            snapshot = self._machine.snapshot()
            self._topic |= {e.key: e.value for e in (*snapshot.slots, *snapshot.hot)}
            for key in snapshot.gone:
                self._topic.pop(key, None)
            self._machine = self._make()
            self._machine.load(self._topic)
            assert self._machine.applied == record.offset
        return done


def alerts(engine: Engine) -> list[str]:
    """Return what the desks got, in order: topic, id and the bytes of data."""
    told = []
    for out in engine.published:
        if out.topic in {Topic.POLICE, Topic.FIRE}:
            event = json.loads(out.value)
            told.append(f"{out.topic} {event['id']} {json.dumps(event['data'])}")
    return told


def run(
    city: City,
    *sets: str,
    counts: int = 1,
    blocks: int = 1,
    reload: bool = False,
    records: Iterable[LogRecord] | None = None,
) -> list[str]:
    """Return the alerts of a whole run; records: instead of those of the one feed."""
    shape = settings(*sets, counts=counts, blocks=blocks)
    engine = Engine(shape, city)
    if reload:
        engine.blocks = [
            Reloaded(lambda p=p: BlockMachine(shape, city, p, density=False))  # type: ignore[misc]
            for p in range(blocks)
        ]
        engine.incident = Reloaded(lambda: IncidentMachine(shape, city))  # type: ignore[assignment]
    for record in log(hops=HOPS) if records is None else records:
        engine.feed(record)
    return alerts(engine)


@pytest.fixture(scope="module", name="town", params=[squares, discs])
def fixture_town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> City:
    """Both kinds of tiling."""
    folder: Path = tmp_path_factory.mktemp("city")
    city: City = request.param(folder)
    return city


@pytest.fixture(scope="module", name="plain")
def fixture_plain(town: City) -> list[str]:
    """One partition of everything, never interrupted."""
    told = run(town)
    kinds = {line.split()[0] for line in told}
    assert kinds == {Topic.POLICE, Topic.FIRE}, "the scenario must alarm both desks"
    return told


def test_partitions_decide_nothing(town: City, plain: list[str]) -> None:
    """(4, 4) gives the bytes of (1, 1)."""
    assert run(town, counts=4, blocks=4) == plain


def test_a_restart_at_every_hop_decides_nothing(town: City, plain: list[str]) -> None:
    """Machines that live for one hop only, from snapshot to snapshot."""
    assert run(town, reload=True) == plain


def test_a_restart_at_every_hop_of_many_partitions_decides_nothing(
    town: City, plain: list[str]
) -> None:
    """Both at once."""
    assert run(town, counts=3, blocks=2, reload=True) == plain
