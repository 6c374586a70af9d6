"""Cases for tests of the detectors: observations from plain numbers, made-up weeks."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detectors.baseline import Baseline, BaselineSpec
from detectors.contract import CityNow, Ended, Mask, Moment, Observation, Verdict

FIELDS = (
    "expected",
    "spread",
    "z",
    "score",
    "known",
    "sightings",
    "blind",
    "near",
    "near_excess",
    "drop",
    "sure",
    "standing_min",
)
# A city without hours: tiles lean on nothing but their own size.
FLAT = CityNow(left=1.0, right=1.0, mean=1.0, whole=0.0, off=0.0, learnt=1.0)
FLOOR = 10
FRIDAY = 4


def mask(value: ArrayLike, tiles: int) -> Mask:
    return np.broadcast_to(np.asarray(value, np.bool_), tiles).copy()


def observe(
    point: ArrayLike,
    *,
    withheld: ArrayLike = False,
    fresh: ArrayLike = True,
    learnable: ArrayLike | None = None,
    hidden: ArrayLike = False,
) -> Observation:
    """Observe plain counts; a withheld one lies between 0 and FLOOR - 1, its point between.

    hidden: where the profile may learn a withheld count.
    """
    values = np.asarray(point, np.float32)
    tiles = len(values)
    below = mask(withheld, tiles) & np.isfinite(values)
    unknown = np.full(tiles, np.nan, np.float32)
    return Observation(
        low=np.where(below, np.float32(0), values),
        point=np.where(below, np.float32((FLOOR - 1) / 2), values),
        high=np.where(below, np.float32(FLOOR - 1), values),
        withheld=below,
        learnable=~below if learnable is None else mask(learnable, tiles),
        hidden=mask(hidden, tiles) & below,
        fresh=mask(fresh, tiles),
        density=unknown,
        rolling=unknown,
    )


def part(seen: Observation, index: NDArray[np.intp]) -> Observation:
    """Return the observation of some tiles."""
    names = (
        "low",
        "point",
        "high",
        "withheld",
        "learnable",
        "hidden",
        "fresh",
        "density",
        "rolling",
    )
    return Observation(**{name: getattr(seen, name)[index] for name in names})


def moment(hop: int, hop_min: int, *, slot_min: int = 30) -> Moment:
    """Return the moment of a hop counted from a Monday's midnight."""
    start = hop * hop_min
    day = start // 1440 % 7
    return Moment(
        kind=(0, 0, 0, 0, 0, 1, 2)[day],
        minute=float(start % 1440),
        slot_ends=(start + hop_min) % slot_min == 0,
        weekday=day if day <= FRIDAY else -1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One made-up hop."""

    seen: Observation
    moment: Moment


def made_up(seed: int, *, tiles: int, hops: int, hop_min: int, skip: int = 0) -> Iterator[Hop]:
    """Yield hops with day shapes, small and large tiles, crowds, and all four kinds of silence."""
    chance = np.random.default_rng(seed)
    size = np.exp(chance.normal(4.0, 1.5, tiles))
    size[1:2] = 60.0
    phase = chance.uniform(0, 6.28, tiles)
    crowd = np.zeros(tiles)
    for hop in range(hops):
        angle = hop * hop_min / 1440 * 6.2832
        weekend = 0.5 if hop * hop_min // 1440 % 7 >= 5 else 1.0
        crowd = np.where(chance.random(tiles) < 0.01, chance.uniform(0, 4, tiles), crowd * 0.8)
        mean = size * weekend * (1.1 + np.sin(angle + phase)) * (1 + crowd)
        mean[1:2] *= hop * hop_min >= 3 * 1440  # a place that opens after three days
        count = chance.poisson(mean).astype(np.float32)
        count[chance.random(tiles) < 0.02] = 0.0
        count[chance.random(tiles) < 0.02] = np.nan
        fresh = chance.random(tiles) < 0.9
        learnable = chance.random(tiles) < 0.95
        withheld = (count < FLOOR) & (np.arange(tiles) % 2 == 0)
        learnable &= ~withheld | (chance.random(tiles) < 0.5)
        much = withheld & ~learnable
        seen = observe(count, withheld=withheld, fresh=fresh, learnable=learnable, hidden=much)
        if hop >= skip:
            yield Hop(seen=seen, moment=moment(hop, hop_min))


def baseline(
    tiles: int,
    *,
    hop_min: int = 30,
    spec: BaselineSpec | None = None,
    neighbours: NDArray[np.int32] | None = None,
) -> Baseline:
    return Baseline(
        spec or BaselineSpec(), tiles=tiles, hop_min=hop_min, slot_min=30, neighbours=neighbours
    )


def in_a_row(tiles: int) -> NDArray[np.int32]:
    """Return neighbours of tiles that lie side by side in one row."""
    found = np.full((tiles, 8), -1, np.int32)
    found[1:, 3] = np.arange(tiles - 1)
    found[:-1, 4] = np.arange(1, tiles)
    return found


def ended(detector: Baseline, gate: Mask) -> Ended:
    """End the runs of all layers through the same gate."""
    return detector.ended(gate, gate, gate)


def same_bits(one: Verdict, other: Verdict) -> bool:
    return all(getattr(one, f).tobytes() == getattr(other, f).tobytes() for f in FIELDS)


def take(verdict: Verdict, index: NDArray[np.intp]) -> Verdict:
    return Verdict(**{name: getattr(verdict, name)[index] for name in FIELDS})


def steady(detector: Baseline, counts: ArrayLike, *, days: int, start: int = 0) -> int:
    """Feed the same counts for days; return the next hop number."""
    hop_min = int(detector.hop_min)
    hops = days * 1440 // hop_min
    for hop in range(start, start + hops):
        detector.score(observe(counts), moment(hop, hop_min), FLAT)
        ended(detector, np.zeros(detector.state.tiles, np.bool_))
        detector.learn()
    return start + hops
