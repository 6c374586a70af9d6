"""Residual: a count minus its expected value, made a normal score z, by what is known of it.

z follows Wilson and Hilferty (1931), PNAS 17:684: the cube root of a gamma-like count is nearly
normal, which keeps small counts from ringing. Four facts stay apart: a count is scored as it
is; a withheld one by its low end if that is already high, by its high end if even that is low,
else it says nothing; a missing one says nothing; a blind one is not believed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.contract import Mask, Observation, Tiles
from detectors.exact import at_least, cbrt
from detectors.masked import chosen, kept

# Least shape m^2/V: below it the normal score would blow up for tiles with next to no people.
SHAPE_MIN: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualSpec:
    """Settings of the residual.

    blind_people: a zero where more than this were due is a fault of the feed, not an empty place;
        raise it if places really empty at a stroke.
    blind_floors: withheld where more than this many floors were due is a fault too.
    """

    blind_people: float = 10.0
    blind_floors: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Residual:
    """Normal score of one hop; shape (tiles,).

    z: 0 where missing, unknown or saying nothing. good: present, known, believed.
    blind: present and known, not believed.
    """

    z: Tiles
    good: Mask
    blind: Mask


def residual(
    spec: ResidualSpec,
    seen: Observation,
    *,
    expected: Tiles,
    variance: Tiles,
    known: Mask,
    shut: Mask,
) -> Residual:
    """Score one hop against the expected people and their variance (> 0).

    shut: zeros have lasted so long that they are believed (`closure`): they say nothing any more
    and are learnt as they are.
    """
    judged = known & np.isfinite(seen.point) & ~shut
    blind = judged & (seen.point <= 0.0) & (expected > spec.blind_people)
    value = chosen(judged, seen.point, expected)
    if seen.withheld.any():
        above = seen.low > expected
        below = seen.high + 1.0 < expected
        end = chosen(above, seen.low, chosen(below, seen.high + np.float32(0.5), expected))
        value = chosen(judged & seen.withheld, end, value)
        lost = (seen.low <= 0.0) & (expected > spec.blind_floors * (seen.high + 1.0))
        blind = np.where(seen.withheld, judged & lost, blind)
        falling_only = blind | (seen.withheld & ~above)
    else:
        falling_only = blind
    z = normal_score(value, expected=expected, variance=variance)
    if falling_only.any():
        np.minimum(z, 0.0, out=z, where=falling_only)
    return Residual(z=kept(judged, z), good=judged & ~blind, blind=blind)


def normal_score(count: Tiles, *, expected: Tiles, variance: Tiles) -> Tiles:
    """Return z of non-negative counts; expected, variance > 0.

    >>> one = np.ones(1, np.float32)
    >>> normal_score(200 * one, expected=100 * one, variance=400 * one).round(2)
    array([3.97], dtype=float32)
    """
    shape: Tiles = expected * expected
    shape /= variance
    root = at_least(shape, SHAPE_MIN)
    np.sqrt(root, out=root)
    root *= 3.0
    ratio = at_least(count, 0.0)
    ratio /= expected
    off = cbrt(ratio.astype(np.float64))
    off -= 1.0
    z = off.astype(np.float32)
    z *= root
    z += np.divide(1.0, root, out=root)
    return z
