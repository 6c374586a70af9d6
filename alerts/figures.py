"""Figures of `alert/1`: how many, how dense, what is usual, where it is, how far to trust it.

All of them are rounded and lie above the privacy floor when they get here (`publish`).
"""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = [
    "Area",
    "Baseline",
    "Density",
    "FeedState",
    "Occupancy",
    "Peak",
    "People",
    "Quality",
    "Trend",
]

Number = int | float
Position = tuple[float, float]


class People(msgspec.Struct, frozen=True, kw_only=True):
    """How many are there; under the privacy floor best is null, and low and high are wide.

    expansion: people one counted device stands for, as of expansion_date.
    """

    low: Number | None
    best: Number | None
    high: Number | None
    unit: Literal["people", "activity"]
    expansion: float | None = None
    expansion_date: str | None = None


class Density(msgspec.Struct, frozen=True, kw_only=True):
    """How dense its worst tile is, newest and rolling; a mean of the tile: peaks may be higher.

    walkable_m2: of all its tiles. assumed_share: of the ground, where none was measured.
    """

    newest_per_m2: float | None
    rolling_per_m2: float | None
    walkable_m2: float
    walkable_source: Literal["measured", "assumed"] | None = None
    assumed_share: float | None = None
    note: str = "tile average, local peak may be higher"


class Occupancy(msgspec.Struct, frozen=True, kw_only=True):
    """How full the fullest site it stands on is."""

    site: str
    capacity: float
    ratio: float | None


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """What is usual here at this hour, its scatter, and how far this is from it.

    near_score, near_threshold: of tiles with those around them; null where nobody looks so. Of a
    drop, score and threshold are those of too few people, and excess lies below 0.
    """

    expected: Number | None
    spread: Number | None
    score: float | None
    threshold: float | None
    excess: Number | None
    sightings: int
    near_score: float | None = None
    near_threshold: float | None = None
    calendar_class: str | None = None
    rule: str | None = None


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """Where it goes. next_level_min: minutes to the next level, null = not so.

    The sooner of what the forecast says (then in steps of 5) and what this slope says.
    """

    direction: Literal["rising", "flat", "falling", "unknown"]
    slope_per_min: float | None
    next_level_min: int | None


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is. polygon: rings of (longitude, latitude); tiles: ids, the worst ones if many."""

    worst_tile: str
    centroid: Position | None
    polygon: list[list[Position]] | None
    tiles: list[str]
    tiles_total: int


class FeedState(msgspec.Struct, frozen=True, kw_only=True):
    """A feed behind these figures, and its state at the deciding hop."""

    name: str
    state: str


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """How far to trust it. age_s: since the tile that was seen longest ago was seen."""

    feeds: list[FeedState]
    age_s: int
    present_ratio: float | None
    blind_tiles: int
    delay_s: int | None = None
    withheld_ratio: float | None = None
    imputed_ratio: float | None = None
    corroboration: int | None = None


class Peak(msgspec.Struct, frozen=True, kw_only=True):
    """The worst of this incident so far."""

    level: int
    score: float | None
    people: Number | None
