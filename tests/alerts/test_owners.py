"""Laws of owners, for any day: each raised tile has one incident, one police and one fire desk."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alerts.desk import Desk
from alerts.incident import unpack_tiles
from tests.alerts.days import COLS, ROWS, TILES, Day, days, levels, play
from tests.alerts.duty import on_duty
from tests.alerts.scenario import grid

parts = st.lists(st.integers(0, 2), min_size=TILES, max_size=TILES)


@given(days)
def test_every_raised_tile_belongs_to_exactly_one_open_incident(day: Day) -> None:
    scene = play(day)
    owned = [
        tile
        for incident in scene.table._open()  # noqa: SLF001 - the law is about the state
        for tile in np.frombuffer(incident.tiles, "<i4").tolist()
    ]
    raised = [tile for tile, level in levels(scene).items() if level > 0]
    assert sorted(owned) == sorted(raised)


@given(days, parts, parts)
def test_each_alerted_tile_has_one_police_and_one_fire_desk_whatever_happens(
    day: Day, police: list[int], fire: list[int]
) -> None:
    ground = on_duty(grid(ROWS, COLS), police=police, fire=fire)
    scene = play(day, ground=ground)
    for incident in scene.table._open():  # noqa: SLF001 - the law is about the state
        assert set(incident.books) == set(Desk)
        assert len({police[tile] for tile in unpack_tiles(incident.tiles).tolist()}) == 1
    for alert in scene.sent:
        at = [ground.tile_ids.index(tile) for tile in alert.data.area.tiles]
        named = [(one.desk, one.id) for one in alert.data.jurisdiction or ()]
        assert len(named) == len(set(named))
        assert set(named) == {
            *((Desk.POLICE, f"p{police[tile]}") for tile in at),
            *((Desk.FIRE, f"f{fire[tile]}") for tile in at),
        }
        assert named[0][0] is alert.desk
