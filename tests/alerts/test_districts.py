"""Districts with a say of their own: their rungs, and from which level their desks hear."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from alerts.ground import Site
from alerts.levels import rungs
from alerts.spec import AlertSpec
from tests.alerts.scenario import Scenario, grid, told

OLD_TOWN = replace(AlertSpec(), rungs_per_m2=(1.0, 1.5, 2.0, 2.5), fire_level=2)
SPEC = AlertSpec(local=(AlertSpec(), OLD_TOWN))
HALVES = {4: 1, 5: 1, 6: 1, 7: 1}


def test_a_sites_rungs_go_before_its_districts_and_these_before_the_citys() -> None:
    site = Site(name="Stairs", rungs=(0.5, 1.0, 1.5, 2.0), tiles=1)
    ground = grid(1, 8, sites=[site], site_of={7: 0}, area_of=HALVES)
    ladder = rungs(SPEC, ground)
    assert ladder[[0, 4, 7], 0].tolist() == [2.0, 1.0, 0.5]
    assert np.array_equal(rungs(AlertSpec(), ground)[:4], ladder[:4])


def test_the_same_crowd_is_worse_where_the_ground_is_narrow() -> None:
    day = Scenario(grid(1, 8, area_of=HALVES), SPEC)
    alerts = day.hop({0: 1.6, 6: 1.6})
    assert told(alerts) == [("police", "raised", 2), ("fire", "raised", 2)]
    assert {alert.place for alert in alerts} == {"r0c6"}
    (why,) = alerts[0].data.why
    assert (why.threshold, why.level) == (1.5, 2)


def test_desks_hear_from_the_level_of_the_district() -> None:
    day = Scenario(grid(1, 8, area_of=HALVES), SPEC)
    assert told(day.hop({0: 3.2})) == [("police", "raised", 2)]
    late = AlertSpec(local=(replace(AlertSpec(), police_level=3), AlertSpec()))
    other = Scenario(grid(1, 8, area_of=HALVES), late)
    assert told(other.hop({0: 3.2, 6: 2.2})) == [("police", "raised", 1)]


def test_saved_incidents_find_their_district_again() -> None:
    day = Scenario(grid(1, 8, area_of=HALVES), SPEC)
    day.hop({6: 1.6})
    other = Scenario(day.ground, SPEC)
    other.table.load(day.table.dump())
    assert other.table.dump() == day.table.dump()
