"""The city's own hop: what the cells of the panel say, and what the detectors make of it.

Every block partition gets the readings of all cells of the panel and works this out for itself,
so that no result depends on how many partitions there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.contract import Observation
from detectors.panel import Panel, PanelState
from detectors.slots import slots_a_day
from stream.city_ring import CityRing
from stream.frame import USUAL_MS
from stream.seen import WITHHELD_LEARN_MAX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from detectors.contract import CityNow, Moment
    from stream.block_spec import BlockSpec
    from stream.frame import Frames
    from stream.kept_cells import Moved
    from stream.layout import Layout
    from stream.readings import Readings

__all__ = ["CityPanel"]


class CityPanel:
    """The panel of one block partition, and what it said of the newest hops.

    panel: the detectors' part; its members are the panel's entries. said: the newest hops.
    """

    def __init__(self, spec: BlockSpec, layout: Layout) -> None:
        self._entries = layout.panel_entries
        self._slots = slots_a_day(spec.slot_min)
        self.members = self._entries.stop - self._entries.start
        self.panel = Panel(
            spec.baseline,
            members=self.members,
            hop_min=spec.hop_ms / 60_000,
            slot_min=spec.slot_min,
        )
        self.said = CityRing()

    def close(self, readings: Readings, frames: Frames, hop_ms: int, moment: Moment) -> CityNow:
        """Return what the panel says of a hop whose frame was just closed, and keep it."""
        said = self.panel.hop(self._seen(readings, frames, hop_ms), moment)
        self.said.keep(hop_ms, said)
        return said

    def load(
        self,
        hot: bytes,
        slots: Mapping[tuple[int, int], bytes],
        *,
        said: bytes,
        moved: Moved | None,
    ) -> None:
        """Take up saved state; ValueError if its size does not fit.

        moved: where the members of before are now, under another pack; None = where they were.
        What is of a member that is gone goes with it, a new one begins unheard.
        """
        before = self.panel.state
        if moved is not None:
            before = PanelState.empty(len(moved.place), self._slots)
        before.load_hot(hot)
        for (kind, slot), data in slots.items():
            before.load_slot(kind, slot, data)
        if moved is not None:
            self.panel.state.adopt(before, moved.place)
        self.said.load(said)

    def _seen(self, readings: Readings, frames: Frames, hop_ms: int) -> Observation:
        """Return the people of each member, in the sum of its feeds.

        A member of which one of its usual feeds is silent is missing as a whole: half its count
        would look as if half the city had gone home.
        """
        mine = self._entries
        newest = readings.newest_ms[:, mine]
        usual = frames.registered[:, mine] & (newest >= 0) & (newest > hop_ms - USUAL_MS)
        present = np.stack([one.present[mine] for one in frames.counts])
        known = _any(usual) & ~_any(usual & ~present)
        low = self._sum([one.low[mine] for one in frames.counts], usual, known)
        point = self._sum([one.point[mine] for one in frames.counts], usual, known)
        high = self._sum([one.high[mine] for one in frames.counts], usual, known)
        withheld = np.stack([one.withheld[mine] for one in frames.counts]) & usual
        hidden = self._sum([one.point[mine] for one in frames.counts], withheld, known)
        unknown = np.full(self.members, np.nan, np.float32)
        return Observation(
            low=low,
            point=point,
            high=high,
            withheld=_any(withheld) & known,
            learnable=known & ~(hidden > point * np.float32(WITHHELD_LEARN_MAX)),
            fresh=_any(readings.fresh[:, mine] & usual) & known,
            density=unknown,
            rolling=unknown,
        )

    def _sum(
        self, feeds: list[NDArray[np.float32]], counts: NDArray[np.bool_], known: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """Add up the feeds that count, in their order; NaN where a member is not known."""
        total = np.zeros(self.members, np.float32)
        for feed, values in enumerate(feeds):
            total += np.where(counts[feed], values, np.float32(0))
        return np.where(known, total, np.float32(np.nan))


def _any(feeds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where any feed is so."""
    some: NDArray[np.bool_] = np.logical_or.reduce(feeds, axis=0)
    return some
