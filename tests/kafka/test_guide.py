"""The programs of the consumer guide, taken from its pages and run against a real broker."""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from alerts.action import DeskAction
from alerts.fold import Board
from alerts.message import AlertData
from tests.alerts.messages import events
from tests.arch.house import ROOT
from tests.kafka.broker import Broker
from tests.kafka.jars import jars

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.kafka, pytest.mark.jvm]

GUIDES: Final = ("consumer-guide.md", "consumer-guide.zh-CN.md")
TOPIC: Final = "crowd.alerts.police.v1"
ACKS: Final = "crowd.alerts.acks.v1"
WAIT_S: Final = 60.0
ENGLISH: Final = ROOT / "docs" / GUIDES[0]


def blocks(kind: str, page: Path = ENGLISH) -> list[str]:
    """Return the code blocks of a kind in a page."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_both_languages_show_the_same_programs() -> None:
    one, other = (ROOT / "docs" / name for name in GUIDES)
    for kind in ("python", "java", "sh"):
        assert blocks(kind, one) == blocks(kind, other) != []


@pytest.fixture(scope="module", name="node")
def fixture_node() -> Iterator[Broker]:
    with Broker() as running:
        admin = KafkaAdminClient(bootstrap_servers=running.bootstrap)
        admin.create_topics([NewTopic(name, 1, 1) for name in (TOPIC, ACKS)])
        admin.close()
        yield running


def police() -> list[dict[str, Any]]:
    told = [json.loads(value) for value in events()]
    return [one for one in told if one["data"]["desk"] == "police"]


@pytest.fixture(scope="module", name="published")
def fixture_published(node: Broker) -> list[dict[str, Any]]:
    """Publish an evening for police, with repeats, an old revision, a test and a drill in it."""
    evening = police()
    test = evening[0] | {"data": {"schema": "self-test/1"}, "status": "Test", "id": "t"}
    drill = json.loads(json.dumps(evening[0])) | {"status": "Exercise", "id": "drill"}
    drill["data"] |= {"incident": "drill", "revision": 9}
    log = [test, drill]
    for number, one in enumerate(evening):
        log += [one, one]
        if number % 4 == 3:
            log += evening[max(number - 3, 0) : number]
    producer = KafkaProducer(bootstrap_servers=node.bootstrap, acks="all")
    for one in log:
        value = json.dumps(one, ensure_ascii=False).encode()
        headers = [("ce_id", one["id"].encode()), ("ce_type", one["type"].encode())]
        key = one["data"].get("incident", "self-test").encode()
        producer.send(TOPIC, value, key=key, headers=headers).get(timeout=WAIT_S)
    producer.close()
    return log


def wanted() -> list[str]:
    """Return the lines a reader that folds has to print."""
    board, lines = Board(), []
    for one in police():
        data = msgspec.convert(one["data"], AlertData)
        if board.take(data):
            lines.append(f"{data.alert_id} {data.msg_type} {data.headline['en']}")
    return lines


@contextmanager
def running(*command: str, cwd: Path, **env: str) -> Iterator[queue.Queue[str]]:
    """Run a program that never ends by itself; its lines come in a queue."""
    process = subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, text=True, env={**os.environ, **env}
    )
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line.rstrip("\n"))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield lines
    finally:
        process.kill()
        process.wait()
        reader.join()
        assert process.stdout is not None
        process.stdout.close()


def told_by(lines: queue.Queue[str], *, count: int) -> list[str]:
    found: list[str] = []
    with suppress(queue.Empty):
        while len(found) < count:
            found.append(lines.get(timeout=WAIT_S))
    with pytest.raises(queue.Empty):  # and nothing more
        lines.get(timeout=2)
    return found


@pytest.mark.usefixtures("published")
def test_the_python_subscriber_prints_each_news_once(node: Broker, tmp_path: Path) -> None:
    (tmp_path / "subscriber.py").write_text(blocks("python")[0], encoding="utf-8")
    program = (sys.executable, "subscriber.py", node.bootstrap, TOPIC)
    with running(*program, cwd=tmp_path) as lines:
        assert told_by(lines, count=len(wanted())) == wanted()


@pytest.mark.usefixtures("published")
def test_the_java_subscriber_prints_each_news_once(node: Broker, tmp_path: Path) -> None:
    (tmp_path / "Subscriber.java").write_text(blocks("java")[0], encoding="utf-8")
    path = f"{jars(node.version)}/*"
    program = ("java", "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-cp", path)
    with running(*program, "Subscriber.java", node.bootstrap, TOPIC, cwd=tmp_path) as lines:
        assert told_by(lines, count=len(wanted())) == wanted()


def test_kcat_shows_every_record(
    node: Broker, published: list[dict[str, Any]], tmp_path: Path
) -> None:
    assert shutil.which("kcat"), "kcat is not installed (Debian package: kcat)"
    command = blocks("sh")[0].strip()
    places = {"BOOTSTRAP": node.bootstrap, "TOPIC": TOPIC}
    with running("sh", "-c", f"exec {command}", cwd=tmp_path, **places) as lines:
        shown = [line.split("\t") for line in told_by(lines, count=len(published))]
    assert [json.loads(value)["id"] for _, _, value in shown] == [one["id"] for one in published]
    assert all(
        f"ce_id={one['id']}" in head for (_, head, _), one in zip(shown, published, strict=True)
    )


def test_the_acknowledgement_is_one(node: Broker, tmp_path: Path) -> None:
    (tmp_path / "ack.py").write_text(blocks("python")[1], encoding="utf-8")
    data = police()[0]["data"]
    done = subprocess.run(
        [sys.executable, "ack.py", node.bootstrap, ACKS, json.dumps(data)],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    consumer = KafkaConsumer(
        ACKS,
        bootstrap_servers=node.bootstrap,
        auto_offset_reset="earliest",
        consumer_timeout_ms=10_000,
    )
    (record,) = list(consumer)
    consumer.close()
    action = msgspec.json.decode(record.value, type=DeskAction)
    assert (record.key, action.incident) == (data["incident"].encode(), data["incident"])
    assert (action.action, action.revision_seen, action.level_seen) == ("ack", 1, data["level"])
    assert str(uuid.UUID(done.stdout.strip())) == action.id
