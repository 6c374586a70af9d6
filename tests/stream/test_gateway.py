"""Laws of the gateway: stateless, complete, and every reading goes where its ground is kept."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.city import City, load_city
from stream.cell_keys import KEEPS_ACCOUNT, keys_of
from stream.gateway import TICK_IGNORED, Gateway
from stream.machine import Delivered, Outgoing
from stream.settings import Settings, load
from stream.topics import Topic, partition_of
from stream.wire import Batch, Clock, column, decode_readings

if TYPE_CHECKING:
    from pathlib import Path

START_MS = 1_790_000_100_000
CELLS = [f"c{i}" for i in range(6)]
PANEL_CELL = "c2"


@pytest.fixture(scope="module", name="city")
def fixture_city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Six cells on squares, far enough apart to lie in several blocks."""
    return six_cells(tmp_path_factory.mktemp("cells"))


def six_cells(folder: Path) -> City:
    """Write and load the cells file; the panel is c2 alone."""
    rows = "\n".join(f"{cell},100,{40 * i},0" for i, cell in enumerate(CELLS))
    path = folder / "cells.csv"
    path.write_text(f"cell,area_m2,row,col\n{rows}\n")
    city = load_city(path, side_m=100.0, walkable_share=1.0)
    return replace(city, panel=np.array([city.cell_index[PANEL_CELL]], np.int32))


def settings(*more: str) -> Settings:
    """Return settings with one five-minute feed and ticks from a replay."""
    sets = ["feeds.cmcc.period_s=300", "time.ticks=feed", "topics.partitions.blocks=3", *more]
    return load(None, env={}, sets=sets)


def batch(**changes: object) -> bytes:
    """Return a batch of all six cells with some fields changed."""
    good = {
        "schema": "cell-counts/1",
        "feed": "cmcc",
        "start": START_MS,
        "period_s": 300,
        "cells": CELLS,
        "counts": [1, 2, None, 4, 5, 6],
    }
    return json.dumps({**good, **changes}).encode()


def at(value: bytes | None, *, offset: int = 7, timestamp_ms: int = 0) -> Delivered:
    """Return a record as read from partition 1."""
    return Delivered(partition=1, offset=offset, timestamp_ms=timestamp_ms, key=None, value=value)


def readings(out: tuple[Outgoing, ...]) -> dict[int, Batch]:
    """Return what goes to each block partition."""
    sent: dict[int, Batch] = {}
    for one in out:
        if one.topic is Topic.READINGS:
            record = decode_readings(one.value)
            assert isinstance(record, Batch)
            sent[one.partition or 0] = record
    return sent


def cells_of(one: Batch, city: City) -> list[int]:
    """Return the places of a record's cells."""
    places: list[int] = keys_of(city).places(one.cells).tolist()
    return places


def kept_of(one: Batch, city: City) -> list[int]:
    """Return the places of the cells whose account the receiver keeps."""
    named = column(one.cells, np.uint64)
    places: list[int] = keys_of(city).places(named[named >= KEEPS_ACCOUNT].tobytes()).tolist()
    return places


def kept_of_all(sent: dict[int, Batch], city: City) -> list[int]:
    """Return the same of all records."""
    return [cell for one in sent.values() for cell in kept_of(one, city)]


def letters(out: tuple[Outgoing, ...]) -> list[Outgoing]:
    """Return the dead letters."""
    return [one for one in out if one.topic is Topic.COUNTS_DLQ]


def test_every_cell_goes_to_the_partition_of_its_block(city: City) -> None:
    """And to no other, but for the panel; nothing is lost, nothing accounted for twice."""
    sent = readings(Gateway(settings(), city, 1).step(at(batch())).out)
    got = {cell: p for p, one in sent.items() for cell in kept_of(one, city)}
    want = {
        city.cell_index[cell]: partition_of(
            city.grid.block_ids[city.grid.block_of[city.grid.tile_ids.index(cell)]], 3
        )
        for cell in CELLS
    }
    assert got == want
    assert sum(len(kept_of(one, city)) for one in sent.values()) == len(CELLS)
    others = [cell for one in sent.values() for cell in cells_of(one, city)]
    for cell in kept_of_all(sent, city):
        others.remove(cell)
    assert others == [city.cell_index[PANEL_CELL]] * 2


def test_the_panel_goes_to_every_partition(city: City) -> None:
    """Also to one that has no ground, and where nothing else of the batch does."""
    value = batch(cells=[PANEL_CELL], counts=[7])
    sent = readings(Gateway(settings(), city, 1).step(at(value)).out)
    assert {p: cells_of(one, city) for p, one in sent.items()} == {
        p: [city.cell_index[PANEL_CELL]] for p in range(3)
    }


def test_withheld_travels_as_minus_one_never_as_zero(city: City) -> None:
    """Null and zero are two facts."""
    sent = readings(Gateway(settings(), city, 1).step(at(batch(counts=[0, None] * 3))).out)
    values = sorted(v for one in sent.values() for v in column(one.counts, np.float32).tolist())
    assert values == [-1.0] * 3 + [0.0] * 5


def test_a_tick_goes_to_every_block_partition_with_its_origin(city: City) -> None:
    """All of them keep one clock per source."""
    tick = b'{"schema":"tick/1","now_ms":1790000000000}'
    out = Gateway(settings(), city, 1).step(at(tick)).out
    assert [one.partition for one in out] == [0, 1, 2]
    for one in out:
        clock = decode_readings(one.value)
        assert isinstance(clock, Clock)
        assert (clock.origin.partition, clock.origin.offset) == (1, 7)
        assert clock.now_ms == 1790000000000


@pytest.mark.parametrize(("skew_ms", "kept"), [(5_000, True), (5_001, False), (-6_000, False)])
def test_a_tick_off_its_stamp_is_ignored_and_counted(city: City, skew_ms: int, kept: bool) -> None:
    """PROTOCOL 5: only where workers write the ticks; a replay's are taken as they are."""
    tick = b'{"schema":"tick/1","now_ms":1790000000000}'
    stamped = at(tick, timestamp_ms=1790000000000 + skew_ms)
    live = Gateway(settings("time.ticks=worker"), city, 1).step(stamped).out
    is_clock = [isinstance(decode_readings(one.value), Clock) for one in live]
    assert is_clock == ([True] * 3 if kept else [False])
    if not kept:
        assert readings(live)[1].rejects == {TICK_IGNORED: 1}
    replayed = Gateway(settings(), city, 1).step(stamped).out
    assert len(replayed) == 3


@pytest.mark.parametrize(
    ("changes", "reason", "count"),
    [
        ({"feed": "who"}, "unknown_feed", 6),
        ({"period_s": 600}, "bad_interval", 6),
        ({"start": START_MS + 1}, "bad_interval", 6),
        ({"cells": ["c0", "x", "y", "c3", "c4", "c5"]}, "unknown_cell", 2),
        ({"counts": [1, 2, 3, -4, 5, 6]}, "bad_count", 1),
        ({"counts": [1]}, "malformed", 1),
        ({"schema": "cell-counts/9"}, "schema", 1),
    ],
)
def test_a_refusal_is_one_dead_letter_and_is_accounted_for(
    city: City, changes: dict[str, object], reason: str, count: int
) -> None:
    """PROTOCOL 23: raw bytes and counts per reason; the account goes to one partition."""
    value = batch(**changes)
    out = Gateway(settings(), city, 1).step(at(value)).out
    (letter,) = letters(out)
    headers = dict(letter.headers)
    assert letter.value == value
    assert headers["__streams.errors.exception"] == reason.encode()
    assert headers["crowd-reasons"] == f"{reason}={count}".encode()
    assert (headers["__streams.errors.partition"], headers["__streams.errors.offset"]) == (
        b"1",
        b"7",
    )
    accounts = [one.rejects for one in readings(out).values() if one.rejects]
    assert accounts == [{reason: count}]


def test_a_record_over_the_limit_keeps_its_head_length_and_hash(city: City) -> None:
    """The dead letter topic need not hold what the input topic could not."""
    (letter,) = letters(Gateway(settings(), city, 1).step(at(b"x" * 2_000_000)).out)
    assert len(letter.value) == 64 * 1024
    assert dict(letter.headers)["crowd-length"] == b"2000000"


@given(st.lists(st.tuples(st.sampled_from([*CELLS, "nowhere"]), st.integers(-2, 9)), min_size=1))
def test_readings_in_are_readings_out(
    tmp_path_factory: pytest.TempPathFactory, sent: list[tuple[str, int]]
) -> None:
    """Accepted plus rejected by reason is what came (law 5), at any mix of faults."""
    gateway = Gateway(settings(), six_cells(tmp_path_factory.mktemp("c")), 1)
    value = batch(cells=[c for c, _ in sent], counts=[n for _, n in sent])
    tally: Counter[object] = Counter()
    for one in readings(gateway.step(at(value)).out).values():
        tally["accepted"] += int((column(one.cells, np.uint64) >= KEEPS_ACCOUNT).sum())
        tally.update(one.rejects)
    assert sum(tally.values()) == len(sent)


def test_a_large_batch_is_cut_into_parts(tmp_path: Path) -> None:
    """No record between stages is over 256 KB (PROTOCOL 7)."""
    cells = [f"{i:05d}" for i in range(40_000)]
    path = tmp_path / "cells.csv"
    path.write_text("cell,area_m2\n" + "\n".join(f"{c},1" for c in cells) + "\n")
    city = load_city(path, side_m=100.0, walkable_share=1.0)
    one_partition = settings("topics.partitions.blocks=1")
    out = Gateway(one_partition, city, 0).step(at(batch(cells=cells, counts=[1] * 40_000))).out
    records = [decode_readings(one.value) for one in out]
    assert [record.origin.part for record in records] == [0, 1]
    assert max(len(one.value) for one in out) <= 256 * 1024
