"""Timetables of the duty chain: who is asked when nobody answers, and what rings again."""

from __future__ import annotations

import pytest

from alerts.action import Action, Why
from alerts.desk import Desk
from alerts.spec import AlertSpec, DeskSpec
from tests.alerts.scenario import MINUTE_MS, START_MS, Scenario, crowd, grid

DECIDED_MS = START_MS + 5 * MINUTE_MS + 90_000
NIGHT = AlertSpec(
    police=DeskSpec(chain=("guard", "chief", "city"), ack_deadline_s=(600, 300, 120, 60))
)


def posts(day: Scenario) -> list[tuple[str, str | None, int]]:
    """Return what changed, who is to answer, and seconds after the first decision."""
    return [
        (alert.data.changed[0], alert.data.duty_post, (alert.data.decided_ms - DECIDED_MS) // 1000)
        for alert in day.sent
        if alert.desk is Desk.POLICE
    ]


def test_at_night_an_alert_that_nobody_answers_goes_up_the_chain_to_the_city() -> None:
    day = Scenario(grid(1, 4), NIGHT, rings=True)
    day.until(60, {1: 2.0})
    assert posts(day) == [
        ("first", "guard", 0),
        ("overdue", "chief", 600),
        ("overdue", "city", 1200),
        ("unanswered", "city", 3000),
    ]
    assert [alert.kind for alert in day.sent] == ["raised", *["escalated"] * 3]
    assert day.sent[0].data.ack_by_ms == DECIDED_MS + 600_000
    assert day.sent[0].data.escalates_to == ["chief", "city"]
    assert day.sent[-1].data.escalates_to == []
    assert all(alert.data.needs_ack for alert in day.sent)


def test_the_last_post_is_rung_again_and_again_and_told_since_when() -> None:
    day = Scenario(grid(1, 4), NIGHT, rings=True)
    day.until(90, {1: 3.0})
    assert posts(day)[2:] == [
        ("overdue", "city", 600),
        *(("unanswered", "city", 1500 + 900 * more) for more in range(4)),
    ]
    last = day.sent[-1].data
    assert last.unanswered is not None
    assert (last.unanswered.since_ms, last.unanswered.times) == (DECIDED_MS, 7)
    assert "since 11:06 UTC, call 7, for the city" in last.headline["en"]
    assert "自11:06 UTC起无人确认，第7次呼叫，请city确认" in last.headline["zh-CN"]
    assert "11:06 UTC起一直无人确认，第7次呼叫，请city确认。" in (last.spoken or {})["zh-CN"]


def test_an_answer_ends_the_ringing_and_its_count() -> None:
    day = Scenario(grid(1, 4), NIGHT, rings=True)
    day.until(40, {1: 3.0})
    (seen,), _ = day.act(Action.ACK, day.sent[0].incident, level=2)
    assert seen.data.unanswered is None
    sent = len(day.sent)
    day.until(80, {1: 3.0})
    assert len(day.sent) == sent


def test_where_people_grew_by_half_the_last_post_is_rung_at_once() -> None:
    day = Scenario(grid(1, 6), NIGHT, rings=True)
    day.until(30, {1: 2.0})
    assert day.hop({1: 2.0, 2: 0.9}) == []
    (grown,) = day.hop({1: 2.0, 2: 2.0})
    assert (grown.kind, grown.data.changed) == ("escalated", ["unanswered", "people", "area"])
    assert "About 4000 people there now (about 2000 when first told at 11:06 UTC)" in (
        grown.data.spoken or {}
    ).get("en", "")
    assert day.hop({1: 2.0, 2: 2.0}) == []


def test_only_the_last_post_is_rung_at_growth_the_others_have_their_deadline() -> None:
    day = Scenario(grid(1, 6), NIGHT, rings=True)
    day.hop({1: 2.0})
    assert day.hop({1: 2.0, 2: 2.0}) == []


def test_people_who_come_back_ring_nobody() -> None:
    day = Scenario(grid(1, 4), NIGHT, drop_h=3.0, rings=True)
    few, more = (
        crowd({1: here}, expected=1000.0, score={1: 6.0}, drop={1: 6.0}) for here in (0.1, 0.3)
    )
    day.hop(few)
    for _ in range(5):
        day.hop(few)
    assert "unanswered" not in {change for change, *_ in posts(day)}
    day.hop(more)
    assert "unanswered" not in {change for change, *_ in posts(day)}


def test_where_the_setting_says_never_the_last_post_is_rung_by_growth_only() -> None:
    never = DeskSpec(chain=("guard",), ring_again_s=(0, 0, 0, 0))
    day = Scenario(grid(1, 4), AlertSpec(police=never), rings=True)
    day.until(300, {1: 2.0})
    assert len(day.sent) == 1
    assert day.hop({1: 2.0, 2: 2.0})[0].data.changed[0] == "unanswered"


def test_red_is_passed_on_sooner_than_blue() -> None:
    day = Scenario(grid(1, 4), NIGHT, rings=True)
    day.until(10, {1: 5.0})
    assert posts(day) == [("first", "guard", 0), ("overdue", "chief", 60), ("overdue", "city", 120)]
    day.until(15, {1: 5.0})
    assert posts(day)[-1] == ("unanswered", "city", 420)


def test_who_answers_ends_the_chain() -> None:
    day = Scenario(grid(1, 4), NIGHT, rings=True)
    incident = day.hop({1: 2.0})[0].incident
    (alert,), _ = day.act(Action.ACK, incident, level=1)
    assert (alert.data.ack_by, alert.data.duty_post, alert.data.escalates_to) == (None, None, None)
    day.until(60, {1: 2.0})
    assert "overdue" not in {change for change, *_ in posts(day)}


def test_a_rise_gives_the_post_that_rings_its_time_anew() -> None:
    day = Scenario(grid(1, 4), NIGHT, rings=True)
    day.hop({1: 2.0})
    day.hop({1: 3.0})
    day.until(25, {1: 3.0})
    assert posts(day) == [
        ("first", "guard", 0),
        ("level_up", "guard", 300),
        ("overdue", "chief", 600),
        ("overdue", "city", 900),
    ]


def test_an_acknowledgement_expires_and_rings_at_the_first_post_again() -> None:
    day = Scenario(grid(1, 4), NIGHT, rings=True)
    incident = day.hop({1: 2.0})[0].incident
    day.act(Action.ACK, incident, level=1)
    acked_ms = day.now_ms
    day.until(90, {1: 2.0})
    (lapsed,) = [alert for alert in day.sent if alert.data.changed == ["ack_expired"]]
    assert lapsed.data.decided_ms == acked_ms + 3_600_000
    assert (lapsed.kind, lapsed.data.needs_ack, lapsed.data.duty_post) == ("updated", True, "guard")
    assert lapsed.data.acknowledged is None
    assert posts(day)[-2:] == [("overdue", "chief", 4230), ("overdue", "city", 4830)]


def test_acknowledged_by_the_next_shift_the_hour_begins_anew() -> None:
    day = Scenario(grid(1, 4), NIGHT, rings=True)
    incident = day.hop({1: 2.0})[0].incident
    day.act(Action.ACK, incident, level=1)
    day.until(50, {1: 2.0})
    alerts, reply = day.act(Action.ACK, incident, level=1, by="officer 8")
    assert (alerts, reply.accepted, reply.why) == ([], True, Why.ALREADY)
    day.until(105, {1: 2.0})
    assert "ack_expired" not in {change for change, *_ in posts(day)}
    day.until(120, {1: 2.0})
    assert "ack_expired" in {change for change, *_ in posts(day)}


def test_never_expires_where_the_setting_says_so() -> None:
    day = Scenario(grid(1, 4), AlertSpec(ack_expires_s=0), rings=True)
    incident = day.hop({1: 2.0})[0].incident
    day.act(Action.ACK, incident, level=1)
    day.until(600, {1: 2.0})
    assert len(day.sent) == 2


def test_seen_and_acting_are_two_things() -> None:
    day = Scenario(grid(1, 4), NIGHT, rings=True)
    incident = day.hop({1: 2.0})[0].incident
    (seen,), _ = day.act(Action.ACK, incident, level=1)
    assert (seen.data.acknowledged is None, seen.data.confirmed) == (False, None)
    (acting,), reply = day.act(Action.CONFIRM, incident, level=1, by="patrol 3")
    assert (acting.kind, acting.data.changed, reply.why) == (
        "acknowledged",
        ["confirmed"],
        Why.CONFIRMED,
    )
    assert acting.data.acknowledged is not None
    assert acting.data.confirmed is not None
    assert (acting.data.acknowledged.by, acting.data.confirmed.by) == ("officer 7", "patrol 3")


def test_handed_up_by_hand_the_next_post_rings_until_there_is_none() -> None:
    day = Scenario(grid(1, 4), NIGHT, rings=True)
    incident = day.hop({1: 2.0})[0].incident
    day.act(Action.ACK, incident, level=1)
    (up,), reply = day.act(Action.ESCALATE, incident, level=1, revision=2, text="need the chief")
    assert (up.kind, up.data.duty_post, up.data.needs_ack, reply.why) == (
        "escalated",
        "chief",
        True,
        Why.HANDED_UP,
    )
    assert [note.text for note in up.data.comments] == ["need the chief"]
    day.act(Action.ESCALATE, incident, level=1, revision=3)
    assert day.act(Action.ESCALATE, incident, level=1, revision=4)[1].why is Why.LAST_POST


def test_each_desk_has_a_chain_of_its_own() -> None:
    day = Scenario(grid(1, 4), NIGHT, rings=True)
    day.hop({1: 4.0})
    day.until(10, {1: 4.0})
    rung = {(alert.desk, alert.data.duty_post) for alert in day.sent}
    assert {("police", "city"), ("fire", "duty_officer")} <= rung
    assert ("fire", "city_desk") not in rung


def test_an_alert_that_was_never_answered_still_ends() -> None:
    day = Scenario(grid(1, 4), NIGHT, rings=True)
    day.hop({1: 2.0})
    day.until(120)
    assert day.sent[-1].kind == "resolved"
    assert day.sent[-1].data.ack_by is None
    assert day.table.due_ms() is None


def test_a_chain_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match=r"police\.chain.*fire\.ack_deadline_s"):
        AlertSpec(police=DeskSpec(chain=("a", "a")), fire=DeskSpec(ack_deadline_s=(1, 1, 1, 0)))
    with pytest.raises(ValueError, match=r"police\.ring_again_s"):
        AlertSpec(police=DeskSpec(ring_again_s=(0, 60, 59, 60)))


def test_an_old_acknowledgement_quiets_no_ringing() -> None:
    """What rose and rang falls back to the grade that was acknowledged, over an hour ago."""
    day = Scenario(grid(1, 4), NIGHT, rings=True)
    incident = day.hop({1: 2.0})[0].incident
    day.act(Action.ACK, incident, level=1)
    day.until(55, {1: 2.0})
    day.until(65, {1: 3.0})
    day.until(80, {1: 2.0})
    assert day.sent[-1].data.changed == ["level_down"]
    assert day.sent[-1].data.needs_ack
    assert "ack_expired" not in {change for change, *_ in posts(day)}
