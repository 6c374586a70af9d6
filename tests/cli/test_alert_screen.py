"""Laws of an alert on a terminal: what must be done comes first, and no line is too wide."""

from __future__ import annotations

from dataclasses import replace

import click
import msgspec
import pytest

from alerts.handling import Acknowledgement, Comment, Hold, PlannedEvent, Result
from alerts.message import Alert, AlertData, envelope
from alerts.phrases import STATUS
from stream.cli.alert_text import Speaker
from stream.cli.alert_words import TEXTS
from stream.cli.bell import Bell
from stream.cli.paint import CLOSING, Line, Span, columns, paint
from stream.cli.tail import TEXTS as TAIL_TEXTS
from stream.topic_reader import Received
from tests.alerts.scenario import Scenario, crowd, grid

MINUTE_MS = 60_000
LANGS = list(TEXTS)


def handled() -> AlertData:
    """Return an alert with everything in it that tells how it is handled."""
    data = Scenario(grid(1, 2)).hop(crowd({0: 3.2}, score={0: 5.0}))[0].data
    now_ms = data.hop_ms
    return msgspec.structs.replace(
        data,
        spoken={"zh-CN": "观景平台，黄色三级。" * 4, "en": "Terrace: yellow, grade three. " * 4},
        recommended_response={"zh-CN": "控制南入口。", "en": "Slow the south gate."},
        duty_post="二岗",
        ack_by_ms=now_ms + 5 * MINUTE_MS,
        escalates_to=["值班长", "指挥室"],
        changed=["level_up", "overdue", "a word of tomorrow"],
        confirmed=Acknowledgement(level=2, by="李四", at="", at_ms=now_ms),
        hold=Hold(
            kind="shelved",
            by="王五",
            text="巡逻队在场",
            since="",
            since_ms=now_ms,
            until="",
            until_ms=now_ms + 150 * MINUTE_MS,
            alerts=2,
        ),
        comments=[Comment(by="赵六", at="", at_ms=now_ms, text="人流减缓")],
        planned_event=planned(now_ms),
        outcome=Result(
            outcome="real", by="王五", at="", at_ms=now_ms, left_ms=now_ms + MINUTE_MS, text="疏导"
        ),
    )


def planned(now_ms: int) -> PlannedEvent:
    return PlannedEvent(
        id="e",
        name="灯光秀",
        organiser="文旅局",
        contact=None,
        attendance=30_000,
        start="",
        start_ms=now_ms,
        end="",
        end_ms=now_ms + 3_600_000,
        verdict="beyond",
        people=3,
        ratio=1.2,
        excess=4200,
    )


def said(
    data: AlertData, lang: str, *, width: int | None = None, late_min: int = 0, status: str = "Test"
) -> str:
    alert = Alert(
        desk=data.desk,
        kind=data.kind,
        incident=data.incident,
        revision=data.revision,
        place=data.place,
        hop_ms=data.hop_ms,
        data=data,
    )
    value = envelope(alert, source="/", status=status)  # type: ignore[arg-type]
    now_ms = data.hop_ms + late_min * MINUTE_MS
    speaker = Speaker(lang=lang, tz="Asia/Shanghai", width=width, now=lambda: now_ms)
    return click.unstyle(speaker.say(value))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(lang: str, width: int) -> None:
    data = handled()
    lines = said(data, lang, width=width).splitlines()
    assert max(map(columns, lines)) <= width
    assert not [line for line in lines if line.strip()[0] in CLOSING]

    def letters(text: str) -> str:
        return "".join(text.split()).replace("·", "")

    assert letters("".join(lines)) == letters(said(data, lang))


def test_what_must_be_done_stands_right_below_the_headline() -> None:
    lines = said(handled(), "en", late_min=1).splitlines()
    assert lines[1].split(" · ") == [
        " " * 17 + "not acknowledged in time",
        "answers: 二岗",
        "acknowledge by 19:10 (in 4 min)",
        "then 值班长 > 指挥室",
    ]


def test_every_part_of_handling_is_told() -> None:
    text = said(handled(), "zh-CN", late_min=9)
    for part in (
        "口播：观景平台",
        "建议：控制南入口。",
        "请在 19:10 前确认（已过 4 分钟）",
        "李四 19:05 已处置",
        "暂缓至 21:35（还有 2 小时）：王五，巡逻队在场 · 期间未响 2 条",
        "活动：灯光秀，核准 30,000 人，19:05 至 20:05 · 超出 4,200 人 · 主办 文旅局",
        "19:05 赵六：人流减缓",
        "结果：属实，王五 19:05 · 19:06 离场 · 疏导",
    ):
        assert part in text


@pytest.mark.parametrize(("status", "mark"), list(STATUS["zh-CN"].items()))
def test_what_is_not_meant_in_earnest_says_so_first(status: str, mark: str) -> None:
    assert mark in said(handled(), "zh-CN", status=status)
    assert mark not in said(handled(), "zh-CN", status="Actual")


def test_a_self_test_is_told_as_one() -> None:
    data = {"schema": "self-test/1", "desk": "police", "by": "notify", "id": "x"}
    event = {"id": "x", "type": "crowd.alert.test.v1", "time": "2026-10-01T12:00:00Z", "data": data}
    speaker = Speaker(lang="en", tz="UTC")
    text = click.unstyle(speaker.say(msgspec.json.encode(event)))
    assert text == "2026-10-01T12:00:00Z  self-test  notify"


def test_a_long_word_and_a_badge_are_not_broken() -> None:
    line = Line((Span("a b "), Span(" red II ", bg="red", whole=True), Span("x" * 60)), hang=2)
    lines = click.unstyle(paint([line], 40)).splitlines()
    assert lines == ["a b  red II ", "  " + "x" * 60]


def record(data: AlertData, *, age_s: int = 0) -> Received:
    value = msgspec.json.encode({"data": data})
    return Received(
        topic="police",
        partition=0,
        offset=0,
        timestamp_ms=data.hop_ms - age_s * 1000,
        key=None,
        value=value,
        headers=(),
    )


def test_the_bell_rings_once_for_each_revision_that_is_fresh_and_asks_for_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = handled()
    bell = Bell(now=lambda: data.hop_ms)
    again = msgspec.structs.replace(data, revision=2)
    quiet = msgspec.structs.replace(data, revision=3, needs_ack=False)
    heard = [data, data, again, data, quiet]
    assert [bell.hear(record(one)) for one in heard] == [True, False, True, False, False]
    assert capsys.readouterr().err == "\a\a"
    old = msgspec.structs.replace(data, incident="another")
    assert not bell.hear(record(old, age_s=3600))
    assert not bell.hear(replace(record(old), value=b"junk"))


def test_the_words_are_the_same_in_both_languages() -> None:
    for texts in (TEXTS, TAIL_TEXTS, STATUS):
        assert texts["zh-CN"].keys() == texts["en"].keys()
