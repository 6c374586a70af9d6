"""A city as the stages need it: grid, cells, coverage, and the digest the state is bound to."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.coverage import Coverage
from geo.duty import Duty
from geo.grid import Grid
from geo.site import PlacedSite
from geo.version import Version

__all__ = ["City"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class City:
    """Everything about the ground that the stages read; immutable.

    cells: ids of the cells of all feeds and versions, sorted; coverage counts them in this order.
    cell_index: index of each cell in `cells`.
    versions: coverage by time, ascending; the first one acts from the beginning.
    digest: sha256 (hex) of what saved state is bound to: the grid of a pack; grid, cells and
    coverage of a cells file, which knows no versions.
    duty, sites, panel: from a pack; None and empty for a cells file. panel: int32, cells.
    assumed: bool, shape (tiles,), True where walkable area is a share of the tile that somebody
    assumed; None = says nothing (the file gave areas). assumed_share: that share of the ground;
    None = not known, or not the same everywhere.
    """

    grid: Grid
    cells: tuple[str, ...]
    versions: tuple[Version, ...]
    digest: str
    duty: Duty | None = None
    sites: tuple[PlacedSite, ...] = ()
    panel: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    assumed: NDArray[np.bool_] | None = None
    assumed_share: float | None = None
    cell_index: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the cells once."""
        index = {cell: number for number, cell in enumerate(self.cells)}
        object.__setattr__(self, "cell_index", index)

    @property
    def coverage(self) -> Coverage:
        """The one coverage of a cells file; the first feed's first version of a pack."""
        return next(iter(self.versions[0].feeds.values()))

    def coverages(self) -> tuple[Coverage, ...]:
        """Every coverage of all versions and feeds, each once, the oldest version first."""
        every = [cover for version in self.versions for cover in version.feeds.values()]
        return tuple({id(cover): cover for cover in every}.values())

    def tiles_of(self, cells: NDArray[np.integer]) -> NDArray[np.int32]:
        """Tiles that any of these cells touches, in any feed and version; ascending."""
        asked = np.zeros(len(self.cells), np.bool_)
        asked[cells] = True
        touched = np.zeros(len(self.grid.tile_ids), np.bool_)
        for cover in self.coverages():
            touched[cover.tile[asked[cover.cell]]] = True
        return np.flatnonzero(touched).astype(np.int32)
