"""Contrast: what is unusual here beyond what is unusual all around.

Neighbouring tiles share weather, works and the moods of a quarter. Part of a tile's residual can
be told from the middle of those around it; what is left shows a crowd on one tile far better. Each
tile learns that part by itself. The middle is their mean without the highest and the lowest, each
held at a few spreads, so that a crowd that fills the whole neighbourhood takes little from each of
its tiles; such crowds are the neighbour layer's. Where tiles share cells they echo one another, and
nothing is taken off.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.contract import Mask, Tiles
from detectors.exact import clamp, decay
from detectors.masked import chosen, put
from detectors.neighbours import Around, middle
from detectors.slots import DAY_MIN
from detectors.state import Rows

# Of tiles with cells of their own the sum over nine scatters as the root of nine; more is an echo.
ECHO_MAX: Final = 1.02
# Of fewer neighbours no middle can be taken.
AROUND_MIN: Final = 3
LN2: Final = 0.6931471805599453


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastSpec:
    """Settings of the contrast.

    clip: a tile around counts at most so many spreads; lower it if wide crowds are missed.
    taught: both sides enter what is learnt within so many spreads; lower it if crowds teach it.
    prior_part: part that is taken off before anything is learnt.
    half_life_days: of what is learnt; lower it if quarters change fast.
    doubt: hops it weighs against there being no such part; raise it if young tiles swing.
    part_max: most that is taken off, in middles around.
    least_ratio: least variance that is left, of the whole; raise it if calm quarters ring.
    """

    clip: float = 4.0
    taught: float = 2.5
    prior_part: float = 0.7
    half_life_days: float = 21.0
    doubt: float = 50.0
    part_max: float = 1.5
    least_ratio: float = 0.2


def apart(near: Around) -> Mask:
    """Return which tiles have enough neighbours, and cells of their own; shape (tiles,)."""
    plain = np.sqrt(near.count + np.float32(1.0))
    own: Mask = (near.count >= AROUND_MIN) & (near.root <= ECHO_MAX * plain)
    return own


def contrasted(
    spec: ContrastSpec,
    rows: Rows,
    near: Around,
    z: Tiles,
    *,
    beside: Tiles,
    where: Mask,
    moving: Mask,
    hop_min: float,
) -> Tiles:
    """Return z less what those around it tell of it, as a unit normal again; then learn that part.

    z: of this hop. beside: the last z of those around (`neighbours.gathered`). Both are 0 where a
    tile has nothing to say. where: as of `apart`; elsewhere z stays as it is.
    """
    others = middle(near, beside, limit=spec.clip)
    doubt = np.float32(spec.doubt)
    shared: Tiles = rows.contrast_xy + np.float32(spec.prior_part * spec.doubt)
    part: Tiles = rows.contrast_xx + doubt
    np.divide(shared, part, out=part)
    part = clamp(part, 0.0, spec.part_max)
    shared *= part
    shared /= rows.contrast_yy + doubt
    scatter = clamp(np.subtract(1.0, shared, out=shared), spec.least_ratio, 1.0)
    np.sqrt(scatter, out=scatter)
    part *= others
    told = np.subtract(z, part, out=part)
    told /= scatter
    says = where & (z != 0.0)
    _learn(spec, rows, others, z, where=says & moving, hop_min=hop_min)
    return chosen(says, told, z)


def _learn(
    spec: ContrastSpec, rows: Rows, others: Tiles, z: Tiles, *, where: Mask, hop_min: float
) -> None:
    keep = decay(LN2 * hop_min / DAY_MIN / spec.half_life_days)
    x, y = clamp(others, -spec.taught, spec.taught), clamp(z, -spec.taught, spec.taught)
    for row, news in (
        (rows.contrast_xy, x * y),
        (rows.contrast_xx, x * x),
        (rows.contrast_yy, y * y),
    ):
        news += keep * row  # noqa: PLW2901 - in place
        put(row, news, where)
