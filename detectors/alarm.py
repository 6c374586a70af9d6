"""One alarm layer: build-up and surge of z in units of the tile's own restlessness, and its runs.

The layer of tiles and the layer of tiles with those around them go through the same steps, each
with rows of its own; the fall (too few people) uses the same z with the other sign and shares
the restlessness, which it must not teach.
"""

from dataclasses import dataclass, field

import numpy as np

from detectors import buildup, own_scale, quick, surge
from detectors.buildup import BuildUpSpec
from detectors.contract import Mask, Tiles, quantised
from detectors.masked import put
from detectors.own_scale import OwnScaleSpec
from detectors.quick import QuickSpec
from detectors.state import AlarmRows, Rows
from detectors.surge import SurgeSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSpec:
    """The parts of an alarm; each says why to turn its knobs."""

    own_scale: OwnScaleSpec = field(default_factory=OwnScaleSpec)
    buildup: BuildUpSpec = field(default_factory=BuildUpSpec)
    surge: SurgeSpec = field(default_factory=SurgeSpec)
    quick: QuickSpec = field(default_factory=QuickSpec)


def rise(
    spec: AlarmSpec,
    rows: AlarmRows,
    z: Tiles,
    *,
    good: Mask,
    moving: Mask,
    hop_min: float,
    apart: Mask | None = None,
    all_rows: Rows | None = None,
) -> None:
    """Advance one layer by a hop where something moves.

    apart: tiles judged beside their neighbours, whose surge counts for less. all_rows: of the
    state, where quick filling counts as well.
    """
    scaled = own_scale.scaled(spec.own_scale, rows, z)
    own_scale.step(spec.own_scale, rows, z, good=good & moving, moving=moving, hop_min=hop_min)
    total = buildup.step(spec.buildup, rows.buildup, scaled, hop_min=hop_min)
    mean = surge.step(spec.surge, rows.surge, scaled, hop_min=hop_min)
    score: Tiles = mean / np.float32(spec.surge.divisor)
    if apart is not None:
        put(score, mean / np.float32(spec.surge.apart_divisor), apart)
    np.maximum(total, score, out=score)
    if all_rows is not None and hop_min <= spec.quick.hop_max_min:
        np.maximum(score, quick.step(spec.quick, all_rows, scaled, moving=moving), out=score)
    put(rows.buildup, total, moving)
    put(rows.surge, mean, moving)
    put(rows.score, quantised(score), moving)


def fall(spec: AlarmSpec, rows: AlarmRows, z: Tiles, *, moving: Mask, hop_min: float) -> None:
    """Advance the drop by a hop where something moves, in the scale of the tile alone."""
    z = own_scale.scaled(spec.own_scale, rows, z)
    np.negative(z, out=z)
    total = buildup.step(spec.buildup, rows.buildup, z, hop_min=hop_min)
    mean = surge.step(spec.surge, rows.surge, z, hop_min=hop_min)
    score = quantised(np.maximum(total, mean / spec.surge.divisor))
    put(rows.buildup, total, moving)
    put(rows.surge, mean, moving)
    put(rows.score, score, moving)
