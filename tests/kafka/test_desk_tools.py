"""Laws of a desk's tools on a real Kafka: tail outlives its broker, open reads two days back."""

from __future__ import annotations

import json
import subprocess
import time
from typing import TYPE_CHECKING, Final

import pytest

from alerts.desk import Desk
from tests.alerts.scenario import Scenario, crowd, grid
from tests.arch.house import ROOT
from tests.kafka.beside import CLI, deploy
from tests.kafka.broker import Broker, tied_to_parent
from tests.kafka.notifying import Publisher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from alerts.message import Alert

pytestmark = [pytest.mark.kafka, pytest.mark.jvm]

WAIT_S: Final = 180.0  # a bound for machines that are busy, not a figure of the product


@pytest.fixture(scope="module", name="node")
def fixture_node() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@pytest.fixture(scope="module", name="options")
def fixture_options(node: Broker) -> list[str]:
    return deploy(node, "desk.")


def evening() -> list[Alert]:
    scene = Scenario(grid(1, 2))
    scene.hop(crowd({0: 3.2}))
    scene.hop(crowd({0: 5.4}))
    return [alert for alert in scene.sent if alert.desk == Desk.POLICE]


def until(what: Callable[[], bool]) -> None:
    limit_s = time.monotonic() + WAIT_S
    while not what():
        assert time.monotonic() < limit_s
        time.sleep(0.1)


def test_tail_says_that_the_broker_went_and_goes_on_where_it_stopped(
    node: Broker, options: list[str], tmp_path: Path
) -> None:
    first, second = evening()
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        command = [*tied_to_parent(), *CLI, "tail", "police", "--json", "--from", "earliest"]
        tail = subprocess.Popen(
            [*command, "--bell", "--lang", "en", *options],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )
        try:
            with Publisher(node, "desk.") as publisher:
                publisher.tell([first])
            until(lambda: first.id in out.read_text())
            node.kill()
            until(lambda: "went away" in err.read_text())
            node.start()
            until(lambda: "is back" in err.read_text())
            with Publisher(node, "desk.") as publisher:
                publisher.tell([second])
            until(lambda: second.id in out.read_text())
            assert tail.poll() is None
        finally:
            tail.kill()
            tail.wait()
    told = err.read_text()
    assert (told.count("went away"), told.count("is back"), told.count("\a")) == (1, 1, 2)
    ids = [json.loads(line)["id"] for line in out.read_text().splitlines()]
    assert ids == [first.id, second.id], "nothing twice, nothing left out"


def test_open_finds_by_time_what_is_open(node: Broker, options: list[str]) -> None:
    with Publisher(node, "desk.") as publisher:
        publisher.tell(evening())
    command = [*CLI, "open", "police", "--json", *options]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["incident"] == evening()[0].incident
    assert json.loads(line)["revision"] == 2
