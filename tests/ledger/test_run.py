"""Laws of the process where it has no broker: trouble is told once, and again when it is back."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from stream import topic_reader
from stream.kafka_clients import BrokerError
from stream.ledger.database import StoreError
from stream.ledger.metrics import LedgerMetrics
from stream.ledger.run import Trouble, run
from stream.settings import ConfigError
from tests.kafka.broker import LOOPBACK, free_ports
from tests.ledger.booking import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WAIT_S: Final = 120.0  # a bound for machines that are busy, not a figure of the product


def told(capsys: pytest.CaptureFixture[str], so_far: list[str]) -> list[str]:
    lines = capsys.readouterr().err.splitlines()
    so_far += [str(msgspec.json.decode(line)["event"]) for line in lines]
    return so_far


def until(what: Callable[[], bool]) -> None:
    limit_s = time.monotonic() + WAIT_S
    while not what():
        assert time.monotonic() < limit_s
        time.sleep(0.1)


def test_a_disk_that_goes_while_it_runs_ends_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_reader, "ANSWER_MS", 200)  # nobody will answer
    (port,) = free_ports(1)
    disk, away, said = tmp_path / "disk", tmp_path / "away", list[str]()
    disk.mkdir()
    settings = settings_of(
        f"kafka.bootstrap={LOOPBACK}:{port}", f"ledger.file={disk / 'book.sqlite3'}"
    )
    over, faults = threading.Event(), list[ConfigError]()

    def keep() -> None:
        try:
            run(settings, over=over)
        except ConfigError as fault:
            faults.append(fault)

    process = threading.Thread(target=keep)
    process.start()
    try:
        until(lambda: "broker.lost" in told(capsys, said))
        disk.rename(away)
        until(lambda: "ledger.stuck" in told(capsys, said) or not process.is_alive())
        away.rename(disk)
        until(lambda: said.count("broker.lost") < told(capsys, said).count("broker.lost"))
    finally:
        over.set()
        process.join()
    assert faults == []
    assert said.count("ledger.stuck") == 1


def test_what_could_never_be_opened_is_refused(tmp_path: Path) -> None:
    settings = settings_of(f"ledger.file={tmp_path / 'nowhere' / 'book'}")
    with pytest.raises(ConfigError, match="cannot be used"):
        run(settings, over=threading.Event())


def test_trouble_is_told_once_until_it_is_over_and_then_anew(
    capsys: pytest.CaptureFixture[str],
) -> None:
    registry, said = CollectorRegistry(), list[str]()
    trouble = Trouble(LedgerMetrics.on(registry))

    def stuck() -> float | None:
        return registry.get_sample_value("crowd_ledger_stuck_ratio")

    for _ in range(3):  # a disk that is full: each attempt reaches the broker, and fails again
        trouble.tell(StoreError("disk is full"))
        trouble.reached()
        assert stuck() == 1
    assert told(capsys, said) == ["ledger.stuck", *["broker.reached"] * 3]
    trouble.over()
    assert stuck() == 0
    trouble.tell(StoreError("disk is full"))
    trouble.tell(BrokerError("gone"))
    trouble.tell(BrokerError("gone"))
    trouble.reached()
    assert stuck() == 0
    assert told(capsys, said)[4:] == ["ledger.stuck", "broker.lost", "broker.reached"]
