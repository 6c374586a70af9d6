"""The layers of the alarm: a tile alone, a tile with those around it, and too few people.

The first two have runs of their own, because each has a budget of its own. A tile alone is judged
by what is left of its residual once those around it have told their part (`contrast`).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from detectors import alarm, contrast, doubt, neighbours, runs
from detectors.alarm import AlarmSpec
from detectors.contract import Ended, Mask, TileIndex, Tiles
from detectors.masked import kept, put
from detectors.residual import Residual
from detectors.spec import BaselineSpec
from detectors.state import AlarmRows, Rows


class Layers:
    """Moves the alarm rows of a state in place.

    rows: of the state. beside: (tiles, 8) indices of the tiles around each, -1 = none; None = no
    neighbour layer. ValueError where they are of other tiles.
    """

    def __init__(
        self,
        spec: BaselineSpec,
        rows: Rows,
        *,
        beside: NDArray[np.int32] | None,
        hop_min: float,
    ) -> None:
        tiles = len(rows.z)
        if beside is not None and len(beside) != tiles:
            raise ValueError(f"neighbours of {len(beside)} tiles do not fit a detector of {tiles}")
        self._spec, self._rows, self._hop_min = spec, rows, hop_min
        self._alarm = AlarmSpec(
            own_scale=spec.own_scale, buildup=spec.buildup, surge=spec.surge, quick=spec.quick
        )
        self._own, self._near = rows.alarm(), rows.alarm("near_")
        self._fall = rows.fall()
        self._beside = None if beside is None else neighbours.around(beside)
        self._apart = None if self._beside is None else contrast.apart(self._beside)

    def echo(self, root: Tiles) -> None:
        """Take what the sum over each tile and those around it scatters; see `Baseline.echo`."""
        if self._beside is not None:
            self._beside = replace(self._beside, root=root)
            self._apart = contrast.apart(self._beside)

    def step(self, found: Residual, *, clear: Mask, moving: Mask) -> Mask:
        """Advance all layers and the held verdict by a hop, where something moves.

        clear: seen well, and nothing withheld. Returns where a drop would be believed.
        """
        rows, hop_min, z = self._rows, self._hop_min, found.z
        alarm.fall(self._alarm, self._fall, z, moving=moving, hop_min=hop_min)
        mark = self._spec.runs.mark
        believed = doubt.step(rows, found, clear=clear, moving=moving, mark=mark)
        put(rows.z, z, moving)
        put(rows.blind, found.blind.astype(np.float32), moving)
        if self._beside is not None:
            z = self._step_near(found, moving=moving)
        alarm.rise(
            self._alarm,
            self._own,
            z,
            good=found.good,
            moving=moving,
            hop_min=hop_min,
            apart=self._apart,
            all_rows=rows,
        )
        return believed

    def _step_near(self, found: Residual, *, moving: Mask) -> Tiles:
        """Advance the neighbour layer; return what is left of z beside those around."""
        rows, near, apart = self._rows, self._beside, self._apart
        assert near is not None
        assert apart is not None
        seen = kept(~(rows.blind > 0.0), rows.z)
        beside = neighbours.gathered(near, seen)
        z9 = neighbours.pooled(self._spec.neighbours, near, seen, beside)
        z9 = kept(found.good | found.blind, z9)
        alarm.rise(
            self._alarm, self._near, z9, good=found.good, moving=moving, hop_min=self._hop_min
        )
        return contrast.contrasted(
            self._spec.contrast,
            rows,
            near,
            kept(~found.blind, found.z),
            beside=beside,
            where=apart,
            moving=moving,
            hop_min=self._hop_min,
        )

    def ended(
        self,
        gate: Mask,
        near_gate: Mask,
        drop_gate: Mask | None = None,
        *,
        held: Mask,
        score: Tiles | None = None,
    ) -> Ended:
        """Return the runs of high scores that have ended, by layer; once a hop.

        score: as in `Baseline.ended`.
        """
        tiles, peaks = self._ended(self._own, gate, held, score)
        near_tiles, near_peaks = tiles[:0], peaks[:0]
        if self._beside is not None:
            near_tiles, near_peaks = self._ended(self._near, near_gate, held)
        drop_tiles, drop_peaks = tiles[:0], peaks[:0]
        if drop_gate is not None:
            drop_tiles, drop_peaks = self._ended(self._fall, drop_gate, held | ~drop_gate)
        return Ended(
            tiles=tiles,
            peaks=peaks,
            near_tiles=near_tiles,
            near_peaks=near_peaks,
            drop_tiles=drop_tiles,
            drop_peaks=drop_peaks,
        )

    def _ended(
        self, rows: AlarmRows, gate: Mask, held: Mask, score: Tiles | None = None
    ) -> tuple[TileIndex, Tiles]:
        return runs.advance(
            self._spec.runs, rows, gate=gate, held=held, hop_min=self._hop_min, score=score
        )

    def near_score(self) -> Tiles:
        """Return a copy of the score of the neighbour layer; 0 where there is none."""
        return self._near.score.copy()

    def near_excess(self, excess: Tiles) -> Tiles:
        """Return the excess over each tile and those around it; 0 where there is no such layer."""
        if self._beside is None:
            return np.zeros_like(excess)
        return neighbours.total(self._beside, excess)
