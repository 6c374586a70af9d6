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


def test_acknowledging_a_lower_level_covers_only_that() -> None:
    day = Scenario(grid(1, 4))
    incident = day.hop({1: 2.0})[0].incident
    day.hop({1: 3.0})
    (alert,), reply = day.act(Action.ACK, incident, level=1)
    assert (reply.accepted, reply.why) == (True, Why.COVERS_LOWER)
    assert alert.data.needs_ack
    assert day.act(Action.ACK, incident, level=1)[0] == []
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
        day.act(Action.COMMENT, "nowhere", level=1),
    ]
    assert [reply.why for _, reply in answers] == [
        Why.UNKNOWN_INCIDENT,
        Why.NOT_TOLD,
        Why.NO_REVISION,
        Why.NO_LEVEL,
        Why.NOT_SUPPORTED,
        Why.NOT_SUPPORTED,
    ]
    assert not any(alerts or reply.accepted for alerts, reply in answers)
    assert day.table.dump() == before


def test_closing_what_became_worse_is_refused() -> None:
    day = Scenario(grid(1, 4))
    incident = day.hop({1: 2.0})[0].incident
    day.hop({1: 3.0})
    alerts, reply = day.act(Action.CLOSE, incident, level=1)
    assert (alerts, reply.accepted, reply.why, reply.revision) == ([], False, Why.ROSE, 2)
