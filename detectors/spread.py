"""Spread: how far counts scatter around the expected value, learnt from the calm side only.

V = D (m + .02 m^2) + m^2 (novelty of the slot + scatter of its mean + variance of the level)
    + (10 % of the tile's typical count)^2.
The dispersion D is learnt only from counts below the expected value: crowds only add, and a
two-sided spread lets them inflate the very yardstick that should show them.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from detectors.contract import Tiles
from detectors.exact import at_least, clamp, exp_scalar
from detectors.masked import chosen, put
from detectors.profile import Terms
from detectors.scored import Scored
from detectors.state import Rows

DISPERSION_MIN: Final = 0.02
# A z this close to zero counts as calm even if it lies just above.
CALM_Z2_MAX: Final = 1e-4
# The first hops move the dispersion by at most a third.
FIRST_HOPS: Final = 3.0
# 2 / sqrt(pi), and how many terms of the error series are summed (arguments stay below 4).
_TWO_PER_ROOT_PI: Final = 1.1283791670955126
_SERIES: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadSpec:
    """Settings of the spread.

    novelty: relative variance of a slot never seen on this kind of day; raise it if week one rings.
    novelty_fades: what a slot borrows is nearer the truth the more days it has, and weighs less:
        after n days the novelty is over (1 + n)^3. Off, over (1 + n)^2, as in the laboratory.
    curvature: share of the squared count that scatters with D; raise it for large restless tiles.
    typical_ratio: scatter as a share of the tile's typical count; raise it if quiet hours ring.
    clip: z below which a calm count still teaches whole; lower it if outages inflate the spread.
    hops_max: memory of the dispersion in hops; lower it if places change character.
    """

    novelty: float = 0.15
    novelty_fades: bool = True
    curvature: float = 0.02
    typical_ratio: float = 0.10
    clip: float = 1.5
    hops_max: float = 2000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SlotSpread:
    """Parts of the spread that change only with the slot; shape (tiles,).

    novelty: relative variance because the slot is new. mean: relative variance of its mean, per
    unit of dispersion. typical: people^2, from the tile's typical count.
    """

    novelty: Tiles
    mean: Tiles
    typical: Tiles


def of_slot(spec: SpreadSpec, found: Terms, *, shrink_days: float) -> SlotSpread:
    """Derive the slot's parts of the spread from the profile around the moment."""
    newness: Tiles = shrink_days * found.thin
    faded = newness * newness
    if spec.novelty_fades:
        faded *= newness
    typical: Tiles = spec.typical_ratio * found.typical
    return SlotSpread(
        novelty=spec.novelty * faded,
        mean=spec.curvature * found.thin,
        typical=typical * typical,
    )


def variance(
    spec: SpreadSpec, rows: Rows, slot: SlotSpread, *, expected: Tiles, level_var: Tiles
) -> Tiles:
    """Return the variance of the count around the expected value, people^2."""
    square: Tiles = expected * expected
    total: Tiles = spec.curvature * square
    total += expected
    total *= rows.dispersion
    relative_var: Tiles = slot.mean * rows.dispersion
    relative_var += slot.novelty
    relative_var += level_var
    relative_var *= square
    total += relative_var
    total += slot.typical
    return total


def relative(spec: SpreadSpec, rows: Rows, base: Tiles) -> Tiles:
    """Return the part of the variance that is new each hop, relative to base squared."""
    news: Tiles = 1.0 / base
    news += spec.curvature
    news *= rows.dispersion
    return news


def step(spec: SpreadSpec, rows: Rows, scored: Scored) -> None:
    """Learn the dispersion from one hop, where the tile was known, whole and calm.

    A partly withheld point has no z of its own; its plain distance in spreads stands in.
    """
    z = scored.z
    if scored.withheld.any():
        plain = (scored.point - scored.due.expected) / scored.due.spread
        z = chosen(scored.withheld, plain, z)
    z2 = z * z
    calm = scored.good & scored.taught & (scored.own >= 1.0) & ((z < 0.0) | (z2 < CALM_Z2_MAX))
    moved = clamp(z2, 0.0, spec.clip * spec.clip)
    moved /= clipped_square_mean(spec.clip)
    rows.dispersion_n[...] = clamp(rows.dispersion_n + calm, 0.0, spec.hops_max)
    moved *= rows.dispersion
    moved -= rows.dispersion
    moved /= at_least(rows.dispersion_n, FIRST_HOPS)
    moved += rows.dispersion
    put(rows.dispersion, at_least(moved, DISPERSION_MIN), calm)


@lru_cache(maxsize=16)
def clipped_square_mean(clip: float) -> float:
    """Return the mean of z^2 cut at clip^2 for a standard normal z, so that calm noise gives 1.

    >>> round(clipped_square_mean(1.5), 4)
    0.7785
    """
    x = clip * 0.7071067811865476
    term, total = x, x
    for n in range(1, _SERIES):
        term *= -x * x / n
        total += term / (2 * n + 1)
    inside = _TWO_PER_ROOT_PI * total
    # density of the normal at the clip: exp(-clip^2 / 2) / sqrt(2 pi)
    density = exp_scalar(-clip * clip / 2.0) * 0.3989422804014327
    return inside - 2.0 * clip * density + clip * clip * (1.0 - inside)
