"""Any day at all: crowds, darkness and desks as hypothesis draws them, and a table driven by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from alerts.action import Action
from alerts.desk import Desk
from alerts.table import IncidentTable
from tests.alerts.scenario import Scenario, grid

if TYPE_CHECKING:
    from alerts.ground import Ground
    from alerts.spec import AlertSpec

__all__ = ["COLS", "ROWS", "TILES", "Day", "days", "levels", "play"]

ROWS, COLS = 3, 4
TILES = ROWS * COLS
densities = st.sampled_from([0.0, 0.5, 1.6, 1.75, 2.0, 2.6, 3.0, 4.0, 5.5])
hops = st.tuples(
    st.dictionaries(st.integers(0, TILES - 1), densities, max_size=TILES),
    st.lists(st.integers(0, TILES - 1), max_size=TILES, unique=True),
)
deeds = st.tuples(
    st.sampled_from([one for one in Action if one is not Action.TEST]),
    st.sampled_from(list(Desk)),
    st.integers(0, 3),
    st.integers(0, 4),
)
days = st.lists(st.tuples(hops, st.none() | deeds), max_size=24)
Day = list[tuple[tuple[dict[int, float], list[int]], tuple[Action, Desk, int, int] | None]]


def play(
    day: Day,
    *,
    spec: AlertSpec | None = None,
    reload: bool = False,
    ground: Ground | None = None,
) -> Scenario:
    """Drive a table through a day; with reload, through its own bytes at every step."""
    ground = ground or grid(ROWS, COLS, area_of={3: 1, 7: 1, 11: 1})
    scene = Scenario(ground, spec, hop_min=10, rings=True)
    for (density, blind), deed in day:
        scene.hop(density, blind=blind)
        if deed is not None and scene.sent:
            action, desk, back, level = deed
            target = scene.sent[-1 - min(back, len(scene.sent) - 1)]
            until = scene.now_ms + (level - 1) * 600_000
            more = {"text": "known cause", "until": until, "by": f"officer {back}"}
            scene.act(action, target.incident, level=level, desk=desk, revision=1, **more)
        if reload:
            table = IncidentTable(scene.spec, scene.ground)
            table.load(scene.table.dump())
            scene.table = table
    return scene


def levels(scene: Scenario) -> dict[int, int]:
    """Return the level of each active tile."""
    tile, level = scene.table.levels()
    return dict(zip(tile.tolist(), level.tolist(), strict=True))
