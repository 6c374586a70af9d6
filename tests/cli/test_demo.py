"""The demo as a user meets it: alerts on screen, a clean end however it ends, nothing left."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "from stream.cli import main; main()", "demo", "--lang", "en"]


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the demo with a temporary folder of its own; it is gone after the block."""
    with subprocess.Popen(
        [*COMMAND, "--speed", "0", *arguments],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_to(screen: IO[str] | None, words: str) -> str:
    """Read a stream up to a line with these words."""
    assert screen is not None
    shown = ""
    for line in screen:
        shown += line
        if words in line:
            return shown
    pytest.fail(f"it ended before {words!r}:\n{shown}")


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def worker_of(shown: str) -> int:
    found = re.search(r"process (\d+)", shown)
    assert found, shown
    return int(found[1])


def test_until_alert_ends_with_the_first_police_and_fire_alert(tmp_path: Path) -> None:
    with running(tmp_path, "--until-alert") as demo:
        shown, faults = demo.communicate()
    assert demo.returncode == 0, shown + faults
    for line in (
        r"^ POLICE        21:20  blue IV     San Siro stadium: warning$",
        r"^         FIRE  21:40  yellow III  San Siro stadium: warning$",
    ):
        assert re.search(line, shown, re.MULTILINE)
    assert "ODbL 1.0" in shown
    assert "CC0" in shown
    assert "\x1b" not in shown, "colours are for terminals"
    assert ended(worker_of(shown))
    assert not list(tmp_path.iterdir())


def test_the_whole_evening_is_what_the_offline_engine_says_and_ctrl_c_ends_the_tree(
    tmp_path: Path,
) -> None:
    """Byte for byte: through embedded broker, hand-over, worker and both subscribers."""
    with running(tmp_path, "--keep", "--json") as demo, ThreadPoolExecutor(1) as reader:
        assert demo.stdout is not None
        printed = reader.submit(demo.stdout.read)  # else its pipe would fill and hold it up
        told = read_to(demo.stderr, "Ctrl-C ends it")
        demo.send_signal(signal.SIGINT)
        lines = printed.result()
        demo.wait()
    assert demo.returncode == 0, told
    assert "byte for byte what the offline engine says" in told
    alerts = [json.loads(line) for line in lines.splitlines()]
    desks = {alert["topic"]: alert["data"]["desk"] for alert in alerts}
    assert desks == {"demo.alerts.police.v1": "police", "demo.alerts.fire.v1": "fire"}
    assert {alert["data"]["place"] for alert in alerts} == {"San Siro stadium"}
    assert alerts[-1]["data"]["kind"] == "resolved"
    assert re.search(r"kcat -b 127\.0\.0\.1:\d+ -t demo\.alerts\.police\.v1 -C", told)
    assert re.search(r"http://127\.0\.0\.1:\d+/metrics", told)
    assert ended(worker_of(told))
    assert not list(tmp_path.iterdir())


def test_a_worker_that_dies_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    with running(tmp_path, "--speed", "60") as demo:
        shown = read_to(demo.stdout, "through Kafka")
        os.kill(worker_of(shown), signal.SIGKILL)
        rest, _ = demo.communicate()
    assert demo.returncode == 1
    assert "the worker has stopped (code -9); the end of its log:" in rest
    assert '"event": "assignment.loaded"' in rest
    assert not list(tmp_path.iterdir())


def test_two_ways_to_end_are_one_too_many(tmp_path: Path) -> None:
    with running(tmp_path, "--until-alert", "--keep") as demo:
        _, faults = demo.communicate()
    assert demo.returncode == 2
    assert "take one" in faults


def test_a_misspelt_setting_is_told_as_such(tmp_path: Path) -> None:
    with running(tmp_path, "--set", "alerts.false_alarms=3") as demo:
        _, faults = demo.communicate()
    assert demo.returncode == 2
    assert "false_alarms_per_day" in faults
