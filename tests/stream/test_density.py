"""Laws of `density/1`: what is published is complete, readable, and never below the floor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from replay.engine import Engine
from stream.density import Density
from stream.topics import Topic
from tests.laws.crowds import CELLS, log, settings, squares

if TYPE_CHECKING:
    from pathlib import Path


def published(folder: Path, *more: str) -> list[Density]:
    """Return all density records of a short run."""
    engine = Engine(settings(*more, blocks=2), squares(folder), density=True)
    for record in log(hops=30):
        engine.feed(record)
    return [
        msgspec.json.decode(out.value, type=Density)
        for out in engine.other
        if out.topic is Topic.DENSITY
    ]


@pytest.mark.parametrize("floor", [20, 150])
def test_no_published_number_of_people_is_below_the_floor(tmp_path: Path, floor: int) -> None:
    records = published(tmp_path, f"privacy.floor={floor}")
    people = [value for record in records for value in record.people]
    assert min(value for value in people if value is not None) >= floor
    for record in records:
        for hidden, dense, mean in zip(
            record.people, record.density_per_m2, record.rolling_per_m2, strict=True
        ):
            assert hidden is not None or (dense is None and mean is None)


def test_nothing_of_people_is_told_that_hangs_on_counts_of_old(tmp_path: Path) -> None:
    """What is usual, a score and whether an hour was seen are made of withheld hops, too."""
    for record in published(tmp_path):
        assert set(record.expected) == set(record.score) == {None}
        assert set(record.state) <= {"ok", "withheld", "missing", "blind"}
        for people, state in zip(record.people, record.state, strict=True):
            assert (people is not None) == (state == "ok")


def test_every_tile_is_in_exactly_one_record_a_hop(tmp_path: Path) -> None:
    by_hop: dict[int, list[str]] = {}
    for record in published(tmp_path):
        by_hop.setdefault(record.hop_ms, []).extend(record.tiles)
        columns = (
            record.people,
            record.density_per_m2,
            record.expected,
            record.score,
            record.state,
        )
        assert {len(column) for column in columns} == {len(record.tiles)}
    assert len(by_hop) == 30
    assert all(sorted(tiles) == [f"c{i:02d}" for i in range(CELLS)] for tiles in by_hop.values())


def test_activity_is_published_below_any_floor(tmp_path: Path) -> None:
    records = published(tmp_path, "privacy.floor=100000", "feeds.cmcc.unit=activity")
    assert {record.unit for record in records} == {"activity"}
    assert any(value is not None for record in records for value in record.people)
    assert any(value is not None for record in records for value in record.score)
