"""Messages of every kind, as desks get them, for whoever has to render or check them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.action import Action
from alerts.ground import Site
from alerts.message import envelope
from tests.alerts.duty import on_duty
from tests.alerts.scenario import Scenario, crowd, grid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alerts.envelope import Status
    from alerts.message import Alert

__all__ = ["evening", "events"]

ROWS, COLS = 3, 14
CORNER = (110.4, 21.2)
SIDE = 0.001


def _outline(tiles: NDArray[np.int32]) -> list[list[tuple[float, float]]]:
    """Return one square a tile, counter-clockwise, in degrees."""
    rings = []
    for tile in tiles.tolist():
        row, col = divmod(tile, COLS)
        west, south = CORNER[0] + col * SIDE, CORNER[1] + row * SIDE
        east, north = west + SIDE, south + SIDE
        ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
        rings.append([(round(x, 6), round(y, 6)) for x, y in ring])
    return rings


def evening() -> list[Alert]:
    """Return what desks are told in an evening in which everything happens."""
    site = Site(name="南门 <South & West> gate, 1", capacity=9000.0, access_risk=True, tiles=1)
    ground = grid(ROWS, COLS, sites=[site], site_of={1: 0}, outline=_outline)
    ground = on_duty(ground, police=[0] * 28 + [1] * 14, fire=[0] * 42, posts=[0, 1] * 21)
    day = Scenario(ground, rings=True, drop_h=3.0)
    first = day.hop({1: 3.0, 5: 2.0})[0].incident
    day.act(Action.ACK, first, level=2)
    day.act(Action.CONFIRM, first, level=2, by="patrol 3")
    day.hop({1: 4.2, 3: 4.0, 5: 2.0})
    day.hop({1: 5.5, 2: 4.0, 3: 4.0, 4: 2.0, 5: 2.0})
    day.act(Action.COMMENT, first, level=4, text="gate 2 opened")
    day.until(45, {1: 2.2, 5: 2.0})
    day.until(60, {1: 2.2}, blind=[5])
    day.act(Action.CLOSE, first, level=4, outcome="real", arrived=1, left=day.now_ms)
    day.until(90)
    day.until(95, {1: 2.0})
    fled = {20: 0.1}
    gone = crowd(fled, expected=900.0, drop={20: 5.0}, fewer={20: 700.0})
    day.hop(gone)
    day.until(130)
    return [*day.sent, *_elsewhere()]


def _elsewhere() -> list[Alert]:
    """Return what desks are told where counts are activity, no map is known, and the feed dies."""
    day = Scenario(grid(1, 2, unit="activity"), hop_min=60)
    odd = crowd({0: 2.5}, expected=300.0, score={0: 9.0})
    day.hop(odd)
    day.until(26 * 60, blind=[0])
    return day.sent


def events(status: Status = "Actual") -> list[bytes]:
    """Return that evening as published."""
    return [envelope(alert, source="urn:zhanjiang", status=status) for alert in evening()]
