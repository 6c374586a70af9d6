"""The digest of a grid: what saved state is bound to.

Which tiles there are, where, in which order and block, and how much of each one can stand on.
Not who covers them or who answers for them: new cells and new districts keep the state.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geo.grid import Grid

__all__ = ["grid_digest"]


def grid_digest(grid: Grid, assumed: NDArray[np.bool_] | None) -> str:
    """Return the sha256 (hex) of a grid. assumed: bool, shape (tiles,), or None."""
    text = {
        "schema": "grid/1",
        "side_m": grid.side_m,
        "projection": grid.projection,
        "tile_ids": grid.tile_ids,
        "block_ids": grid.block_ids,
    }
    parts = [msgspec.json.encode(text)]
    parts += [axis.astype("<i4").tobytes() for axis in (grid.row, grid.col, grid.block_of)]
    parts.append(grid.walkable_m2.astype("<f8").tobytes())
    parts.append(b"" if assumed is None else assumed.astype("|b1").tobytes())
    digest = sha256()
    for part in parts:
        # The length first, so that no byte can move from one part to the next unseen.
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()
