"""Figures fit to leave the house: rounded, with their unit, and not below the privacy floor.

Rounding: people to whole numbers (best half to even, low down, high up), activity to 3 decimals,
densities, ratios, scores and slopes to 3, coordinates to 6 (0.1 m). Where fewer people than
the floor are there, no figure narrows that down: the interval becomes [0, floor - 1], and best,
densities, occupancy and slope are null.

A picture holds cells below the floor as withheld ones already, so its sums tell nothing of them.
Score, expected and spread are made of what was counted, hop after hop: of people, a score is told
to 1 decimal (a step of 0.1 is many people where many are) and what is usual only from the floor
on. That blurs the past, it does not hide it (ADR 0015).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

from alerts.direction import Direction
from alerts.figures import Baseline, Density, Occupancy, Peak, People, Trend

if TYPE_CHECKING:
    from alerts.ground import Ground
    from alerts.incident import Incident, Picture

__all__ = [
    "baseline",
    "density",
    "likely",
    "missing",
    "number",
    "occupancy",
    "peak",
    "people",
    "trend",
    "under_floor",
]

DECIMALS: Final = 3
SCORE_DECIMALS: Final = 1
"""Of people; it is the only figure that moves with a single count below the floor."""
NEXT_LEVEL_MIN_MAX: Final = 24 * 60
"""Beyond a day a slope says nothing about a rung."""

FORECAST_STEP_MIN: Final = 5
LIKELY_DECIMALS: Final = 1
"""Coarse, because a forecast is made of counts that may since be withheld (ADR 0015)."""

FLAT_RATIO_PER_MIN: Final = 0.005
"""A slope of under half a percent of the people a minute is flat: 5 % over ten minutes."""


def number(value: float | None, unit: str) -> int | float | None:
    """Return a count as told: whole people, or activity to 3 decimals.

    >>> number(2.5, "people"), number(2.5004, "activity"), number(None, "people")
    (2, 2.5, None)
    """
    if value is None:
        return None
    return round(value) if unit == "people" else round(value, DECIMALS)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)


def _score(ground: Ground, value: float | None) -> float | None:
    """Return a score as told: of people to 1 decimal."""
    if value is None:
        return None
    return round(value, SCORE_DECIMALS if ground.unit == "people" and ground.floor else DECIMALS)


def under_floor(ground: Ground, value: float | None) -> bool:
    """Return whether a count of people is too small to be told; activity never is."""
    return ground.unit == "people" and value is not None and value < ground.floor


def people(ground: Ground, picture: Picture) -> People:
    """Return how many are there, as told."""
    unit = ground.unit
    low, best, high = picture.low, picture.people, picture.high
    if under_floor(ground, best):
        top = ground.floor - 1 if high is None else max(ground.floor - 1, math.ceil(high))
        return People(low=0, best=None, high=top, unit=unit)
    if unit == "people":
        low = None if low is None else math.floor(low)
        high = None if high is None else math.ceil(high)
        # An interval that begins below the floor must not narrow what is withheld in it.
        low = 0 if low is not None and low < ground.floor else low
    return People(
        low=number(low, unit), best=number(best, unit), high=number(high, unit), unit=unit
    )


def density(ground: Ground, picture: Picture) -> Density | None:
    """Return how dense the worst tile is; None for activity, which is no people."""
    if ground.unit != "people":
        return None
    hidden = under_floor(ground, picture.worst_people) or under_floor(ground, picture.people)
    return Density(
        newest_per_m2=None if hidden else _rounded(picture.density),
        rolling_per_m2=None if hidden else _rounded(picture.rolling),
        walkable_m2=round(picture.walkable_m2, DECIMALS),
    )


def occupancy(ground: Ground, picture: Picture) -> Occupancy | None:
    """Return how full the site is; None where no capacity is known."""
    site = ground.sites[picture.site] if picture.site >= 0 else None
    if site is None or site.capacity is None:
        return None
    full = picture.occupancy
    hidden = under_floor(ground, None if full is None else full * site.capacity)
    ratio = None if hidden or under_floor(ground, picture.people) else _rounded(full)
    return Occupancy(site=site.name, capacity=site.capacity, ratio=ratio)


def baseline(
    ground: Ground, picture: Picture, *, threshold: float, near_threshold: float
) -> Baseline:
    """Return what is usual, and how far this is from it.

    Where usually fewer than the floor are here, what is usual stays untold, and so does the
    excess, from which it could be had.
    """
    hidden, seldom = (under_floor(ground, one) for one in (picture.people, picture.expected))
    excess = None
    if picture.people is not None and picture.expected is not None:
        excess = picture.people - picture.expected
    return Baseline(
        expected=None if seldom else number(picture.expected, ground.unit),
        spread=None if seldom else number(picture.spread, ground.unit),
        score=None if hidden else _score(ground, picture.score),
        threshold=_limit(threshold),
        near_score=None if hidden or math.isinf(near_threshold) else _score(ground, picture.near),
        near_threshold=_limit(near_threshold),
        excess=None if hidden or seldom else number(excess, ground.unit),
        sightings=picture.sightings,
    )


def missing(incident: Incident, told: Baseline) -> int | float | None:
    """Return how many fewer than usual are there, as told; None where it is not, or no drop."""
    if incident.direction is Direction.RISE or told.excess is None:
        return None
    return max(-told.excess, 0)


def _limit(threshold: float) -> float | None:
    """Return a threshold as told; None where there is none."""
    return _rounded(threshold) if math.isfinite(threshold) else None


def trend(ground: Ground, picture: Picture) -> Trend:
    """Return where it goes."""
    slope = picture.slope_per_min
    if slope is None or under_floor(ground, picture.people):
        return Trend(direction="unknown", slope_per_min=None, next_level_min=None)
    minutes = picture.next_level_min
    soon = minutes is not None and minutes <= NEXT_LEVEL_MIN_MAX
    return Trend(
        direction=_direction(slope, picture.people),
        slope_per_min=_rounded(slope),
        next_level_min=_until_min(picture) if soon else None,
    )


def _until_min(picture: Picture) -> int:
    """Return minutes to the next level: by slope in whole ones, by forecast in steps of 5.

    A slope is told itself, and made of what is told; a forecast is made of what was counted.
    """
    minutes = picture.next_level_min or 0.0
    if picture.next_level_likely is None:
        return math.floor(minutes)
    return FORECAST_STEP_MIN * math.floor(minutes / FORECAST_STEP_MIN)


def likely(ground: Ground, picture: Picture) -> float | None:
    """Return how likely the next level is at the forecast's horizon, to 10 %; None below 10 %.

    A forecast is made of ordinary days. It can warn of a crowd that grows, but never say of one
    that it will not grow: nobody is told 0 %.
    """
    if picture.next_level_likely is None or under_floor(ground, picture.people):
        return None
    return round(picture.next_level_likely, LIKELY_DECIMALS) or None


def _direction(slope: float, count: float | None) -> Literal["rising", "flat", "falling"]:
    if abs(slope) <= FLAT_RATIO_PER_MIN * (count or 0.0):
        return "flat"
    return "rising" if slope > 0 else "falling"


def peak(ground: Ground, incident: Incident) -> Peak:
    """Return the worst of the incident so far."""
    hidden = under_floor(ground, incident.peak_people)
    return Peak(
        level=incident.peak_level,
        score=None if hidden else _score(ground, incident.peak_score),
        people=None if hidden else number(incident.peak_people, ground.unit),
    )
