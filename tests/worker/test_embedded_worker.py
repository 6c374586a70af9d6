"""A worker on the embedded broker: needs nothing but Python, so it runs with every test run."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from replay.embedded import CLIENT_WAIT_MS, EmbeddedBroker
from stream.settings import announce
from stream.settings_load import load
from stream.topics import plan
from tests.worker.counting import EVERY
from tests.worker.counting_crew import PARTITIONS, CountingCrew, wanted

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "small."
NUMBERS = 4 * EVERY * PARTITIONS


def test_a_worker_waits_for_the_settings_of_a_replay_then_works_and_leaves(
    tmp_path: Path,
) -> None:
    shapes = plan(PREFIX, counts=PARTITIONS, blocks=PARTITIONS)
    follows = [f"kafka.fetch_max_wait_ms={CLIENT_WAIT_MS}", "time.ticks=feed"]
    with (
        EmbeddedBroker({topic.name: topic.partitions for topic in shapes}) as broker,
        CountingCrew(
            broker.bootstrap, PREFIX, tmp_path, size=1, more=follows, has_topics=True
        ) as crew,
    ):
        crew.wait_for("a worker that waits", lambda: "settings/1" in crew.page(0, "readyz")[1])
        assert crew.page(0, "livez")[0] == 200
        replayed = load(None, env={}, sets=["feeds.numbers.period_s=600", "time.ticks=feed"])
        crew.put("detections.v1", announce(replayed))
        crew.feed(range(NUMBERS))
        keys, totals = wanted(NUMBERS)
        crew.wait_for("all alerts", lambda: set(crew.told()) == keys)
        crew.wait_for("exact state", lambda: crew.totals() == totals)
        process = crew.processes[0]
        assert process is not None
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert crew.lines(0)[-1]["event"] == "worker.stopped"


def test_a_worker_that_waits_for_a_replay_stops_on_sigterm(tmp_path: Path) -> None:
    shapes = plan(PREFIX, counts=PARTITIONS, blocks=PARTITIONS)
    with (
        EmbeddedBroker({topic.name: topic.partitions for topic in shapes}) as broker,
        CountingCrew(
            broker.bootstrap, PREFIX, tmp_path, size=1, more=["time.ticks=feed"], has_topics=True
        ) as crew,
    ):
        crew.wait_for("a worker that waits", lambda: "settings/1" in crew.page(0, "readyz")[1])
        process = crew.processes[0]
        assert process is not None
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_worker_with_other_settings_refuses_to_join_in_one_line(tmp_path: Path) -> None:
    shapes = plan(PREFIX, counts=PARTITIONS, blocks=PARTITIONS)
    with EmbeddedBroker({topic.name: topic.partitions for topic in shapes}) as broker:
        crew = CountingCrew(broker.bootstrap, PREFIX, tmp_path, size=1, has_topics=True)
        crew.put("detections.v1", announce(load(None, env={}, sets=["feeds.numbers.period_s=600"])))
        with crew:
            process = crew.processes[0]
            assert process is not None
            assert process.wait(60) == 1
            last = crew.lines(0)[-1]
            assert last["event"] == "worker.stops"
            what = "feeds.numbers.period_s: is 300 here, but the log was begun with 600"
            assert what in last["why"]
