"""What level a candidate asks for at one hop, with no memory: ladder, unusual, filling, forecast.

Ladder: people per walkable m2, and people over a site's capacity. Unusual for here: a score over
the budget's threshold with an excess that matters gives level 1, or 2 where the excess is large
and the score far above the threshold. So it is, by thresholds of their own, of a tile together
with the tiles around it.
Filling fast: a tile that is on level L anyway, and whose newest density would reach rung L + 1
in under half an hour at its present slope, is on L + 1 (never more than one above, and a tile
that asks for nothing else is not raised by its slope). It is the rung above the tile's *level*,
not above its place on the ladder, so that more people never ask for less. Likewise where the
forecast makes that rung likely (`next_rung`).

All thresholds times `scale` are the lower thresholds by which a level is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from alerts.next_rung import NEVER, likely, minutes_to_rung, people_at_rung
from detectors import ceiling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.candidate import Candidates
    from alerts.ground import Ground
    from alerts.spec import AlertSpec

__all__ = [
    "BEYOND",
    "BEYOND_LEVEL_MAX",
    "BLIND",
    "HOLD",
    "NOTHING_UNUSUAL",
    "ON_LADDER",
    "PLANNED",
    "REASONS",
    "Judged",
    "Limits",
    "judge",
    "people_on_sites",
    "rungs",
    "score_by_far",
]

LEVEL_MAX: Final = 4
BEYOND_LEVEL_MAX: Final = 3
"""What a plan overrun makes of the unusual; red is for ground that gives way."""
SCORE_END: Final = 9.75
"""Where the build-up statistic of the detectors saturates: clip, slack and leak give no more."""

DENSITY: Final = 1
OCCUPANCY: Final = 2
BASELINE: Final = 4
FILLING: Final = 8
HOLD: Final = 16
BLIND: Final = 32
NEAR: Final = 64
DROP: Final = 128
PLANNED: Final = 256
BEYOND: Final = 512
FORECAST: Final = 1024

REASONS: Final = (
    (DENSITY, "density"),
    (OCCUPANCY, "occupancy"),
    (BASELINE, "baseline_ratio"),
    (NEAR, "neighbourhood"),
    (DROP, "drop"),
    (FILLING, "rate_of_change"),
    (FORECAST, "forecast"),
    (PLANNED, "planned"),
    (BEYOND, "beyond_plan"),
    (HOLD, "hold"),
    (BLIND, "blind"),
)
"""Bits of a tile's reasons and the codes desks read, in the order in which they are told."""

ON_LADDER: Final = frozenset({"density", "occupancy"})
"""Codes that no budget is about: ground is full, whatever is usual there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Scores of the budget from which a tile is unusual: alone, and with the tiles around it.

    drop: for too few people (see `leaving`). Infinity = nothing is.
    """

    own: float
    near: float = np.inf
    drop: float = np.inf


NOTHING_UNUSUAL: Final = Limits(own=np.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Levels asked for (int8, 0 to 4) and why (bits), shape (candidates,)."""

    level: NDArray[np.int8]
    why: NDArray[np.uint16]


def rungs(spec: AlertSpec, ground: Ground) -> NDArray[np.float64]:
    """Return the rungs of each tile in people per m2, shape (tiles, 4).

    A site's own go before those of its police area, and these before the city's.
    """
    ladder = np.tile(np.array(spec.rungs_per_m2, np.float64), (len(ground.tile_ids), 1))
    for area, local in enumerate(spec.local):
        ladder[ground.area == area] = local.rungs_per_m2
    for number, site in enumerate(ground.sites):
        if site.rungs is not None:
            ladder[ground.site == number] = site.rungs
    return ladder


def people_on_sites(
    ground: Ground, tile: NDArray[np.int32], people: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the people on each site; shape (sites,).

    tile, people: those who are counted; NaN counts as nobody.
    """
    site = ground.site[tile]
    on = site >= 0
    return np.bincount(
        site[on], weights=np.nan_to_num(people[on]), minlength=len(ground.sites)
    ).astype(np.float64)


def judge(
    spec: AlertSpec,
    ground: Ground,
    seen: Candidates,
    *,
    ladder: NDArray[np.float64],
    occupancy: NDArray[np.float64],
    limits: Limits,
    scale: float = 1.0,
    plan: NDArray[np.int8] | None = None,
) -> Judged:
    """Return the level each candidate asks for; what is unknown (NaN) asks for nothing.

    ladder: rungs of each candidate, shape (candidates, 4). occupancy: of each candidate's site,
    NaN = none. limits: scores of the budget. plan: of each candidate's site, 1 = within the plan
    of a licensed event, 2 = beyond it (see `planned`); None = no event anywhere.
    """
    why = np.zeros(len(seen), np.uint16)
    own = _unusual(spec, seen, threshold=limits.own, scale=scale)
    near = _unusual_near(spec, seen, threshold=limits.near, scale=scale)
    why[own > 0] |= BASELINE
    why[near > 0] |= NEAR
    base = np.maximum(own, near)
    within = np.zeros(len(seen), np.bool_) if plan is None else plan == 1
    base[within] = np.minimum(base[within], 1)
    if ground.unit == "people":
        on_rung = _on_ladder(spec, seen, ladder * scale, occupancy, scale=scale, why=why)
        base = np.maximum(base, on_rung)
        expected = within & (on_rung == 0)
        minutes = minutes_to_rung(
            ladder * scale,
            base,
            density=seen.density,
            slope_per_min=seen.slope_per_min,
            walkable_m2=ground.walkable_m2[seen.tile],
        )
        fast = (base > 0) & (minutes < spec.fast_min / scale) & ~expected
        why[fast] |= FILLING
        soon = _likely_above(spec, ground, seen, ladder * scale, base) & ~expected
        why[soon] |= FORECAST
        base = base + (fast | soon)
    if plan is not None:
        base = _beyond(base, plan == 2, why)  # noqa: PLR2004 - beyond, as said above
        why[within & (base > 0)] |= PLANNED
    return Judged(level=base.astype(np.int8), why=why)


def _on_ladder(
    spec: AlertSpec,
    seen: Candidates,
    ladder: NDArray[np.float64],
    occupancy: NDArray[np.float64],
    *,
    scale: float,
    why: NDArray[np.uint16],
) -> NDArray[np.int8]:
    """Return the rung each candidate stands on; ladder: times the scale already."""
    why[(seen.rolling >= ladder[:, 0]) | (seen.density >= ladder[:, 3])] |= DENSITY
    why[occupancy >= spec.occupancy_yellow_ratio * scale] |= OCCUPANCY
    return ceiling.rungs(
        seen.density,
        seen.rolling,
        occupancy.astype(np.float32),
        rungs_per_m2=ladder,
        occupancy_rungs=(spec.occupancy_yellow_ratio * scale, spec.occupancy_red_ratio * scale),
        scale=1.0,
    )


def _likely_above(
    spec: AlertSpec,
    ground: Ground,
    seen: Candidates,
    ladder: NDArray[np.float64],
    base: NDArray[np.integer],
) -> NDArray[np.bool_]:
    """Return where a tile is on a level, and the rung above it likely in half an hour."""
    if spec.forecast_ratio >= NEVER:
        return np.zeros(len(seen), np.bool_)
    on = (base > 0) & (base < LEVEL_MAX)
    target = people_at_rung(ladder, base, ground.walkable_m2[seen.tile])
    likelihood = likely(seen.figure, target)
    return on & (likelihood >= np.float32(spec.forecast_ratio))


def _beyond(
    base: NDArray[np.integer], beyond: NDArray[np.bool_], why: NDArray[np.uint16]
) -> NDArray[np.integer]:
    """Return one level more where more people are than were licensed, up to orange."""
    raised = beyond & (base > 0)
    why[raised] |= BEYOND
    return np.where(raised, np.maximum(base, np.minimum(base + 1, BEYOND_LEVEL_MAX)), base)


def _unusual(
    spec: AlertSpec, seen: Candidates, *, threshold: float, scale: float
) -> NDArray[np.int8]:
    """Return 1 where a tile is unusual for this place and hour, 2 where it is so by far."""
    expected = seen.expected.astype(np.float64)
    excess = seen.low.astype(np.float64) - expected
    odd = (seen.score >= threshold * scale) & (excess >= spec.min_people * scale)
    large = excess >= expected * (spec.large_expected_ratio * scale)
    if spec.min_people > 0:
        large |= excess >= spec.min_people * spec.large_people_ratio * scale
    far = odd & large & (seen.score >= score_by_far(spec, threshold) * scale)
    return odd.astype(np.int8) + far.astype(np.int8)


def _unusual_near(
    spec: AlertSpec, seen: Candidates, *, threshold: float, scale: float
) -> NDArray[np.int8]:
    """Return likewise of tiles with those around them, whose excess is that of all of them.

    The tile itself must hold more than is due, or an incident would reach a tile beyond its crowd.
    What is due there in all is not told, so large is by people only; of activity nothing is.
    """
    least = spec.min_people * scale
    odd = (seen.near >= threshold * scale) & (seen.near_excess >= least)
    odd &= seen.low > seen.expected
    large = (spec.min_people > 0) & (seen.near_excess >= least * spec.large_people_ratio)
    far = odd & large & (seen.near >= score_by_far(spec, threshold) * scale)
    return odd.astype(np.int8) + far.astype(np.int8)


def score_by_far(spec: AlertSpec, threshold: float) -> float:
    """Return the score at which a large excess is level 2.

    Many tiles share a desk's budget, so its threshold may be more than half of what a score can
    reach at all; then half-way from there to the end counts as far.

    >>> from alerts.spec import AlertSpec
    >>> score_by_far(AlertSpec(), 2.25), score_by_far(AlertSpec(), 5.75)
    (4.5, 7.75)
    """
    half_way = max(threshold, (threshold + SCORE_END) / 2)
    return min(spec.large_score_ratio * threshold, half_way)
