"""Draw the picture of each group of raised tiles: sums, worst tile, reasons, minutes to go.

All sums run in ascending tile order in float64, so equal tiles give equal bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alerts.answerable import posts_of
from alerts.direction import Direction
from alerts.incident import Picture
from alerts.levels import BLIND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.ground import Ground
    from alerts.hold import ActiveTiles

    Float = NDArray[np.float64]
    Index = NDArray[np.int64]

__all__ = ["NextRung", "draw"]

_SUMS: Final = {
    "people": "told_people",
    "low": "told_low",
    "high": "told_high",
    "slope_per_min": "told_slope_per_min",
    "expected": "expected",
    "counted": "people",
}
"""Sums of a picture, and the figure of the tiles that each is made of."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NextRung:
    """The rung above each raised tile's level; shape (tiles,).

    minutes: until it is reached, infinity = never. likely: 0 to 1, NaN = there is no forecast.
    """

    minutes: Float
    likely: Float

    @classmethod
    def never(cls, tiles: int) -> NextRung:
        """Return that of tiles for which nobody asks."""
        return cls(minutes=np.full(tiles, np.inf), likely=np.full(tiles, np.nan))


def draw(
    ground: Ground,
    raised: ActiveTiles,
    group: Index,
    groups: int,
    *,
    next_rung: NextRung,
    occupancy: Float,
    direction: Direction = Direction.RISE,
) -> list[Picture]:
    """Return one picture for each group.

    raised: tiles of level >= 1. group: of each of them. occupancy: of each site, as counted and
    as told, NaN = unknown, then people likewise. direction: why they are raised, and so what is
    worst of them.
    """
    if groups == 0:
        return []
    top = np.zeros(groups, np.int8)
    np.maximum.at(top, group, raised.level)
    at_top = raised.level == top[group]
    density = raised.figure("told_people") / ground.walkable_m2[raised.tile]
    heaviest = density
    if direction is Direction.DROP:
        heaviest = raised.figure("expected") - raised.figure("told_people")
    worst = _worst_rows(raised, heaviest, group, groups)
    until = _lowest(np.where(at_top, next_rung.minutes, np.inf), group, groups)
    likely = _highest(np.where(at_top, next_rung.likely, np.nan), group, groups)
    told = _figures(raised, group, groups, worst=worst, direction=direction) | _known(
        {"density": density[worst], "next_level_min": until, "next_level_likely": likely}
    )
    parts = (
        _exact(ground, raised, group, groups, at_top=at_top),
        _sites(ground, raised, group, groups, occupancy=occupancy),
        _at_worst(ground, raised.tile[worst], people=occupancy[3]),
        posts_of(ground, raised, group, groups),
    )
    return [
        Picture(
            level=int(top[i]),
            **{name: column[i] for name, column in told.items()},
            **{name: fact for part in parts for name, fact in part[i].items()},
        )
        for i in range(groups)
    ]


def _figures(
    raised: ActiveTiles,
    group: Index,
    groups: int,
    *,
    worst: NDArray[np.intp],
    direction: Direction,
) -> dict[str, list[Any]]:
    """Return what the figures of tiles make together; worst: row of the worst tile of each."""
    is_drop = direction is Direction.DROP
    near = np.full(len(raised), np.nan) if is_drop else raised.figure("near")
    sums = {name: _total(raised.figure(figure), group, groups) for name, figure in _SUMS.items()}
    return _known(
        {
            **sums,
            "spread": np.sqrt(_total(raised.figure("spread") ** 2, group, groups)),
            "score": _highest(raised.figure("drop" if is_drop else "score"), group, groups),
            "near": _highest(near, group, groups),
            "present_ratio": _mean(raised.figure("present_ratio"), group, groups),
            "worst_people": raised.figure("told_people")[worst],
            "rolling": raised.figure("told_rolling")[worst],
        }
    )


def _total(values: Float, group: Index, groups: int) -> Float:
    """Return sums of what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    count = np.bincount(group[known], minlength=groups)
    total = np.bincount(group[known], weights=values[known], minlength=groups)
    return np.where(count > 0, total, np.nan)


def _mean(values: Float, group: Index, groups: int) -> Float:
    known = ~np.isnan(values)
    count = np.bincount(group[known], minlength=groups)
    return _total(values, group, groups) / np.maximum(count, 1)


def _highest(values: Float, group: Index, groups: int) -> Float:
    known = ~np.isnan(values)
    most = np.full(groups, -np.inf)
    np.maximum.at(most, group[known], values[known])
    return most


def _lowest(values: Float, group: Index, groups: int) -> Float:
    least = np.full(groups, np.inf)
    np.minimum.at(least, group, values)
    return least


def _worst_rows(
    raised: ActiveTiles, heaviest: Float, group: Index, groups: int
) -> NDArray[np.intp]:
    """Return the row of the worst tile of each group, by what is told of them.

    heaviest: the figure that makes one worse than others of its level.
    """
    people = raised.figure("told_people")
    # The last key sorts first; NaN sorts behind every number, and the sort is stable.
    order = np.lexsort((-people, -heaviest, -raised.level, group))
    return order[np.searchsorted(group[order], np.arange(groups))]


def _known(columns: dict[str, Float]) -> dict[str, list[Any]]:
    """Return Python numbers, None where a number is unknown or infinite."""
    return {
        name: [value if np.isfinite(value) else None for value in column.tolist()]
        for name, column in columns.items()
    }


def _exact(
    ground: Ground, raised: ActiveTiles, group: Index, groups: int, *, at_top: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    """Return what is always known: counts of tiles, their ground, oldest sight, reasons."""
    seen_ms = np.full(groups, np.iinfo(np.int64).max)
    np.minimum.at(seen_ms, group, raised.seen_ms)
    sightings = np.full(groups, np.iinfo(np.int32).max)
    np.minimum.at(sightings, group, raised.sightings)
    why = np.zeros(groups, np.uint16)
    np.bitwise_or.at(why, group[at_top], raised.why[at_top])
    dark = (raised.why & BLIND) > 0
    walkable = np.bincount(group, weights=ground.walkable_m2[raised.tile], minlength=groups)
    columns = {
        "walkable_m2": walkable.tolist(),
        "tiles": np.bincount(group, minlength=groups).tolist(),
        "blind": np.bincount(group[dark], minlength=groups).tolist(),
        "seen_ms": seen_ms.tolist(),
        "sightings": sightings.tolist(),
        "why": why.tolist(),
    }
    return [{name: column[i] for name, column in columns.items()} for i in range(groups)]


def _at_worst(ground: Ground, worst: NDArray[np.int32], *, people: Float) -> list[dict[str, Any]]:
    """Return the worst tile of each group, its police area, and people on its site as told."""
    here = np.append(people, np.nan)[ground.site[worst]]
    return [
        {"worst_tile": tile, "area": area, "site_people": None if np.isnan(one) else one}
        for tile, area, one in zip(
            worst.tolist(), ground.area[worst].tolist(), here.tolist(), strict=True
        )
    ]


def _sites(
    ground: Ground, raised: ActiveTiles, group: Index, groups: int, *, occupancy: Float
) -> list[dict[str, Any]]:
    """Return the fullest site of each group (ties: the first), and whether access is at risk.

    It is the fullest by what is told; `fullest` is the highest of all as it was counted.
    """
    counted, told = occupancy[:2]
    found: list[dict[str, Any]] = [{} for _ in range(groups)]
    site = ground.site[raised.tile]
    on = np.flatnonzero(site >= 0)
    if on.size == 0:
        return found
    pairs = np.unique(group[on] * len(ground.sites) + site[on])
    for pair in pairs.tolist():
        at, index = divmod(pair, len(ground.sites))
        here = found[at]
        if ground.sites[index].access_risk:
            here["access_risk"] = True
        full = None if np.isnan(told[index]) else float(told[index])
        if not np.isnan(counted[index]):
            here["fullest"] = max(here.get("fullest", 0.0), float(counted[index]))
        best = here.get("occupancy")
        if "site" not in here or (full is not None and (best is None or full > best)):
            here["site"], here["occupancy"] = index, full
            here["site_name"] = ground.sites[index].name
    return found
