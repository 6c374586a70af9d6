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

from stream.clock import ClocksState
from stream.machine import Entry, SnapshotError
from stream.readings import FATES, Arrived

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from stream.block_state import BlockState

__all__ = [
    "Hot",
    "block_key",
    "check_count",
    "decode_hot",
    "hot_entry",
    "load_block",
    "slot_entry",
    "slot_key",
    "waiting_of",
]

VERSION: Final = 3  # 1 knew no epochs and no doubted readings, 2 nothing of what was told


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """Pending readings of one block: cells (register index) int32, values float32."""

    from_hop_ms: int
    doubted_by: int
    feed: int
    end_ms: int
    seq: int
    cells: bytes
    values: bytes


class Hot(msgspec.Struct, frozen=True, array_like=True):
    """One block at one offset. Arrays are little-endian bytes in the shapes of `BlockState`.

    told: the people told in the window's hops, then which of them the density topic told.
    """

    version: int
    settings_hash: str
    city_digest: str
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
    waiting: list[Waiting]


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Hot)


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
    hot = Hot(
        version=VERSION,
        settings_hash=state.spec.settings_hash,
        city_digest=state.spec.city_digest,
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
        told=b"".join(one[:, tiles].tobytes() for one in _told(state)),
        watch_until_ms=state.watch_until_ms[tiles].tobytes(),
        visits=state.visits[number].tobytes(),
        baseline=state.baseline.state.hot_bytes(tiles.start, tiles.stop),
        waiting=waiting,
    )
    return Entry(block_key(lay.blocks[number]), _encoder.encode(hot))


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
                    cells = lay.entry_cell[entry[first:last]].tobytes()
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
    tiles = state.layout.tile_slices[number]
    visit = int(state.visits[number, kind, slot])
    data = state.baseline.state.slot_bytes(kind, slot, tiles.start, tiles.stop)
    return Entry(slot_key(state.layout.blocks[number], kind, slot, visit), data)


def decode_hot(key: str, value: bytes, *, settings_hash: str, city_digest: str) -> Hot:
    """Decode a hot record and refuse one of another version, settings or ground."""
    try:
        hot = _decoder.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        message = f"{key}: unreadable ({fault}); restore the snapshot topic or start a new one"
        raise SnapshotError(message) from fault
    wants = (VERSION, settings_hash, city_digest)
    for name, got, want in zip(
        ("schema version", "settings hash", "ground hash"),
        (hot.version, hot.settings_hash, hot.city_digest),
        wants,
        strict=True,
    ):
        if got != want:
            message = (
                f"{key}: {name} is {got}, this worker has {want}; start it with the settings and"
                " cells that wrote the state, or with a new topics.prefix"
            )
            raise SnapshotError(message)
    return hot


def check_count(setting: str, key: str, had: int, have: int) -> None:
    """Refuse state of other partition counts: they are fixed for the life of the topics.

    Raises SnapshotError.
    """
    if had != have:
        message = (
            f"{key}: was saved with {setting} = {had}, this worker has {have}; set it back, or"
            " begin anew with another topics.prefix"
        )
        raise SnapshotError(message)


def load_block(state: BlockState, number: int, hot: Hot, entries: Mapping[str, bytes]) -> None:
    """Put one block's hot record and the slots it names into a state. Raises SnapshotError."""
    try:
        _load_block(state, number, hot, entries)
    except SnapshotError:
        raise
    except (ValueError, IndexError) as fault:
        message = (
            f"{hot.block}: its hot record or a slot it names is damaged ({fault}); restore the"
            " snapshot topic or start a new one"
        )
        raise SnapshotError(message) from fault


def _load_block(state: BlockState, number: int, hot: Hot, entries: Mapping[str, bytes]) -> None:
    lay, readings = state.layout, state.readings
    span, tiles = lay.entry_slices[number], lay.tile_slices[number]
    readings.end_ms[..., span] = _shaped(hot.end_ms, readings.end_ms[..., span])
    readings.seq[..., span] = _shaped(hot.seq, readings.seq[..., span])
    readings.value[..., span] = _shaped(hot.value, readings.value[..., span])
    readings.newest_ms[:, span] = _shaped(hot.newest_ms, readings.newest_ms[:, span])
    readings.newest[:, span] = _shaped(hot.newest, readings.newest[:, span])
    readings.fates[:, number] = np.frombuffer(hot.fates, np.int64).reshape(-1, len(FATES))
    state.frames.recent[:, tiles] = _shaped(hot.recent, state.frames.recent[:, tiles])
    _load_told(state, tiles, hot.told)
    state.watch_until_ms[tiles] = np.frombuffer(hot.watch_until_ms, np.int64)
    state.visits[number] = _shaped(hot.visits, state.visits[number])
    state.baseline.state.load_hot(tiles.start, tiles.stop, hot.baseline)
    _load_waiting(state, number, hot.waiting)
    for kind, slot in np.argwhere(state.visits[number] > 0).tolist():
        key = slot_key(hot.block, kind, slot, int(state.visits[number, kind, slot]))
        if key not in entries:
            message = (
                f"{key}: named by the block's hot record but not in the snapshot topic; check its"
                " cleanup.policy (compact) and that no newer worker wrote it"
            )
            raise SnapshotError(message)
        state.baseline.state.load_slot(kind, slot, tiles.start, tiles.stop, entries[key])


def _told(state: BlockState) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    return state.frames.told, state.disclosure.clear


def _load_told(state: BlockState, tiles: slice, data: bytes) -> None:
    people, clear = (one[:, tiles] for one in _told(state))
    if len(data) != people.nbytes + clear.nbytes:
        message = f"{len(data)} bytes of what was told, wanted {people.nbytes + clear.nbytes}"
        raise ValueError(message)
    people[:] = _shaped(data[: people.nbytes], people)
    clear[:] = _shaped(data[people.nbytes :], clear)


def _shaped(data: bytes, like: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.frombuffer(data, like.dtype).reshape(like.shape)


def _load_waiting(state: BlockState, number: int, waiting: list[Waiting]) -> None:
    lay = state.layout
    span = lay.entry_slices[number]
    cells_here = lay.entry_cell[span]
    for item in waiting:
        cells = np.frombuffer(item.cells, np.int32)
        entry = (span.start + np.searchsorted(cells_here, cells)).astype(np.int32)
        value = np.frombuffer(item.values, np.float32)
        arrived = Arrived(
            feed=item.feed,
            end_ms=item.end_ms,
            seq=item.seq,
            entry=entry,
            value=value,
            doubted_by=item.doubted_by,
        )
        state.readings.wait(arrived, from_hop_ms=item.from_hop_ms)
