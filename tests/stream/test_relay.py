"""Laws of the relay: desk actions and ticks go on, all else is one dead letter with its reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from stream.machine import Delivered, Outgoing
from stream.relay import Relay
from stream.settings import load
from stream.topics import Topic
from stream.wire import AckClock, Desk, decode_detections

NOW_MS = 1_790_000_000_000
YEAR_1970_MS, YEAR_2100_MS = 0, 4_102_444_800_000


def relay(ticks: str = "worker") -> Relay:
    return Relay(load(None, env={}, sets=["feeds.cmcc.period_s=300", f"time.ticks={ticks}"]))


def step(value: bytes | None, *, ticks: str = "worker", key: bytes | None = None) -> Outgoing:
    """Relay one record that the broker stamped now; it must lead to exactly one."""
    (out,) = steps(value, ticks=ticks, key=key)
    return out


def steps(
    value: bytes | None, *, ticks: str = "worker", key: bytes | None = None
) -> tuple[Outgoing, ...]:
    """Relay one record that the broker stamped now; return all that it leads to."""
    record = Delivered(partition=0, offset=7, timestamp_ms=NOW_MS, key=key, value=value)
    return relay(ticks).step(record).out


def tick(now_ms: int) -> bytes:
    return json.encode({"schema": "tick/1", "now_ms": now_ms})


def action(*without: str, **changes: object) -> bytes:
    """Return a desk action with some fields changed or left out."""
    good = {
        "schema": "desk-action/1",
        "incident": "20261001-0001",
        "desk": "police",
        "action": "ack",
        "revision_seen": 1,
        "level_seen": 2,
        "by": "Wang",
    }
    whole = {**good, **changes}
    return json.encode({name: value for name, value in whole.items() if name not in without})


def reason(out: Outgoing) -> str:
    """Return the reason of a dead letter of the acks topic."""
    assert out.topic is Topic.ACKS_DLQ
    headers = dict(out.headers)
    assert headers["__streams.errors.topic"] == Topic.ACKS.encode()
    assert headers["crowd-reasons"] == headers["__streams.errors.exception"] + b"=1"
    return headers["__streams.errors.exception"].decode()


def test_a_desk_action_goes_on_byte_for_byte() -> None:
    out = step(action())
    seen = decode_detections(out.value)
    assert isinstance(seen, Desk)
    assert (out.topic, seen.action, seen.origin.offset) == (Topic.DETECTIONS, action(), 7)


@pytest.mark.parametrize("skew_ms", [0, 5_000, -5_000])
def test_a_tick_near_its_stamp_goes_on(skew_ms: int) -> None:
    seen = decode_detections(step(tick(NOW_MS + skew_ms)).value)
    assert isinstance(seen, AckClock)
    assert seen.now_ms == NOW_MS + skew_ms


@pytest.mark.parametrize("now_ms", [YEAR_1970_MS, YEAR_2100_MS, NOW_MS - 5_001, NOW_MS + 5_001])
def test_a_tick_off_its_stamp_is_ignored(now_ms: int) -> None:
    """PROTOCOL 5: it moves no clock; the host counts it."""
    assert steps(tick(now_ms)) == ()


@pytest.mark.parametrize("now_ms", [YEAR_1970_MS, YEAR_2100_MS])
def test_a_tick_of_a_replay_is_taken_as_it_is(now_ms: int) -> None:
    seen = decode_detections(step(tick(now_ms), ticks="feed").value)
    assert isinstance(seen, AckClock)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "malformed"),
        (b"", "malformed"),
        (b"\x00\xff junk", "malformed"),
        (action()[:-5], "malformed"),
        (b"[" * 100_000, "malformed"),
        (b"[]", "schema"),
        (b"{}", "schema"),
        (action(schema="desk-action/2"), "schema"),
        (action(schema=["desk-action/1"]), "schema"),
        (action(schema="cell-counts/1"), "schema"),
        (action(action="explode"), "malformed"),
        (action("incident"), "malformed"),
        (action(incident=""), "malformed"),
        (action(incident="x" * 301), "malformed"),
        (action(desk="army"), "malformed"),
        (action("by"), "malformed"),
        (action(level_seen=9), "malformed"),
        (action(revision_seen=-1), "malformed"),
        (action(text="x" * 2_001), "malformed"),
        (tick(-5), "malformed"),
        (action(extra="x" * 1_100_000), "too_large"),
        (b"x" * 10_000_000, "too_large"),
    ],
    ids=[
        "a tombstone",
        "empty",
        "random bytes",
        "cut",
        "deep",
        "a list",
        "no schema",
        "another version",
        "a schema that is a list",
        "counts",
        "unknown action",
        "no incident",
        "empty incident",
        "long incident",
        "unknown desk",
        "nobody",
        "level",
        "revision",
        "long text",
        "tick before 1970",
        "huge action",
        "10 MB",
    ],
)
def test_what_is_no_desk_action_is_one_dead_letter_with_its_reason(
    value: bytes | None, name: str
) -> None:
    out = step(value)
    assert reason(out) == name
    assert out.value == (value or b"") if name != "too_large" else len(out.value) == 64 * 1024
    assert len(out.value) + sum(len(data) for _, data in out.headers) < 2 * 1024 * 1024


def test_a_dead_letter_says_what_was_wrong() -> None:
    what = dict(step(action(action="explode")).headers)["__streams.errors.message"]
    assert b"explode" in what
    what = dict(step(tick(-5)).headers)["__streams.errors.message"]
    assert what == b"tick at -5 ms is no epoch time"


def test_a_huge_key_does_not_make_a_letter_that_no_topic_takes() -> None:
    assert step(b"junk", key=b"k" * 5_000_000).key == b"k" * 1024
    assert step(b"junk", key=b"").key == b""
    assert step(b"junk").key is None


@given(st.binary(max_size=200))
def test_any_bytes_go_on_or_are_one_dead_letter(value: bytes) -> None:
    assert step(value).topic in {Topic.DETECTIONS, Topic.ACKS_DLQ}
