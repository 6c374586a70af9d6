"""The share of the ground that was taken for walkable where nobody measured it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["assumed_share"]

SHARE_DECIMALS: Final = 6  # the areas themselves are rounded


def assumed_share(
    assumed: NDArray[np.bool_], walkable_m2: NDArray[np.float64], ground_m2: NDArray[np.float64]
) -> float | None:
    """Return the one share behind the assumed tiles; None where there is none, or several.

    All of shape (tiles,), assumed also (0,). ground_m2: NaN = unknown.

    >>> walkable_m2, ground_m2 = np.array([30.0, 60.0, 9.0]), np.array([100.0, 200.0, 10.0])
    >>> assumed_share(np.array([True, True, False]), walkable_m2, ground_m2)
    0.3
    >>> assumed_share(np.array([True, True, True]), walkable_m2, ground_m2) is None
    True
    """
    if not assumed.any():
        return None
    shares = np.unique(np.round(walkable_m2[assumed] / ground_m2[assumed], SHARE_DECIMALS))
    return float(shares[0]) if shares.size == 1 and np.isfinite(shares[0]) else None
