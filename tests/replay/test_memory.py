"""A memory's file: whole, sealed, and refused in one line where it does not fit."""

from __future__ import annotations

import zlib
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.city import City, load_city
from replay.badrow import FeedError
from replay.engine import Engine
from replay.memory import SCHEMA, Memory, check_memory, read_memory, write_memory
from replay.warm_start import learnt, start
from tests.laws.crowds import START_MS, log, settings, squares

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return squares(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module", name="memory")
def fixture_memory(town: City) -> Memory:
    engine = Engine(settings(), town)
    for record in log(hops=30):
        engine.feed(record)
    return learnt(engine, settings(), town, begin_ms=START_MS)


def sealed(packed: bytes, *, schema: str = SCHEMA) -> bytes:
    return f"crowdtide {schema}\n{sha256(packed).hexdigest()}\n".encode() + packed


def refusal(call: Callable[[], object]) -> str:
    """Return what is said; it must be one line."""
    with pytest.raises(FeedError) as caught:
        call()
    (line,) = str(caught.value).splitlines()
    return line


def test_a_memory_comes_back_as_it_was_and_twice_is_the_same_file(
    memory: Memory, tmp_path: Path
) -> None:
    seals = [write_memory(tmp_path / name, memory) for name in ("one", "two")]
    assert read_memory(tmp_path / "one") == (memory, seals[0])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


@given(place=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_flipped_byte_anywhere_is_seen(
    memory: Memory, tmp_path_factory: pytest.TempPathFactory, place: int, flip: int
) -> None:
    path: Path = tmp_path_factory.mktemp("flipped") / "memory.crowd"
    write_memory(path, memory)
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= flip
    path.write_bytes(data)
    refusal(lambda: read_memory(path))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is no memory of a deployment"),
        (b"start,cell,count\n", "is no memory of a deployment"),
        (b"crowdtide memory/" + b"9" * 500, "is no memory of a deployment"),
        (sealed(b"x", schema="memory/2"), "is memory/2, this release reads memory/1"),
        (b"crowdtide memory/1\n", "is damaged"),
        (sealed(b"not packed"), "unreadable"),
        (sealed(zlib.compress(b"not a record")), "unreadable"),
        (sealed(zlib.compress(msgspec.msgpack.encode({"state": 4}))), "unreadable"),
    ],
)
def test_what_is_no_memory_is_refused_in_one_line(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "memory.crowd"
    path.write_bytes(data)
    line = refusal(lambda: read_memory(path))
    assert line.startswith(f"{path}: ")
    assert says in line


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    assert "No such file" in refusal(lambda: read_memory(tmp_path / "none"))


def test_other_settings_are_refused_and_named(memory: Memory, town: City) -> None:
    other = settings("alerts.false_alarms_per_day=0.25", "detectors.baseline.level.memory_h=48")
    line = refusal(lambda: check_memory(memory, other, town, name="m"))
    assert "alerts.false_alarms_per_day was 1.0 and is 0.25" in line
    assert "memory_h was 72.0 and is 48.0" in line


def test_other_partitions_are_no_other_settings(memory: Memory, town: City) -> None:
    check_memory(memory, settings(counts=4, blocks=3), town, name="m")


def test_another_grid_is_refused(memory: Memory, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("cell,area_m2,row,col\nc00,400,0,0\nc01,400,0,1\n", encoding="utf-8")
    line = refusal(
        lambda: check_memory(memory, settings(), load_city(path, side_m=100.0), name="m")
    )
    assert line.startswith("m: was learnt on another grid")


def test_another_release_is_refused(memory: Memory, town: City) -> None:
    older = msgspec.structs.replace(memory, state=memory.state - 1)
    line = refusal(lambda: check_memory(older, settings(), town, name="m"))
    assert "whose state is of version" in line


@pytest.mark.parametrize("field", ["visits", "baseline", "forecast"])
def test_a_memory_cut_short_inside_is_refused(memory: Memory, town: City, field: str) -> None:
    """Sealed by somebody who did not know better."""
    name = next(iter(memory.blocks))
    short = msgspec.structs.replace(
        memory.blocks[name], **{field: getattr(memory.blocks[name], field)[:-4]}
    )
    broken = msgspec.structs.replace(memory, blocks={**memory.blocks, name: short})
    assert "does not fit" in refusal(lambda: start(broken, settings(), town))
