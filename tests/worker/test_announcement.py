"""Which settings decide a log when workers with different ones begin it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from geo.city import city_of
from geo.footprint import Squares
from stream.ground_identity import identity
from stream.machine import Delivered
from stream.settings import ConfigError, announce
from stream.settings_load import read
from stream.topics import Topic
from stream.worker.announcement import LOOK_INTO, settle_settings
from stream.worker.deployment import Deployment
from tests.stream.packed import duty_of, packed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from geo.city import City

SQUARES = Squares(
    cells=("a", "b"),
    area_m2=np.array([400.0, 400.0]),
    row=np.array([0, 0]),
    col=np.array([0, 1]),
    names=(None, None),
)
PLAIN = city_of(SQUARES, file="", side_m=100.0, walkable_share=1.0)
FEEDS = "feeds.a.period_s=300"


class Log:
    """The detections log; `before_ours`: what another worker writes just before us."""

    def __init__(self, *values: bytes, before_ours: bytes | None = None) -> None:
        self.values = list(values)
        self.before_ours = before_ours

    async def bounds(self, places: list[tuple[str, int]]) -> dict[tuple[str, int], range]:
        return {place: range(len(self.values)) for place in places}

    async def records(self, _: str, partition: int, offsets: range) -> AsyncIterator[Delivered]:
        for offset in offsets:
            value = self.values[offset]
            yield Delivered(
                partition=partition, offset=offset, timestamp_ms=0, key=None, value=value
            )

    async def send(self, topic: str, value: bytes, *, partition: int) -> asyncio.Future[object]:
        assert (topic, partition) == (f"crowd.{Topic.DETECTIONS}", 0)
        if self.before_ours is not None:
            self.values.append(self.before_ours)
        self.values.append(value)
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


def deployment(*sets: str, city: City = PLAIN, accept_duty: bool = False) -> Deployment:
    return Deployment(read(None, env={}, sets=sets), city, accept_duty=accept_duty)


def settle(mine: Deployment, log: Log) -> bool:
    return asyncio.run(settle_settings(mine, cast("Any", log), cast("Any", log)))


def test_the_first_worker_announces_and_the_next_one_agrees() -> None:
    log, mine = Log(), deployment(FEEDS)
    assert settle(mine, log)
    assert log.values == [announce(mine.settings, ground=identity(PLAIN))]
    assert settle(deployment(FEEDS, "worker.id=w1"), log)
    assert len(log.values) == 1


def test_who_announces_a_moment_later_than_another_obeys_the_first() -> None:
    first = announce(deployment(FEEDS, "time.lateness_s=120").settings)
    with pytest.raises(ConfigError, match="lateness_s"):
        settle(deployment(FEEDS), Log(before_ours=first))


def test_after_retention_took_the_beginning_a_worker_still_starts() -> None:
    log = Log(*[b"\x93"] * LOOK_INTO)
    assert settle(deployment(FEEDS), log)
    assert len(log.values) == LOOK_INTO + 1


def test_a_worker_without_feeds_waits_for_a_replay() -> None:
    log = Log()
    assert not settle(deployment("time.ticks=feed"), log)
    assert log.values == []


def test_who_stands_on_other_ground_is_refused_in_one_line_that_names_it() -> None:
    log = Log()
    assert settle(deployment(FEEDS, city=packed(PLAIN, feeds=("a",))), log)
    with pytest.raises(ConfigError) as caught:
        settle(deployment(FEEDS, city=packed(PLAIN, feeds=("a",), assumed=[True, True])), log)
    (line,) = str(caught.value).splitlines()
    assert line.startswith("settings of this log: worker.cells: has another grid")


def test_other_duty_joins_on_the_operators_word_alone() -> None:
    log, before = Log(), packed(PLAIN, feeds=("a",))
    after = replace(before, duty=duty_of(before, police=[0, 1], fire=[0, 0], posts=[0, 1]))
    assert settle(deployment(FEEDS, city=before), log)
    with pytest.raises(ConfigError, match=r"other authorities or posts.*--accept-duty"):
        settle(deployment(FEEDS, city=after), log)
    assert settle(deployment(FEEDS, city=after, accept_duty=True), log)


def test_a_log_that_says_nothing_of_ground_is_joined_as_ever() -> None:
    record = announce(deployment(FEEDS).settings)
    assert settle(deployment(FEEDS, city=packed(PLAIN, feeds=("a",))), Log(record))


def test_feeds_of_a_replay_that_a_pack_has_no_cell_of_are_refused() -> None:
    record = announce(deployment("feeds.file.period_s=300", "time.ticks=feed").settings)
    follower = deployment("time.ticks=feed", city=packed(PLAIN, feeds=("a",)))
    with pytest.raises(ConfigError, match=r"feeds\.file: the city pack has no cell of it"):
        settle(follower, Log(record))
