"""Workers on a real Kafka with stages that count: nothing lost, nothing twice, whatever dies."""

from __future__ import annotations

import random
import signal
import threading
import time
from typing import TYPE_CHECKING

import msgspec
import pytest

from stream.worker.quarantine import Skip, key_of
from tests.worker.counting import EVERY, POISON
from tests.worker.counting_crew import PARTITIONS, CountingCrew, wanted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kafka.broker import Broker

pytestmark = [pytest.mark.kafka, pytest.mark.jvm]

NUMBERS = 60 * EVERY * PARTITIONS


def test_a_worker_stops_cleanly_on_sigterm_and_goes_on_where_it_was(
    broker: Broker, tmp_path: Path
) -> None:
    keys, totals = wanted(NUMBERS)
    with CountingCrew(broker.bootstrap, "calm.", tmp_path, size=1) as crew:
        crew.feed(range(NUMBERS))
        crew.wait_for("some alerts", lambda: len(crew.told()) > 5)
        process = crew.processes[0]
        assert process is not None
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        crew.start(0)
        crew.wait_for("all alerts", lambda: set(crew.told()) == keys)
        crew.wait_for("exact state", lambda: crew.totals() == totals)
        crew.wait_for("ready", lambda: crew.page(0, "readyz") == (200, "ok\n"))
        assert crew.page(0, "livez") == (200, "ok\n")
        status, page = crew.page(0, "metrics")
        assert status == 200
        assert 'crowd_alerts_published_total{desk="police"}' in page


@pytest.mark.timeout(600)
def test_kills_leavers_and_zombies_lose_nothing_and_invent_nothing(
    broker: Broker, tmp_path: Path
) -> None:
    chance = random.Random(7)
    keys, totals = wanted(NUMBERS)
    with CountingCrew(broker.bootstrap, "rough.", tmp_path, size=3) as crew:
        feeding = threading.Thread(
            target=crew.feed, args=[range(NUMBERS)], kwargs={"pause_s": 0.15}
        )
        feeding.start()
        while feeding.is_alive():
            time.sleep(chance.uniform(1, 3))
            victim = crew.processes[chance.randrange(3)]
            assert victim is not None
            how = chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
            victim.send_signal(how)
            if how == signal.SIGSTOP:
                time.sleep(9)  # longer than the session: another worker takes over
                victim.send_signal(signal.SIGCONT)
            crew.wait_for("somebody", lambda: True)
            for number, process in enumerate(crew.processes):
                if process is not None and process.poll() is not None:
                    crew.start(number)
        feeding.join()
        crew.wait_for("all alerts", lambda: set(crew.told()) >= keys)
        crew.wait_for("exact state", lambda: crew.totals() == totals)
        assert set(crew.told()) == keys


def test_a_record_that_crashes_three_times_parks_its_partition_until_it_is_quarantined(
    broker: Broker, tmp_path: Path
) -> None:
    some = EVERY * PARTITIONS
    with CountingCrew(broker.bootstrap, "poison.", tmp_path, size=1) as crew:
        crew.feed([POISON, *range(some)])
        crew.wait_for("parked", lambda: "parked" in crew.page(0, "readyz")[1])
        events = [line["event"] for line in crew.lines(0)]
        assert events.count("record.crashed") == 3
        assert crew.page(0, "livez")[0] == 200
        parked = next(line for line in crew.lines(0) if line["event"] == "partition.parked")
        keys, totals = wanted(some)
        # The other partitions go on meanwhile.
        crew.wait_for("others", lambda: {k for k in keys if k[0] != "0"} <= set(crew.told()))
        quarantine(crew, parked)
        process = crew.processes[0]
        assert process is not None
        process.send_signal(signal.SIGTERM)
        crew.wait_for("all alerts", lambda: set(crew.told()) == keys)
        crew.wait_for("exact state", lambda: crew.totals() == totals)


def quarantine(crew: CountingCrew, parked: dict[str, object]) -> None:
    topic, partition, offset = str(parked["topic"]), parked["partition"], parked["offset"]
    assert isinstance(partition, int)
    assert isinstance(offset, int)
    order = Skip(topic=topic, partition=partition, offset=offset, by="a test", why="a bug of ours")
    crew.put("quarantine.v1", msgspec.json.encode(order), key=key_of(topic, partition, offset))
