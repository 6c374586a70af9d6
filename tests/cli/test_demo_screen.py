"""What the demo shows: the same facts in both languages, and no estimate out of nothing."""

from __future__ import annotations

from dataclasses import replace
from string import Formatter
from typing import Any

import click
import pytest

from replay.attendance import Line, Match
from stream.cli.demo_history import DESKS, History
from stream.cli.demo_screen import Heard, Screen
from stream.cli.demo_summary import Received
from stream.cli.demo_text import TEXTS

HOUR_MS = 3_600_000
KICKOFF_MS = 1_385_235_900_000  # 20:45 in Milan
MATCH = Match(
    name="AC Milan v Genoa",
    kickoff_ms=KICKOFF_MS,
    whistle_ms=KICKOFF_MS + 110 * 60_000,
    attendance=34_848,
)
NOW = "        activity now 53.6, usually 2.9 (19 x), rising; far more than usual"
LINE = Line.through([(180.05, 44_261), (97.693, 39_775), (222.52, 49_000)])


def screen(lang: str) -> Screen:
    return Screen(lang=lang, tz="Europe/Rome", stadium="san-siro", match=MATCH, line=LINE)


def alert(desk: str = "police", *, at_min: int = 55, **more: object) -> Heard:
    """Return an alert at the stadium so many minutes after the kick-off."""
    data: dict[str, Any] = {
        "incident": "20131123T2040Z-san-siro",
        "kind": "raised",
        "revision": 1,
        "hop_ms": KICKOFF_MS + at_min * 60_000,
        "level": 2,
        "place": "San Siro stadium",
        "people": {"best": 53.639, "unit": "activity"},
        "baseline": {"expected": 2.872, "score": 6.568, "threshold": 5.836},
        "trend": {"direction": "rising"},
        "reasons": ["baseline_ratio"],
        "peak": {"people": 53.639},
        "area": {"worst_tile": "san-siro"},
        "fire": {"access_risk": True} if desk == "fire" else None,
    }
    return Heard(desk=desk, value=b"", data=data | more)


def plain(text: str) -> list[str]:
    return click.unstyle(text).split("\n")


def test_an_alert_in_english() -> None:
    assert plain(screen("en").alert([alert("fire")], estimate=True)) == [
        "         FIRE  21:40  yellow III  San Siro stadium: warning",
        f"{NOW}; score 6.6, threshold 5.8; access at risk",
        "        55 min after kick-off, 55 min to the final whistle",
    ]


def test_an_alert_in_chinese() -> None:
    assert plain(screen("zh-CN").alert([alert("police")], estimate=True)) == [
        " 公安        21:40  黄色 III 级  San Siro stadium：预警",
        "        现有活跃度 53.6，平时 2.9（19 倍），上升；明显多于平时；评分 6.6，阈值 5.8",
        "        开球后 55 分钟，距终场 55 分钟",
    ]


def test_what_both_desks_hear_at_once_is_one_short_block() -> None:
    same = [alert(desk, kind="updated", at_min=145, level=1) for desk in DESKS]
    assert same[0].sameness == same[1].sameness
    assert plain(screen("en").alert(same, estimate=False)) == [
        " POLICE  FIRE  23:10  blue IV     San Siro stadium: warning updated",
        NOW,
        "        35 min after the final whistle",
    ]


@pytest.mark.parametrize(
    ("lang", "estimate", "because"),
    [
        ("en", "match attendance estimate: about 38,100", "the month's 3 earlier matches; a hint"),
        ("zh-CN", "观众人数估算：约 38,100", "本月前 3 场比赛峰值连成的直线；仅供参考"),
    ],
)
def test_the_estimate_says_what_it_rests_on(lang: str, estimate: str, because: str) -> None:
    block = plain(screen(lang).alert([alert(peak={"people": 79.276})], estimate=True))
    assert block[-1].strip().startswith(estimate)
    assert because in block[-1]
    assert "79.3" in block[-1]


@pytest.mark.parametrize(
    "one",
    [
        alert(peak={"people": 69.9}),
        alert(peak={"people": None}),
        alert(peak={"people": 900.0}, area={"worst_tile": "4344"}),
    ],
    ids=["below 70 units", "unknown", "elsewhere"],
)
def test_there_is_no_estimate_out_of_nothing(one: Heard) -> None:
    assert screen("en").estimate(one.data) is None
    assert "attendance" not in screen("en").alert([one], estimate=True)


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    dark = alert(
        people={"best": None},
        baseline={"expected": None, "score": None, "threshold": None},
        reasons=["blind"],
    )
    assert plain(screen("en").alert([dark], estimate=True))[1] == (
        "        activity now unknown; partly without data"
    )


@pytest.mark.parametrize(
    ("at_min", "shown"),
    [
        (-165, "165 min to kick-off"),
        (0, "0 min after kick-off, 110 min to the final whistle"),
        (110, "0 min after the final whistle"),
    ],
)
def test_every_moment_lies_somewhere_to_the_match(at_min: int, shown: str) -> None:
    assert screen("en").moment(KICKOFF_MS + at_min * 60_000) == shown


def test_alerts_are_shown_in_the_order_of_the_log_police_first() -> None:
    late, fire, police = alert(at_min=65), alert("fire"), alert("police")
    assert sorted([late, fire, police], key=lambda one: one.order) == [police, fire, late]


def test_both_languages_have_the_same_texts_with_the_same_facts() -> None:
    facts = {
        lang: {
            key: sorted(name for _, name, *_ in Formatter().parse(text) if name is not None)
            for key, text in texts.items()
        }
        for lang, texts in TEXTS.items()
    }
    assert facts["zh-CN"] == facts["en"]


def test_all_has_come_when_every_desk_has_as_much_as_the_engine_says() -> None:
    history = History(
        state={}, expected={"police": [b"a"], "fire": [b"b"]}, raised=0, here=0, seconds=0.0
    )
    received = Received()
    received.take(replace(alert("police"), value=b"a"), 1.0)
    assert not received.is_all(history)
    assert not received.both
    received.take(replace(alert("fire"), value=b"b"), 2.0)
    assert received.is_all(history)
    assert received.both
    assert received.values == history.expected
    assert received.first_s == {"police": 1.0, "fire": 2.0}
