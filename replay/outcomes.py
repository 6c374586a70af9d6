"""The forecasts of a backtest held against what came: one set of counters for each horizon.

Theory of operation. The detectors keep a forecast of every place once a step (a hop, or several
short ones); so does this, with its interval and what the baseline expected, until the hop that it
was for. Then it is counted and forgotten: memory is a few hundred bytes a place however long the
feed is. It only looks. Its state is part of a checkpoint, so that a run that was interrupted
counts each forecast once. Large cities are judged by places spread over them, not by all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from detectors.horizons import hops_a_step, horizons, lags_of
from replay.report_forecast import ForecastRow, Held
from stream.states import OK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stream.block_state import BlockState, HopSeen
    from stream.incident import IncidentMachine
    from stream.incident_state import HopJoined
    from stream.layout import Layout

__all__ = ["Outcomes"]

PLACES_MAX: Final = 10_000
"""Places judged; more cost time, and tell nothing new of the forecast of a whole city."""

CROWDED_SPREADS: Final = np.float32(2.0)
"""A place with this many spreads more than usual as it was forecast counts as crowded."""

# Of a kept forecast: people, ends of its interval, what the baseline expected, whether crowded.
_PEOPLE, _LOW, _HIGH, _BASELINE, _CROWDED = range(5)
# Of a group: compared, under the interval, over it.
_COUNTS: Final = 3
# Of a group: absolute errors of forecast and baseline, widths of intervals; sums, people.
_SUMS: Final = 3
_GROUPS: Final = 2  # every forecast; those of crowded places


class _Saved(msgspec.Struct, frozen=True, array_like=True):
    counts: bytes
    sums: bytes
    kept: bytes
    steps: bytes


class Outcomes:
    """Counts what came of the forecasts of a run; a `Watch` of the engine."""

    def __init__(self, tiles: int, *, hop_ms: int) -> None:
        """Begin with nothing counted. tiles: of the whole city."""
        hop_min = hop_ms / 60_000
        self._hop_ms, self._hops_a_step = hop_ms, hops_a_step(hop_min)
        # Long hops make several horizons one; the last of them is the one that alerts tell.
        rows = {lag: row for row, lag in enumerate(lags_of(hop_min))}
        self._lags, self._row_of = tuple(rows), tuple(rows.values())
        self._minutes = tuple(horizons(hop_min)[row] for row in self._row_of)
        self.places = spread_out(tiles)
        self._layout: Layout | None = None
        self._at = (np.zeros(0, np.intp), np.zeros(0, np.intp))
        lags, slots = len(self._lags), max(self._lags)
        self._kept = np.full((slots, lags, 5, len(self.places)), np.nan, np.float32)
        self._steps = np.full(slots, -1, np.int64)
        self._counts = np.zeros((lags, _GROUPS, _COUNTS), np.int64)
        self._sums = np.zeros((lags, _GROUPS, _SUMS), np.float64)

    def saw(self, state: BlockState, seen: HopSeen) -> None:
        """Count the forecasts that were for this hop, then keep those made at it."""
        hop = seen.hop_ms // self._hop_ms
        if hop % self._hops_a_step:
            return
        step = hop // self._hops_a_step
        at, place = self._here(state.layout)
        now = seen.frame.now
        seen_whole = (seen.state[at] == OK) & now.fresh[at]
        self._judge(step, place, np.where(seen_whole, now.point[at], np.float32(np.nan)))
        self._keep(step, place, state, seen, at)

    def decided(self, hop: HopJoined, machine: IncidentMachine) -> None:
        """Leave what was decided alone."""

    def _here(self, layout: Layout) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return which local tiles are judged, and where each stands among all places."""
        if layout is not self._layout:
            at = np.flatnonzero(np.isin(layout.tile, self.places, assume_unique=True))
            self._layout, self._at = layout, (at, np.searchsorted(self.places, layout.tile[at]))
        return self._at

    def _judge(self, step: int, place: NDArray[np.intp], came: NDArray[np.float32]) -> None:
        for row, lag in enumerate(self._lags):
            slot = (step - lag) % len(self._steps)
            if self._steps[slot] != step - lag:
                continue
            was = self._kept[slot, row][:, place]
            known = np.flatnonzero(np.isfinite(came) & np.isfinite(was[_PEOPLE]))
            if known.size:
                self._count(row, was[:, known].astype(np.float64), came[known].astype(np.float64))

    def _count(self, row: int, was: NDArray[np.float64], came: NDArray[np.float64]) -> None:
        under, over = came < was[_LOW], came > was[_HIGH]
        off = np.abs(came - was[[_PEOPLE, _BASELINE]])
        sums = np.concatenate([off, (was[_HIGH] - was[_LOW])[None]])
        crowded = was[_CROWDED] > 0.0
        for group, of in enumerate((None, crowded)):
            if of is not None and not of.any():
                continue
            one = slice(None) if of is None else of
            parts = (len(came[one]), np.count_nonzero(under[one]), np.count_nonzero(over[one]))
            self._counts[row, group] += parts
            self._sums[row, group] += np.add.reduce(sums[:, one], axis=1)

    def _keep(
        self,
        step: int,
        place: NDArray[np.intp],
        state: BlockState,
        seen: HopSeen,
        at: NDArray[np.intp],
    ) -> None:
        outlook, verdict = state.outlook, seen.verdict
        ahead = outlook.forecast.ahead(
            outlook.expected,
            expected=verdict.expected,
            spread=verdict.spread,
            known=verdict.known,
            at=at,
        )
        usual = verdict.expected[at] + CROWDED_SPREADS * verdict.spread[at]
        crowded = (seen.frame.now.point[at] > usual).astype(np.float32)
        slot = step % len(self._steps)
        self._steps[slot] = step
        kept = self._kept[slot]
        for row, number in enumerate(self._row_of):
            for part, values in (
                (_PEOPLE, ahead.people[number]),
                (_LOW, ahead.low[number]),
                (_HIGH, ahead.high[number]),
                (_BASELINE, outlook.expected[number][at]),
                (_CROWDED, crowded),
            ):
                kept[row, part, place] = values

    def rows(self) -> list[ForecastRow]:
        """Return what became of the forecasts, by horizon; those never compared are left out."""
        return [
            ForecastRow(
                minutes=minutes,
                all=_held(self._counts[row, 0], self._sums[row, 0]),
                crowded=_held(self._counts[row, 1], self._sums[row, 1])
                if self._counts[row, 1, 0]
                else None,
            )
            for row, minutes in enumerate(self._minutes)
            if self._counts[row, 0, 0]
        ]

    def dump(self) -> bytes:
        """Return the whole state."""
        parts = (self._counts, self._sums, self._kept, self._steps)
        return msgspec.msgpack.encode(_Saved(*(part.tobytes() for part in parts)))

    def load(self, data: bytes) -> None:
        """Go on from what `dump` of a run over the same city and hops gave."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        for name in _Saved.__struct_fields__:
            whole = getattr(self, f"_{name}")
            whole[...] = np.frombuffer(getattr(saved, name), whole.dtype).reshape(whole.shape)


def spread_out(tiles: int, most: int = PLACES_MAX) -> NDArray[np.int64]:
    """Return the tiles to judge, ascending: all, or as many as may be, evenly over all.

    >>> spread_out(3), spread_out(10, 4)
    (array([0, 1, 2]), array([0, 2, 5, 7]))
    """
    return np.arange(tiles) if tiles <= most else np.arange(most) * tiles // most


def _held(counts: NDArray[np.int64], sums: NDArray[np.float64]) -> Held:
    outcomes, under, over = counts.tolist()
    off, baseline, width = (sums / outcomes).tolist()
    return Held(
        outcomes=outcomes,
        inside_ratio=round((outcomes - under - over) / outcomes, 4),
        under_ratio=round(under / outcomes, 4),
        over_ratio=round(over / outcomes, 4),
        error=round(off, 3),
        baseline_error=round(baseline, 3),
        error_ratio=round(off / baseline, 4) if baseline else None,
        width=round(width, 3),
    )
