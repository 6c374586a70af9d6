"""How far ahead tiles are forecast, with hops of any length: whole steps, rounded up."""

from typing import Final

HORIZONS_MIN: Final = (15, 30, 60)
HALF_HOUR: Final = 1  # which of them
# A step is at least this many minutes, if hops divide it: shorter ones would teach the same twice.
STEP_MIN: Final = 15.0


def hops_a_step(hop_min: float) -> int:
    """Return how many hops make a step: as many as fit into a quarter of an hour.

    >>> hops_a_step(5.0), hops_a_step(10.0), hops_a_step(30.0)
    (3, 1, 1)
    """
    return max(1, int(STEP_MIN // hop_min))


def lags_of(hop_min: float) -> tuple[int, ...]:
    """Return the steps between a forecast and its outcome, per horizon.

    >>> lags_of(5.0), lags_of(10.0), lags_of(30.0)
    ((1, 2, 4), (2, 3, 6), (1, 1, 2))
    """
    step_min = hops_a_step(hop_min) * hop_min
    return tuple(int(-(-horizon // step_min)) for horizon in HORIZONS_MIN)


def horizons(hop_min: float) -> tuple[float, ...]:
    """Return the minutes forecast ahead.

    >>> horizons(5.0), horizons(10.0), horizons(30.0)
    ((15.0, 30.0, 60.0), (20.0, 30.0, 60.0), (30.0, 30.0, 60.0))
    """
    step_min = hops_a_step(hop_min) * hop_min
    return tuple(lag * step_min for lag in lags_of(hop_min))
