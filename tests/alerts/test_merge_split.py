"""Incidents that meet, part and touch."""

from __future__ import annotations

from alerts.action import Action
from alerts.desk import Desk
from tests.alerts.scenario import Scenario, grid, told


def test_the_earlier_incident_survives_a_merge() -> None:
    day = Scenario(grid(1, 7))
    younger_place, older_place = 0, 4
    (older,) = day.hop({older_place: 2.0})
    (younger,) = day.hop({older_place: 2.0, younger_place: 2.0})
    (alert,) = day.hop(dict.fromkeys(range(5), 2.0))
    assert (alert.kind, alert.incident) == ("merged", younger.incident)
    assert alert.data.merged_into == older.incident


def test_of_two_opened_together_the_smaller_id_survives() -> None:
    day = Scenario(grid(1, 7))
    first, second = day.hop({0: 2.0, 4: 2.2})
    (alert,) = day.hop(dict.fromkeys(range(5), 2.0))
    assert alert.data.merged_into == min(first.incident, second.incident)


def test_a_desk_that_knew_the_merged_one_hears_of_the_survivor() -> None:
    day = Scenario(grid(1, 7))
    (old,) = day.hop({4: 2.0})
    day.hop({4: 2.0, 0: 4.0})
    day.until(30, {4: 2.0, 0: 2.0})  # the younger one falls back to blue; fire knows it
    alerts = day.hop(dict.fromkeys(range(5), 2.0))
    fire = [a for a in alerts if a.desk is Desk.FIRE]
    assert [(a.kind, a.incident == old.incident) for a in fire] == [
        ("raised", True),
        ("merged", False),
    ]


def test_most_people_keep_the_id_in_a_split() -> None:
    day = Scenario(grid(1, 7))
    (parent,) = day.hop(dict.fromkeys(range(5), 2.0))
    alerts = day.until(20, {0: 2.0, 1: 2.0, 3: 2.5, 4: 2.4})
    raised = [a for a in alerts if a.kind == "raised"]
    assert [a.data.split_from for a in raised] == [parent.incident]
    assert raised[0].data.area.tiles == ["r0c0", "r0c1"]
    assert raised[0].data.changed == ["first", "split"]


def test_of_equal_parts_the_one_with_the_smallest_tile_keeps_the_id() -> None:
    day = Scenario(grid(1, 7))
    day.hop(dict.fromkeys(range(5), 2.0))
    alerts = day.until(20, {0: 2.0, 1: 2.0, 3: 2.0, 4: 2.0})
    assert [a.data.area.tiles for a in alerts if a.kind == "raised"] == [["r0c3", "r0c4"]]


def test_a_part_that_splits_off_does_not_ring_where_its_parent_was_acknowledged() -> None:
    day = Scenario(grid(1, 7))
    (parent,) = day.hop(dict.fromkeys(range(5), 2.0))
    day.act(Action.ACK, parent.incident, level=1)
    (child,) = [a for a in day.until(20, {0: 2.0, 3: 2.5, 4: 2.0}) if a.kind == "raised"]
    assert not child.data.needs_ack


def test_a_part_of_a_closed_incident_stays_held_until_it_is_worse() -> None:
    day = Scenario(grid(1, 7))
    (parent,) = day.hop(dict.fromkeys(range(5), 2.0))
    day.act(Action.CLOSE, parent.incident, level=1)
    assert day.until(30, {0: 2.0, 3: 2.5, 4: 2.0}) == []
    (child,) = day.hop({0: 3.0, 3: 2.5, 4: 2.0})
    assert (child.kind, child.revision, child.data.split_from) == ("raised", 1, parent.incident)


def test_a_desk_that_knew_the_parent_hears_of_every_part() -> None:
    day = Scenario(grid(1, 7))
    day.hop({0: 2.0, 1: 2.0, 2: 2.0, 3: 4.0})
    alerts = day.until(20, {0: 2.0, 3: 4.0})
    assert ("fire", "raised", 1) in told(alerts)


def test_an_incident_never_crosses_a_police_area_but_names_its_neighbour() -> None:
    day = Scenario(grid(1, 4, area_of={2: 1, 3: 1}))
    west, east = day.hop(dict.fromkeys(range(4), 2.0))
    assert (west.data.area.tiles_total, east.data.area.tiles_total) == (2, 2)
    assert west.data.related == [east.incident]
    assert east.data.related == [west.incident]


def test_one_that_lost_its_home_returns_in_another_part_of_its_ground() -> None:
    day = Scenario(grid(1, 9))
    day.hop({0: 2.0, 1: 2.0})
    (wide,) = day.hop({0: 2.0, 1: 2.0, **dict.fromkeys(range(3, 8), 2.0)})
    day.until(30)
    alerts = day.hop({0: 2.0, 1: 2.0, 2: 2.0, 3: 2.0, 7: 2.0})
    assert [a.kind for a in alerts] == ["reopened", "reopened"]
    assert {a.incident for a in alerts} >= {wide.incident}


def test_a_part_that_was_never_told_ends_untold() -> None:
    day = Scenario(grid(1, 7))
    (parent,) = day.hop(dict.fromkeys(range(5), 2.0))
    day.act(Action.CLOSE, parent.incident, level=1)
    day.until(30, {0: 2.0, 3: 2.5, 4: 2.0})
    assert [(a.kind, a.incident) for a in day.until(50)] == [("resolved", parent.incident)]


def test_what_was_merged_away_never_returns() -> None:
    day = Scenario(grid(1, 7))
    day.hop({0: 2.0})
    (merged,) = day.hop({0: 2.0, 4: 2.0})
    day.hop(dict.fromkeys(range(5), 2.0))
    day.until(30, {0: 2.0})
    alerts = day.hop({0: 2.0, 4: 2.0})
    assert merged.incident not in {alert.incident for alert in alerts}
    assert [alert.kind for alert in alerts if alert.data.area.tiles == ["r0c4"]] == ["raised"]
