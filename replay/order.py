"""The one order of a feed's rows, and the commonest step between them.

Rows are in order of (received, partition, offset); what is equal in all three is ordered by its
content, so that any order of such rows in the file gives the same log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["commonest_step_ms", "log_order"]


def log_order(keys: Sequence[NDArray[np.integer | np.floating]]) -> NDArray[np.intp] | None:
    """Return the permutation that sorts rows by `keys`, the first one first; None: sorted already.

    keys: columns of equal length; NaN comes last. Equal rows keep their order.

    >>> log_order([np.array([2, 1, 1]), np.array([0, 9, 8])])
    array([2, 1, 0])
    """
    rows = len(keys[0])
    tied = np.ones(max(rows - 1, 0), dtype=np.bool_)
    for key in keys:
        before, after = key[:-1], key[1:]
        if bool((tied & (before > after)).any()):
            return np.lexsort(tuple(reversed(keys)))
        tied &= before == after
        if not tied.any():
            break
    return None


def commonest_step_ms(
    place: NDArray[np.integer], start_ms: NDArray[np.int64]
) -> tuple[int, float] | None:
    """Return the commonest time between neighbouring intervals of one place, and its share.

    place: cell of each row. start_ms: interval starts. Of equally common steps the shortest is
    taken. None: no place has two intervals.

    >>> commonest_step_ms(np.array([0, 1, 0, 0]), np.array([0, 0, 300_000, 600_000]))
    (300000, 1.0)
    """
    order = np.lexsort((start_ms, place))
    sorted_place, sorted_start = place[order], start_ms[order]
    step = np.diff(sorted_start)
    step = step[(np.diff(sorted_place) == 0) & (step > 0)]
    if not step.size:
        return None
    values, times = np.unique(step, return_counts=True)
    best = int(np.argmax(times))
    return int(values[best]), float(times[best] / step.size)
