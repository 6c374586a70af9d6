"""Timetables: what desks are told, and when."""

from __future__ import annotations

from alerts.desk import Desk
from alerts.ground import Site
from alerts.spec import AlertSpec
from tests.alerts.scenario import START_MS, Scenario, crowd, grid, told


def test_police_hear_at_blue_and_fire_at_orange() -> None:
    day = Scenario(grid(1, 4))
    assert told(day.hop({1: 2.0})) == [("police", "raised", 1)]
    assert told(day.hop({1: 3.0})) == [("police", "escalated", 2)]
    assert told(day.hop({1: 4.0})) == [("police", "escalated", 3), ("fire", "raised", 3)]
    assert told(day.hop({1: 5.0})) == [("police", "escalated", 4), ("fire", "escalated", 4)]


def test_the_id_tells_when_and_where_it_opened() -> None:
    day = Scenario(grid(1, 4))
    (alert,) = day.hop({2: 2.0, 1: 2.5})
    assert alert.incident == "20131123T1105Z-r0c1"
    assert alert.id == "20131123T1105Z-r0c1/police/1"
    assert alert.hop_ms == START_MS + 300_000


def test_fire_hears_at_yellow_where_access_is_at_risk() -> None:
    ground = grid(1, 4, sites=[Site(name="Harbour", access_risk=True, tiles=1)], site_of={1: 0})
    day = Scenario(ground)
    assert told(day.hop({1: 2.0})) == [("police", "raised", 1)]
    alerts = day.hop({1: 3.0})
    assert told(alerts) == [("police", "escalated", 2), ("fire", "raised", 2)]
    assert alerts[1].place == "Harbour"


def test_fire_hears_of_a_site_at_eighty_percent() -> None:
    ground = grid(1, 4, sites=[Site(name="Pier", capacity=1000.0, tiles=1)], site_of={1: 0})
    (police, fire) = Scenario(ground).hop({1: 0.8})
    assert (police.data.level, fire.desk) == (2, Desk.FIRE)
    assert police.data.reasons == ["occupancy"]


def test_a_level_falls_after_the_hold_time_and_the_incident_resolves() -> None:
    day = Scenario(grid(1, 4))
    day.hop({1: 2.0})
    assert told(day.until(15, {1: 0.5})) == []
    (last,) = day.hop({1: 0.5})
    assert told([last]) == [("police", "resolved", 1)]
    assert (last.data.people.best, last.data.reasons) == (500, [])
    assert day.table.open_incidents().total == 0


def test_a_level_is_kept_near_its_rung_for_ever() -> None:
    day = Scenario(grid(1, 4))
    day.hop({1: 2.0})
    assert {kind for _, kind, _ in told(day.until(120, {1: 1.75}))} <= {"updated"}
    assert day.table.open_incidents().total == 1


def test_a_tile_that_is_neither_candidate_nor_blind_is_calm() -> None:
    day = Scenario(grid(1, 4))
    day.hop({1: 2.0})
    assert told(day.until(20)) == [("police", "resolved", 1)]


def test_blindness_stops_the_hold_and_sight_resumes_it() -> None:
    day = Scenario(grid(1, 4))
    day.hop({1: 2.0})
    day.until(15, {1: 0.5})
    (dark,) = day.until(600, blind=[1])
    assert dark.data.changed == ["blind"]
    assert told(day.hop({1: 0.5})) == [("police", "resolved", 1)]


def test_a_blind_incident_keeps_its_last_figures_and_says_so() -> None:
    day = Scenario(grid(1, 4))
    day.hop({1: 2.0})
    (dark,) = day.hop(blind=[1])
    assert (dark.kind, dark.data.changed) == ("updated", ["blind"])
    assert "nothing is seen there any more" in dark.data.headline["en"]
    (alert,) = day.until(12 * 60 + 10, blind=[1])
    assert told([alert]) == [("police", "updated", 1)]
    assert alert.data.people.best == 2000
    assert alert.data.reasons == ["density", "blind"]
    assert alert.data.data_quality.age_s == 12 * 3600 + 300
    assert alert.data.certainty == "Unknown"


def test_an_incident_blind_for_a_day_expires_and_is_not_resolved() -> None:
    day = Scenario(grid(1, 4))
    day.hop({1: 2.0})
    last = day.until(24 * 60 + 5, blind=[1])[-1]
    assert told([last]) == [("police", "expired", 1)]
    assert last.data.lifecycle == "expired"
    assert day.table.active_tiles().size == 0


def test_changed_figures_wait_a_quarter_of_an_hour() -> None:
    day = Scenario(grid(1, 4))
    day.hop({1: 2.0})
    assert day.until(15, {1: 2.9}) == []
    (alert,) = day.hop({1: 2.9})
    assert (alert.kind, alert.data.changed) == ("updated", ["people"])
    assert day.until(120, {1: 2.8}) == []


def test_changed_ground_is_told_too() -> None:
    day = Scenario(grid(1, 6))
    day.hop({1: 2.0, 2: 2.0, 3: 0.1})
    (alert,) = day.until(20, {1: 2.0, 2: 2.0, 3: 2.0})
    assert alert.data.changed == ["people", "area"]


def test_an_open_incident_is_repeated_after_twelve_hours() -> None:
    day = Scenario(grid(1, 4))
    day.hop({1: 2.0})
    (alert,) = day.until(12 * 60 + 5, {1: 2.0})
    assert (alert.kind, alert.data.changed, alert.revision) == ("updated", ["repeat"], 2)


def test_raised_again_after_more_than_half_an_hour_is_a_new_incident() -> None:
    day = Scenario(grid(1, 4))
    (first,) = day.hop({1: 2.0})
    day.until(20)
    day.until(50)
    (alert,) = day.hop({1: 2.0})
    assert (alert.kind, alert.data.split_from) == ("raised", None)
    assert alert.incident != first.incident


def test_raised_again_on_other_tiles_is_a_new_incident() -> None:
    day = Scenario(grid(1, 4))
    (first,) = day.hop({1: 2.0})
    day.until(20)
    (alert,) = day.hop({3: 2.0})
    assert alert.incident != first.incident


def test_two_of_three_waits_for_a_second_hop() -> None:
    day = Scenario(grid(1, 4), AlertSpec(rise_hops=2))
    assert day.hop({1: 2.0}) == []
    assert day.hop({1: 0.5}) == []
    assert told(day.hop({1: 2.0})) == [("police", "raised", 1)]


def test_one_odd_hop_is_forgotten_under_two_of_three() -> None:
    day = Scenario(grid(1, 4), AlertSpec(rise_hops=2))
    day.hop({1: 2.0})
    assert day.until(30, {1: 0.1}) == []
    assert day.table.active_tiles().size == 0


def test_a_suspect_feed_holds_what_is_unusual_and_lets_the_ladder_speak() -> None:
    day = Scenario(grid(1, 4))
    odd = crowd({1: 0.9}, expected=100.0, score={1: 9.0})
    assert day.hop(odd, anomaly_held=True) == []
    assert told(day.hop({1: 2.0}, anomaly_held=True)) == [("police", "raised", 1)]
    assert told(day.hop(odd)) == [("police", "escalated", 2)]


def test_the_same_packed_square_is_one_level_lower_after_its_hold() -> None:
    day = Scenario(grid(1, 4))
    day.hop({1: 5.0})
    alerts = day.until(20, {1: 3.0})
    assert told(alerts) == [("police", "updated", 2), ("fire", "updated", 2)]
    assert alerts[1].data.changed == ["level_down"]


def test_an_incident_nobody_hears_of_is_pending() -> None:
    day = Scenario(grid(1, 4), AlertSpec(police_level=2))
    assert day.hop({1: 2.0}) == []
    assert day.table.open_incidents().total == 1
    assert day.until(20) == []
    assert told(day.hop({1: 3.0})) == [("police", "raised", 2)]


def test_a_site_does_not_empty_because_a_part_of_it_is_dark() -> None:
    pier = Site(name="Pier", capacity=1000.0, tiles=2)
    day = Scenario(grid(1, 4, sites=[pier], site_of={0: 0, 1: 0}))
    day.hop({0: 0.5, 1: 0.4})
    assert {kind for _, kind, _ in told(day.until(120, {0: 0.5}, blind=[1]))} <= {"updated"}
    assert told(day.until(140, {0: 0.5, 1: 0.0}))[-2:] == [
        ("police", "resolved", 2),
        ("fire", "resolved", 2),
    ]


def test_a_part_that_is_dark_for_ever_does_not_keep_the_rest_raised() -> None:
    pier = Site(name="Pier", capacity=1000.0, tiles=2)
    day = Scenario(grid(1, 4, sites=[pier], site_of={0: 0, 1: 0}))
    day.hop({0: 2.0, 1: 0.1})
    (police, fire) = day.until(20, {0: 0.1}, blind=[1])
    assert police.data.area.tiles == ["r0c1"]
    assert fire.data.reasons == ["occupancy", "blind"]


def test_a_level_falls_to_the_highest_one_kept_during_its_hold() -> None:
    day = Scenario(grid(1, 4))
    day.hop({1: 5.0})
    day.hop({1: 2.6})
    (police, fire) = day.until(20, {1: 0.1})
    assert (police.data.level, fire.data.level) == (2, 2)


def test_long_hops_still_wait_for_two_of_them() -> None:
    day = Scenario(grid(1, 4), hop_min=30)
    day.hop({1: 2.0})
    assert told(day.hop({1: 0.1})) == [("police", "updated", 1)]
    assert told(day.hop({1: 0.1})) == [("police", "resolved", 1)]


def test_what_is_seen_in_part_does_not_expire() -> None:
    day = Scenario(grid(1, 4))
    day.hop({1: 2.0})
    kinds = {kind for _, kind, _ in told(day.until(30 * 60, {1: 2.0}, blind=[1]))}
    assert kinds == {"updated"}
