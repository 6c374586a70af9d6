"""Named places with limits of their own, laid on tiles: a stadium, a square, a promenade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ACCESS_RISKS", "PlacedSite"]

ACCESS_RISKS: Final = ("narrow", "one_exit", "slope", "water_edge")
"""Why rescue may come too late, or a crowd may not get out: a closed set."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlacedSite:
    """A site on the grid. tiles: int32, ascending, at least one; no tile has two sites.

    capacity: people it was found fit to hold; None = not surveyed. access_risk: of
    `ACCESS_RISKS`, sorted. rungs: people per m2 of levels 1 to 4; None = the city's.
    """

    name: str
    tiles: NDArray[np.int32]
    capacity: float | None = None
    access_risk: tuple[str, ...] = ()
    rungs: tuple[float, float, float, float] | None = None
