"""Laws of drops: people who left are told of as such, and no crowd hears of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import leaving
from alerts.action import Action
from alerts.direction import Direction
from alerts.lifecycle import End
from alerts.message import encode
from alerts.spec import AlertSpec
from alerts.table import IncidentTable
from tests.alerts.scenario import Scenario, crowd, grid, told

if TYPE_CHECKING:
    from alerts.candidate import Candidates

LIMIT = 2.0
USUAL = 900.0
unknown = st.just(float("nan"))


def fled(
    people: dict[int, float], *, score: float = 4.0, believed: bool = True, high: float = 0.0
) -> Candidates:
    """Return a hop at which so many are left of 900 on each tile; high: how many more may be."""
    fewer = {tile: USUAL - left - high for tile, left in people.items()} if believed else {}
    density = {tile: left / 1000.0 for tile, left in people.items()}
    return crowd(
        density,
        expected=USUAL,
        drop=dict.fromkeys(people, score),
        fewer=fewer,
        high={tile: left + high for tile, left in people.items()},
    )


def scene(*, limit: float = LIMIT) -> Scenario:
    return Scenario(grid(2, 2), drop_h=limit)


def test_people_who_left_are_an_incident_of_level_one_for_police() -> None:
    day = scene()
    (alert,) = day.hop(fled({0: 200.0, 1: 150.0}))
    assert told([alert]) == [("police", "raised", 1)]
    data = alert.data
    assert (data.direction, data.reasons, data.grade) == ("drop", ["drop"], "IV")
    assert alert.incident.endswith("-r0c0-drop")
    assert (data.people.best, data.baseline.expected, data.baseline.excess) == (350, 1800, -1450)
    assert (data.baseline.score, data.baseline.threshold) == (4.0, LIMIT)
    assert data.baseline.near_score is data.baseline.near_threshold is None
    assert data.area.worst_tile == "r0c1", "the worst tile is the one that most have left"
    assert data.trend.next_level_min is None


def test_the_headline_says_that_people_left_how_many_and_since_when() -> None:
    (alert,) = scene().hop(fled({0: 200.0}))
    assert alert.data.headline == {
        "zh-CN": "r0c0：蓝色IV级预警，人群离开，比平时少700人，现有200人，平时900人，人数骤减，"
        "11:05 UTC起；可能是疏散、逃散，也可能是信号故障",
        "en": "r0c0: blue IV, warning: people LEFT, 700 fewer than usual: 200 people now, usually "
        "900; sudden drop; since 11:05 UTC; an evacuation, people fleeing, or a failing signal",
    }


def test_at_its_end_the_headline_still_says_what_it_was() -> None:
    day = scene()
    day.hop(fled({0: 200.0}))
    *_, last = day.until(60, {0: 0.9})
    assert told([last]) == [("police", "resolved", 1)]
    assert last.data.headline == {
        "en": "r0c0: all clear (people had left); 11:05 UTC to 11:20 UTC, blue IV at worst",
        "zh-CN": "r0c0：预警解除（人群离开），11:05 UTC至11:20 UTC，最高蓝色IV级",
    }


def test_below_the_floor_the_headline_tells_no_number() -> None:
    day = scene()
    day.hop(fled({0: 200.0}))
    alerts = day.until(60, None, blind=(0,))
    assert [alert.data.changed for alert in alerts] == [["blind"]]
    told_last = day.hop(fled({0: 12.0}, believed=False))
    assert [one.data.baseline.excess for one in told_last] == [None]
    headline = told_last[0].data.headline["en"]
    assert "fewer than 20 people now" in headline
    assert not any(digit in headline for digit in ("200", "12 ", "800"))


@pytest.mark.parametrize(
    ("seen", "held"),
    [
        (fled({0: 200.0}, believed=False), False),
        (fled({0: 200.0}), True),
        (fled({0: 200.0}, score=1.99), False),
        (fled({0: 801.0}), False),
    ],
    ids=["not believed", "a feed is in doubt", "under the threshold", "too few are missing"],
)
def test_what_raises_no_drop(seen: Candidates, *, held: bool) -> None:
    assert scene().hop(seen, drop_held=held) == []


def test_nothing_drops_where_nobody_asks() -> None:
    day = Scenario(grid(2, 2))
    assert day.hop(fled({0: 100.0}, score=9.0)) == []
    assert day.table.active_tiles().size == 0


def test_a_place_that_goes_on_to_empty_is_kept_though_it_is_withheld_or_dark() -> None:
    day = scene()
    day.hop(fled({0: 200.0}))
    for _ in range(8):
        day.hop(fled({0: 9.0}, believed=False, high=10.0), drop_held=True)
    day.until(300, None, blind=(0,))
    assert day.table.open_incidents().total == 1


def test_a_tile_may_be_on_both_tracks_and_each_ends_by_itself() -> None:
    day = scene()
    dense = crowd({0: 2.5}, expected=4000.0, drop={0: 4.0}, fewer={0: 1500.0})
    both = day.hop(dense)
    assert {one.data.direction for one in both} == {"rise", "drop"}
    assert len({one.incident for one in both}) == 2
    day.until(60, {0: 2.5})
    (still,) = [one for one in day.table.episodes() if one.end is None]
    assert still.direction is Direction.RISE
    assert [one.end for one in day.table.episodes() if one.direction == "drop"] == [End.RESOLVED]


def test_neighbours_that_rise_and_drop_share_no_incident() -> None:
    day = scene()
    seen = crowd(
        {0: 0.2, 1: 2.5}, expected=USUAL, drop={0: 4.0, 1: 0.0}, fewer={0: 700.0, 1: -1600.0}
    )
    assert {one.data.direction: one.data.area.tiles for one in day.hop(seen)} == {
        "rise": ["r0c1"],
        "drop": ["r0c0"],
    }


def test_a_desk_acknowledges_a_drop_as_any_other() -> None:
    day = scene()
    (alert,) = day.hop(fled({0: 200.0}))
    alerts, reply = day.act(Action.ACK, alert.incident, level=1)
    assert reply.accepted
    assert told(alerts) == [("police", "acknowledged", 1)]


hops = st.lists(
    st.dictionaries(
        st.integers(0, 3),
        st.tuples(
            st.sampled_from([0.1, 0.5, 2.1, 3.2, 5.5]),
            st.sampled_from([0.0, 1.8, 4.0]),
            st.sampled_from([math.nan, 50.0, 90.0, 400.0]),
        ),
    ),
    max_size=20,
)
Hops = list[dict[int, tuple[float, float, float]]]


def play(day: Hops, *, limit: float, reload: bool = False) -> Scenario:
    played = scene(limit=limit)
    for hop in day:
        seen = crowd(
            {tile: one[0] for tile, one in hop.items()},
            drop={tile: one[1] for tile, one in hop.items()},
            fewer={tile: one[2] for tile, one in hop.items()},
        )
        played.hop(seen, blind=[3] if 3 not in hop else [])
        if reload:
            table = IncidentTable(played.spec, played.ground)
            table.load(played.table.dump())
            played.table = table
    return played


@given(hops)
def test_rises_are_told_as_if_there_were_no_drops(day: Hops) -> None:
    """All but the rank among all open incidents."""
    alone, both = play(day, limit=math.inf), play(day, limit=LIMIT)
    rises = [one.data for one in both.sent if one.data.direction == "rise"]
    plain = [msgspec.structs.replace(one, rank=0) for one in rises]
    assert plain == [msgspec.structs.replace(one.data, rank=0) for one in alone.sent]


@given(hops)
def test_load_of_dump_at_every_hop_changes_no_byte(day: Hops) -> None:
    straight, reloaded = play(day, limit=LIMIT), play(day, limit=LIMIT, reload=True)
    assert [encode(a.data) for a in straight.sent] == [encode(a.data) for a in reloaded.sent]
    assert straight.table.dump() == reloaded.table.dump()


@given(hops)
def test_a_drop_is_never_above_level_one(day: Hops) -> None:
    played = play(day, limit=LIMIT)
    drops = [one for one in played.table.episodes() if one.direction is Direction.DROP]
    assert all(one.level_max == 1 for one in drops)
    assert {reason for one in drops for reason in one.reasons} <= {"drop", "hold", "blind"}


@given(
    drop=st.integers(0, 10240).map(lambda n: n / 1024) | unknown,
    high=st.floats(0, 2000, width=32) | unknown,
    expected=st.floats(2, 2000, width=32) | unknown,
    believed=st.booleans(),
    threshold=st.integers(1024, 10240).map(lambda n: n / 1024) | st.just(math.inf),
    lower=st.sampled_from([0.5, 0.85, 1.0]),
)
def test_drops_are_judged_as_told_in_plain_ifs(
    *, drop: float, high: float, expected: float, believed: bool, threshold: float, lower: float
) -> None:
    spec = AlertSpec(lower_ratio=lower)
    gap = float(np.float32(expected) - np.float32(high))
    fewer = gap if believed else math.nan
    seen = crowd({0: 0.1}, expected=expected, drop={0: drop}, high={0: high}, fewer={0: fewer})
    asks = drop >= threshold and fewer >= 100
    keeps = drop >= threshold * lower and (
        fewer >= 100 * lower or np.float64(seen.expected[0]) - seen.high[0] >= 100 * lower
    )
    asked = leaving.asked(spec, seen, threshold=threshold)
    kept = leaving.kept(spec, seen, threshold=threshold)
    assert asked.level.tolist() == [int(asks)]
    assert kept.level.tolist() == [int(keeps)]
    assert kept.level[0] >= asked.level[0]
