"""Who answers for the ground of an incident: police and fire areas, and posts of its grid cells.

Fixed cell, fixed post, fixed duty. One police and one fire desk serve the whole city; areas and
posts only name who answers on the spot. An incident saved under another duty is told with the
duty of today: it keeps ids of posts, and everything else is looked up when a message is made.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from alerts.desk import DESKS, Desk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.beside import Beside
    from alerts.ground import Ground
    from alerts.hold import ActiveTiles
    from geo.duty import Area, Duty

__all__ = [
    "POSTS_MAX",
    "Jurisdiction",
    "Responsible",
    "district",
    "jurisdiction",
    "neighbours",
    "posts_of",
    "responsible",
]

POSTS_MAX: Final = 5
"""Posts named in a message: more than a desk can call at once help nobody."""
AREAS_MAX: Final = 10
"""Areas named of each desk."""
TEXT_MAX: Final = 200
"""Characters of one name: what the city's files say must not fill the message."""


class Jurisdiction(msgspec.Struct, frozen=True, kw_only=True):
    """An area that an authority answers for, and whose desk that is."""

    desk: Desk
    id: str
    name: str


class Responsible(msgspec.Struct, frozen=True, kw_only=True):
    """The post that answers for an administrative grid cell (id, name): roles, never persons."""

    id: str
    name: str
    post: str
    deputy: str
    unit: str
    contact: str


def district(ground: Ground, tile: int) -> str | None:
    """Return the name of the police area of a tile; None where the city gives no areas."""
    duty = ground.duty
    if duty is None or not duty.police:
        return None
    return duty.police[int(duty.police_of[tile])].name[:TEXT_MAX]


def jurisdiction(
    ground: Ground, tiles: NDArray[np.int32], *, worst: int, desk: Desk
) -> list[Jurisdiction] | None:
    """Return the areas concerned: those of the desk asked first, that of the worst tile first.

    tiles: of the incident. At most `AREAS_MAX` of each desk; None where the city gives none.
    """
    duty = ground.duty
    if duty is None or not (duty.police or duty.fire):
        return None
    own_first = (desk, *(other for other in DESKS if other is not desk))
    return [
        Jurisdiction(desk=one, id=area.id[:TEXT_MAX], name=area.name[:TEXT_MAX])
        for one in own_first
        for area in _areas(*_layer(duty, one), tiles, worst=worst)
    ]


def neighbours(
    ground: Ground, beside: Beside, tiles: NDArray[np.int32], *, desk: Desk
) -> list[Jurisdiction] | None:
    """Return the areas of this desk that its ground adjoins and does not touch: they may be next.

    tiles: of the incident. At most `AREAS_MAX`, by id; None where the city gives no such areas.
    """
    duty = ground.duty
    areas, of_tile = ((), None) if duty is None else _layer(duty, desk)
    if not areas or of_tile is None:
        return None
    near = np.setdiff1d(of_tile[beside.around(tiles)], of_tile[tiles]).tolist()
    return [
        Jurisdiction(desk=desk, id=areas[number].id[:TEXT_MAX], name=areas[number].name[:TEXT_MAX])
        for number in near[:AREAS_MAX]
    ]


def _layer(duty: Duty, desk: Desk) -> tuple[tuple[Area, ...], NDArray[np.int32]]:
    if desk is Desk.POLICE:
        return duty.police, duty.police_of
    return duty.fire, duty.fire_of


def _areas(
    areas: tuple[Area, ...], of_tile: NDArray[np.int32], tiles: NDArray[np.int32], *, worst: int
) -> list[Area]:
    """Return the areas of tiles: that of the worst tile, then by id."""
    if not areas:
        return []
    first = int(of_tile[worst])
    others = [number for number in np.unique(of_tile[tiles]).tolist() if number != first]
    return [areas[number] for number in (first, *others)][:AREAS_MAX]


def responsible(ground: Ground, posts: list[str]) -> list[Responsible] | None:
    """Return the posts by their ids; those that are gone are left out.

    None where the city gives no posts.
    """
    duty = ground.duty
    if duty is None or not duty.posts:
        return None
    at = [bisect_left(duty.posts, one, key=lambda post: post.id) for one in posts]
    near = [duty.posts[min(place, len(duty.posts) - 1)] for place in at]
    return [
        Responsible(
            id=post.id[:TEXT_MAX],
            name=post.name[:TEXT_MAX],
            post=post.post[:TEXT_MAX],
            deputy=post.deputy[:TEXT_MAX],
            unit=post.unit[:TEXT_MAX],
            contact=post.contact[:TEXT_MAX],
        )
        for one, post in zip(posts, near, strict=True)
        if post.id == one
    ]


def posts_of(
    ground: Ground, raised: ActiveTiles, group: NDArray[np.int64], groups: int
) -> list[dict[str, Any]]:
    """Return, for each group of tiles, the posts that answer for most people, and how many do.

    They are counted as they are told, and tiles with fewer than the privacy floor as empty: the
    order of posts must not betray what is withheld. Of equal ones the smaller id comes first.
    """
    found: list[dict[str, Any]] = [{} for _ in range(groups)]
    duty = ground.duty
    if duty is None or not duty.posts:
        return found
    for number, places in enumerate(_by_people(ground, duty, raised, group, groups)):
        ids = [duty.posts[place].id for place in places[:POSTS_MAX]]
        found[number] = {"posts": ids, "posts_total": len(places)}
    return found


def _by_people(
    ground: Ground, duty: Duty, raised: ActiveTiles, group: NDArray[np.int64], groups: int
) -> list[list[int]]:
    """Return the places in `duty.posts` of each group's tiles, most people first."""
    key = group * len(duty.posts) + duty.post_of[raised.tile]
    pair, at = np.unique(key, return_inverse=True)
    people = np.nan_to_num(raised.figure("told_people"))
    told = np.where(people >= ground.floor, people, 0.0)
    owner, post = np.divmod(pair, len(duty.posts))
    order = np.lexsort((post, -np.bincount(at, weights=told, minlength=pair.size), owner))
    ends = np.searchsorted(owner[order], np.arange(1, groups))
    return [part.tolist() for part in np.split(post[order], ends)]
