"""Timetables of licensed events: what a plan lowers, what overrunning it raises, and when."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.ground import Site
from alerts.planned import Plan
from tests.alerts.scenario import MINUTE_MS, START_MS, Scenario, crowd, grid, told

if TYPE_CHECKING:
    from alerts.candidate import Candidates

FAIR = Plan(
    id="7",
    name="Lantern fair",
    site=0,
    attendance=4000,
    start_ms=START_MS + 60 * MINUTE_MS,
    end_ms=START_MS + 120 * MINUTE_MS,
    from_ms=START_MS + 20 * MINUTE_MS,
    until_ms=START_MS + 150 * MINUTE_MS,
    organiser="Harbour Ltd",
    contact="ext. 12",
)
SITE_OF = {1: 0, 2: 0}
"""A site of two tiles; tile 5 is none of it."""


def evening(*plans: Plan) -> Scenario:
    sites = [Site(name="Quay", tiles=2)]
    return Scenario(replace(grid(1, 8, sites=sites, site_of=SITE_OF), plans=plans))


def unusual(density: float = 1.0, *, tile: int = 1) -> Candidates:
    """Return a tile that is unusual by far, and holds this many people a square metre."""
    return crowd({tile: density}, expected=100.0, score={tile: 9.0})


def until(day: Scenario, minute: int, seen: Candidates) -> None:
    while day.minute < minute:
        day.hop(seen)


def test_within_its_plan_what_is_unusual_is_blue_and_says_planned() -> None:
    assert told(evening().hop(unusual())) == [("police", "raised", 2)]
    day = evening(FAIR)
    until(day, 55, unusual(0.1))
    (alert,) = day.hop(unusual())
    assert (alert.data.level, alert.data.reasons) == (1, ["baseline_ratio", "planned"])
    plan = alert.data.planned_event
    assert plan is not None
    assert (plan.id, plan.name, plan.verdict, plan.attendance) == (
        "7",
        "Lantern fair",
        "within",
        4000,
    )
    assert (plan.people, plan.ratio, plan.excess) == (1000, 0.25, None)
    assert alert.data.spoken is not None
    assert "计划活动Lantern fair，核定4000人" in alert.data.spoken["zh-CN"]
    assert "Planned event Lantern fair, licensed for 4000." in alert.data.spoken["en"]
    assert alert.data.police is not None
    assert alert.data.police.organiser_contact == "ext. 12"


def test_beyond_its_plan_it_is_a_grade_higher_and_says_by_how_much() -> None:
    day = evening(replace(FAIR, attendance=800))
    until(day, 55, unusual(0.1))
    (police, fire) = day.hop(unusual())
    assert (police.data.level, fire.data.level) == (3, 3)
    assert police.data.reasons == ["baseline_ratio", "beyond_plan"]
    plan = police.data.planned_event
    assert plan is not None
    assert (plan.verdict, plan.people, plan.ratio, plan.excess) == ("beyond", 1000, 1.25, 200)
    assert police.data.spoken is not None
    assert (
        "200 MORE than the 800 licensed for Lantern fair (1.25 times)." in police.data.spoken["en"]
    )
    assert "多200人（1.25倍）" in police.data.spoken["zh-CN"]
    assert [rule.text["en"] for rule in police.data.why][-1].startswith("Lantern fair: licensed")


def test_the_ladder_is_as_it_was_and_red_is_red() -> None:
    day = evening(replace(FAIR, attendance=20_000))
    until(day, 55, unusual(0.1))
    assert told(day.hop({1: 4.0}))[0] == ("police", "raised", 3)
    over = evening(replace(FAIR, attendance=100))
    until(over, 55, unusual(0.1))
    assert told(over.hop({1: 4.0}))[0] == ("police", "raised", 3)
    assert told(over.hop({1: 5.0}))[0] == ("police", "escalated", 4)


def test_a_plan_acts_only_in_its_time() -> None:
    early, late = evening(FAIR), evening(FAIR)
    until(early, 10, unusual(0.1))
    assert told(early.hop(unusual())) == [("police", "raised", 2)]
    until(late, 145, unusual(0.1))
    assert told(late.hop(unusual())) == [("police", "raised", 1)]
    assert told(late.hop(unusual())) == [("police", "escalated", 2)]
    assert late.sent[-1].data.planned_event is None


def test_who_stands_beside_the_site_is_not_planned() -> None:
    day = evening(FAIR)
    until(day, 55, unusual(0.1, tile=5))
    assert told(day.hop(unusual(tile=5))) == [("police", "raised", 2)]
    assert day.sent[-1].data.planned_event is None


def test_two_events_at_once_add_up() -> None:
    day = evening(replace(FAIR, attendance=600), replace(FAIR, id="8", name="Race", attendance=600))
    until(day, 55, unusual(0.1))
    (alert,) = day.hop(unusual())
    plan = alert.data.planned_event
    assert plan is not None
    assert (plan.attendance, plan.verdict, plan.name) == (1200, "within", "Lantern fair / Race")


def test_people_are_those_of_the_whole_site() -> None:
    day = evening(replace(FAIR, attendance=1500))
    both = crowd({1: 1.0, 2: 0.6}, expected=100.0, score={1: 9.0, 2: 0.0})
    until(day, 55, unusual(0.1))
    alert = day.hop(both)[0]
    assert alert.data.planned_event is not None
    assert (alert.data.planned_event.verdict, alert.data.planned_event.people) == ("beyond", 1600)


def test_near_the_licensed_number_nothing_flaps() -> None:
    day = evening(replace(FAIR, attendance=1000))
    until(day, 55, unusual(0.1))
    day.hop(unusual(1.01))
    count = len(day.sent)
    for density in (0.99, 1.01, 0.98, 1.02, 0.97) * 3:
        day.hop(unusual(density))
    assert {alert.data.level for alert in day.sent} == {3}
    assert {alert.kind for alert in day.sent[count:]} <= {"updated"}


@given(
    st.floats(0.0, 4.0),
    st.floats(0.0, 2.0),
    st.sampled_from([0.0, 2.5, 9.0]),
    st.sampled_from([0, 500, 2000]),
)
def test_more_people_never_lower_a_level(
    density: float, more: float, score: float, attendance: int
) -> None:
    levels = []
    for dense in (density, density + more):
        day = evening(*([replace(FAIR, attendance=attendance)] if attendance else []))
        until(day, 55, unusual(0.1))
        day.hop(crowd({1: dense}, expected=100.0, score={1: score}))
        tile, level = day.table.levels()
        levels.append(dict(zip(tile.tolist(), level.tolist(), strict=True)).get(1, 0))
    assert levels[0] <= levels[1]


@pytest.mark.parametrize("attendance", [100, 1000, 100_000])
def test_a_plan_alone_raises_nothing(attendance: int) -> None:
    day = evening(replace(FAIR, attendance=attendance))
    until(day, 100, crowd({1: 1.5}, expected=1500.0))
    assert day.sent == []
