"""Bad records on the acks topic, through the whole engine: each has its name, nothing stops.

`docs/bad-input.md` lists all kinds with what one sees and the test that shows it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import pytest

from replay.engine import Engine
from stream.topics import Topic
from tests.laws.crowds import log, settings, squares
from tests.laws.test_equality import alerts

if TYPE_CHECKING:
    from geo.city import City

HOPS = 70  # the first crowd comes and goes


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return squares(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module", name="plain")
def fixture_plain(town: City) -> Engine:
    """Run the log as it is."""
    engine = run(town)
    assert alerts(engine), "the scenario must alarm"
    return engine


def run(town: City, acks: bytes | None = None) -> Engine:
    """Run the log, with one more record on the acks topic before every tick but the first."""
    engine = Engine(settings(counts=1, blocks=2), town, density=True)  # keeps the other topics
    for number, record in enumerate(log(hops=HOPS)):
        if acks is not None and record.is_tick and number:
            engine.act(acks, at_ms=record.at_ms)
        engine.feed(record)
    return engine


def letters(engine: Engine) -> Counter[bytes]:
    """Return the dead letters of the acks topic by their reasons."""
    return Counter(
        dict(out.headers)["crowd-reasons"] for out in engine.other if out.topic is Topic.ACKS_DLQ
    )


def replies(engine: Engine) -> list[bytes]:
    return [out.value for out in engine.published if out.topic is Topic.REPLIES]


def action(*without: str, **changes: object) -> bytes:
    """Return an `ack` of an incident that is not there, with some fields changed or left out."""
    good = {
        "schema": "desk-action/1",
        "incident": "nowhere",
        "desk": "police",
        "action": "ack",
        "revision_seen": 1,
        "level_seen": 1,
        "by": "post 7",
    }
    whole = {**good, **changes}
    return msgspec.json.encode({name: whole[name] for name in whole if name not in without})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"\x00\xff junk", "malformed"),
        (b"", "malformed"),
        (action()[:-9], "malformed"),
        (action(schema="desk-action/9"), "schema"),
        (action(schema="cell-counts/1"), "schema"),
        (action(action="explode"), "malformed"),
        (action(desk="army"), "malformed"),
        (action("incident"), "malformed"),
        (action(level_seen=7), "malformed"),
        (action(text="x" * 2_001), "malformed"),
        (action(extra="x" * 2_000_000), "too_large"),
        (b" " * 10_000_000, "too_large"),
    ],
    ids=[
        "random bytes",
        "empty",
        "truncated",
        "version",
        "schema",
        "unknown action",
        "unknown desk",
        "no incident",
        "level",
        "long text",
        "2 MB action",
        "10 MB",
    ],
)
def test_a_bad_desk_action_is_one_letter_and_changes_no_alert(
    town: City, plain: Engine, value: bytes, reason: str
) -> None:
    engine = run(town, value)
    assert letters(engine) == {f"{reason}=1".encode(): HOPS}
    assert alerts(engine) == alerts(plain)
    assert not replies(engine)


def test_an_unknown_incident_is_answered_and_changes_no_alert(town: City, plain: Engine) -> None:
    engine = run(town, action())
    assert not letters(engine)
    assert alerts(engine) == alerts(plain)
    answered = replies(engine)
    # An action takes effect at the first beat behind it: the last ones still wait for theirs.
    assert HOPS - 2 <= len(answered) <= HOPS
    assert all(b"unknown incident" in value and b'"accepted":false' in value for value in answered)


def test_the_clock_of_acks_never_goes_back_for_a_tick_of_1970(town: City, plain: Engine) -> None:
    engine = run(town, msgspec.json.encode({"schema": "tick/1", "now_ms": 0}))
    assert not letters(engine)
    assert alerts(engine) == alerts(plain)
