"""Laws of what cells are called on the wire: a record means the same under every later pack."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.coverage import coverage_of
from geo.version import BEGINNING_MS, Version, version_digest
from stream.block import BlockMachine
from stream.cell_keys import KEEPS_ACCOUNT, CellKeys
from stream.gateway import Gateway
from stream.layout import routes
from stream.machine import Delivered
from tests.laws.crowds import START_MS, discs, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo.city import City

BLOCKS = 3


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return with_cells(discs(tmp_path_factory.mktemp("city")))


def with_cells(town: City, *, more: Sequence[str] = (), without: Sequence[str] = ()) -> City:
    """Return the town as a pack that knows further cells, far off its grid, or fewer ones."""
    cells = tuple(sorted({*town.cells, *more} - set(without)))
    every = town.coverage
    kept = np.array([town.cells[cell] in cells for cell in every.cell.tolist()])
    cell = np.array([cells.index(town.cells[one]) for one in every.cell[kept].tolist()])
    cover = coverage_of(cell, every.tile[kept], every.share[kept], len(cells))
    held = {"cmcc": cover}
    version = Version(valid_from_ms=BEGINNING_MS, feeds=held, digest=version_digest(cells, held))
    return replace(town, cells=cells, versions=(version,))


def run(writes: City, reads: City, counts: dict[str, int]) -> tuple[dict[str, float], list[int]]:
    """Return people by tile after one interval, and how many were accepted and late.

    writes, reads: the city of the gateway, and that of the blocks.
    """
    shape, people = settings(blocks=BLOCKS), dict[int, float]()
    gateway, offsets = Gateway(shape, writes, 0), [0] * BLOCKS
    blocks = [
        BlockMachine(
            shape,
            reads,
            partition,
            on_hop=lambda state, seen: people.update(
                zip(state.layout.tile.tolist(), seen.frame.now.point.tolist(), strict=True)
            ),
        )
        for partition in range(BLOCKS)
    ]
    batch = {"schema": "cell-counts/1", "feed": "cmcc", "start": START_MS, "period_s": 300}
    records = (
        {"schema": "tick/1", "now_ms": START_MS},
        {**batch, "cells": list(counts), "counts": list(counts.values())},
        {"schema": "tick/1", "now_ms": START_MS + 360_000},
    )
    for offset, record in enumerate(records):
        value = json.dumps(record).encode()
        sent = Delivered(partition=0, offset=offset, timestamp_ms=0, key=None, value=value)
        for out in gateway.step(sent).out:
            to = out.partition or 0
            news = Delivered(
                partition=to, offset=offsets[to], timestamp_ms=0, key=None, value=out.value
            )
            blocks[to].step(news)
            offsets[to] += 1
    fates = [
        sum(block.account()["cmcc", fate] for block in blocks) for fate in ("accepted", "late")
    ]
    return {reads.grid.tile_ids[tile]: here for tile, here in people.items()}, fates


def counted(city: City) -> dict[str, int]:
    return {cell: 100 * (number + 1) for number, cell in enumerate(city.cells)}


def test_readings_written_before_a_pack_got_further_cells_stay_with_their_own(town: City) -> None:
    """Each new cell would shift the place of every one behind it."""
    more = with_cells(town, more=["a", "c03x", "c11x", "z"])
    want, fates = run(town, town, counted(town))
    got, fates_now = run(town, more, counted(town))
    np.testing.assert_array_equal(list(got.values()), list(want.values()))
    assert list(got) == list(want)
    assert fates == fates_now == [len(town.cells), 0]


def test_readings_of_cells_that_are_gone_come_too_late_and_each_is_counted_once(
    town: City,
) -> None:
    """Also where a cell lay in blocks of several partitions."""
    gone = ["c00", "c07", "c08", "c23"]
    several = routes(town, partitions=BLOCKS).to.sum(axis=0) > 1
    assert several[[town.cells.index(cell) for cell in gone]].any()
    less = with_cells(town, without=gone)
    counts = counted(town)
    got, fates = run(town, less, counts)
    assert fates == [len(town.cells) - len(gone), len(gone)]
    want, _ = run(less, less, {cell: counts[cell] for cell in less.cells})
    np.testing.assert_array_equal(list(got.values()), list(want.values()))


ids = st.lists(st.text("abc012", min_size=1, max_size=4), min_size=1, max_size=9, unique=True)


@given(ids, ids)
def test_a_key_is_of_the_same_cell_in_every_city(some: list[str], others: list[str]) -> None:
    one, other = CellKeys(tuple(sorted(some))), CellKeys(tuple(sorted(others)))
    assert (one.keys < KEEPS_ACCOUNT).all()
    for keys in (one.keys, one.keys | KEEPS_ACCOUNT):
        assert other.places(keys.tobytes()).tolist() == [
            sorted(others).index(cell) if cell in others else -1 for cell in sorted(some)
        ]
