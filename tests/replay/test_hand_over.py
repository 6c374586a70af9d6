"""A deployment that is handed over to new logs in the middle says what it would have said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest

from geo.city import City, load_city
from replay.engine import Engine, offline
from replay.feed import read_feed
from replay.hand_over import hand_over, slice_of
from replay.log import input_log
from replay.samples import SAN_SIRO_CALLS
from stream.block import BlockMachine
from stream.settings import Settings, load
from stream.topics import Topic
from tests.laws.crowds import log, settings, squares

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replay.log import LogRecord

HOPS = 380
DAY_MS = 86_400_000


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return squares(tmp_path_factory.mktemp("city"))


Kept = dict[tuple[Topic, int], dict[str, bytes]]


def begun_again(shape: Settings, city: City, kept: Kept, engine: Engine) -> Engine:
    """Return an engine whose logs are empty, with the state of what the other one hands over.

    kept: the snapshot topic; it gets what is new.
    """
    after = Engine(shape, city)
    for (topic, partition), snapshot in hand_over(engine).items():
        entries = kept.setdefault((topic, partition), {})
        entries |= {entry.key: entry.value for entry in (*snapshot.slots, *snapshot.hot)}
        machine = after.incident if topic is Topic.DETECTIONS else after.blocks[partition]
        machine.load(entries)
        assert machine.applied == -1
    return after


def acknowledgement(told: list[bytes]) -> bytes | None:
    """Return the police's word on the newest alert they got, if they got one."""
    for value in reversed(told):
        data = json.loads(value).get("data", {})
        if data.get("desk") == "police":
            action = {"schema": "desk-action/1", "action": "ack", "by": "post 7"}
            action |= {key: data[key] for key in ("incident", "desk")}
            seen = {"revision_seen": data["revision"], "level_seen": data["level"]}
            return msgspec.json.encode(action | seen)
    return None


def run(
    city: City, records: Iterable[LogRecord], shape: Settings, *, cuts: Iterable[int] = ()
) -> list[bytes]:
    """Return all that was published; at each cut (a record's number) all logs begin anew."""
    engine = Engine(shape, city)
    told: list[bytes] = []
    kept: Kept = {}
    for number, record in enumerate(records):
        if number in cuts:
            engine = begun_again(shape, city, kept, engine)
        engine.feed(record)
        if number % 7 == 0 and (action := acknowledgement(told)):
            engine.act(action, at_ms=record.at_ms)
        told += [out.value for out in engine.published]
        engine.published.clear()
    return told


def dealt(hops: int, counts: int) -> list[LogRecord]:
    """Return the log with every batch bound to a partition, whoever feeds it from where on."""
    return [
        record if record.is_tick else replace(record, partition=number % counts)
        for number, record in enumerate(log(hops=hops))
    ]


@pytest.mark.parametrize("shape", [(1, 1), (3, 2)])
def test_a_hand_over_changes_no_byte_of_what_follows(town: City, shape: tuple[int, int]) -> None:
    """With readings waiting for their hop, and desk actions for their beat, at the cut."""
    counts, blocks = shape
    bound, records = settings(counts=counts, blocks=blocks), dealt(HOPS, counts)
    plain = run(town, records, bound)
    desks = {json.loads(value)["data"].get("desk") for value in plain if b'"data"' in value}
    assert {"police", "fire"} <= desks, "the scenario must alarm both desks"
    assert any(b'"acknowledged"' in value for value in plain)
    assert run(town, records, bound, cuts=(150, 152, 201, 203, 260, 1400)) == plain


def test_the_engine_may_go_on_after_a_hand_over(town: City) -> None:
    records, shape = dealt(HOPS, 1), settings()
    engine = Engine(shape, town)
    for number, record in enumerate(records):
        if number == 205:
            hand_over(engine)
        engine.feed(record)
    other = Engine(shape, town)
    for record in records:
        other.feed(record)
    assert [out.value for out in engine.published] == [out.value for out in other.published]


def test_nothing_of_the_old_logs_is_left(town: City) -> None:
    """Else records of the new ones, whose offsets begin at 0, would be passed over as old."""
    shape = settings()
    engine = Engine(shape, town)
    for record in dealt(60, 1):
        engine.feed(record)
    saved = hand_over(engine)
    block = BlockMachine(shape, town, 0)
    block.load(
        {e.key: e.value for e in (*saved[Topic.READINGS, 0].slots, *saved[Topic.READINGS, 0].hot)}
    )
    assert [state.clocks.state.offset for state in block.states] == [[-1]]
    assert engine.incident.state.offset == [-1, -1]
    assert all(not snapshot.gone for snapshot in saved.values())


def test_two_slices_of_a_feed_are_together_the_whole() -> None:
    """Real counts, cut at a deadline in the middle of a match day."""
    shape = offline(
        load(
            None,
            env={},
            sets=[
                "feeds.file.period_s=600",
                "feeds.file.unit=activity",
                "calendar.tz=Europe/Rome",
                "calendar.country=IT",
                "alerts.large_score_ratio=1.0",
                "sites=[{name='San Siro', cells=['san-siro'], access_risk=true}]",
            ],
        )
    )
    city = load_city(SAN_SIRO_CALLS.cells, side_m=100.0)
    feed = read_feed(SAN_SIRO_CALLS.feed)
    grid = {"hop_ms": shape.hop_ms, "lateness_ms": shape.lateness_ms}
    begin_ms = int(feed.start_ms[0])
    whole = slice_of(feed, to_ms=begin_ms + 10 * DAY_MS)
    cut_ms = begin_ms // DAY_MS * DAY_MS + 9 * DAY_MS - 6 * 3_600_000 + shape.lateness_ms
    early, late = slice_of(whole, to_ms=cut_ms), slice_of(whole, from_ms=cut_ms)
    assert len(early) + len(late) == len(whole)
    assert min(len(early), len(late)) > 100
    engine = Engine(shape, city)
    for record in input_log(early, **grid):
        engine.feed(record)
    told = [out.value for out in engine.published]
    engine = begun_again(shape, city, {}, engine)
    for record in input_log(late, **grid):
        engine.feed(record)
    told += [out.value for out in engine.published]
    other = Engine(shape, city)
    for record in input_log(whole, **grid):
        other.feed(record)
    assert told == [out.value for out in other.published]
    assert any(out.topic is Topic.FIRE for out in other.published)
