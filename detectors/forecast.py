"""Forecast: how many people a tile will hold in 15, 30 and 60 minutes, with an 80 % interval.

What a tile lies above or below its baseline now, it keeps in part. Each tile learns from its own
past how much of its residual is left after each horizon, above and below the baseline apart
(crowds drain otherwise than lulls fill), and how far outcomes lie from that.

Theory of operation. Residuals are in spreads, and smoothed over a quarter of an hour, since one
count is noisy. Once a step (a hop, or several short ones) a forecast is kept; when its time has
come it is compared with the count: the slope moves by a normalised least-mean-squares step with
a bounded error (Huber 1964, Ann. Math. Stat. 35:73), the two ends of the interval move by the
adaptive rule of Gibbs and Candes (2021), NeurIPS 34:1660: out by a lot when missed, in by a
little when not, so that each end is missed in a tenth of the cases whatever the errors look like.
A held tile goes on with its last residual and learns nothing; a missing one forgets it within an
hour while its interval widens; a tile warming up has no forecast (NaN).
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from detectors.contract import Mask, TileIndex, Tiles
from detectors.exact import clamp, decay
from detectors.forecast_state import ForecastState

HORIZONS_MIN: Final = (15, 30, 60)
HALF_HOUR: Final = 1  # which of them
# A step is at least this many minutes, if hops divide it: shorter ones would teach the same twice.
STEP_MIN: Final = 15.0
# Each end of an 80 % interval is missed by a tenth.
MISSED: Final = 0.1
# Slopes stay in here: people neither vanish below their baseline nor multiply by themselves.
SLOPE_MIN: Final = -0.2
SLOPE_MAX: Final = 1.3
# Residuals teach up to this many spreads; they are continued whole.
TEACH_MAX: Final = 8.0
# The ends start with steps this many times the lasting one and come down with the root of time.
HASTE: Final = 8.0
# A missing tile's residual is forgotten, and its interval twice as wide, after this long.
FORGET_MIN: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastSpec:
    """Settings of the forecast.

    mean_min: span of the smoothed residual; lower it if forecasts come late, raise it for noise.
    slopes: share of the residual left at each horizon, before a tile has learnt its own.
    prior_weight: how much residual (spreads squared, summed over steps) that start counts for.
    memory_steps: steps after which a third of the learning is left; lower it if places change.
    error_max: errors teach up to this many spreads; lower it if single crowds bend the slopes.
    low, high: ends of the interval in spreads, before a tile has learnt its own.
    end_step: spreads by which the ends move; raise it to follow restless places sooner.
    """

    mean_min: float = 15.0
    slopes: tuple[float, float, float] = (0.6, 0.5, 0.4)
    prior_weight: float = 100.0
    memory_steps: float = 1500.0
    error_max: float = 1.0
    low: float = -1.1
    high: float = 1.3
    end_step: float = 0.03


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ahead:
    """People forecast for each horizon; shape (3, tiles), NaN while warming up.

    people: the forecast. low, high: ends of the interval that holds 80 % of the outcomes.
    """

    people: Tiles
    low: Tiles
    high: Tiles


class Forecast:
    """The forecasts of a set of tiles; holds the state and changes it in place.

    spec: settings. tiles: how many. hop_min: minutes of a hop. state: memory to go on with.
    """

    def __init__(
        self,
        spec: ForecastSpec,
        *,
        tiles: int,
        hop_min: float,
        state: ForecastState | None = None,
    ) -> None:
        """Start with an empty or a given memory; ValueError if sizes do not fit."""
        self.spec = spec
        self.hop_min = float(hop_min)
        self.hops_a_step = hops_a_step(self.hop_min)
        self.horizons_min = horizons(self.hop_min)
        lags = lags_of(self.hop_min)
        self.state = ForecastState.empty(tiles, lags) if state is None else state
        if (self.state.tiles, self.state.lags) != (tiles, lags):
            have = (self.state.tiles, self.state.lags)
            raise ValueError(f"state of (tiles, lags) {have} does not fit one of {(tiles, lags)}")
        self._rows = self.state.rows()

    def on(self, state: ForecastState) -> Self:
        """Return a forecast with the same settings on another memory (some tiles of this one)."""
        return type(self)(self.spec, tiles=state.tiles, hop_min=self.hop_min, state=state)

    def step(
        self,
        point: Tiles,
        fresh: Mask,
        *,
        expected: Tiles,
        spread: Tiles,
        ahead: Tiles,
        known: Mask,
        hop: int,
        at: TileIndex | None = None,
    ) -> Ahead:
        """Learn from the outcomes of this hop, then forecast; once a hop, hops without gaps.

        point: people, NaN = missing. fresh: the point is new and believed (not blind, not
        withheld). expected, spread (> 0): of the baseline, people. ahead: people it expects at
        `horizons_min` from now, as known now, shape (3, tiles). known: not warming up.
        hop: number of the hop since any fixed time; it says which forecasts are due.
        at: tiles to forecast, None = all; every tile learns.
        """
        heard = fresh & known & np.isfinite(point)
        off = np.where(heard, point, expected) - expected
        off /= spread
        keeps = hop % self.hops_a_step == 0
        number = hop // self.hops_a_step
        if keeps:
            self._learn(off, heard, expected=expected, spread=spread, number=number)
        self._move(off, heard, present=np.isfinite(point))
        if keeps:
            self._keep(ahead, known & np.isfinite(point), number=number)
        return self.ahead(ahead, expected=expected, spread=spread, known=known, at=at)

    def ahead(
        self,
        ahead: Tiles,
        *,
        expected: Tiles,
        spread: Tiles,
        known: Mask,
        at: TileIndex | None = None,
    ) -> Ahead:
        """Forecast from the residuals as they are now; arguments as in `step`."""
        where = slice(None) if at is None else at
        spec, rows = self.spec, self._rows
        due = ahead[:, where]
        scatter = due * (spread[where] / expected[where])
        residual = rows.residual[where]
        slope = _either(residual > 0.0, rows.slope[0][:, where], rows.slope[1][:, where])
        slope += np.array(spec.slopes, np.float32)[:, None]
        middle = slope * residual
        wider = 1.0 + rows.age_min[where] / np.float32(FORGET_MIN)
        low = np.minimum(rows.reach[0][:, where] + np.float32(spec.low), np.float32(0.0)) * wider
        high = np.maximum(rows.reach[1][:, where] + np.float32(spec.high), np.float32(0.0)) * wider
        none = np.float32(np.nan)
        found = [
            np.where(known[where], np.maximum(due + scatter * part, np.float32(0.0)), none)
            for part in (middle, middle + low, middle + high)
        ]
        return Ahead(people=found[0], low=found[1], high=found[2])

    def _learn(
        self, off: Tiles, heard: Mask, *, expected: Tiles, spread: Tiles, number: int
    ) -> None:
        """Compare the forecasts that are due with the counts; move slopes and ends."""
        spec, rows = self.spec, self._rows
        haste = HASTE / np.sqrt(1.0 + rows.taught)
        np.maximum(haste, np.float32(1.0), out=haste)
        haste *= np.float32(spec.end_step)
        weight = rows.weight + np.float32(spec.prior_weight)
        for row, lag in enumerate(self.state.lags):
            issued = rows.issued[row][number % lag]
            was = rows.kept[(number - lag) % len(rows.kept)]
            due = heard & (issued > 0.0)
            up = was > 0.0
            slope = _either(up, rows.slope[0, row], rows.slope[1, row])
            slope += np.float32(spec.slopes[row])
            # In spreads from what the baseline expected for now when the forecast was made.
            error = expected - issued
            error /= spread
            error += off
            error -= slope * was
            self._move_ends(row, error, haste * due)
            push = clamp(was, -TEACH_MAX, TEACH_MAX)
            push *= clamp(error, -spec.error_max, spec.error_max)
            push /= _either(up, weight[0], weight[1])
            push += slope
            moved = clamp(push, SLOPE_MIN, SLOPE_MAX)
            moved -= slope
            rows.slope[0, row] += moved * (due & up)
            rows.slope[1, row] += moved * (due & ~up)
        np.minimum(rows.taught + heard, np.float32(HASTE * HASTE), out=rows.taught)

    def _move_ends(self, row: int, error: Tiles, step: Tiles) -> None:
        """Move the ends of one horizon's interval: out when missed, in by a little when not.

        step: spreads, 0 where nothing is due.
        """
        low, high = self._rows.reach[:, row]
        inward = step * np.float32(MISSED)
        missed = step * (error < low + np.float32(self.spec.low))
        low += inward
        low -= missed
        missed = step * (error > high + np.float32(self.spec.high))
        high -= inward
        high += missed

    def _move(self, off: Tiles, heard: Mask, *, present: Mask) -> None:
        """Move the smoothed residual by one hop; a missing tile's is forgotten."""
        rows, hop_min = self._rows, self.hop_min
        gain = np.float32(1.0 - decay(hop_min / self.spec.mean_min))
        np.copyto(rows.residual, rows.residual + gain * (off - rows.residual), where=heard)
        gone = ~present
        np.multiply(
            rows.residual, np.float32(decay(hop_min / FORGET_MIN)), out=rows.residual, where=gone
        )
        age = np.minimum(rows.age_min + np.float32(hop_min), np.float32(FORGET_MIN))
        rows.age_min[...] = np.where(gone, age, np.float32(0.0))

    def _keep(self, ahead: Tiles, able: Mask, *, number: int) -> None:
        """Keep this step's forecast until its outcome is known."""
        spec, rows = self.spec, self._rows
        rows.kept[number % len(rows.kept)] = rows.residual
        for row, lag in enumerate(self.state.lags):
            rows.issued[row][number % lag] = np.where(able, ahead[row], np.float32(0.0))
        seen = clamp(rows.residual, -TEACH_MAX, TEACH_MAX)
        keep = np.float32(1.0 - 1.0 / spec.memory_steps)
        for weight, part in zip(
            rows.weight, (np.maximum(seen, 0.0), np.minimum(seen, 0.0)), strict=True
        ):
            np.copyto(weight, weight * keep + part * part, where=able)


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
    """Return the minutes forecast ahead: 15, 30 and 60, rounded up to whole steps.

    >>> horizons(5.0), horizons(10.0), horizons(30.0)
    ((15.0, 30.0, 60.0), (20.0, 30.0, 60.0), (30.0, 30.0, 60.0))
    """
    step_min = hops_a_step(hop_min) * hop_min
    return tuple(lag * step_min for lag in lags_of(hop_min))


def _either(where: Mask, one: Tiles, other: Tiles) -> Tiles:
    """Return one where true, else other, both finite: signs alternate, so branches would cost."""
    chosen: Tiles = one * where
    chosen += other * ~where
    return chosen
