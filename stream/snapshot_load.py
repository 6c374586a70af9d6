"""Saved block state read back: what fits is loaded, what does not is refused in one line.

The grid must be the one that wrote the state, and so must the coverage of every hop that has
closed; the cells may be others (`kept_cells`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from geo.version import acting
from stream.kept_cells import moved
from stream.machine import SnapshotError
from stream.readings import FATES, LATE, Arrived
from stream.snapshot import VERSION, Hot, panel_of, slot_key, told_of
from stream.tile_memory import memory_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geo.version import Version
    from stream.block_state import BlockState
    from stream.kept_cells import Moved

__all__ = ["check_count", "check_coverage", "decode_hot", "load_block"]


class _Versioned(msgspec.Struct, frozen=True, array_like=True):
    """What every hot record begins with."""

    version: int


_decoder: Final = msgspec.msgpack.Decoder(Hot)


def decode_hot(key: str, value: bytes, *, settings_hash: str, city_digest: str) -> Hot:
    """Decode a hot record and refuse one of another version, settings or ground."""
    version = _version_of(value)
    if version not in {None, VERSION}:
        message = (
            f"{key}: schema version is {version}, this worker has {VERSION}; start the release that"
            " wrote the state, or begin anew under a new topics.prefix"
        )
        raise SnapshotError(message)
    try:
        hot = _decoder.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        message = f"{key}: unreadable ({fault}); restore the snapshot topic or start a new one"
        raise SnapshotError(message) from fault
    same = "start it with the settings that wrote the state, or with a new topics.prefix"
    ground = (
        "start it with the cells file or pack that wrote the state; another grid begins anew,"
        " under a new topics.prefix"
    )
    for name, got, want, remedy in (
        ("settings hash", hot.settings_hash, settings_hash, same),
        ("ground hash", hot.city_digest, city_digest, ground),
    ):
        if got != want:
            message = f"{key}: {name} is {got}, this worker has {want}; {remedy}"
            raise SnapshotError(message)
    return hot


def _version_of(value: bytes) -> int | None:
    """Return the schema version of a hot record, whatever its other fields are."""
    try:
        return msgspec.msgpack.decode(value, type=_Versioned).version
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


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


def check_coverage(key: str, hot: Hot, versions: tuple[Version, ...], *, hop_ms: int) -> None:
    """Refuse a city that says otherwise about a hop that has closed. Raises SnapshotError."""
    next_ms = hot.clocks.next_hop_ms - hop_ms
    if not hot.coverage or acting(versions, next_ms - hop_ms).digest == hot.coverage:
        return
    since = datetime.fromtimestamp(next_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    message = (
        f"{key}: hops up to {since} have closed under another coverage than this city gives for"
        f" them; a new version of the coverage needs a valid_from that lies ahead, at {since} or"
        " later, beside the version that acts until then"
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
    cells = moved(hot.cells, lay.entry_ids[number])
    for kept, data in (
        (readings.end_ms, hot.end_ms),
        (readings.seq, hot.seq),
        (readings.value, hot.value),
        (readings.newest_ms, hot.newest_ms),
        (readings.newest, hot.newest),
    ):
        here = kept[..., span]
        here[:] = cells.columns(data, here) if cells else _shaped(data, here)
    readings.fates[:, number] = np.frombuffer(hot.fates, np.int64).reshape(-1, len(FATES))
    state.frames.recent[:, tiles] = _shaped(hot.recent, state.frames.recent[:, tiles])
    _load_told(state, tiles, hot.told)
    state.watch_until_ms[tiles] = np.frombuffer(hot.watch_until_ms, np.int64)
    state.visits[number] = _shaped(hot.visits, state.visits[number])
    _load_waiting(state, number, hot, cells)
    slots = _slots_of(state, number, hot, entries)
    panel = panel_of(state, number)
    if panel is not None:
        panel.load(hot.baseline, slots, said=hot.city, cells=hot.cells)
        return
    state.outlook.forecast.state.load_hot(tiles.start, tiles.stop, hot.forecast)
    memory = memory_of(state)
    memory.load_hot(tiles.start, tiles.stop, hot.baseline)
    for (kind, slot), data in slots.items():
        memory.load_slot(kind, slot, tiles.start, tiles.stop, data)


def _slots_of(
    state: BlockState, number: int, hot: Hot, entries: Mapping[str, bytes]
) -> dict[tuple[int, int], bytes]:
    """Return the records of the slots that a hot record names, by (kind, slot)."""
    found = {}
    for kind, slot in np.argwhere(state.visits[number] > 0).tolist():
        key = slot_key(hot.block, kind, slot, int(state.visits[number, kind, slot]))
        if key not in entries:
            message = (
                f"{key}: named by the block's hot record but not in the snapshot topic; check its"
                " cleanup.policy (compact) and that no newer worker wrote it"
            )
            raise SnapshotError(message)
        found[kind, slot] = entries[key]
    return found


def _load_told(state: BlockState, tiles: slice, data: bytes) -> None:
    people, clear = (one[:, tiles] for one in told_of(state))
    if len(data) != people.nbytes + clear.nbytes:
        message = f"{len(data)} bytes of what was told, wanted {people.nbytes + clear.nbytes}"
        raise ValueError(message)
    people[:] = _shaped(data[: people.nbytes], people)
    clear[:] = _shaped(data[people.nbytes :], clear)


def _shaped(data: bytes, like: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.frombuffer(data, like.dtype).reshape(like.shape)


def _load_waiting(state: BlockState, number: int, hot: Hot, cells: Moved | None) -> None:
    """Put readings that wait to their cells; those of cells that are gone come too late."""
    first, readings = state.layout.entry_slices[number].start, state.readings
    home = np.unpackbits(np.frombuffer(hot.home, np.uint8)).astype(np.bool_)
    for item in hot.waiting:
        place = np.frombuffer(item.cells, np.int32).astype(np.int64)
        value = np.frombuffer(item.values, np.float32)
        if cells is not None:
            now = cells.place[place]
            gone = now < 0
            readings.fates[item.feed, number, LATE] += np.count_nonzero(home[place[gone]])
            place, value = now[~gone], value[~gone]
        if not len(place):
            continue
        arrived = Arrived(
            feed=item.feed,
            end_ms=item.end_ms,
            seq=item.seq,
            entry=(first + place).astype(np.int32),
            value=value,
            doubted_by=item.doubted_by,
        )
        readings.wait(arrived, from_hop_ms=item.from_hop_ms)
