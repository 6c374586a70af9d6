"""Laws of the ledger on a real Kafka: whatever dies, each record stands in it once, as it came."""

from __future__ import annotations

import os
import random
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import pytest

from alerts.desk import Desk
from stream.ledger.scribe import STEP_MS
from tests.kafka.beside import deploy
from tests.kafka.book import booked_records, differences, until_caught_up
from tests.kafka.broker import Broker
from tests.kafka.evening import mixed
from tests.kafka.keeping import Keeping
from tests.kafka.notifying import Publisher
from tests.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.kafka.evening import Record


pytestmark = [pytest.mark.kafka, pytest.mark.jvm]

KILLS: Final = int(os.environ.get("CROWDTIDE_LEDGER_KILLS", "6"))
SEED: Final = int(os.environ.get("CROWDTIDE_LEDGER_SEED", "1"))
PLACES: Final = 30
WAIT_S: Final = 180.0  # a bound for machines that are busy, not a figure of the product


@pytest.fixture(scope="module", name="node")
def fixture_node() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@pytest.fixture(scope="module", name="server")
def fixture_server() -> Iterator[Postgres]:
    with Postgres() as running:
        yield running


def until(what: Callable[[], bool], keeping: Keeping) -> None:
    limit_s = time.monotonic() + WAIT_S
    while not what():
        assert time.monotonic() < limit_s, keeping.log.read_text()
        time.sleep(0.1)


def until_it_reads(keeping: Keeping, before: int) -> None:
    until(lambda: len(keeping.said("broker.reached")) > before, keeping)


def publish(publisher: Publisher, told: list[Record]) -> None:
    for topic, value in told:
        publisher.write(topic, value, key="k")


def all_is_written(keeping: Keeping, node: Broker, prefix: str) -> dict[str, int]:
    """Wait until it is; return how many entries there are by kind, as `verify` counts them."""
    topics = booked_records(node.bootstrap, prefix)
    ends = {prefix + topic: records[-1].offset + 1 for topic, records in topics.items() if records}
    until_caught_up(keeping, ends)
    with keeping.book() as store:
        assert differences(store, topics, prefix) == []
    verdict = keeping.read("verify")
    assert (verdict["broken"], verdict["missing"]) == (None, None)
    return dict(verdict["kinds"])


@pytest.mark.parametrize("where", ["file", "server"])
def test_kill_9_at_any_moment_loses_nothing_and_doubles_nothing(
    node: Broker, where: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(SEED)
    told, prefix = mixed(chance, places=PLACES), f"kill-{where}."
    total = len(told)
    url = f"ledger.url={request.getfixturevalue('server').url}" if where == "server" else None
    with (
        Publisher(node, prefix) as publisher,
        Keeping(tmp_path, deploy(node, prefix), where=url) as keeping,
    ):
        before = 0
        for left in range(KILLS, 0, -1):
            share = len(told) // (left + 1)
            # Between reading and writing, or at any other moment.
            aims = left % 2
            if aims:
                until_it_reads(keeping, before)
            publish(publisher, told[:share])
            publisher.beat()
            del told[:share]
            time.sleep(chance.random() * (STEP_MS / 1000 if aims else 3))
            keeping.kill()
            before = len(keeping.said("broker.reached"))
            keeping.start()
        publish(publisher, told)
        kinds = all_is_written(keeping, node, prefix)
        assert keeping.stop() == 0, keeping.log.read_text()
    assert total > 500
    assert kinds.keys() == {"alert", "system", "action", "reply", "unread", "conflict"}


def test_a_broker_that_is_away_is_told_of_once_and_read_on_when_it_is_back(
    node: Broker, tmp_path: Path
) -> None:
    told = mixed(random.Random(SEED), places=PLACES)
    with Keeping(tmp_path, deploy(node, "away."), where=None) as keeping:
        with Publisher(node, "away.") as publisher:
            publish(publisher, told[:200])
        until(lambda: len(keeping.said("broker.reached")) == 1, keeping)
        node.kill()
        try:
            until(lambda: len(keeping.said("broker.lost")) == 1, keeping)
            keeping.kill()  # one that starts meanwhile waits for it as well
            keeping.start()
            until(lambda: len(keeping.said("broker.lost")) == 2, keeping)
            time.sleep(5)
        finally:
            node.start()
        with Publisher(node, "away.") as publisher:
            publish(publisher, told[200:400])
        all_is_written(keeping, node, "away.")
        assert len(keeping.said("broker.lost")) == 2
        assert keeping.stop() == 0


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Make a disk of one MB. Skips where none can be made."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode:
        pytest.skip(f"no disk can be made that fills up: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(ballast: Path) -> None:
    with ballast.open("ab", buffering=0) as filling, suppress(OSError):
        while True:
            filling.write(bytes(4096))


def test_a_full_disk_is_told_of_once_and_written_on_when_there_is_room(
    node: Broker, tmp_path: Path
) -> None:
    told = mixed(random.Random(SEED), places=PLACES)
    with small_disk(tmp_path / "disk") as disk:
        file = f"ledger.file={disk / 'ledger.sqlite3'}"
        with (
            Publisher(node, "full.") as publisher,
            Keeping(tmp_path, deploy(node, "full."), where=file) as keeping,
        ):
            publish(publisher, told[:50])
            all_is_written(keeping, node, "full.")
            for times in (1, 2):
                fill(disk / "ballast")
                publish(publisher, told[100 * times : 100 * times + 100])
                until(lambda times=times: len(keeping.said("ledger.stuck")) == times, keeping)  # type: ignore[misc]
                for _ in range(8):  # it tries again; what it lets go is taken, too
                    fill(disk / "ballast")
                    time.sleep(1)
                (disk / "ballast").unlink()
                all_is_written(keeping, node, "full.")
            publish(publisher, told[300:400])
            all_is_written(keeping, node, "full.")
            assert len(keeping.said("ledger.stuck")) == 2, keeping.log.read_text()
            assert keeping.stop() == 0


def test_a_server_that_is_away_is_told_of_and_written_to_when_it_is_back(
    node: Broker, server: Postgres, tmp_path: Path
) -> None:
    told = mixed(random.Random(SEED), places=PLACES)
    with (
        Publisher(node, "gone.") as publisher,
        Keeping(
            tmp_path,
            [*deploy(node, "gone."), "--set", "ledger.schema=gone"],
            where=f"ledger.url={server.url}",
        ) as keeping,
    ):
        publish(publisher, told[:50])
        all_is_written(keeping, node, "gone.")
        server.stop()
        try:
            publish(publisher, told[50:250])
            until(lambda: bool(keeping.said("ledger.stuck")), keeping)
            time.sleep(8)  # it tries again, some times
            keeping.kill()  # one that starts meanwhile waits for it as well
            keeping.start()
            time.sleep(5)
        finally:
            server.start()
        publish(publisher, told[250:400])
        all_is_written(keeping, node, "gone.")
        assert len(keeping.said("ledger.stuck")) <= 3, keeping.log.read_text()
        assert keeping.stop() == 0


def test_what_desks_are_told_of_tests_is_written_too(node: Broker, tmp_path: Path) -> None:
    with (
        Publisher(node, "probe.") as publisher,
        Keeping(tmp_path, deploy(node, "probe."), where=None) as keeping,
    ):
        for desk in Desk:
            publisher.answer_test(desk, f"test of {desk}")
            publisher.answer_test(desk, f"test of {desk}")
        publisher.beat()
        assert all_is_written(keeping, node, "probe.") == {"test": len(Desk)}
        fresh = {one["desk"]: one["is_fresh"] for one in keeping.read("handover")["tests"]}
    assert fresh == dict.fromkeys(Desk, True)
