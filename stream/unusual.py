"""Where a hop is unusual enough to matter: the size gates of each layer, and the tiles beyond.

A gate says that the people who are too many, or too few, are enough to be told of. It holds for
the runs that a budget counts and for the tiles that are reported, so the two never drift apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.contract import Verdict
    from geo.density import TilePeople
    from stream.block_spec import BlockSpec

__all__ = ["Gates", "fewer", "gates"]

SCORE_MIN: Final = np.float32(1.0)  # no budget puts its threshold below it, so nothing is left out


class Gates(NamedTuple):
    """Where enough people are unusual; bool (tiles,). drop: None where drops alarm nobody."""

    own: NDArray[np.bool_]
    near: NDArray[np.bool_]
    drop: NDArray[np.bool_] | None

    def beyond(self, verdict: Verdict) -> NDArray[np.bool_]:
        """Return the tiles that the incident stage has to hear of for being unusual."""
        found = (verdict.score >= SCORE_MIN) & self.own | (verdict.near >= SCORE_MIN) & self.near
        if self.drop is not None:
            found |= (verdict.drop >= SCORE_MIN) & self.drop
        return found


def gates(spec: BlockSpec, now: TilePeople, verdict: Verdict) -> Gates:
    """Return the gates of a hop; NaN compares as False."""
    return Gates(
        own=now.low - verdict.expected >= spec.min_excess,
        near=(verdict.near_excess >= spec.min_excess) & (now.low > verdict.expected),
        drop=fewer(now, verdict) >= spec.min_excess if spec.has_drops else None,
    )


def fewer(now: TilePeople, verdict: Verdict) -> NDArray[np.float32]:
    """Return by how many even the most there can be lie under the expected; (tiles,) float32.

    NaN where a drop is not believed: nobody has to be told of people who only cannot be seen.
    """
    gap: NDArray[np.float32] = verdict.expected - now.high
    return np.where(verdict.sure, gap, np.float32(np.nan))
