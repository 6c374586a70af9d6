"""All processes at once while any of them dies come out right, and the judges see what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest

from alerts.message import envelope
from stream.topics import Topic
from tests.alerts.scenario import Scenario, crowd, grid
from tests.arch.house import ROOT
from tests.kafka.book import owed
from tests.kafka.folded import Told, fold, holes
from tests.kafka.told import Wanted, again, owed_to, wrongs

if TYPE_CHECKING:
    from pathlib import Path

KILLS: Final = int(os.environ.get("CROWDTIDE_TOGETHER_KILLS", "6"))
TARGET: Final = Wanted(path="duty", desks=("police",), least=2)


@pytest.mark.kafka
@pytest.mark.jvm
@pytest.mark.timeout(3600)  # a guard only: what is slow is the machine
def test_topics_ledger_webhooks_and_handover_agree_whoever_dies(tmp_path: Path) -> None:
    """In a process of its own: clients that fail leave sockets and threads behind."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.kafka.together", f"--keep={tmp_path}"),
            *(f"--kills={KILLS}", f"--hops={max(120, min(420, 10 * KILLS))}"),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout)  # noqa: T201 - the result line belongs into the report of the run
    assert done.returncode == 0, done.stdout


def evening() -> list[Told]:
    """Return what the police hear of a crowd that comes, rises and goes; the first is blue."""
    scene = Scenario(grid(1, 2))
    for dense in (2.3, 3.3, 4.3):
        scene.hop(crowd({0: dense}))
    scene.until(120)
    told = []
    for alert in scene.sent:
        if alert.desk == "police":
            event: dict[str, Any] = msgspec.json.decode(
                envelope(alert, source="/test", status="Test")
            )
            raw = msgspec.json.encode(event["data"])
            told.append(Told(key=alert.incident, id=alert.id, raw=raw, data=event["data"]))
    return told


def test_the_fold_sees_holes_contradictions_and_wrong_keys() -> None:
    told = evening()
    assert len(told) >= 4
    assert holes("police", fold(told)) == []
    assert holes("police", fold([*told, *told])) == [], "the same again is no fault"
    assert not fold(told)[told[0].key].is_open
    assert fold(told[:2])[told[0].key].is_open
    other = replace(told[0], raw=b"{}")
    assert "said again, and otherwise" in holes("police", fold([*told, other]))[0]
    assert "revisions came as [1, 3" in holes("police", fold([told[0], *told[2:]]))[0]
    strange = replace(told[0], key="elsewhere")
    assert "another incident" in holes("police", fold([*told, strange]))[0]


def test_the_judge_of_webhooks_sees_what_is_missing_invented_or_doubled() -> None:
    told = evening()
    desks = {"police": fold(told)}
    levels = [one.data["level"] for one in told]
    assert levels[0] == 1
    musts = owed_to(TARGET, desks)
    assert told[0].id not in musts, "below its least"
    assert {told[1].id, told[-1].id} <= musts

    def judged(notes: list[list[str]], kills: int = 0) -> list[str]:
        return wrongs(TARGET, desks, notes, kills=kills)

    ids = sorted(musts)
    each = [[one] for one in ids]
    assert judged([ids]) == [], "told along is told"
    assert judged([*each, ["notify/silence/silent/7"]]) == []
    assert "1 never came" in judged(each[1:])[0]
    assert "1 of no topic" in judged([*each, ["x"]])[0]
    assert "1 notes came again after 0 kills" in judged([*each, ids])[0]
    assert judged([*each, ids], kills=1) == []
    assert again([["a"], ["b"], ["c", "a", "b"], ["d"], ["d"]]) == 2


def test_what_a_ledger_owes_is_each_thing_once_and_whatever_is_nothing() -> None:
    one, other = (
        b'{"id":"1","type":"crowd.alert.raised.v1","data":%s}' % data
        for data in (b"{}", b'{"a":1}')
    )
    beat = b'{"id":"2","type":"crowd.system.heartbeat.v1","data":{}}'
    assert list(owed(Topic.POLICE, [one, beat, one, other, other, None, b"", one])) == [
        ("alert", one),
        ("conflict", other),
        ("unread", b""),
        ("unread", b""),
    ]
    deed, tick = b'{"schema":"desk-action/1"}', b'{"schema":"tick/1","now_ms":1}'
    assert [kind for kind, _ in owed(Topic.ACKS, [deed, tick, deed, b"[]"])] == [
        *("action", "action", "unread")
    ]
    reply = b'{"schema":"desk-reply/1"}'
    assert list(owed(Topic.REPLIES, [reply, reply])) == [("reply", reply)]
