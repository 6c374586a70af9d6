"""Timetables of a city that rings everywhere at once: one message with its parts, not hundreds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alerts.action import Action, Why
from alerts.desk import Desk
from alerts.flood import PARTS_MAX
from alerts.message import VALUE_BYTES_MAX, AlertData, encode, envelope
from alerts.spec import AlertSpec, DeskSpec
from alerts.table import IncidentTable
from tests.alerts.scenario import Scenario, crowd, grid, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alerts.message import Alert

APART = 3
"""Tiles from one place to the next: none adjoin."""
MANY = 15


def night(places: int = MANY, *, flood_messages: int = 10) -> Scenario:
    spec = AlertSpec(flood_messages=flood_messages)
    return Scenario(grid(1, APART * places), spec, rings=True)


def full(places: Iterable[int], density: float = 2.0) -> dict[int, float]:
    return {APART * place: density for place in places}


def busiest(alerts: Iterable[Alert], desk: Desk) -> int:
    """Return the most messages of a desk in any ten minutes, on the clock of the log."""
    at = sorted(alert.data.decided_ms for alert in alerts if alert.desk is desk)
    return max((sum(0 <= other - one < 600_000 for other in at) for one in at), default=0)


def test_new_year_everywhere_is_one_message_with_its_parts() -> None:
    day = night()
    (city,) = day.hop(full(range(MANY)))
    assert (city.kind, city.incident, city.data.level) == ("raised", "20131123T1105Z-city", 1)
    assert city.data.parts is not None
    assert (len(city.data.parts), city.data.parts_total) == (MANY, MANY)
    assert city.data.people.best == MANY * 2000
    assert city.data.headline["en"].startswith("City-wide, 15 places: blue IV, warning: 30000")
    assert city.data.headline["zh-CN"].startswith("全市15处：蓝色IV级预警，现有30000人")


def test_what_a_part_would_have_told_is_listed_as_held() -> None:
    day = night()
    (city,) = day.hop(full(range(MANY)))
    held = day.table.held()
    assert len(held) == MANY
    assert {(one.held.reason, one.held.text) for one in held} == {
        ("told as part of a city-wide incident", city.incident)
    }
    day.hop(full(range(MANY)))
    assert len(day.table.held()) == MANY


def test_as_many_as_a_desk_can_read_are_told_one_by_one() -> None:
    day = night()
    assert len(day.hop(full(range(10)))) == 10
    (city,) = day.hop(full(range(11)))
    assert (city.kind, city.data.parts_total) == ("raised", 11)


def test_slowly_coming_ones_are_never_gathered() -> None:
    day = night()
    for place in range(MANY):
        (alert,) = [one for one in day.hop(full(range(place + 1))) if one.kind == "raised"]
        assert alert.data.parts is None
        day.act(Action.ACK, alert.incident, level=1)
        day.hop(full(range(place + 1)))


def test_it_rises_with_the_worst_part_and_counts_the_grave_ones_at_once() -> None:
    day = night()
    day.hop(full(range(MANY)))
    worse = full(range(MANY)) | full([3], 4.0)
    assert told(day.hop(worse)) == [("police", "escalated", 3), ("fire", "raised", 3)]
    (first, *_) = day.sent[-2].data.parts or []
    assert (first.place, first.grade, first.colour["en"]) == ("r0c9", "II", "orange")
    two = worse | full([7], 4.0)
    assert [alert.data.changed for alert in day.hop(two) if alert.kind == "updated"] == [
        ["parts"],
        ["parts"],
    ]


def test_when_few_are_left_it_ends_and_they_are_told_one_by_one() -> None:
    day = night()
    (city,) = day.hop(full(range(MANY)))
    day.until(15, full(range(5)))
    alerts = day.hop(full(range(5)))
    assert [(alert.kind, alert.incident == city.incident) for alert in alerts] == [
        ("resolved", True),
        *[("raised", False)] * 5,
    ]
    assert {alert.data.ack_by_ms for alert in alerts[1:]} == {
        alerts[1].data.decided_ms + 1800 * 1000
    }
    assert len(day.until(40)) == 5


def test_desks_act_on_it_like_on_any_other() -> None:
    day = night()
    (city,) = day.hop(full(range(MANY)))
    (seen,), reply = day.act(Action.ACK, city.incident, level=1)
    assert (seen.kind, seen.data.parts_total, reply.why) == (
        "acknowledged",
        MANY,
        Why.ACKNOWLEDGED,
    )
    day.until(30)
    assert day.sent[-1].kind == "resolved"
    (judged,), _ = day.act(Action.CLOSE, city.incident, level=1, outcome="exercise")
    assert judged.data.outcome is not None
    assert judged.data.outcome.outcome == "exercise"


def test_unanswered_it_goes_up_the_chain_and_its_parts_do_not() -> None:
    day = night()
    day.until(100, full(range(MANY)))
    assert {alert.incident for alert in day.sent} == {"20131123T1105Z-city"}
    assert [alert.data.duty_post for alert in day.sent if alert.data.changed == ["overdue"]] == [
        "shift_chief",
        "city_desk",
    ]


def test_ten_that_nobody_answers_leave_room_for_what_is_new() -> None:
    """Each of them would ring every half hour; a desk hears eight in ten minutes, then the rest."""
    spec = AlertSpec(police=DeskSpec(chain=("guard",), ring_again_s=(300, 300, 300, 300)))
    day = Scenario(grid(1, APART * MANY), spec, rings=True)
    day.until(120, full(range(10)))
    later = [one for one in day.sent if one.data.changed == ["unanswered"]]
    assert len({alert.incident for alert in later}) == 10
    assert busiest(later, Desk.POLICE) == 8
    new = [one for one in day.hop(full(range(12))) if one.kind == "raised"]
    assert [alert.data.parts for alert in new] == [None, None]
    assert busiest(day.sent, Desk.POLICE) <= 10


def test_saved_in_the_middle_of_a_flood_it_goes_on_the_same() -> None:
    day = night()
    day.hop(full(range(MANY)))
    other = IncidentTable(day.spec, day.ground)
    other.load(day.table.dump())
    assert other.dump() == day.table.dump()
    day.table = other
    assert told(day.until(20)) == [("police", "resolved", 1)]


def test_a_message_of_a_full_city_fits_the_topic() -> None:
    ground = grid(1, APART * 2000)
    names = tuple(f"{tile:05} " + "长名" * 60 for tile in range(APART * 2000))
    day = Scenario(replace(ground, names=names))
    (city,) = day.hop(full(range(2000)))
    value = envelope(city, source="urn:x", status="Actual")
    assert len(value) <= VALUE_BYTES_MAX
    assert city.data.parts_total == 2000
    assert city.data.parts is not None
    assert 0 < len(city.data.parts) <= PARTS_MAX


evenings = st.lists(
    st.dictionaries(
        st.integers(0, MANY - 1), st.sampled_from([0.5, 2.0, 3.0, 4.0, 5.0]), max_size=MANY
    ),
    max_size=12,
)


def play(evening: list[dict[int, float]]) -> Scenario:
    day = night(flood_messages=5)
    for hop in evening:
        day.hop({APART * place: density for place, density in hop.items()})
    day.until(day.minute + 60)
    return day


@given(evenings)
def test_flooded_or_not_every_message_is_strictly_alert_1_without_a_gap(
    evening: list[dict[int, float]],
) -> None:
    newest: Counter[tuple[str, str]] = Counter()
    for alert in play(evening).sent:
        data = msgspec.json.decode(encode(alert.data), type=AlertData, strict=True)
        assert encode(data) == encode(alert.data)
        newest[alert.incident, alert.desk] += 1
        assert alert.revision == newest[alert.incident, alert.desk]


@given(evenings)
def test_once_told_of_the_city_or_a_part_a_desk_is_told_the_end(
    evening: list[dict[int, float]],
) -> None:
    day = play(evening)
    last = {(alert.incident, alert.desk): alert for alert in day.sent}
    assert {alert.data.msg_type for alert in last.values()} <= {"Cancel"}
    assert day.table.due_ms() is None


@given(evenings)
def test_no_hop_brings_a_desk_more_new_messages_than_it_can_read(
    evening: list[dict[int, float]],
) -> None:
    by_hop: Mapping[tuple[int, str], int] = Counter(
        (alert.data.decided_ms, alert.desk)
        for alert in play(evening).sent
        if alert.kind not in {"resolved", "expired", "merged"}
    )
    assert max(by_hop.values(), default=0) <= 5 + 1


def test_every_tile_of_a_large_city_at_once() -> None:
    side = 141
    ground = grid(side, side, area_of={tile: tile // 1000 for tile in range(side * side)})
    day = Scenario(ground, rings=True)
    alerts = day.hop(crowd(dict.fromkeys(range(side * side), 5.0)))
    assert told(alerts) == [("police", "raised", 4), ("fire", "raised", 4)]
    assert alerts[0].data.area.tiles_total == side * side
    assert np.all(day.table.levels()[1] == 4)
    day.until(60, dict.fromkeys(range(side * side), 5.0))
    assert busiest(day.sent, Desk.POLICE) <= 10
    assert all(len(encode(alert.data)) <= VALUE_BYTES_MAX for alert in day.sent)


@given(evenings)
def test_what_can_wait_leaves_room_for_what_is_new(evening: list[dict[int, float]]) -> None:
    """Ends and repeated calls come while a desk got under four of its five in ten minutes."""
    before: dict[str, list[int]] = {desk: [] for desk in Desk}
    for alert in play(evening).sent:
        at_ms, sent = alert.data.decided_ms, before[alert.desk]
        waits = alert.kind in {"resolved", "merged"} or alert.data.changed == ["unanswered"]
        if waits and not alert.incident.endswith("city"):
            assert sum(one > at_ms - 600_000 for one in sent) < 4
        sent.append(at_ms)


def test_a_city_that_is_told_apart_again_is_not_told_that_it_is_over() -> None:
    day = night()
    day.hop(full(range(MANY)))
    day.until(20, full(range(5)))
    (over,) = [alert.data for alert in day.sent if alert.kind == "resolved"]
    assert over.headline["zh-CN"].startswith("全市5处：")
    assert "合并通报结束，改为逐处通报" in over.headline["zh-CN"]
    assert "told as one no longer" in over.headline["en"]
    assert "It is not over: act on the warnings of each place." in (over.spoken or {})["en"]
    assert over.response_type == "Assess"


def test_the_city_stays_one_while_either_desk_has_more_parts_than_it_can_read() -> None:
    spec = AlertSpec(police_level=4, fire_level=1)
    day = Scenario(grid(1, APART * MANY), spec, rings=True)
    day.hop(full(range(MANY), 2.0) | full([0], 5.0))
    day.until(60, full(range(MANY), 2.0))
    assert {alert.incident for alert in day.sent} == {"20131123T1105Z-city"}
