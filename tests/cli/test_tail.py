"""Laws of `tail`: bytes as published for programs, colour and grade for people, silence is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest
from click.testing import CliRunner
from kafka import KafkaProducer

from alerts.ground import Site
from alerts.message import encode, envelope
from alerts.system import Heartbeat, system_envelope
from geo.site import ACCESS_RISKS
from replay.embedded import KAFKA_PYTHON_API, EmbeddedBroker
from stream.cli.alert_text import TEXTS, Speaker
from stream.cli.group import _crowdtide
from stream.cli.pulse import TEXTS as PULSE_TEXTS
from stream.cli.pulse import Pulse, hop_patience_s
from stream.settings_load import load, read
from stream.topic_reader import Received
from tests.alerts.duty import on_duty
from tests.alerts.scenario import Scenario, crowd, grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from alerts.message import Alert

POLICE, SYSTEM = "crowd.alerts.police.v1", "crowd.alerts.system.v1"
BEAT = Heartbeat(
    worker="w0",
    at_ms=1_790_000_000_000,
    hop_ms=1_790_000_000_000,
    open_by_level=(0, 0, 0, 0),
    unacknowledged=0,
    feeds=["cmcc"],
    blind_ratio=None,
    last_ids={},
)


def alerts() -> list[Alert]:
    """Return an incident from its raise to its end, as police hear of it."""
    scene = Scenario(grid(1, 2))
    scene.hop(crowd({0: 3.2}, score={0: 5.0}, slope_per_min={0: 30.0}))
    scene.hop(crowd({0: 5.4}, score={0: 7.0}))
    scene.until(90)
    return [alert for alert in scene.sent if alert.desk == "police"]


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker({POLICE: 1, SYSTEM: 1}) as running:
        producer = KafkaProducer(
            bootstrap_servers=running.bootstrap, api_version=KAFKA_PYTHON_API, acks="all"
        )
        for alert in alerts():
            value = envelope(alert, source="/test", status="Test")
            producer.send(POLICE, value, key=alert.incident.encode())
        producer.send(POLICE, b"junk")
        producer.send(SYSTEM, system_envelope(BEAT, source="/test", status="Test"))
        producer.flush()
        producer.close()
        yield running


def tail(broker: EmbeddedBroker, *arguments: str) -> Result:
    sets = [
        f"kafka.bootstrap={broker.bootstrap}",
        f"kafka.api_version={'.'.join(map(str, KAFKA_PYTHON_API))}",
        "kafka.fetch_max_wait_ms=20",
        "calendar.tz=Europe/Rome",
    ]
    options = [part for one in sets for part in ("--set", one)]
    return CliRunner().invoke(_crowdtide, ["tail", *arguments, "--until-end", *options])


def test_json_lines_carry_the_data_byte_for_byte(broker: EmbeddedBroker) -> None:
    result = tail(broker, "police", "--json")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert len(lines) == len(alerts()) > 2
    for line, alert in zip(lines, alerts(), strict=True):
        assert list(json.loads(line)) == ["topic", "key", "id", "type", "data"]
        assert line.encode().endswith(b'"data":' + encode(alert.data) + b"}")
        assert json.loads(line)["topic"] == POLICE


def test_bytes_that_are_no_alert_are_named_and_stop_nothing(broker: EmbeddedBroker) -> None:
    result = tail(broker, "police", "--json")
    assert f"{POLICE} offset {len(alerts())}: no alert" in result.stderr
    assert "no alert" in tail(broker, "police", "--lang", "en").stdout


def test_latest_until_end_is_nothing(broker: EmbeddedBroker) -> None:
    result = tail(broker, "police", "--from", "latest")
    assert (result.exit_code, result.stdout) == (0, "")


def test_the_system_topic_is_readable(broker: EmbeddedBroker) -> None:
    assert "heartbeat  w0" in tail(broker, "system").stdout
    assert json.loads(tail(broker, "system", "--json").stdout)["data"]["worker"] == "w0"


def test_a_missing_topic_is_one_line(broker: EmbeddedBroker) -> None:
    result = tail(broker, "fire")
    assert result.exit_code == 1
    assert result.stderr == (
        "crowd.alerts.fire.v1: no such topic; make it with crowdtide topics ensure\n"
    )


@pytest.mark.parametrize("lang", list(TEXTS))
def test_a_person_reads_colour_grade_place_figures_and_reasons(lang: str) -> None:
    value = envelope(alerts()[0], source="/test", status="Test")
    text = Speaker(lang=lang, tz="Asia/Shanghai").say(value)
    data = alerts()[0].data
    assert data.colour[lang] in text
    assert data.grade in text
    assert data.headline[lang] in text
    assert "3,200" in text
    assert "2013-11-23 19:05" in text
    assert data.alert_id in text


def test_the_number_of_a_level_is_never_shown() -> None:
    text = Speaker(lang="en", tz="UTC").say(envelope(alerts()[0], source="/", status="Test"))
    assert "level 2" not in text


def test_every_kind_of_message_can_be_said() -> None:
    kinds = {str(alert.kind) for alert in alerts()}
    assert {"raised", "escalated", "resolved"} <= kinds
    for lang in TEXTS:
        for alert in alerts():
            text = Speaker(lang=lang, tz="UTC").say(envelope(alert, source="/", status="Test"))
            assert "not understood" not in text


@pytest.mark.parametrize("value", [None, b"", b"\xff", b"[]", b'{"id": "a", "type": "b"}'])
def test_any_bytes_can_be_said(value: bytes | None) -> None:
    text = Speaker(lang="en", tz="UTC").say(value)
    assert "no alert" in text or "not understood" in text


def test_both_catalogues_say_the_same_things() -> None:
    for texts in (TEXTS, PULSE_TEXTS):
        assert texts["zh-CN"].keys() == texts["en"].keys()


class Listener:
    """A pulse on a clock of the test's own, and what it writes."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], *, lang: str = "en", patience_s: float | None
    ) -> None:
        self.now_s = 0.0
        self._capsys = capsys
        self._pulse = Pulse(
            SYSTEM, lang=lang, tz="Asia/Shanghai", patience_s=patience_s, clock=lambda: self.now_s
        )

    def hears(self, second: float, beat: Heartbeat | None) -> str:
        self.now_s = second
        value = system_envelope(beat, source="/test", status="Test") if beat else None
        record = Received(
            topic=SYSTEM, partition=0, offset=0, timestamp_ms=0, key=None, value=value, headers=()
        )
        self._pulse.hear(record if beat else None)
        return self._capsys.readouterr().err


def test_silence_of_the_system_is_said_and_so_is_its_return(
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = Listener(capsys, patience_s=None)
    assert one.hears(119, None) == ""
    assert one.hears(120, BEAT) == ""
    assert one.hears(240, None) == ""
    assert "BLIND" in one.hears(241, None)
    assert one.hears(300, None) == ""
    assert "heard again" in one.hears(301, BEAT)
    assert one.hears(400, None) == ""


@pytest.mark.parametrize(
    ("lang", "still", "closes"),
    [
        ("en", "HOPS STAND STILL since 2026-09-21 22:13:20", "hops close again"),
        ("zh-CN", "时间停在 2026-09-21 22:13:20", "时段恢复结算"),
    ],
)
def test_heartbeats_that_name_one_hop_for_too_long_are_not_taken_for_calm(
    capsys: pytest.CaptureFixture[str], lang: str, still: str, closes: str
) -> None:
    one = Listener(capsys, lang=lang, patience_s=660)
    for second in range(0, 661, 60):
        assert one.hears(second, BEAT) == ""
    assert still in one.hears(720, BEAT)
    assert one.hears(780, BEAT) == "", "said once"
    older = msgspec.structs.replace(BEAT, hop_ms=BEAT.hop_ms - 1)
    assert one.hears(790, older) == "", "a worker that woke up late moves nothing"
    newer = msgspec.structs.replace(BEAT, hop_ms=BEAT.hop_ms + 300_000)
    assert closes in one.hears(840, newer)
    assert one.hears(1500, newer) == ""
    assert "2026-09-21 22:18:20" in one.hears(1501, newer)


def test_a_replay_and_a_reader_without_feeds_know_no_limit_for_hops() -> None:
    def patience_s(*sets: str) -> float | None:
        return hop_patience_s(load(None, env={}, sets=sets))

    assert patience_s("feeds.a.period_s=300") == 660
    assert patience_s("feeds.a.period_s=300", "time.ticks=feed") is None
    assert hop_patience_s(read(None, env={}, sets=[]).settings) is None


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("en", "Fire 1 · Chief 1 (Unit 1, ext. 1) · first of 2 posts · access at risk: slope"),
        ("zh-CN", "Fire 1 · Chief 1（Unit 1，ext. 1） · 等2个岗位 · 通道受限：坡道"),
    ],
)
def test_a_person_reads_who_answers_and_what_stands_in_the_way(lang: str, line: str) -> None:
    steps = Site(name="Steps", access_risk=True, hazards=("slope",), tiles=2)
    ground = grid(1, 2, sites=[steps], site_of={0: 0, 1: 0})
    ground = on_duty(ground, police=[0, 0], fire=[0, 1], posts=[0, 1])
    fire = Scenario(ground).hop(crowd({0: 3.0, 1: 4.5}))[1]
    text = Speaker(lang=lang, tz="UTC").say(envelope(fire, source="/", status="Test"))
    assert line in [one.strip() for one in text.splitlines()]


def test_every_kind_of_risk_has_its_words() -> None:
    for texts in TEXTS.values():
        assert set(ACCESS_RISKS) <= set(texts)
