"""Laws of who answers: areas, posts, hazards and assumptions in the message to a desk."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.action import Action
from alerts.answerable import POSTS_MAX, Jurisdiction, responsible
from alerts.desk import Desk
from alerts.ground import Site
from alerts.message import VALUE_BYTES_MAX, AlertData, encode, envelope
from tests.alerts.duty import on_duty
from tests.alerts.scenario import AREA_M2, Scenario, grid, told


def areas(data: AlertData) -> list[tuple[str, str]]:
    assert data.jurisdiction is not None
    return [(one.desk, one.id) for one in data.jurisdiction]


def posts(data: AlertData) -> list[str]:
    assert data.responsible is not None
    return [one.id for one in data.responsible]


def test_each_desk_reads_its_own_area_first_and_that_of_the_worst_tile() -> None:
    ground = on_duty(grid(1, 4), police=[1, 1, 1, 1], fire=[0, 2, 1, 0])
    police, fire = Scenario(ground).hop({0: 4.0, 1: 4.5, 2: 4.0})
    assert areas(police.data) == [("police", "p1"), ("fire", "f2"), ("fire", "f0"), ("fire", "f1")]
    assert areas(fire.data) == [("fire", "f2"), ("fire", "f0"), ("fire", "f1"), ("police", "p1")]
    assert police.data.district == fire.data.district == "Police 1"


def test_an_incident_never_crosses_a_police_area_and_names_its_neighbour() -> None:
    ground = on_duty(grid(1, 4), police=[0, 0, 1, 1])
    one, two = Scenario(ground).hop({1: 2.0, 2: 2.5})
    assert [alert.data.district for alert in (one, two)] == ["Police 1", "Police 0"]
    assert [alert.data.area.tiles for alert in (one, two)] == [["r0c2"], ["r0c1"]]
    assert one.data.related == [two.data.incident]
    assert two.data.related == [one.data.incident]
    assert areas(one.data) == [("police", "p1")]


def test_a_fire_area_and_a_post_do_not_part_an_incident() -> None:
    ground = on_duty(grid(1, 2), police=[0, 0], fire=[0, 1], posts=[0, 1])
    (alert,) = Scenario(ground).hop({0: 2.0, 1: 2.0})
    assert alert.data.area.tiles_total == 2


def test_posts_are_told_by_the_people_they_answer_for() -> None:
    ground = on_duty(grid(1, 8), posts=[6, 5, 4, 3, 2, 1, 0, 6])
    data = Scenario(ground).hop({t: 2.0 + 0.1 * t for t in range(8)})[0].data
    # The last tile's post also has the first one: 2.7 + 2.0; then down from tile 6.
    assert posts(data) == ["g6", "g0", "g1", "g2", "g3"]
    assert (len(posts(data)), data.responsible_total) == (POSTS_MAX, 7)
    assert data.responsible is not None
    first = json.loads(encode(data))["responsible"][0]
    assert first == {
        "id": "g6",
        "name": "Grid 6",
        "post": "Chief 6",
        "deputy": "Deputy 6",
        "unit": "Unit 6",
        "contact": "ext. 6",
    }


@given(st.lists(st.floats(0.0, 0.0189), min_size=3, max_size=3))
def test_the_order_of_posts_betrays_nothing_below_the_floor(few: list[float]) -> None:
    # Three posts with stairs where few people are dense enough for a level, one with a crowd.
    ground = on_duty(grid(1, 4, floor=20), posts=[3, 1, 2, 0])
    stairs = Site(name="Stairs", rungs=(0.0, 0.5, 1.0, 2.0), tiles=3)
    ground = replace(ground, sites=(stairs,), site=np.array([0, 0, 0, -1], np.int32))
    seen = dict(enumerate(few)) | {3: 2.0}
    assert posts(Scenario(ground).hop(seen)[0].data) == ["g0", "g1", "g2", "g3"]


@given(st.lists(st.integers(0, 3), min_size=12, max_size=12), st.sets(st.integers(0, 11)))
def test_a_message_names_the_areas_and_posts_of_its_tiles_and_no_other(
    numbers: list[int], crowded: set[int]
) -> None:
    ground = on_duty(grid(3, 4), police=numbers, fire=numbers[::-1], posts=numbers)
    for alert in Scenario(ground).hop(dict.fromkeys(crowded, 3.0)):
        at = [ground.tile_ids.index(tile) for tile in alert.data.area.tiles]
        (area,) = {numbers[tile] for tile in at}  # one owner each
        fire = {("fire", f"f{numbers[::-1][tile]}") for tile in at}
        assert set(areas(alert.data)) == fire | {("police", f"p{area}")}
        assert posts(alert.data) == [f"g{area}"]


def test_where_nobody_gave_a_layer_nothing_is_claimed() -> None:
    data = Scenario(grid(1, 2)).hop({0: 2.0})[0].data
    silent = (data.district, data.jurisdiction, data.responsible, data.responsible_total)
    assert silent == (None, None, None, None)
    assert data.density is not None
    assert (data.density.walkable_source, data.density.assumed_share) == (None, None)
    data = Scenario(on_duty(grid(1, 2), fire=[0, 0])).hop({0: 2.0})[0].data
    assert (data.district, areas(data), data.responsible) == (None, [("fire", "f0")], None)


def test_other_duty_after_a_restart_breaks_no_saved_incident() -> None:
    before = Scenario(on_duty(grid(1, 4), police=[2, 2, 2, 2], posts=[3, 4, 5, 5]))
    (raised,) = before.hop({0: 2.0, 1: 2.1, 2: 2.2})
    # Other areas, fewer posts, no fire layer: an officer acknowledges, then the crowd goes on.
    after = Scenario(on_duty(grid(1, 4), police=[0, 0, 1, 1], posts=[0, 1, 3, 3], text="b"))
    after.table.load(before.table.dump())
    after.minute = before.minute
    (acked,), reply = after.act(Action.ACK, raised.incident, level=1)
    assert reply.accepted
    assert (acked.data.district, posts(acked.data)) == ("Police 1", ["g3"])
    assert acked.data.responsible is not None
    assert acked.data.responsible[0].contact == "ext. 3b"
    alerts = after.hop({0: 2.0, 1: 2.1, 2: 2.2})
    assert {alert.data.district for alert in alerts} <= {"Police 0", "Police 1"}
    assert any(alert.data.split_from == raised.incident for alert in alerts)


def test_a_post_that_is_gone_is_left_out_and_nobody_stands_in_for_it() -> None:
    ground = on_duty(grid(1, 4), posts=[0, 1, 2, 3])
    assert ground.duty is not None
    left = tuple(post for post in ground.duty.posts if post.id in {"g1", "g2"})
    ground = replace(ground, duty=replace(ground.duty, posts=left))
    found = responsible(ground, ["g3", "g2", "g0", "g1", "g15"])
    assert found is not None
    assert [one.id for one in found] == ["g2", "g1"]


def test_a_site_is_found_again_by_its_name() -> None:
    pier, hall = Site(name="Pier", capacity=1000.0, tiles=1), Site(name="Hall", capacity=500.0)
    before = Scenario(grid(1, 3, sites=[hall, pier], site_of={0: 1}))
    raised = before.hop({0: 0.9})[0]
    for sites, shown in (([pier], "Pier"), ([pier, hall], "Pier"), ([hall], None), ([], None)):
        after = Scenario(grid(1, 3, sites=sites))
        after.table.load(before.table.dump())
        after.minute = before.minute
        (acked,), _ = after.act(Action.ACK, raised.incident, level=2)
        assert (acked.data.occupancy and acked.data.occupancy.site) == shown


def test_the_same_duty_after_a_restart_says_the_same_bytes() -> None:
    ground = on_duty(grid(1, 4), police=[0, 0, 1, 1], fire=[0, 1, 0, 1], posts=[0, 1, 2, 3])
    whole, first = Scenario(ground), Scenario(ground)
    for scene in (whole, first):
        scene.hop({0: 2.0, 1: 4.1, 2: 2.2})
    second = Scenario(ground)
    second.table.load(first.table.dump())
    second.minute = first.minute
    rest = [scene.hop({0: 5.0, 1: 4.1}) for scene in (whole, second)]
    assert [encode(one.data) for one in rest[0]] == [encode(one.data) for one in rest[1]]
    assert rest[0]


@pytest.mark.parametrize(
    ("crowded", "source", "share"),
    [([0], "measured", None), ([1], "assumed", 0.3), ([0, 1], "assumed", 0.3)],
)
def test_ground_counts_as_assumed_if_any_tile_of_it_is(
    crowded: list[int], source: str, share: float | None
) -> None:
    ground = replace(grid(1, 3), assumed=np.array([False, True, True]), assumed_share=0.3)
    density = Scenario(ground).hop(dict.fromkeys(crowded, 2.0))[0].data.density
    assert density is not None
    assert (density.walkable_source, density.assumed_share) == (source, share)


def test_the_factor_to_people_travels_with_its_date_and_the_grid_with_its_side() -> None:
    ground = replace(grid(1, 1), side_m=50.0, expansion=1.75, expansion_date="2026-09-01")
    data = Scenario(ground).hop({0: 2.0})[0].data
    assert data.grid_side_m == 50.0
    assert (data.people.expansion, data.people.expansion_date) == (1.75, "2026-09-01")


def test_fire_hears_one_level_earlier_where_access_is_at_risk_and_reads_why() -> None:
    steps = Site(name="Steps", access_risk=True, hazards=("narrow", "slope"), tiles=1)
    quay = Site(name="Quay", access_risk=True, hazards=("slope", "water_edge"), tiles=1)
    gate = Site(name="Gate", access_risk=True, tiles=1)
    ground = grid(1, 4, sites=[steps, quay, gate], site_of={0: 0, 1: 1, 3: 2})
    alerts = Scenario(ground).hop({0: 3.0, 1: 2.0})
    assert told(alerts) == [("police", "raised", 2), ("fire", "raised", 2)]
    fire = alerts[1].data.fire
    assert fire is not None
    assert (fire.access_risk, fire.hazards) == (True, ["narrow", "slope", "water_edge"])
    unnamed = Scenario(ground).hop({3: 3.0})[1].data.fire
    assert unnamed is not None
    assert (unnamed.access_risk, unnamed.hazards) == (True, None)
    assert told(Scenario(ground).hop({2: 3.0})) == [("police", "raised", 2)]


def test_the_longest_names_leave_room_for_tiles() -> None:
    size = 4_000
    ground = on_duty(grid(40, 100), posts=list(range(size)), text="网" * 1_000)
    ground = replace(ground, names=("广" * 400,) * size)
    alerts = Scenario(ground).hop(dict.fromkeys(range(size), 5.0))
    assert {alert.desk for alert in alerts} == {Desk.POLICE, Desk.FIRE}
    for alert in alerts:
        assert len(envelope(alert, source="/s", status="Actual")) <= VALUE_BYTES_MAX
        assert alert.data.area.tiles
        assert alert.data.responsible_total == size
    assert alerts[0].data.people.best == size * 5 * AREA_M2


def test_the_areas_beside_it_are_named_so_that_they_are_warned() -> None:
    ground = on_duty(grid(3, 4), police=[0, 0, 1, 1] * 3, fire=[0] * 8 + [1] * 4)
    day = Scenario(ground)
    police, fire = day.hop({4: 4.0})
    assert (police.data.neighbours, fire.data.neighbours) == (
        [],
        [Jurisdiction(desk=Desk.FIRE, id="f1", name="Fire 1")],
    )
    other = Scenario(ground)
    police = other.hop({1: 4.0, 2: 2.0})[0]
    assert police.data.neighbours == [Jurisdiction(desk=Desk.POLICE, id="p1", name="Police 1")]
    assert police.data.related == ["20131123T1105Z-r0c2"]
    assert Scenario(grid(1, 4)).hop({1: 2.0})[0].data.neighbours is None
