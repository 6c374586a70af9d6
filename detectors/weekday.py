"""Weekdays: how far this Monday's hour lies from that of working days, as far as that predicts.

A working day's profile is one for all five; market days and club nights differ. Each tile learns
the relative deviation of every weekday and slot, smoothed over three slots, but uses it only as
far as past deviations foretold past residuals: b = clip(Sxy / (Sxx + prior), 0, 1), the
regression of one on the other. Trusting all weekdays at once costs more than it brings.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.contract import Mask, Tiles
from detectors.exact import clamp, exp_scalar
from detectors.scored import Scored
from detectors.slots import WEEKDAYS
from detectors.state import BaselineState, Rows

_LN_HALF: Final = -0.6931471805599453
# People added to both sides of a ratio, so that empty slots teach no wild deviations.
SOFT_PEOPLE: Final = 3.0
# Relative residuals enter within these limits: none is below nobody.
RESIDUAL_MIN: Final = -1.0
RESIDUAL_MAX: Final = 1.5
# Least variance of a relative residual, so that one calm slot does not outweigh weeks.
NOISE_MIN: Final = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekdaySpec:
    """Settings of the weekday part.

    prior: precision against which past success counts; raise it to trust weekdays later.
    half_weeks: weeks after which past success counts half; lower it where weeks change.
    weeks_max: memory of a deviation in weeks (1 to 254); lower it to follow seasons.
    days_min: own working days a slot needs first; raise it if young deviations swing.
    least, most: limits of the factor; narrow them if single weekdays go wrong.
    """

    prior: float = 40.0
    half_weeks: float = 8.0
    weeks_max: int = 8
    days_min: int = 3
    least: float = 0.4
    most: float = 2.5

    def __post_init__(self) -> None:
        """Refuse what one byte cannot count."""
        if not 1 <= self.weeks_max <= 254:  # noqa: PLR2004 - one byte, and one more is added
            raise ValueError(f"weeks_max is {self.weeks_max}, it must lie in 1 to 254")


def deviation(state: BaselineState, weekday: int, slot: int) -> Tiles:
    """Return the relative deviation of a weekday in a slot, smoothed with the slots beside."""
    dev, slots = state.dev[weekday], state.slots
    smooth: Tiles = dev[(slot - 1) % slots] + dev[(slot + 1) % slots]
    smooth *= np.float32(0.25)
    smooth += np.float32(0.5) * dev[slot]
    return smooth


def trust(spec: WeekdaySpec, rows: Rows) -> Tiles:
    """Return how far deviations predict, 0 to 1; shape (tiles,)."""
    return clamp(rows.week_xy / (rows.week_xx + np.float32(spec.prior)), 0.0, 1.0)


def factor(
    spec: WeekdaySpec, state: BaselineState, weekday: int, slot: int, *, trusted: Tiles
) -> Tiles:
    """Return the factor of a weekday at a slot centre; 1 on days that are no weekday."""
    if weekday < 0:
        return np.ones_like(trusted)
    return clamp(1.0 + trusted * deviation(state, weekday, slot), spec.least, spec.most)


def learn_slot(
    spec: WeekdaySpec,
    state: BaselineState,
    rows: Rows,
    scored: Scored,
    *,
    mean: Tiles,
    plain: Tiles,
    seen: Mask,
) -> None:
    """Learn a slot that ended on a weekday: first the trust, then the deviation.

    mean: of the winsorised counts, plain: of what working days alone made expect, people.
    """
    day, slot = scored.weekday, scored.place.here
    residual = clamp((mean - plain) / (plain + SOFT_PEOPLE), RESIDUAL_MIN, RESIDUAL_MAX)
    foretold = deviation(state, day, slot)
    use = seen & (state.n[0, slot] >= spec.days_min)
    due, nd = scored.due, state.nd[day, slot]
    weight: Tiles = 1.0 / (due.variance / (due.expected * due.expected) + np.float32(NOISE_MIN))
    weight *= use & (nd >= 1)
    keep = np.float32(exp_scalar(_LN_HALF / (state.slots * WEEKDAYS * spec.half_weeks)))
    np.copyto(rows.week_xy, keep * rows.week_xy + weight * residual * foretold, where=seen)
    np.copyto(rows.week_xx, keep * rows.week_xx + weight * foretold * foretold, where=seen)
    np.minimum(nd + use.astype(np.uint8), np.uint8(spec.weeks_max), out=nd)
    dev = state.dev[day, slot]
    step = (residual - dev) / np.maximum(nd.astype(np.float32), np.float32(1.0))
    np.add(dev, step, out=dev, where=use)
