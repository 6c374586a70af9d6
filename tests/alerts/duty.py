"""Made-up authorities and posts on a made-up ground."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geo.duty import Area, Duty, Post

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.ground import Ground

__all__ = ["on_duty"]


def post(number: int, *, text: str = "") -> Post:
    return Post(
        id=f"g{number}",
        name=f"Grid {number}{text}",
        post=f"Chief {number}{text}",
        deputy=f"Deputy {number}{text}",
        unit=f"Unit {number}{text}",
        contact=f"ext. {number}{text}",
    )


def on_duty(
    ground: Ground,
    *,
    police: Sequence[int] = (),
    fire: Sequence[int] = (),
    posts: Sequence[int] = (),
    text: str = "",
) -> Ground:
    """Give each tile its areas and post, by number; an empty sequence = no such layer."""
    none = np.full(len(ground.tile_ids), -1, np.int32)
    police_of = np.array(police, np.int32) if police else none
    duty = Duty(
        police=tuple(
            Area(id=f"p{n}", name=f"Police {n}") for n in range(max(police, default=-1) + 1)
        ),
        fire=tuple(Area(id=f"f{n}", name=f"Fire {n}") for n in range(max(fire, default=-1) + 1)),
        posts=tuple(post(n, text=text) for n in range(max(posts, default=-1) + 1)),
        police_of=police_of,
        fire_of=np.array(fire, np.int32) if fire else none,
        post_of=np.array(posts, np.int32) if posts else none,
    )
    return replace(ground, duty=duty, area=police_of)
