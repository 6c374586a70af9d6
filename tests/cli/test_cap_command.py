"""`crowdtide cap`: files of alerts in, CAP messages out, and a check that says what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from stream.cli.group import _crowdtide
from tests.alerts.messages import events

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def call(*arguments: str) -> Result:
    return CliRunner(env={"LANG": "en"}).invoke(_crowdtide, arguments)


@pytest.fixture(name="lines")
def fixture_lines(tmp_path: Path) -> Path:
    """Alerts as `backtest --alerts` writes them."""
    path = tmp_path / "alerts.ndjson"
    with path.open("w", encoding="utf-8") as stream:
        for value in events()[:6]:
            tree = json.loads(value)
            line = {"topic": "crowd.alerts.police.v1", "key": tree["data"]["incident"]}
            line |= {name: tree[name] for name in ("id", "type", "data")}
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
    return path


def test_a_file_of_alerts_becomes_valid_messages_that_are_tests(
    lines: Path, tmp_path: Path
) -> None:
    done = call("cap", str(lines), "--out", str(tmp_path / "cap"))
    assert (done.exit_code, done.stderr) == (0, "")
    made = sorted((tmp_path / "cap").glob("*.xml"))
    assert len(made) == 6
    assert all("<status>Test</status>" in path.read_text(encoding="utf-8") for path in made)
    checked = call("cap", "validate", *map(str, made))
    assert checked.exit_code == 0
    assert checked.stdout.count(": valid") == 6


def test_a_drill_says_so_and_nothing_makes_a_file_actual(lines: Path) -> None:
    done = call("cap", str(lines), "--status", "Exercise")
    assert done.stdout.count("<status>Exercise</status>") == 6
    assert call("cap", str(lines), "--status", "Actual").exit_code == 2


def test_the_chinese_dialect_is_asked_for_by_name(lines: Path) -> None:
    done = call("cap", "--dialect", "china", "--set", "cap.sender_code=44080041600001", str(lines))
    assert done.exit_code == 0
    assert "<senderCode>44080041600001</senderCode>" in done.stdout


def test_what_is_no_alert_is_named_and_the_rest_is_made(lines: Path) -> None:
    with lines.open("a", encoding="utf-8") as stream:
        stream.write('{"id":"t","type":"x","data":{"schema":"self-test/1"}}\nnot json\n')
    done = call("cap", str(lines))
    assert done.exit_code == 1
    assert done.stdout.count("</alert>") == 6
    assert f"{lines}:7: passed over: t: schema is 'self-test/1', wanted 'alert/1'" in done.stderr
    assert f"{lines}:8: passed over: no alert" in done.stderr


def test_a_recorded_envelope_is_never_sent_as_actual(tmp_path: Path) -> None:
    path = tmp_path / "live.ndjson"
    path.write_bytes(events()[0] + b"\n")
    done = call("cap", str(path))
    assert "<status>Test</status>" in done.stdout
    assert "Actual" not in done.stdout


def test_a_line_of_another_shape_loses_no_other(lines: Path) -> None:
    first = json.loads(lines.read_text(encoding="utf-8").splitlines()[0])
    for name, value in (("headline", "text"), ("area", []), ("hop_ms", "late"), ("level", None)):
        broken = first | {"data": first["data"] | {name: value}}
        with lines.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(broken) + "\n")
    done = call("cap", "--dialect", "china", str(lines))
    assert done.stdout.count("</alert>") >= 6
    assert call("cap", str(lines)).stdout.count("</alert>") >= 6
    assert done.exit_code == 1
    assert done.stderr.count("not understood") >= 2


def test_a_broken_message_is_told_fault_by_fault(tmp_path: Path) -> None:
    path = tmp_path / "broken.xml"
    path.write_bytes(b"<alert/>")
    done = call("cap", "validate", str(path), str(tmp_path / "none.xml"), "--json")
    assert done.exit_code == 1
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["valid"] for one in told] == [False, False]
    assert told[1]["faults"] == ["cannot be read: No such file or directory"]


def test_a_file_or_a_desk_and_not_both(lines: Path) -> None:
    assert call("cap", str(lines), "--follow", "police").exit_code == 2
    assert call("cap", "make").exit_code == 2
