"""The panel, for the oracle: by definition, cell by cell.

The detector's panel itself is the product's own pure room; who its members are and what they say
at a hop is worked out here once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.contract import Observation
from detectors.panel import Panel
from stream.seen import WITHHELD_LEARN_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.contract import CityNow, Moment
    from geo.city import City
    from geo.coverage import Coverage
    from replay.sim_oracle_counts import Counts
    from stream.settings import Settings

__all__ = ["PanelHop"]

MEMBERS_MAX: Final = 256


class PanelHop:
    """Closes hops of the panel one after the other; members: as a pack says, or all with ground."""

    def __init__(self, settings: Settings, city: City) -> None:
        self._cells = len(city.cells)
        self._feeds = [settings.feeds[name] for name in sorted(settings.feeds)]
        on_ground = {cell for cover in city.coverages() for cell in cover.cell.tolist()}
        self._members = city.panel.tolist() or sorted(on_ground)
        assert len(self._members) <= MEMBERS_MAX, "the oracle knows small cities"
        self._panel = Panel(
            settings.detectors.baseline,
            members=len(self._members),
            hop_min=settings.hop_ms / 60_000,
            slot_min=settings.slot_min,
        )

    def close(
        self,
        counts: Counts,
        covers: Sequence[Coverage | None],
        moment: Moment,
    ) -> CityNow:
        """Return what the panel says of a hop."""
        rows = [self._member(cell, counts, covers) for cell in self._members]
        low, point, high, hidden, fresh = (list(column) for column in zip(*rows, strict=True))
        people, part = np.array(point, np.float32), np.array(hidden, np.float32)
        known, much = ~np.isnan(people), part > people * np.float32(WITHHELD_LEARN_MAX)
        unknown = np.full(len(rows), np.nan, np.float32)
        return self._panel.hop(
            Observation(
                low=np.array(low, np.float32),
                point=people,
                high=np.array(high, np.float32),
                withheld=part >= 0,
                learnable=known & ~much,
                hidden=known & much,
                fresh=np.array(fresh, np.bool_),
                density=unknown,
                rolling=unknown,
            ),
            moment,
        )

    def _member(
        self, cell: int, counts: Counts, covers: Sequence[Coverage | None]
    ) -> tuple[float, float, float, float, bool]:
        """Return low, point, high, the withheld part (-1 = none is) and whether it is fresh.

        Nothing is known of a cell unless every feed that usually hears it heard it now.
        """
        unknown = float("nan"), float("nan"), float("nan"), -1.0, False
        at = [
            feed * self._cells + cell
            for feed, cover in enumerate(covers)
            if cover is not None
            and cover.registered[cell]
            and counts.usual[feed * self._cells + cell]
        ]
        if not at or not all(counts.present[place] for place in at):
            return unknown
        each = self._each([place // self._cells for place in at])
        low = sum((counts.low[place] for place in at), np.float32(0)) * each
        point = sum((counts.point[place] for place in at), np.float32(0)) * each
        high = sum((counts.high[place] for place in at), np.float32(0)) * each
        hidden = [counts.point[place] for place in at if counts.withheld[place]]
        part = float(sum(hidden, np.float32(0)) * each) if hidden else -1.0
        fresh = any(bool(counts.fresh[place]) for place in at)
        return float(low), float(point), float(high), part, fresh

    def _each(self, heard: Sequence[int]) -> np.float32:
        """Return how many people a count of these feeds together stands for."""
        feeds = [self._feeds[feed] for feed in heard]
        if any(feed.market_share is None for feed in feeds):
            return np.float32(1)
        return np.float32(1.0 / sum((f.market_share or 0.0) * f.phone_on_ratio for f in feeds))
