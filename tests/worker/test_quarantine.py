"""Laws of the quarantine log: three marks of this version park, an order to skip frees."""

from __future__ import annotations

import msgspec

from stream.topics import Topic
from stream.worker.quarantine import Crash, Quarantine, Skip, code_version, crash_mark


def crash(offset: int, *, code: str | None = None) -> bytes:
    one = Crash(
        topic="readings.v1",
        partition=1,
        offset=offset,
        worker="w0",
        code=code or code_version(),
        fault="ZeroDivisionError()",
    )
    return msgspec.json.encode(one)


def skip(offset: int) -> bytes:
    one = Skip(topic="readings.v1", partition=1, offset=offset, by="ann", why="bad bytes")
    return msgspec.json.encode(one)


def test_two_crashes_do_not_park_three_do() -> None:
    assert Quarantine([crash(7)] * 2).parked_at(Topic.READINGS, 1) is None
    assert Quarantine([crash(7)] * 3).parked_at(Topic.READINGS, 1) == 7


def test_crashes_at_different_offsets_are_not_added_up() -> None:
    assert Quarantine([crash(7), crash(8), crash(9)]).parked_at(Topic.READINGS, 1) is None


def test_marks_of_another_version_do_not_count() -> None:
    marks = [crash(7, code="0.0.0-old")] * 5
    assert Quarantine(marks).parked_at(Topic.READINGS, 1) is None


def test_an_order_to_skip_frees_the_partition() -> None:
    log = Quarantine([*[crash(7)] * 3, skip(7)])
    assert log.parked_at(Topic.READINGS, 1) is None
    assert log.skips(Topic.READINGS, 1) == {7}
    assert log.skips(Topic.READINGS, 0) == frozenset()
    assert log.skips(Topic.COUNTS, 1) == frozenset()


def test_junk_in_the_log_is_passed_over() -> None:
    log = Quarantine([b"junk", None, b"\xff", b"{}", skip(3)])
    assert log.skips(Topic.READINGS, 1) == {3}


def test_a_mark_says_what_happened() -> None:
    mark = crash_mark(Topic.READINGS, 1, 7, worker="w2", fault="x" * 5000)
    told = msgspec.json.decode(mark)
    assert told["schema"] == "crash/1"
    assert (told["topic"], told["partition"], told["offset"]) == ("readings.v1", 1, 7)
    assert len(told["fault"]) == 1000
