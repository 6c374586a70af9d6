"""Who answers for a tile: police area, fire area, and the post of its administrative grid cell.

Fixed cell, fixed post, fixed duty: every tile has exactly one of each. Posts and roles are
named, never persons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Area", "Duty", "Post"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """What one authority answers for. id: stable, e.g. `440802`. name: as people call it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The responsible post of one administrative grid cell.

    post, deputy: roles, e.g. `Grid chief, Yuejin community 3`. unit: what they belong to.
    contact: a reference that the unit resolves (extension, directory number), no personal data.
    """

    id: str
    name: str
    post: str
    deputy: str
    unit: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Duty:
    """The three answers for every tile.

    police, fire, posts: sorted by id. police_of, fire_of, post_of: int32, shape (tiles,),
    indexes into them; never -1 in a layer that is given. An empty tuple: no such layer was
    given, and its column is all -1 (the default desks apply).
    """

    police: tuple[Area, ...]
    fire: tuple[Area, ...]
    posts: tuple[Post, ...]
    police_of: NDArray[np.int32]
    fire_of: NDArray[np.int32]
    post_of: NDArray[np.int32]
