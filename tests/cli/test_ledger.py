"""Laws of what is read out of the ledger at a terminal."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from alerts.action import Action, Outcome
from alerts.desk import Desk
from replay.labels import read_labels
from stream.cli.group import _crowdtide
from stream.cli.ledger_words import TEXTS
from stream.ledger.store import HEARTBEAT, open_store
from stream.settings_load import read
from tests.alerts.booked import Evening

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AT = "2013-11-23T13:30+00:00"


@pytest.fixture(name="evening")
def fixture_evening() -> Evening:
    """Return one place that was real, one that nobody answers, and an action that was refused."""
    evening = Evening()
    evening.hops(3, {0: 2.4, 4: 3.3})
    dense, rising = evening.incidents
    evening.act(Action.ACK, dense)
    evening.hops(6, {0: 2.4, 4: 4.4})
    evening.act(Action.ACK, rising, level=1)
    evening.act(Action.COMMENT, rising, text="two crews to the east gate")
    evening.hops(14, {4: 4.4})
    evening.act(Action.CLOSE, dense, outcome=Outcome.REAL)
    evening.act(Action.CLOSE, rising, outcome=Outcome.UNFOUNDED, desk=Desk.FIRE)
    return evening


@pytest.fixture(name="call")
def fixture_call(evening: Evening, tmp_path: Path) -> Callable[..., Result]:
    """Return the command line before a ledger of that evening."""
    options = (f"ledger.file={tmp_path / 'book'}", "calendar.tz=Asia/Shanghai")
    store = open_store(read(None, env={}, sets=options).settings, write=True)
    beat = b"%d {}" % evening.scene.now_ms
    store.write(evening.records.entries(), {}, {HEARTBEAT: beat})
    store.close()

    def call(*arguments: str, lang: str = "en") -> Result:
        sets = [part for one in options for part in ("--set", one)]
        given = ("ledger", *arguments, *sets, "--lang", lang)
        return CliRunner(env={"LANG": "en"}).invoke(_crowdtide, given)

    return call


def test_both_languages_say_the_same_things() -> None:
    assert TEXTS["zh-CN"].keys() == TEXTS["en"].keys()
    for form, text in TEXTS["en"].items():
        names = {part.split("}")[0] for part in text.split("{")[1:]}
        assert {part.split("}")[0] for part in TEXTS["zh-CN"][form].split("{")[1:]} == names


def test_a_handover_says_what_is_open_first_and_what_was_refused(
    call: Callable[..., Result], evening: Evening
) -> None:
    dense, rising = evening.incidents
    told = call("handover", "--at", AT)
    assert told.exit_code == 0, told.output
    text = told.output
    assert text.index("open: 1") < text.index(rising) < text.index("not carried out: 1")
    assert text.index("not carried out: 1") < text.index("outcomes noted in this shift: 2")
    for part in (
        "HANDOVER  11-23 21:30  police, fire (since 11-23 09:30)",
        "nobody answered, passed on 2 times",
        "two crews to the east gate",
        "outcome: real, officer 7",
        "the level is higher than the one you saw",
        "self-test of fire: none came back",
        "answers: city desk",
    ):
        assert part in text
    assert dense not in call("handover", "fire", "--at", AT).output


def test_a_handover_in_chinese_has_no_english(call: Callable[..., Result]) -> None:
    text = call("handover", "--at", AT, lang="zh-CN").output
    for part in ("交接班", "在办 1 起", "未执行的操作 1 次", "公安", "市指挥中心", "级别已高于"):
        assert part in text
    assert "city_desk" not in text


def test_a_handover_for_a_program_is_whole(call: Callable[..., Result], evening: Evening) -> None:
    told = json.loads(call("handover", "--at", AT, "--json").output)
    assert told["schema"] == "ledger-handover/1"
    assert [one["incident"] for one in told["open"]] == [evening.incidents[1]]
    assert told["open"][0]["alert"]["needs_ack"] is True


def test_silence_is_the_first_thing_a_shift_is_told(call: Callable[..., Result]) -> None:
    text = call("handover", "--at", "2013-11-23T18:00+00:00").output
    assert "THE SYSTEM IS SILENT" in text.splitlines()[1]


def test_an_incident_is_told_in_the_order_in_which_it_went(
    call: Callable[..., Result], evening: Evening
) -> None:
    rising = evening.incidents[1]
    lines = call("show", rising).output.splitlines()
    asked = next(at for at, line in enumerate(lines) if "asked officer 7: ack" in line)
    assert "answered ack: refused" in lines[asked + 1]
    assert "police told 1" in lines[0]
    records = [json.loads(line) for line in call("show", rising, "--json").output.splitlines()]
    assert [one["at_ms"] for one in records if one["kind"] == "alert"]
    assert {one["kind"] for one in records} == {"alert", "action", "reply"}
    assert records[0]["record"]["data"]["incident"] == rising
    missing = call("show", "2099")
    assert (missing.exit_code, "the ledger has no 2099" in missing.output) == (1, True)


def test_outcomes_are_the_labels_of_a_backtest(
    call: Callable[..., Result], evening: Evening, tmp_path: Path
) -> None:
    path = tmp_path / "labels.csv"
    assert call("outcomes", "--out", str(path)).exit_code == 0
    (label,) = read_labels(path)
    assert (label.name, label.cell) == (evening.incidents[0], "r0c0")
    ended = next(
        one.data.decided_ms
        for one in evening.scene.sent
        if one.incident == label.name and one.kind == "resolved"
    )
    assert label.end_ms == ended // 1000 * 1000
    rows = list(csv.DictReader(io.StringIO(call("outcomes", "--all").output)))
    assert [(row["outcome"], row["desks"]) for row in rows] == [
        ("real", "police"),
        ("unfounded", "fire"),
    ]


def test_where_nobody_said_anything_there_are_no_labels(tmp_path: Path) -> None:
    options = (f"ledger.file={tmp_path / 'book'}",)
    open_store(read(None, env={}, sets=options).settings, write=True).close()
    given = ("ledger", "outcomes", "--set", options[0], "--lang", "en")
    told = CliRunner().invoke(_crowdtide, given)
    assert (told.exit_code, "the ledger has no outcomes" in told.output) == (1, True)


def test_verify_says_whole_and_where_not(call: Callable[..., Result], tmp_path: Path) -> None:
    whole = call("verify")
    assert whole.exit_code == 0
    assert "none was changed" in whole.output
    digest = json.loads(call("verify", "--json").output)["head"]
    assert call("verify", "--expect", digest[:10]).exit_code == 0
    lost = call("verify", "--expect", "ffff")
    assert (lost.exit_code, "no entry has the digest ffff" in lost.output) == (1, True)
    book = tmp_path / "book"
    book.write_bytes(book.read_bytes().replace(b"east gate", b"west gate"))
    (tmp_path / "book-wal").unlink(missing_ok=True)
    changed = call("verify")
    assert changed.exit_code == 1
    assert "nothing after it can be trusted" in changed.output


def test_no_ledger_is_one_clear_line(tmp_path: Path) -> None:
    given = ("ledger", "handover", "--set", f"ledger.file={tmp_path / 'none'}")
    told = CliRunner().invoke(_crowdtide, given)
    assert told.exit_code == 2
    assert "no such file; has crowdtide ledger run here?" in told.output
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", ["ledger", "notify"])
def test_settings_before_a_subcommand_are_refused_as_they_would_act_on_nothing(
    command: str,
) -> None:
    sub = {"ledger": "verify", "notify": "status"}[command]
    given = (command, "--set", "calendar.tz=UTC", sub)
    told = CliRunner().invoke(_crowdtide, given, prog_name="crowdtide")
    assert told.exit_code == 2
    assert f"after the command: crowdtide {command} {sub} --config" in told.output.replace(
        "\n", " "
    )
