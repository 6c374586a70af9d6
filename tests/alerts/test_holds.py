"""Timetables of holds: what a desk may put off, how long, and that nothing held is invisible."""

from __future__ import annotations

import pytest

from alerts.action import Action, Outcome, Why
from alerts.desk import Desk
from alerts.ground import Site
from tests.alerts.scenario import MINUTE_MS, Scenario, grid, told


def later(day: Scenario, minutes: float) -> int:
    return day.now_ms + int(minutes * MINUTE_MS)


def raised(density: float = 2.0) -> tuple[Scenario, str]:
    day = Scenario(grid(1, 6), rings=True)
    return day, day.hop({1: density})[0].incident


def shelved(minutes: float = 30) -> tuple[Scenario, str]:
    day, incident = raised()
    until = later(day, minutes)
    day.act(Action.SHELVE, incident, level=1, text="market day", until=until)
    return day, incident


def test_what_is_shelved_is_quiet_and_listed_and_rings_when_that_ends() -> None:
    day, incident = raised()
    until = later(day, 30)
    (alert,), reply = day.act(Action.SHELVE, incident, level=1, text="market day", until=until)
    assert (alert.kind, alert.data.lifecycle, alert.data.needs_ack) == ("updated", "shelved", False)
    assert reply.why is Why.SHELVED
    assert alert.data.hold is not None
    assert (alert.data.hold.kind, alert.data.hold.by, alert.data.hold.text) == (
        "shelved",
        "officer 7",
        "market day",
    )
    assert alert.data.hold.until_ms == until
    assert day.until(35, {1: 2.9}) == []
    assert {(one.held.reason, one.held.by, one.held.until_ms) for one in day.table.held()} == {
        ("shelved by this desk", "officer 7", until)
    }
    (back,) = day.until(45, {1: 2.9})
    assert (back.kind, back.data.changed, back.data.needs_ack) == ("updated", ["hold_ended"], True)
    assert (back.data.decided_ms, back.data.hold) == (until, None)


def test_what_is_shelved_rings_at_once_when_it_rises() -> None:
    day, _ = shelved()
    (risen,) = day.hop({1: 3.0})
    assert (risen.kind, risen.data.needs_ack, risen.data.hold) == ("escalated", True, None)


def test_what_is_shelved_is_told_its_end() -> None:
    day, _ = shelved()
    assert told(day.until(25)) == [("police", "resolved", 1)]


def test_a_shelf_can_be_cleared_before_its_time() -> None:
    day, incident = shelved()
    (back,), reply = day.act(Action.SHELVE, incident, level=1, until=day.now_ms)
    assert (back.data.changed, back.data.needs_ack, reply.why) == (
        ["hold_ended"],
        True,
        Why.HOLD_ENDED,
    )


@pytest.mark.parametrize(
    ("density", "level", "minutes", "why"),
    [
        (2.0, 1, 30, Why.SHELVED),
        (3.0, 2, 30, Why.SHELVED),
        (3.0, 2, 31, Why.SHELVED),
        (3.0, 2, 31.5, Why.TOO_LONG),
        (4.0, 3, 10, Why.SHELVED),
        (4.0, 3, 11.5, Why.TOO_LONG),
        (5.0, 4, 1, Why.NEVER_RED),
    ],
)
def test_how_long_one_incident_may_be_put_off(
    density: float, level: int, minutes: float, why: Why
) -> None:
    day, incident = raised(density)
    until = later(day, minutes)
    assert day.act(Action.SHELVE, incident, level=level, text="x", until=until)[1].why is why


def test_silenced_ground_holds_new_incidents_of_that_desk_and_tells_them_afterwards() -> None:
    day, incident = raised()
    until = later(day, 60)
    (alert,), reply = day.act(Action.SILENCE, incident, level=1, text="parade", until=until)
    assert (alert.data.changed, reply.why) == (["silenced"], Why.SILENCED)
    assert alert.data.hold is not None
    assert alert.data.hold.kind == "silenced"
    assert told(day.until(25)) == [("police", "resolved", 1)]
    day.until(50)
    assert day.hop({2: 3.0}) == []
    (held,) = day.table.held()
    assert held.held.event == "heard"
    assert (held.held.by, held.held.text, held.held.until_ms) == ("officer 7", "parade", until)
    assert day.hop({2: 3.0}) == []
    assert len(day.table.held()) == 1
    assert told(day.until(70, {2: 3.0})) == [("police", "raised", 2)]


def test_silence_never_holds_red_nor_what_reaches_beyond_it() -> None:
    day, incident = raised()
    day.act(Action.SILENCE, incident, level=1, text="parade", until=later(day, 600))
    assert day.hop({1: 4.0}) != []  # the fire desk silenced nothing
    assert {alert.desk for alert in day.sent[2:]} == {Desk.FIRE}
    assert told(day.hop({1: 4.0, 2: 4.0, 3: 4.0, 4: 4.0}))[0] == ("police", "escalated", 3)
    other, incident = raised()
    other.act(Action.SILENCE, incident, level=1, text="parade", until=later(other, 600))
    assert ("police", "escalated", 4) in told(other.hop({1: 5.0}))


def test_silence_lies_over_the_whole_site() -> None:
    ground = grid(1, 8, sites=[Site(name="Square", tiles=4)], site_of=dict.fromkeys(range(4), 0))
    day = Scenario(ground, rings=True)
    incident = day.hop({0: 2.0})[0].incident
    day.act(Action.SILENCE, incident, level=1, text="fair", until=later(day, 120))
    assert day.hop({3: 2.0}) == []
    assert told(day.hop({6: 2.0})) == [("police", "raised", 1)]


def test_deadlines_wait_while_ground_is_silent_and_begin_anew() -> None:
    day, incident = raised()
    day.act(Action.SILENCE, incident, level=1, text="parade", until=later(day, 60))
    assert told(day.until(65, {1: 2.0})) == []
    day.until(70, {1: 2.0})
    (overdue,) = day.until(105, {1: 2.0})
    assert overdue.data.changed == ["overdue"]


def test_a_silence_is_ended_by_hand_and_bounded() -> None:
    day, incident = raised()
    long = later(day, 12 * 60 + 2)
    assert day.act(Action.SILENCE, incident, level=1, text="x", until=long)[1].why is Why.TOO_LONG
    day.act(Action.SILENCE, incident, level=1, text="x", until=later(day, 60))
    assert day.hop({1: 3.0}) == []
    (ended,), reply = day.act(Action.SILENCE, incident, level=2, revision=2, until=day.now_ms)
    assert (ended.data.hold, reply.why) == (None, Why.HOLD_ENDED)
    assert day.table.due_ms() is not None


def test_a_deed_sent_twice_is_done_once() -> None:
    day, incident = raised()
    (alert,), _ = day.act(Action.COMMENT, incident, level=1, text="on my way", id="a1")
    assert [(note.by, note.text) for note in alert.data.comments] == [("officer 7", "on my way")]
    alerts, reply = day.act(Action.COMMENT, incident, level=1, text="on my way", id="a1")
    assert (alerts, reply.accepted, reply.why, reply.id) == ([], False, Why.DUPLICATE, "a1")
    assert day.act(Action.COMMENT, incident, level=1, text="there", id="a2")[1].accepted
    assert day.act(Action.COMMENT, incident, level=1, text="bye")[1].accepted
    assert day.act(Action.COMMENT, incident, level=1, text="bye")[1].why is Why.DUPLICATE


def test_a_desk_takes_back_that_it_closed() -> None:
    day, incident = raised()
    day.act(Action.CLOSE, incident, level=1, outcome=Outcome.UNFOUNDED)
    assert day.act(Action.ACK, incident, level=1)[1].why is Why.ALREADY_CLOSED
    (back,), reply = day.act(Action.REOPEN, incident, level=1, text="they are still there")
    assert (back.kind, back.data.needs_ack, back.data.outcome) == ("reopened", True, None)
    assert reply.why is Why.REOPENED
    day.until(30)
    assert day.act(Action.REOPEN, incident, level=1, id="late")[1].why is Why.ENDED


def test_an_outcome_tells_when_people_came_and_left() -> None:
    day, incident = raised()
    came, left = "2013-11-23T20:00:00+01:00", day.now_ms
    (alert,), _ = day.act(
        Action.CLOSE, incident, level=1, outcome=Outcome.REAL, arrived=came, left=left + 10**8
    )
    assert alert.data.outcome is not None
    assert alert.data.outcome.arrived == "2013-11-23T19:00:00Z"
    assert alert.data.outcome.left_ms == left + 10**8


def test_what_holds_now_is_told_with_who_why_and_until_when() -> None:
    day, incident = shelved()
    (one,) = day.table.holding()
    assert (one.incident, one.desk, one.reason, one.by, one.text) == (
        incident,
        "police",
        "shelved by this desk",
        "officer 7",
        "market day",
    )
    day.act(Action.ACK, incident, level=1)
    assert day.table.holding() == []
    day.act(Action.SILENCE, incident, level=1, text="parade", until=later(day, 60))
    day.act(Action.CLOSE, incident, level=1, text="false")
    assert [(one.reason, one.text) for one in day.table.holding()] == [
        ("closed by this desk", "false"),
        ("its ground is silenced by this desk", "parade"),
    ]
    day.until(90)
    assert day.table.holding() == []
