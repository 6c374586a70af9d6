"""Laws of notify on a real Kafka: kill -9 at any time loses nothing and doubles only by its id."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec
import pytest

from stream.topics import Topic
from tests.kafka.beside import deploy
from tests.kafka.broker import Broker
from tests.kafka.evening import evening
from tests.kafka.notifying import Notifying, Publisher
from tests.kafka.tail_of import TailOf
from tests.notify.hook import Hook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alerts.message import Alert

pytestmark = [pytest.mark.kafka, pytest.mark.jvm]

KILLS: Final = int(os.environ.get("CROWDTIDE_NOTIFY_KILLS", "4"))
SEED: Final = int(os.environ.get("CROWDTIDE_NOTIFY_SEED", "1"))
PLACES: Final = 12
MINUTE_S: Final = 60.0
POSTED: Final = {
    "schema": "desk-action/1",
    "incident": "self-test",
    "desk": "?",
    "action": "test",
    "revision_seen": 0,
    "level_seen": 0,
    "by": "notify",
    "outcome": None,
    "until": None,
    "text": None,
    "id": "?",
    "arrived": None,
    "left": None,
}


@pytest.fixture(scope="module", name="node")
def fixture_node() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@pytest.fixture(name="hook")
def fixture_hook() -> Iterator[Hook]:
    with Hook() as running:
        yield running


def target(hook: Hook, name: str, desks: str) -> str:
    url = hook.url(name)
    return f'notify.targets.{name}={{desks=[{desks}], lang="en", url="{url}", timeout_s=5}}'


def musts(alerts: list[Alert], desk: str) -> set[str]:
    """Return the ids of a desk's first messages, rises and ends."""
    kinds = {"raised", "escalated", "reopened", "resolved"}
    return {alert.id for alert in alerts if alert.desk == desk and alert.kind in kinds}


def test_kill_9_at_any_time_loses_nothing_and_doubles_only_by_its_id(
    node: Broker, hook: Hook, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    told = evening(PLACES)
    wanted = {desk: musts(told, desk) for desk in ("police", "fire")}
    assert min(map(len, wanted.values())) >= 2 * PLACES
    targets = [target(hook, desk, f'"{desk}"') for desk in wanted]
    rest = list(told)
    hook.slow_s = 0.05
    with (
        Publisher(node, "kill.") as publisher,
        Notifying(tmp_path, deploy(node, "kill."), "notify.self_test_s=0", *targets) as process,
    ):
        for left in range(KILLS, 0, -1):
            share = len(rest) // (left + 1)
            publisher.tell(rest[:share])
            del rest[:share]
            # While a note is on its way, or at any other moment.
            if left % 2:
                enough = len(hook.calls) + chance.randrange(1, 6)
                hook.wait(lambda enough=enough: len(hook.calls) >= enough)  # type: ignore[misc]
            else:
                time.sleep(chance.random() * 3)
            process.kill()
            process.start()
        publisher.tell(rest)
        until_s = time.monotonic() + 4 * MINUTE_S
        while missing := [ids - set(hook.ids(desk)) for desk, ids in wanted.items()]:
            if not any(missing):
                break
            assert time.monotonic() < until_s, missing
            publisher.beat()
            time.sleep(0.5)
        assert process.stop() == 0, process.log.read_text()
    for desk in wanted:
        again = [count - 1 for count in Counter(hook.ids(desk)).values() if count > 1]
        # A kill may cut off one note of a target, with the few steps that it carried.
        assert max(again, default=0) <= KILLS
        assert len(again) <= 4 * KILLS, again


def test_silence_is_told_once_through_a_crash_and_so_is_its_return(
    node: Broker, hook: Hook, tmp_path: Path
) -> None:
    sets = ("notify.self_test_s=0", target(hook, "duty", '"police"'))
    with (
        Publisher(node, "silent.") as publisher,
        Notifying(tmp_path, deploy(node, "silent."), *sets) as process,
    ):
        publisher.beat()
        until_s = time.monotonic() + 4 * MINUTE_S
        while not hook.got and time.monotonic() < until_s:
            time.sleep(0.5)
        assert hook.got[0][1]["title"].startswith("The system is silent")
        publisher.beat()
        process.kill()  # what was told of silence is known to the next process
        process.start()
        publisher.beat()
        until_s = time.monotonic() + 4 * MINUTE_S
        while len(hook.got) < 2 and time.monotonic() < until_s:
            publisher.beat()
            time.sleep(0.5)
        assert [note["title"][:18] for _, note in hook.got] == [
            "The system is sile",
            "The system is back",
        ]


def test_each_desk_is_tested_through_the_topics_and_a_broken_path_is_told(
    node: Broker, hook: Hook, tmp_path: Path
) -> None:
    sets = (
        "notify.self_test_s=5",
        target(hook, "police", '"police"'),
        target(hook, "fire", '"fire"'),
    )
    with (
        Publisher(node, "test.") as publisher,
        Notifying(tmp_path, deploy(node, "test."), *sets),
        TailOf(node.bootstrap, "test." + Topic.ACKS) as acks,
    ):
        posted: list[dict[str, object]] = []
        until_s = time.monotonic() + 5 * MINUTE_S
        while not hook.got and time.monotonic() < until_s:
            publisher.beat()
            for record in acks.catch_up():
                action = msgspec.json.decode(record.value)
                posted.append(action)
                # The incident stage answers police; fire's answer gets lost on the way.
                if action["desk"] == "police":
                    publisher.answer_test("police", action["id"])
            time.sleep(0.5)
    assert [name for name, _ in hook.got] == ["fire"]
    assert "The alert path to fire is broken" in hook.got[0][1]["title"]
    assert {**posted[0], "id": "?", "desk": "?"} == POSTED
    assert sum(one["desk"] == "police" for one in posted) > 5
    assert sum(one["desk"] == "fire" for one in posted) <= 2, "the next one waits for this"
