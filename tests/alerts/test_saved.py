"""Saved state of the table: taken up whole, or refused with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.saved import StateError
from tests.alerts.scenario import Scenario, grid

if TYPE_CHECKING:
    from alerts.table import IncidentTable


def dumped() -> bytes:
    scene = Scenario(grid(2, 3))
    scene.hop({0: 2.0, 1: 4.0})
    return scene.table.dump()


def fresh(size: int = 3) -> IncidentTable:
    return Scenario(grid(2, size)).table


def test_the_schema_version_comes_first() -> None:
    assert msgspec.msgpack.decode(dumped())[0] == 6


def test_another_version_is_refused_by_name() -> None:
    parts = msgspec.msgpack.decode(dumped())
    with pytest.raises(StateError, match="version 7, this code reads 6"):
        fresh().load(msgspec.msgpack.encode([7, *parts[1:]]))


def test_columns_that_do_not_fit_are_refused() -> None:
    parts = msgspec.msgpack.decode(dumped())
    parts[2][1] += b"\0"
    with pytest.raises(StateError, match="column level has 3 bytes, wanted 2"):
        fresh().load(msgspec.msgpack.encode(parts))


def test_state_of_a_larger_ground_is_refused() -> None:
    scene = Scenario(grid(2, 3))
    scene.hop({5: 2.0})
    with pytest.raises(StateError, match="outside the 2 tiles"):
        fresh(1).load(scene.table.dump())


@given(st.binary(max_size=200), st.integers(0, 400))
def test_any_bytes_are_state_or_a_refusal(junk: bytes, cut: int) -> None:
    for data in (junk, dumped()[:cut], dumped()[:cut] + junk):
        table = fresh()
        try:
            table.load(data)
        except StateError:
            assert table.dump() == fresh().dump()


def test_equal_days_dump_equal_bytes() -> None:
    assert dumped() == dumped()


def test_the_state_before_drops_is_refused_by_its_version() -> None:
    parts = msgspec.msgpack.decode(dumped())
    with pytest.raises(StateError, match="version 3, this code reads 6"):
        fresh().load(msgspec.msgpack.encode([3, *parts[1:5]]))
