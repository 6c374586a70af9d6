"""Runs of high scores: when they end and how high they were, for the false-alarm budget.

Scores above a low mark belong to one run until they stayed below it for more than an hour. Only
hops of it count whose excess was large enough (the gate), for no other could have alarmed: without
the gate a large fleet drowns in tiles where three people are twice as many.
"""

from dataclasses import dataclass

import numpy as np

from detectors.contract import Mask, TileIndex, Tiles
from detectors.exact import clamp
from detectors.masked import kept
from detectors.state import AlarmRows


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """Settings of the runs; the budget is fitted to them, so change both or none.

    mark: scores above this are in a run. gap_min: minutes of quiet after which a run has ended.
    """

    mark: float = 1.0
    gap_min: float = 60.0


def advance(
    spec: RunSpec,
    rows: AlarmRows,
    *,
    gate: Mask,
    held: Mask,
    hop_min: float,
    score: Tiles | None = None,
) -> tuple[TileIndex, Tiles]:
    """Advance the runs by one hop; return ended tiles, ascending, and peaks.

    A peak is that of the hops that passed the gate; a run of which none did is not returned.
    gate: the excess of this hop counts. held: no new interval came, the score is an old one;
    such a tile only grows quiet. Time passes for missing tiles too. score: of this hop, None =
    `rows.score`. Shapes (tiles,).
    """
    if score is None:
        score = rows.score
    over = (score > spec.mark) & ~held
    # Scores and peaks are never negative: what is not over raises no peak.
    np.maximum(rows.run_peak, kept(over, score), out=rows.run_peak)
    np.maximum(rows.run_gated, kept(over & gate, score), out=rows.run_gated)
    # Beyond the gap nothing depends on how quiet it is: held there, a calm tile's state is still.
    quiet = kept(~over, clamp(rows.run_quiet + hop_min, 0.0, spec.gap_min + hop_min))
    rows.run_quiet[...] = quiet
    ended = (rows.run_peak > 0.0) & (quiet > spec.gap_min)
    tiles = np.flatnonzero(ended & (rows.run_gated > 0.0))
    peaks = rows.run_gated[tiles]
    np.copyto(rows.run_peak, np.float32(0.0), where=ended)
    np.copyto(rows.run_gated, np.float32(0.0), where=ended)
    return tiles, peaks
