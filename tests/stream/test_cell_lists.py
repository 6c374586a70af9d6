"""Laws of remembered lists: bounded in bytes, kept from the second coming on, never told apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.city import City, load_city
from stream.cell_lists import CellLists
from stream.gateway import Gateway
from stream.machine import Delivered
from stream.settings import Settings, load

if TYPE_CHECKING:
    from pathlib import Path

CELLS = [f"c{i}" for i in range(6)]


@pytest.fixture(scope="module", name="city")
def fixture_city(tmp_path_factory: pytest.TempPathFactory) -> City:
    path: Path = tmp_path_factory.mktemp("cells") / "cells.csv"
    rows = "\n".join(f"{cell},100,{40 * i},0" for i, cell in enumerate(CELLS))
    path.write_text(f"cell,area_m2,row,col\n{rows}\n")
    return load_city(path, side_m=100.0, walkable_share=1.0)


def ask(lists: CellLists, names: list[str]) -> list[int]:
    """Look a list up as the gateway does."""
    text = json.dumps(names).encode()
    places: list[int] = lists.places(text, list(lists.names.get(text, names))).tolist()
    return places


def test_a_list_is_kept_from_its_second_coming_on(city: City) -> None:
    lists = CellLists(city)
    for kept in (0, 1, 1):
        assert ask(lists, ["c1", "nowhere", "c0"]) == [1, -1, 0]
        assert len(lists.names) == kept
    assert list(lists.names.values()) == [["c1", "nowhere", "c0"]]


def test_a_feed_that_never_repeats_itself_fills_nothing(city: City) -> None:
    lists = CellLists(city)
    for number in range(10_000):
        ask(lists, [f"x{number}"])
    assert (lists.kept_bytes, len(lists.names)) == (0, 0)


def test_what_is_kept_is_bounded_in_bytes_and_the_oldest_goes_first(city: City) -> None:
    lists = CellLists(city, kept_bytes_max=100)
    for number in range(50):
        for _ in range(2):
            ask(lists, [f"x{number:02d}", "c0"])  # 13 bytes
        assert lists.kept_bytes == sum(map(len, lists.names)) <= 100
    assert [names[0] for names in lists.names.values()] == [f"x{n}" for n in range(43, 50)]


def test_marks_of_lists_seen_once_are_bounded(city: City) -> None:
    lists = CellLists(city, once_max=3)
    for name in ("a", "b", "c", "d", "a"):  # `d` pushed the first mark of `a` out
        ask(lists, [name])
    assert not lists.names
    ask(lists, ["d"])
    assert list(lists.names.values()) == [["d"]]


def test_a_kept_list_holds_the_strings_of_the_register(city: City) -> None:
    lists = CellLists(city)
    for _ in range(2):
        ask(lists, json.loads('["c4", "c2"]'))
    (names,) = lists.names.values()
    assert [id(name) for name in names] == [id(city.cells[4]), id(city.cells[2])]


def settings() -> Settings:
    sets = ["feeds.cmcc.period_s=300", "time.ticks=feed", "topics.partitions.blocks=3"]
    return load(None, env={}, sets=sets)


some_lists = st.lists(st.sampled_from([*CELLS, "nowhere", ""]), min_size=1, max_size=4)


@given(st.lists(some_lists, min_size=1, max_size=3), st.lists(st.integers(0, 2), max_size=12))
def test_the_gateway_says_the_same_whatever_came_before(
    city: City, pool: list[list[str]], order: list[int]
) -> None:
    """Each record through one gateway for all, and through a new one of its own."""
    used = Gateway(settings(), city, 1)
    for offset, pick in enumerate(order):
        cells = pool[pick % len(pool)]
        batch = {"schema": "cell-counts/1", "feed": "cmcc", "start": 1_790_000_100_000}
        value = json.dumps(
            {**batch, "period_s": 300, "cells": cells, "counts": list(range(len(cells)))}
        ).encode()
        record = Delivered(partition=1, offset=offset, timestamp_ms=0, key=None, value=value)
        assert used.step(record) == Gateway(settings(), city, 1).step(record)
