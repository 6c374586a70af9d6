"""Timetables of many ends at once: a desk is told as many as it can read, the others in turn."""

from __future__ import annotations

from alerts.action import Action, Why
from alerts.desk import Desk
from alerts.message import encode
from alerts.spec import AlertSpec
from alerts.table import IncidentTable
from tests.alerts.scenario import Scenario, grid
from tests.alerts.test_flood import APART, MANY, busiest, full


def apart(places: int, *, flood_messages: int = 10) -> Scenario:
    """Return a day on which places rose slowly one after another, each told and seen by itself."""
    spec = AlertSpec(flood_messages=flood_messages, ack_expires_s=0)
    day = Scenario(grid(1, APART * places), spec, rings=True)
    for place in range(places):
        for alert in day.hop(full(range(place + 1))):
            day.act(Action.ACK, alert.incident, level=1)
    return day


def test_more_ends_than_a_desk_can_read_come_one_after_another() -> None:
    day = apart(MANY)
    sent = len(day.sent)
    day.until(day.minute + 60)
    ends = day.sent[sent:]
    assert [alert.kind for alert in ends] == ["resolved"] * MANY
    assert busiest(ends, Desk.POLICE) == 8
    assert busiest(day.sent, Desk.POLICE) <= 10
    first, last = ends[0].data, ends[-1].data
    assert (first.ended_ms, first.ended) == (last.ended_ms, last.ended)
    assert first.decided_ms < last.decided_ms
    assert day.table.due_ms() is None


def test_an_end_that_waits_stands_in_every_heartbeat() -> None:
    day = apart(MANY)
    while not any(alert.kind == "resolved" for alert in day.hop()):
        pass
    held = day.table.holding()
    assert len(held) == MANY - 8
    assert {one.reason for one in held} == {"its end is told as soon as this desk has room for it"}
    day.until(day.minute + 30)
    assert day.table.holding() == []


def test_who_acts_on_what_is_over_is_told_so_first() -> None:
    day = apart(MANY)
    while not any(alert.kind == "resolved" for alert in day.hop()):
        pass
    waits = day.table.holding()[0].incident
    told_now, reply = day.act(Action.CLOSE, waits, level=1, outcome="real")
    assert [alert.kind for alert in told_now] == ["resolved", "updated"]
    assert reply.why is Why.OUTCOME


def test_for_a_desk_that_was_not_told_the_end_what_returns_never_ended() -> None:
    day = apart(MANY)
    while not any(alert.kind == "resolved" for alert in day.hop()):
        pass
    waits = day.table.holding()[0].incident
    (place,) = [number for number in range(MANY) if waits.endswith(f"-r0c{APART * number}")]
    again = [alert for alert in day.hop(full([place], 3.0)) if alert.incident == waits]
    assert [(alert.kind, alert.data.level) for alert in again] == [("escalated", 2)]


def test_saved_while_ends_wait_it_goes_on_the_same() -> None:
    day, other = apart(MANY), apart(MANY)
    for one in (day, other):
        one.until(one.minute + 15)
    table = IncidentTable(other.spec, other.ground)
    table.load(other.table.dump())
    other.table = table
    for one in (day, other):
        one.until(one.minute + 60)
    assert [encode(one.data) for one in day.sent] == [encode(one.data) for one in other.sent]
    assert day.table.dump() == other.table.dump()


def test_what_a_desk_was_not_told_of_is_not_forgotten() -> None:
    spec = AlertSpec(flood_messages=2, ack_expires_s=0, keep_s=1800)
    day = Scenario(grid(1, APART * 9), spec, rings=True)
    for place in range(9):
        for alert in day.until(day.minute + 15, full(range(place + 1))):
            day.act(Action.ACK, alert.incident, level=1)
    day.until(day.minute + 150)
    last = {alert.incident: alert.kind for alert in day.sent}
    assert set(last.values()) == {"resolved"}
