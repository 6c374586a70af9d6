"""Laws of `ack` and `open`: one incident is meant, and the answer is waited for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest
from click.testing import CliRunner

from alerts.action import Outcome, Why
from replay.embedded import KAFKA_PYTHON_API, EmbeddedBroker
from stream.cli.ack_text import TEXTS, WHY
from stream.cli.deed import Moments
from stream.cli.group import _crowdtide
from tests.alerts.scenario import Scenario, crowd, grid
from tests.cli.answering import TOPICS, Answering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

Desk = tuple[EmbeddedBroker, Scenario]


@pytest.fixture(name="broker")
def fixture_broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(TOPICS) as running:
        yield running


def call(broker: EmbeddedBroker, *arguments: str) -> Result:
    sets = (
        f"kafka.bootstrap={broker.bootstrap}",
        f"kafka.api_version={'.'.join(map(str, KAFKA_PYTHON_API))}",
        "kafka.fetch_max_wait_ms=20",
    )
    options = [part for one in sets for part in ("--set", one)]
    return CliRunner().invoke(_crowdtide, [*arguments, "--lang", "en", *options])


def two_crowds() -> Scenario:
    """Two incidents that both desks hear of."""
    scene = Scenario(grid(1, 9))
    scene.hop(crowd({0: 4.2, 8: 4.6}))
    return scene


def one_crowd() -> Scenario:
    scene = Scenario(grid(1, 2))
    scene.hop(crowd({0: 3.2}, score={0: 5.0}))
    return scene


def test_the_only_open_incident_is_meant_and_what_was_seen_is_said(broker: EmbeddedBroker) -> None:
    scene = one_crowd()
    with Answering(broker.bootstrap, scene) as table:
        table.tell(scene.sent)
        result = call(broker, "ack", "--as", "Post 2")
    assert result.exit_code == 0, result.output
    assert "accepted: acknowledged" in result.stdout
    ((key, action),) = table.taken
    alert = scene.sent[0]
    assert key == alert.incident.encode()
    assert (action.incident, action.desk, action.action) == (alert.incident, "police", "ack")
    assert (action.revision_seen, action.level_seen, action.by) == (1, alert.data.level, "Post 2")
    assert action.id
    assert action.id in result.stderr
    assert alert.data.headline["en"] in result.stderr.replace("\n    ", " ")


def test_an_outcome_closes_and_comes_with_its_times(broker: EmbeddedBroker) -> None:
    scene = one_crowd()
    with Answering(broker.bootstrap, scene) as table:
        table.tell(scene.sent)
        given = ("--outcome", "real", "--text", "stage", "--arrived", "2013-11-23T20:10+08:00")
        result = call(broker, "ack", "20131123", "--as", "P", *given, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["lifecycle"] == "closed"
    action = table.taken[0][1]
    assert (action.action, action.outcome, action.text) == ("close", Outcome.REAL, "stage")
    assert action.arrived == 1385208600000


def test_a_refusal_is_told_with_the_state_and_is_exit_1(broker: EmbeddedBroker) -> None:
    scene = one_crowd()
    told = list(scene.sent)
    scene.hop(crowd({0: 5.4}, score={0: 7.0}))  # it rises, and the desk has not read that yet
    with Answering(broker.bootstrap, scene) as table:
        table.tell(told)
        result = call(broker, "ack", "--as", "P", "--action", "close")
    assert result.exit_code == 1
    assert f"refused: {Why.ROSE}" in result.stdout
    assert "red I" in result.stdout
    assert "still to be acknowledged" in result.stdout


def test_several_incidents_are_listed_and_nothing_is_done(broker: EmbeddedBroker) -> None:
    scene = two_crowds()
    with Answering(broker.bootstrap, scene) as table:
        table.tell(scene.sent)
        for asked in ("-", "2013"):
            result = call(broker, "ack", asked, "--as", "P", "--desk", "fire")
            assert result.exit_code == 1
            assert all(alert.incident in result.stderr for alert in scene.sent)
        whole = scene.sent[0].incident
        assert call(broker, "ack", whole, "--as", "P").exit_code == 0
        assert call(broker, "ack", "nothing", "--as", "P").exit_code == 1
    assert [action.incident for _, action in table.taken] == [whole]


def test_without_an_answer_the_id_is_told_with_which_it_is_done_once(
    broker: EmbeddedBroker,
) -> None:
    scene = one_crowd()
    with Answering(broker.bootstrap, scene, deaf=True) as table:
        table.tell(scene.sent)
        result = call(broker, "ack", "--as", "P", "--wait", "1")
        assert result.exit_code == 1
        deed_id = table.taken[0][1].id
        assert f"--id {deed_id}" in result.stderr
        call(broker, "ack", "--as", "P", "--wait", "0.5", "--id", str(deed_id))
    assert [action.id for _, action in table.taken] == [deed_id, deed_id]


def test_open_lists_the_worst_first_at_each_desk(broker: EmbeddedBroker) -> None:
    scene = two_crowds()
    with Answering(broker.bootstrap, scene) as table:
        assert call(broker, "open", "fire").stdout == "fire: nothing is open\n"
        table.tell(scene.sent)
        table.tell(scene.sent[:1])  # a revision that comes again
        lines = call(broker, "open", "--json").stdout.splitlines()
        assert [json.loads(line)["desk"] for line in lines] == ["police"] * 2 + ["fire"] * 2
        shown = call(broker, "open", "police").stdout
        assert all(alert.incident in shown for alert in scene.sent)
        scene.until(90)
        table.tell(scene.sent)
        assert call(broker, "open", "--json").stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--outcome", "real", "--action", "ack"),
        ("--action", "shelve", "--until", "soon"),
        ("--as", "x" * 201),
    ],
)
def test_what_would_never_be_answered_is_a_usage_error(
    broker: EmbeddedBroker, arguments: tuple[str, ...]
) -> None:
    scene = one_crowd()
    with Answering(broker.bootstrap, scene) as table:
        table.tell(scene.sent)
        assert call(broker, "ack", "--as", "P", *arguments).exit_code == 2
    assert not table.taken


NOON = 1_790_056_800_000  # 2026-09-22 14:00 in Shanghai


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("30m", 30), ("2h", 120), ("1h5m", 65), ("14:30", 30), ("13:30", 23 * 60 + 30)],
)
def test_a_time_ahead_is_the_next_one(text: str, minutes: int) -> None:
    moments = Moments(tz="Asia/Shanghai", now_ms=NOON)
    assert moments.ahead(text, option="--until") == NOON + minutes * 60_000


@pytest.mark.parametrize(("text", "minutes"), [("13:30", -30), ("14:30", -23 * 60 - 30)])
def test_a_time_that_is_over_is_the_last_one(text: str, minutes: int) -> None:
    moments = Moments(tz="Asia/Shanghai", now_ms=NOON)
    assert moments.past(text, option="--left") == NOON + minutes * 60_000


def test_a_time_without_an_offset_is_the_city_s() -> None:
    moments = Moments(tz="Asia/Shanghai", now_ms=NOON)
    assert moments.ahead("2026-09-22T14:00", option="--until") == NOON
    assert moments.ahead("2026-09-22T06:00:00Z", option="--until") == NOON


def test_every_answer_has_its_words() -> None:
    assert set(map(str, Why)) <= set(WHY)
    assert TEXTS["zh-CN"].keys() == TEXTS["en"].keys()
    assert msgspec.json.encode(WHY)
