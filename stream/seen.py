"""What the detectors see of a frame, and the state of each tile that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.contract import Observation
from stream.states import BLIND, MISSING, OK, WARMING, WITHHELD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.contract import Verdict
    from geo.density import TilePeople
    from stream.frame import Frame

__all__ = ["COVERAGE_MIN", "WITHHELD_LEARN_MAX", "observation", "seen_of", "states"]

COVERAGE_MIN: Final = 0.8  # under this share of usual coverage a level never falls
WITHHELD_LEARN_MAX: Final = 0.2  # a tile learns only where at most this part is withheld


def observation(frame: Frame) -> Observation:
    """Return what the detectors see of a frame."""
    return seen_of(frame.now, frame.density, frame.rolling)


def seen_of(
    now: TilePeople, density: NDArray[np.float32], rolling: NDArray[np.float32]
) -> Observation:
    """Return what the detectors see of the people of a hop, at these densities."""
    seen, little = now.present_ratio >= COVERAGE_MIN, now.withheld_ratio <= WITHHELD_LEARN_MAX
    return Observation(
        low=now.low,
        point=now.point,
        high=now.high,
        withheld=now.withheld,
        learnable=seen & little,
        hidden=seen & now.withheld & ~little,
        fresh=now.fresh,
        density=density,
        rolling=rolling,
    )


def states(frame: Frame, verdict: Verdict) -> NDArray[np.int8]:
    """Return each tile's state, the later rule winning: ok, warming, withheld, blind, missing."""
    state = np.where(verdict.known, np.int8(OK), np.int8(WARMING))
    state[frame.now.withheld] = WITHHELD
    state[np.isnan(frame.now.point) | verdict.blind] = BLIND
    state[~frame.known] = MISSING
    return state
