"""Laws of cells that only some feeds have: a stranger is refused by name, and nothing is lost."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.coverage import coverage_of
from geo.version import BEGINNING_MS, Version, version_digest
from replay.engine import Engine
from replay.log import LogRecord
from stream.cell_keys import CellKeys
from stream.gateway import Gateway
from stream.machine import Delivered, Outgoing
from stream.readings import FATES
from stream.settings import Settings, load
from stream.topics import Topic
from stream.wire import Batch, decode_readings
from tests.laws.crowds import CELLS, discs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geo.city import City
    from geo.coverage import Coverage

START_MS = 1_790_002_800_000
SOON_MS = START_MS + 3 * 300_000
NAMES = [f"c{number:02d}" for number in range(CELLS)]
# Of feed a for ever: 0 to 9, and 10 to 11 soon. Of feed b: 8 to 19, of which 19 lies off the grid.
OF_A, SOON_OF_A, OF_B, OFF_GRID = range(10), range(12), range(8, 20), 19


@pytest.fixture(scope="module", name="plain")
def fixture_plain(tmp_path_factory: pytest.TempPathFactory) -> City:
    return discs(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module", name="town")
def fixture_town(plain: City) -> City:
    """Two feeds, of which one gets further cells soon; the last four cells are nobody's."""
    b = only(plain, OF_B, off_grid=OFF_GRID)
    held: dict[int, Mapping[str, Coverage]] = {
        BEGINNING_MS: {"a": only(plain, OF_A), "b": b},
        SOON_MS: {"a": only(plain, SOON_OF_A), "b": b},
    }
    versions = tuple(
        Version(valid_from_ms=since, feeds=feeds, digest=version_digest(plain.cells, feeds))
        for since, feeds in held.items()
    )
    return replace(plain, versions=versions)


def only(city: City, cells: Iterable[int], *, off_grid: int = -1) -> Coverage:
    """Return a coverage that knows some cells, of which one may lie off the grid."""
    every, known = city.coverage, np.zeros(CELLS, np.bool_)
    known[list(cells)] = True
    kept = known[every.cell] & (every.cell != off_grid)
    return coverage_of(
        every.cell[kept], every.tile[kept], every.share[kept], CELLS, registered=known
    )


def settings(*more: str, blocks: int = 3) -> Settings:
    sets = ["feeds.a.period_s=300", "feeds.b.period_s=300", "time.ticks=feed"]
    sets += [f"topics.partitions.blocks={blocks}", "calendar.country=none", *more]
    return load(None, env={}, sets=sets)


def batch(feed: str, cells: list[str], *, start_ms: int = START_MS, count: int = 500) -> bytes:
    record = {
        "schema": "cell-counts/1",
        "feed": feed,
        "start": start_ms,
        "period_s": 300,
        "cells": cells,
        "counts": [count] * len(cells),
    }
    return json.dumps(record).encode()


def sent(gateway: Gateway, value: bytes) -> tuple[set[str], dict[str, int], list[Outgoing]]:
    """Return which cells pass, what was refused, and the dead letters."""
    record = Delivered(partition=0, offset=1, timestamp_ms=0, key=None, value=value)
    cells: set[str] = set()
    rejects: Counter[str] = Counter()
    out = gateway.step(record).out
    for one in out:
        if one.topic is Topic.READINGS:
            news = decode_readings(one.value)
            assert isinstance(news, Batch)
            named = CellKeys(tuple(NAMES)).places(news.cells)
            cells |= {NAMES[cell] for cell in named.tolist()}
            rejects.update(news.rejects)
    return cells, dict(rejects), [one for one in out if one.topic is Topic.COUNTS_DLQ]


@pytest.mark.parametrize(("feed", "mine"), [("a", SOON_OF_A), ("b", OF_B)])
def test_a_cell_of_another_feed_is_unknown_and_one_of_any_version_is_not(
    town: City, feed: str, mine: range
) -> None:
    """Readings of a cell that comes soon are good ones; so are those of one off the grid."""
    passed, refused, letters = sent(Gateway(settings(), town, 0), batch(feed, NAMES))
    assert passed == {NAMES[cell] for cell in mine}
    assert refused == {"unknown_cell": CELLS - len(mine)}
    (letter,) = letters
    headers = dict(letter.headers)
    assert headers["crowd-reasons"] == f"unknown_cell={CELLS - len(mine)}".encode()
    first = next(name for number, name in enumerate(NAMES) if number not in mine)
    what = f"cell {first!r} is not in the register of feed {feed!r}".encode()
    assert any(what in value for value in headers.values())


def test_strangers_alone_are_one_account_and_one_dead_letter(town: City) -> None:
    passed, refused, letters = sent(Gateway(settings(), town, 0), batch("a", NAMES[13:17]))
    assert (passed, refused, len(letters)) == (set(), {"unknown_cell": 4}, 1)


def test_one_list_of_two_feeds_is_judged_for_each_however_often_it_came(town: City) -> None:
    """What is remembered of a list is where its cells are, not whose they are."""
    gateway = Gateway(settings(), town, 0)
    fresh = {
        feed: sent(Gateway(settings(), town, 0), batch(feed, [*NAMES, "x"]))[:2] for feed in "ab"
    }
    for feed in "abbaaabb":
        assert sent(gateway, batch(feed, [*NAMES, "x"]))[:2] == fresh[feed]


def test_a_cells_file_has_its_cells_for_every_feed(plain: City) -> None:
    for feed in "ab":
        passed, refused, _ = sent(Gateway(settings(), plain, 0), batch(feed, [*NAMES, "x"]))
        assert (passed, refused) == (set(NAMES), {"unknown_cell": 1})


cells_sent = st.lists(st.sampled_from([*NAMES, "x"]), min_size=1, max_size=12)


@given(
    st.lists(st.tuples(st.sampled_from("ab"), cells_sent, st.integers(-2, 1)), max_size=12),
    st.sampled_from([1, 3]),
)
def test_readings_in_are_accepted_or_have_a_reason_in_any_version(
    town: City, batches: list[tuple[str, list[str], int]], blocks: int
) -> None:
    """Whichever feed they are of, in whichever hop they come, on the grid or off it."""
    engine = Engine(settings(blocks=blocks), town)
    tick = {"schema": "tick/1"}
    for hop in range(len(batches) + 2):
        now_ms = START_MS + hop * 300_000 + 60_000
        clock = json.dumps({**tick, "now_ms": now_ms}).encode()
        engine.feed(LogRecord(at_ms=now_ms, value=clock, is_tick=True))
        if hop < len(batches):
            feed, cells, ahead = batches[hop]
            start_ms = START_MS + (hop + ahead) * 300_000
            value = batch(feed, cells, start_ms=start_ms, count=40 + hop)
            engine.feed(LogRecord(at_ms=now_ms, value=value, is_tick=False))
    last_ms = START_MS + (len(batches) + 9) * 300_000
    clock = json.dumps({**tick, "now_ms": last_ms}).encode()
    engine.feed(LogRecord(at_ms=last_ms, value=clock, is_tick=True))
    told: Counter[str] = Counter()
    for machine in engine.blocks:
        assert machine.waiting == 0
        for (_, fate), count in machine.account().items():
            told[fate] += count
        for state in machine.states:
            told.update(state.refused)
    assert set(told) <= {*FATES, "unknown_cell"}
    assert sum(told.values()) == sum(len(cells) for _, cells, _ in batches)
    mine = {"a": {NAMES[cell] for cell in SOON_OF_A}, "b": {NAMES[cell] for cell in OF_B}}
    strangers = sum(cell not in mine[feed] for feed, cells, _ in batches for cell in cells)
    assert told["unknown_cell"] == strangers
