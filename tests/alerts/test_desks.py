"""Timetables of desks: what acknowledging and closing do, and what does nothing."""

from __future__ import annotations

from alerts.action import Action, Outcome, Why
from alerts.desk import Desk
from tests.alerts.scenario import START_MS, Scenario, grid


def test_reopened_rings_again_under_the_old_id() -> None:
    day = Scenario(grid(1, 4))
    first = day.hop({1: 2.0})[0].incident
    day.act(Action.ACK, first, level=1)
    day.until(20)
    day.until(45)
    (alert,) = day.hop({1: 2.0, 2: 2.0})
    assert (alert.kind, alert.incident, alert.data.needs_ack) == ("reopened", first, True)
    assert alert.data.acknowledged is None


def test_acknowledging_covers_the_level_of_that_time() -> None:
    day = Scenario(grid(1, 4))
    incident = day.hop({1: 3.0})[0].incident
    (alert,), reply = day.act(Action.ACK, incident, level=2)
    assert (alert.kind, alert.data.needs_ack, reply.accepted) == ("acknowledged", False, True)
    assert alert.data.acknowledged is not None
    assert alert.data.acknowledged.by == "officer 7"
    assert alert.data.decided_ms == START_MS + 5 * 60_000 + 120_000
    (risen, _) = day.hop({1: 4.0})
    assert risen.data.needs_ack
    (fallen,) = [a for a in day.until(25, {1: 3.1}) if a.desk is Desk.POLICE]
    assert (fallen.data.level, fallen.data.needs_ack) == (2, False)


def test_acknowledging_what_rose_since_is_refused_with_the_state_of_now() -> None:
    day = Scenario(grid(1, 4))
    incident = day.hop({1: 2.0})[0].incident
    day.hop({1: 3.0})
    alerts, reply = day.act(Action.ACK, incident, level=1)
    assert (alerts, reply.accepted, reply.why) == ([], False, Why.ROSE)
    assert (reply.level, reply.lifecycle, reply.needs_ack) == (2, "escalated", True)
    assert day.act(Action.ACK, incident, level=4, revision=2)[1].why is Why.ACKNOWLEDGED
    assert day.hop({1: 4.0})[0].data.needs_ack


def test_acknowledging_is_per_desk() -> None:
    day = Scenario(grid(1, 4))
    incident = day.hop({1: 4.0})[0].incident
    (alert,), _ = day.act(Action.ACK, incident, level=3)
    assert alert.desk is Desk.POLICE
    assert day.table.open_incidents().unacknowledged == 1
    day.act(Action.ACK, incident, level=3, desk=Desk.FIRE)
    assert day.table.open_incidents().unacknowledged == 0


def test_closed_while_raised_is_held_until_one_level_higher() -> None:
    day = Scenario(grid(1, 4))
    incident = day.hop({1: 2.0})[0].incident
    (alert,), _ = day.act(Action.CLOSE, incident, level=1, outcome=Outcome.UNFOUNDED)
    assert (alert.kind, alert.data.lifecycle) == ("updated", "closed")
    assert alert.data.outcome is not None
    assert alert.data.outcome.outcome == "unfounded"
    assert day.until(30, {1: 2.9}) == []
    (held,) = day.table.held()
    assert (held.desk, held.held.event, held.held.reason) == (
        Desk.POLICE,
        "changed",
        "closed by this desk",
    )
    (risen,) = day.hop({1: 3.0})
    assert (risen.kind, risen.data.needs_ack) == ("escalated", True)


def test_closed_while_raised_ends_with_resolved() -> None:
    day = Scenario(grid(1, 4))
    incident = day.hop({1: 2.0})[0].incident
    day.act(Action.CLOSE, incident, level=1)
    (alert,) = day.until(20)
    assert alert.kind == "resolved"
    assert alert.data.outcome is not None


def test_an_outcome_is_taken_after_the_end() -> None:
    day = Scenario(grid(1, 4))
    incident = day.hop({1: 2.0})[0].incident
    day.until(20)
    (alert,), reply = day.act(Action.CLOSE, incident, level=1, outcome=Outcome.REAL)
    assert (alert.kind, alert.data.lifecycle, reply.why) == ("updated", "resolved", Why.OUTCOME)
    assert day.act(Action.CLOSE, incident, level=1, outcome=Outcome.REAL)[0] == []
    again = day.act(Action.CLOSE, incident, level=1, outcome=Outcome.REAL, id="2")[1]
    assert again.why is Why.ALREADY_CLOSED
    assert day.act(Action.ACK, incident, level=1)[1].why is Why.ENDED


def test_actions_that_make_no_sense_are_answered_and_change_nothing() -> None:
    day = Scenario(grid(1, 4))
    incident = day.hop({1: 2.0})[0].incident
    before = day.table.dump()
    answers = [
        day.act(Action.ACK, "nowhere", level=1),
        day.act(Action.ACK, incident, level=1, desk=Desk.FIRE),
        day.act(Action.ACK, incident, level=1, revision=9),
        day.act(Action.ACK, incident, level=0),
        day.act(Action.SILENCE, incident, level=1),
        day.act(Action.SILENCE, incident, level=1, text="fair"),
        day.act(Action.SHELVE, incident, level=1, text="fair", until="20:00"),
        day.act(Action.SHELVE, incident, level=1, text="fair", until=day.now_ms + 1_860_001),
        day.act(Action.COMMENT, incident, level=1, text="  "),
        day.act(Action.REOPEN, incident, level=1),
        day.act(Action.CLOSE, incident, level=1, arrived="noon"),
        day.act(Action.CLOSE, incident, level=1, arrived=2000, left=1000),
        day.act(Action.COMMENT, "nowhere", level=1),
    ]
    assert [reply.why for _, reply in answers] == [
        Why.UNKNOWN_INCIDENT,
        Why.NOT_TOLD,
        Why.NO_REVISION,
        Why.NO_LEVEL,
        Why.NO_TEXT,
        Why.NO_UNTIL,
        Why.NO_UNTIL,
        Why.TOO_LONG,
        Why.NO_TEXT,
        Why.NOT_CLOSED,
        Why.BAD_TIMES,
        Why.BAD_TIMES,
        Why.UNKNOWN_INCIDENT,
    ]
    assert not any(alerts or reply.accepted for alerts, reply in answers)
    assert day.table.dump() == before


def test_closing_what_became_worse_is_refused() -> None:
    day = Scenario(grid(1, 4))
    incident = day.hop({1: 2.0})[0].incident
    day.hop({1: 3.0})
    alerts, reply = day.act(Action.CLOSE, incident, level=1)
    assert (alerts, reply.accepted, reply.why, reply.revision) == ([], False, Why.ROSE, 2)
