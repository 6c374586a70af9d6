"""Block state to bytes and back: one hot record per block, one record per finished slot.

Theory of operation (PROTOCOL 10 to 12). A hot record holds all of a block that changes every
hop, plus the clocks and origins of the whole partition, and names the visit of every baseline
slot; a slot record is written once, when its slot ends. Load takes for every slot exactly the
visit that the hot record names, so a crash between the two writes, or a zombie's late write,
can never mix two moments of one block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from geo.version import acting
from stream.clock import ClocksState
from stream.layout import PANEL
from stream.machine import Entry
from stream.tile_memory import memory_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stream.block_state import BlockState
    from stream.city_panel import CityPanel

__all__ = [
    "VERSION",
    "Hot",
    "Waiting",
    "block_key",
    "hot_entry",
    "panel_of",
    "slot_entry",
    "slot_key",
    "told_of",
    "waiting_of",
]

# 1 knew no epochs and no doubted readings, 2 neither what was told nor which cells it was of, 3
# neither panel nor forecast, 4 not whether a drop can be believed.
VERSION: Final = 6


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """Pending readings of one block: cells (place among the block's) int32, values float32."""

    from_hop_ms: int
    doubted_by: int
    feed: int
    end_ms: int
    seq: int
    cells: bytes
    values: bytes


class Hot(msgspec.Struct, frozen=True, array_like=True):
    """One block at one offset. Arrays are little-endian bytes in the shapes of `BlockState`.

    city_digest: of the grid. coverage: digest of the version of the coverage that acted at the
    newest closed hop; empty before the first. cells: ids of the block's cells, one a line. home:
    bits, which of them have their account here. told: the people told in the window's hops, then
    which of them the density topic told. baseline: of the block's tiles (`tile_memory`); in the
    partition's own block, of the members of the panel. forecast: of the block's tiles. city: in
    the partition's own block, what the panel said of the newest hops.
    """

    version: int
    settings_hash: str
    city_digest: str
    coverage: str
    cells: bytes
    home: bytes
    block: str
    applied: int
    clocks: ClocksState
    refused: dict[str, int]
    end_ms: bytes
    seq: bytes
    value: bytes
    newest_ms: bytes
    newest: bytes
    fates: bytes
    recent: bytes
    told: bytes
    watch_until_ms: bytes
    visits: bytes
    baseline: bytes
    forecast: bytes
    city: bytes
    waiting: list[Waiting]


_encoder: Final = msgspec.msgpack.Encoder()


def block_key(block: str) -> str:
    """Return the snapshot key of a block's hot record: the block's own id."""
    return block


def slot_key(block: str, kind: int, slot: int, visit: int) -> str:
    """Return the snapshot key of one visit of one baseline slot of a block.

    >>> slot_key("b0001-0002", 2, 41, 7)
    'b0001-0002/2-41/7'
    """
    return f"{block}/{kind}-{slot}/{visit}"


def hot_entry(state: BlockState, number: int, waiting: list[Waiting]) -> Entry:
    """Return the hot record of one block of a state."""
    lay, readings = state.layout, state.readings
    entries, tiles = lay.entry_slices[number], lay.tile_slices[number]
    panel = panel_of(state, number)
    hot = Hot(
        version=VERSION,
        settings_hash=state.spec.settings_hash,
        city_digest=state.spec.city_digest,
        coverage=_coverage_of(state),
        cells=lay.entry_ids[number],
        home=np.packbits(lay.entry_home[entries]).tobytes(),
        block=lay.blocks[number],
        applied=state.applied,
        clocks=state.clocks.state,
        refused=dict(sorted(state.refused.items())),
        end_ms=readings.end_ms[..., entries].tobytes(),
        seq=readings.seq[..., entries].tobytes(),
        value=readings.value[..., entries].tobytes(),
        newest_ms=readings.newest_ms[:, entries].tobytes(),
        newest=readings.newest[:, entries].tobytes(),
        fates=readings.fates[:, number].tobytes(),
        recent=state.frames.recent[:, tiles].tobytes(),
        told=b"".join(one[:, tiles].tobytes() for one in told_of(state)),
        watch_until_ms=state.watch_until_ms[tiles].tobytes(),
        visits=state.visits[number].tobytes(),
        baseline=panel.panel.state.hot_bytes()
        if panel
        else memory_of(state).hot_bytes(tiles.start, tiles.stop),
        forecast=state.outlook.forecast.state.hot_bytes(tiles.start, tiles.stop),
        city=panel.said.dump() if panel else b"",
        waiting=waiting,
    )
    return Entry(block_key(lay.blocks[number]), _encoder.encode(hot))


def _coverage_of(state: BlockState) -> str:
    """Digest of the version that acted at the newest closed hop; empty before the first one."""
    clocks, hop_ms = state.clocks.state, state.spec.hop_ms
    if clocks.next_hop_ms <= max(clocks.first_hop_ms, 0):
        return ""
    return acting(state.layout.city.versions, clocks.next_hop_ms - 2 * hop_ms).digest


def waiting_of(state: BlockState) -> list[list[Waiting]]:
    """Return the pending readings of every block, in canonical order."""
    lay = state.layout
    waiting: list[list[Waiting]] = [[] for _ in lay.blocks]
    for hop_ms, items in sorted(state.readings.pending.items()):
        for item in items:
            order = np.argsort(item.entry, kind="stable")
            entry, value = item.entry[order], item.value[order]
            for number, span in enumerate(lay.entry_slices):
                first, last = np.searchsorted(entry, [span.start, span.stop])
                if first < last:
                    cells = (entry[first:last] - span.start).astype(np.int32).tobytes()
                    waiting[number].append(
                        Waiting(
                            hop_ms,
                            item.doubted_by,
                            item.feed,
                            item.end_ms,
                            item.seq,
                            cells,
                            value[first:last].tobytes(),
                        )
                    )
    return [sorted(items, key=msgspec.structs.astuple) for items in waiting]


def slot_entry(state: BlockState, number: int, kind: int, slot: int) -> Entry:
    """Return the record of a block's finished baseline slot at its present visit."""
    tiles, panel = state.layout.tile_slices[number], panel_of(state, number)
    visit = int(state.visits[number, kind, slot])
    if panel is None:
        data = memory_of(state).slot_bytes(kind, slot, tiles.start, tiles.stop)
    else:
        data = panel.slot_bytes(kind, slot)
    return Entry(slot_key(state.layout.blocks[number], kind, slot, visit), data)


def panel_of(state: BlockState, number: int) -> CityPanel | None:
    """Return the panel where a block is the partition's own; None for a block of ground."""
    return state.city if state.layout.blocks[number].startswith(PANEL) else None


def told_of(state: BlockState) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return what a hot record keeps of what was told, both of shape (hops, tiles)."""
    return state.frames.told, state.disclosure.clear
