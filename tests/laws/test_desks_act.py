"""Law 2 with people in it: the same log of counts and desk actions tells the same bytes."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from replay.engine import Engine
from stream.block import BlockMachine
from stream.incident import IncidentMachine
from stream.topics import Topic
from tests.laws.crowds import log, settings, squares
from tests.laws.test_equality import Reloaded

if TYPE_CHECKING:
    from pathlib import Path

    from geo.city import City

HOPS = 120
SHORT = (
    "alerts.ack_expires_s=1200",
    "desks.police.ack_deadline_s=[600, 300, 120, 60]",
    "desks.police.ring_again_s=[600, 300, 120, 60]",
    "alerts.flood_messages=3",
)
ACTIONS = ("ack", "ack", "confirm", "close", "comment", "shelve", "silence", "escalate", "reopen")
OUTPUTS = {Topic.POLICE, Topic.FIRE, Topic.REPLIES}


def deed(chance: random.Random, seen: list[dict[str, Any]], at_ms: int) -> bytes:
    """Return what a desk does about one of the newest alerts; now and then twice the same."""
    data = chance.choice(seen[-8:])
    action = {
        "schema": "desk-action/1",
        "incident": data["incident"],
        "desk": data["desk"],
        "action": chance.choice(ACTIONS),
        "revision_seen": data["revision"],
        "level_seen": data["level"],
        "until": at_ms + chance.choice((-1, 300_000, 900_000)),
        "text": chance.choice(("known", "fair", "works", None)),
        "by": f"officer {chance.randrange(3)}",
        "id": f"deed {chance.randrange(30)}",
    }
    return msgspec.json.encode(action)


def make(town: City, *, counts: int, blocks: int, reload: bool) -> Engine:
    shape = settings(*SHORT, counts=counts, blocks=blocks)
    engine = Engine(shape, town)
    if reload:
        engine.blocks = [
            Reloaded(lambda p=p: BlockMachine(shape, town, p, density=False))  # type: ignore[misc]
            for p in range(blocks)
        ]
        engine.incident = Reloaded(lambda: IncidentMachine(shape, town))  # type: ignore[assignment]
    return engine


def script(town: City) -> list[tuple[int, bytes]]:
    """Return what desks do in one run, and after which record of the log: seen live, once."""
    chance, done = random.Random(3), []
    engine = make(town, counts=1, blocks=1, reload=False)
    seen: list[dict[str, Any]] = []
    for number, record in enumerate(log(hops=HOPS)):
        engine.feed(record)
        seen = [json.loads(one.value)["data"] for one in engine.published if one.topic in DESKS]
        if record.is_tick and seen and chance.random() < 0.9:
            value = deed(chance, seen, record.at_ms)
            engine.act(value, at_ms=record.at_ms)
            done.append((number, value))
    return done


DESKS = {Topic.POLICE, Topic.FIRE}


def run(
    town: City, deeds: list[tuple[int, bytes]], *, counts: int, blocks: int, reload: bool
) -> list[tuple[str, bytes]]:
    engine, waiting = make(town, counts=counts, blocks=blocks, reload=reload), list(deeds)
    for number, record in enumerate(log(hops=HOPS)):
        engine.feed(record)
        while waiting and waiting[0][0] == number:
            engine.act(waiting.pop(0)[1], at_ms=record.at_ms)
    return [(str(one.topic), one.value or b"") for one in engine.published if one.topic in OUTPUTS]


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    folder: Path = tmp_path_factory.mktemp("city")
    return squares(folder)


@pytest.fixture(scope="module", name="deeds")
def fixture_deeds(town: City) -> list[tuple[int, bytes]]:
    return script(town)


@pytest.fixture(scope="module", name="plain")
def fixture_plain(town: City, deeds: list[tuple[int, bytes]]) -> list[tuple[str, bytes]]:
    return run(town, deeds, counts=1, blocks=1, reload=False)


def of(told: list[tuple[str, bytes]], topic: Topic) -> list[dict[str, Any]]:
    return [json.loads(value) for name, value in told if name == topic]


def test_the_evening_has_everything_in_it(plain: list[tuple[str, bytes]]) -> None:
    changed = {one["data"]["changed"][0] for topic in DESKS for one in of(plain, topic)}
    deeds = {"acknowledged", "confirmed", "comment", "shelved", "silenced"}
    assert {"overdue", "unanswered", *deeds} <= changed
    assert {one["accepted"] for one in of(plain, Topic.REPLIES)} == {True, False}
    assert any(one["data"]["parts_total"] for one in of(plain, Topic.POLICE))


@pytest.mark.parametrize(
    ("counts", "blocks", "reload"), [(4, 4, False), (1, 1, True), (3, 2, True)]
)
def test_partitions_and_restarts_decide_nothing_of_what_desks_do(
    town: City,
    deeds: list[tuple[int, bytes]],
    plain: list[tuple[str, bytes]],
    *,
    counts: int,
    blocks: int,
    reload: bool,
) -> None:
    assert run(town, deeds, counts=counts, blocks=blocks, reload=reload) == plain


def test_every_action_is_answered_once_and_a_deed_sent_twice_is_refused(
    deeds: list[tuple[int, bytes]], plain: list[tuple[str, bytes]]
) -> None:
    replies = of(plain, Topic.REPLIES)
    passed = [json.loads(value)["id"] for _, value in deeds]
    assert [one["id"] for one in replies] == passed[: len(replies)]
    assert len(passed) - len(replies) <= 1  # the last may wait for a beat that never came
    done: set[tuple[str, str, str]] = set()
    for one in replies:
        key = (one["incident"], one["desk"], one["id"])
        assert not (one["accepted"] and key in done)
        if one["accepted"]:
            done.add(key)


def test_a_self_test_comes_the_way_of_the_alerts_and_is_a_test(town: City) -> None:
    engine = make(town, counts=1, blocks=1, reload=False)
    records = list(log(hops=3))
    for record in records[:-1]:
        engine.feed(record)
    ask = {
        "schema": "desk-action/1",
        "incident": "self-test",
        "desk": "fire",
        "action": "test",
        "revision_seen": 0,
        "level_seen": 0,
        "by": "notify",
        "id": "t1",
    }
    engine.act(msgspec.json.encode(ask), at_ms=records[-1].at_ms)
    engine.feed(records[-1])
    (test,) = [json.loads(one.value) for one in engine.published if one.topic is Topic.FIRE]
    assert (test["type"], test["status"]) == ("crowd.alert.test.v1", "Test")
    assert (test["data"]["schema"], test["data"]["id"]) == ("self-test/1", "t1")
    (reply,) = [json.loads(one.value) for one in engine.published if one.topic is Topic.REPLIES]
    assert (reply["accepted"], reply["why"], reply["id"]) == (True, "self-test alert sent", "t1")
