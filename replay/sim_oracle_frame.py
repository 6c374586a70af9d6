"""What every tile holds at one hop, for the oracle: some feeds' counts laid on the whole city."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.contract import Observation
from geo.density import people
from geo.spread import prepare
from replay.sim_oracle_cover import links_of, worths
from stream.seen import COVERAGE_MIN, WITHHELD_LEARN_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.city import City
    from geo.coverage import Coverage
    from geo.density import TilePeople
    from replay.sim_oracle_counts import Counts
    from stream.settings import Settings

__all__ = ["laid", "of_feeds", "seen_by_detectors"]


def of_feeds(
    settings: Settings, covers: Sequence[Coverage | None], *, supporting: bool
) -> list[Coverage | None]:
    """Return the coverages of the feeds that count people, or of those that support; else None."""
    feeds = [settings.feeds[name] for name in sorted(settings.feeds)]
    return [
        cover if (feed.supports is not None) is supporting else None
        for feed, cover in zip(feeds, covers, strict=True)
    ]


def laid(
    settings: Settings, city: City, counts: Counts, covers: Sequence[Coverage | None]
) -> TilePeople:
    """Lay the counts on the tiles; only cells heard of within a week cover any."""
    cells = len(city.cells)
    links = links_of(covers, counts.usual, cells)
    spread = prepare(
        np.array([link.feed * cells + link.cell for link in links], np.int32),
        np.array([link.tile for link in links], np.int32),
        np.array([link.share for link in links], np.float64),
        len(city.grid.tile_ids),
        worth=worths(settings, links),
    )
    return people(
        spread,
        low=counts.low,
        point=counts.point,
        high=counts.high,
        present=counts.present,
        fresh=counts.fresh,
        withheld=counts.withheld,
    )


def seen_by_detectors(
    now: TilePeople, density: NDArray[np.float32], rolling: NDArray[np.float32]
) -> Observation:
    """Return what detectors see of people at these densities."""
    heard = now.present_ratio >= COVERAGE_MIN
    little = now.withheld_ratio <= WITHHELD_LEARN_MAX
    return Observation(
        low=now.low,
        point=now.point,
        high=now.high,
        withheld=now.withheld,
        learnable=heard & little,
        hidden=heard & now.withheld & ~little,
        fresh=now.fresh,
        density=density,
        rolling=rolling,
    )
