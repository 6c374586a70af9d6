"""The city's own hop: what the cells of the panel say, and what the detectors make of it.

Every block partition gets the readings of all cells of the panel and works this out for itself,
so that no result depends on how many partitions there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from detectors.contract import Observation
from detectors.panel import Panel, PanelState
from detectors.slots import slots_a_day
from stream.city_ring import CityRing
from stream.kept_cells import moved
from stream.layout import PANEL
from stream.seen import WITHHELD_LEARN_MAX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from detectors.contract import CityNow, Moment
    from stream.block_spec import BlockSpec
    from stream.frame import Frames
    from stream.layout import Layout
    from stream.readings import Readings

__all__ = ["CityPanel", "panel_slot"]

UNKNOWN: Final = np.float32(np.nan)

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(tuple[bytes, bytes])


def panel_slot(cells: bytes, data: bytes) -> bytes:
    """Return the record of one slot of a panel: whose it is, and the memory of the slot.

    cells: ids of the members, one a line. A slot is written when it ends and then lies for days,
    so it may be of the members of a pack before.
    """
    return _encoder.encode((cells, data))


class CityPanel:
    """The panel of one block partition, and what it said of the newest hops.

    panel: the detectors' part; its members are the panel's entries. said: the newest hops.
    """

    def __init__(self, spec: BlockSpec, layout: Layout) -> None:
        self._entries = layout.panel_entries
        self._cells = b"".join(
            ids
            for block, ids in zip(layout.blocks, layout.entry_ids, strict=True)
            if block.startswith(PANEL)
        )
        self._slots = slots_a_day(spec.slot_min)
        self.members = self._entries.stop - self._entries.start
        self.panel = Panel(
            spec.baseline,
            members=self.members,
            hop_min=spec.hop_ms / 60_000,
            slot_min=spec.slot_min,
        )
        self.said = CityRing()
        scales = [feed.scale for feed in spec.feeds]
        # The city is what the feeds say that count people.
        self._counts = np.array([[scale.supports is None] for scale in scales])
        parts = [scale.counted_ratio or 0.0 for scale in scales]
        self._counted = parts if any(parts) else None

    def close(self, readings: Readings, frames: Frames, hop_ms: int, moment: Moment) -> CityNow:
        """Return what the panel says of a hop whose frame was just closed, and keep it."""
        said = self.panel.hop(self._seen(readings, frames), moment)
        self.said.keep(hop_ms, said)
        return said

    def slot_bytes(self, kind: int, slot: int) -> bytes:
        """Return the record of one slot: the members it is of, and what is known of them."""
        return panel_slot(self._cells, self.panel.state.slot_bytes(kind, slot))

    def load(
        self, hot: bytes, slots: Mapping[tuple[int, int], bytes], *, said: bytes, cells: bytes
    ) -> None:
        """Take up saved state; ValueError if its size does not fit.

        cells: ids of the members that `hot` is of, one a line; under another pack they may be
        others. What is of a member that is gone goes with it, a new one begins unheard.
        """
        state, there = self.panel.state, moved(cells, self._cells)
        before = state if there is None else PanelState.empty(len(there.place), self._slots)
        before.load_hot(hot)
        if there is not None:
            state.adopt(before, there.place)
        for (kind, slot), record in slots.items():
            self._load_slot(kind, slot, record)
        self.said.load(said)

    def _load_slot(self, kind: int, slot: int, record: bytes) -> None:
        try:
            cells, data = _decoder.decode(record)
        except msgspec.MsgspecError as fault:
            raise ValueError(f"slot {kind}-{slot} of the panel: {fault}") from fault
        there = moved(cells, self._cells)
        place = None if there is None else there.place
        self.panel.state.load_slot(kind, slot, data, place=place)

    def _seen(self, readings: Readings, frames: Frames) -> Observation:
        """Return the people of each member: the sum of its feeds, or what they count of all.

        A member of which one of its usual feeds is silent is missing as a whole: half its count
        would look as if half the city had gone home.
        """
        mine = self._entries
        usual = frames.registered[:, mine] & frames.usual[:, mine] & self._counts
        present = np.stack([one.present[mine] for one in frames.counts])
        known = _any(usual) & ~_any(usual & ~present)
        each = self._each(usual)
        low, point, high = (
            np.where(known, _sum([figure[mine] for figure in figures], usual) * each, UNKNOWN)
            for figures in zip(*[one[:3] for one in frames.counts], strict=True)
        )
        withheld = np.stack([one.withheld[mine] for one in frames.counts]) & usual
        hidden = _sum([one.point[mine] for one in frames.counts], withheld) * each
        little = ~(hidden > point * np.float32(WITHHELD_LEARN_MAX))
        unknown = np.full(self.members, np.nan, np.float32)
        return Observation(
            low=low,
            point=point,
            high=high,
            withheld=_any(withheld) & known,
            learnable=known & little,
            hidden=known & ~little,
            fresh=_any(readings.fresh[:, mine] & usual) & known,
            density=unknown,
            rolling=unknown,
        )

    def _each(self, usual: NDArray[np.bool_]) -> NDArray[np.float32] | np.float32:
        """Return how many people one count of a member stands for, where feeds are fused."""
        if self._counted is None:
            return np.float32(1)
        part = np.zeros(self.members)
        for feed, counted in enumerate(self._counted):
            part += np.where(usual[feed], counted, 0.0)
        return (1.0 / np.where(part > 0, part, 1.0)).astype(np.float32)


def _sum(feeds: Sequence[NDArray[np.float32]], counts: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Add up the feeds that count, in their order."""
    total = np.zeros(counts.shape[1], np.float32)
    for feed, values in enumerate(feeds):
        total += np.where(counts[feed], values, np.float32(0))
    return total


def _any(feeds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where any feed is so."""
    some: NDArray[np.bool_] = np.logical_or.reduce(feeds, axis=0)
    return some
