"""The tiles around each tile and how they echo it, for the oracle: tile by tile."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.city import City
    from geo.coverage import Coverage

__all__ = ["around", "echoes"]


def around(city: City) -> NDArray[np.int32] | None:
    """Return the tiles around each tile in its own block, in the grid's order; None = nowhere."""
    grid = city.grid
    steps = [(up, right) for up in (-1, 0, 1) for right in (-1, 0, 1) if (up, right) != (0, 0)]
    place = {
        (int(row), int(col)): number
        for number, (row, col) in enumerate(zip(grid.row, grid.col, strict=True))
        if row >= 0
    }
    near = np.full((len(grid.tile_ids), len(steps)), -1, np.int32)
    for (row, col), tile in place.items():
        for number, (up, right) in enumerate(steps):
            other = place.get((row + up, col + right), -1)
            if other >= 0 and grid.block_of[other] == grid.block_of[tile]:
                near[tile, number] = other
    return near if (near >= 0).any() else None


def echoes(near: NDArray[np.int32], covers: Sequence[Coverage | None]) -> NDArray[np.float32]:
    """Return the scatter of the sum over each 3 x 3, as if all cells jumped alike.

    Two tiles go together by the cosine of their shares of the cells of all feeds.
    """
    shares: list[dict[tuple[int, int], float]] = [{} for _ in near]
    for feed, cover in enumerate(covers):
        if cover is not None:
            for cell, tile, share in zip(cover.cell, cover.tile, cover.share, strict=True):
                shares[tile][feed, int(cell)] = float(share)
    lengths = [sqrt(sum(share * share for share in row.values())) for row in shares]
    roots = []
    for tile, others in enumerate(near.tolist()):
        beside = [other for other in others if other >= 0]
        alike = 1.0
        for other in beside:
            both = shares[tile].keys() & shares[other].keys()
            if both:
                dot = sum(shares[tile][one] * shares[other][one] for one in sorted(both))
                alike += dot / (lengths[tile] * lengths[other])
        count = 1 + len(beside)
        roots.append(round(sqrt(count * min(alike, count)) * 1024) / 1024)
    return np.array(roots, np.float32)
