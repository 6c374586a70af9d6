"""Grounds for tests of the detectors: which tiles lie around which."""

import numpy as np
from numpy.typing import NDArray


def square(side: int) -> NDArray[np.int32]:
    """Return the neighbours of the tiles of a square, counted row by row."""
    found = np.full((side * side, 8), -1, np.int32)
    steps = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1) if (r, c) != (0, 0)]
    for tile in range(side * side):
        for j, (r, c) in enumerate(steps):
            row, col = tile // side + r, tile % side + c
            if 0 <= row < side and 0 <= col < side:
                found[tile, j] = row * side + col
    return found


def in_a_square(tiles: int) -> NDArray[np.int32]:
    """Return the neighbours of tiles that fill a square row by row, the last row as far as any."""
    side = int(np.ceil(np.sqrt(tiles)))
    found = square(side)[:tiles]
    found[found >= tiles] = -1
    return found


def apart(*grounds: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the neighbours of grounds that lie far from one another, one after the other."""
    firsts = np.cumsum([0, *[len(ground) for ground in grounds]])
    parts = [np.where(g < 0, -1, g + f) for g, f in zip(grounds, firsts[:-1], strict=True)]
    return np.concatenate(parts).astype(np.int32)
