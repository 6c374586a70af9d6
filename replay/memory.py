"""A file of memory: what a deployment has learnt of its places, sealed, to begin another one with.

A first line names the schema, a second one the sha256 of all that follows it: one packed record.
The same memory is the same file. It holds no reading and no id of a cell but those of the panel.
"""

from __future__ import annotations

import zlib
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from detectors.budget import BudgetState
from replay.badrow import FeedError
from replay.whole_file import whole_file
from stream.settings_hash import differing, settings_hash
from stream.snapshot import VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from geo.city import City
    from stream.settings import Settings

__all__ = ["SCHEMA", "Memory", "Places", "check_memory", "read_memory", "write_memory"]

SCHEMA: Final = "memory/1"
_MARK: Final = b"crowdtide memory/"
_LINE_MAX: Final = 80
_AGAIN: Final = "learn it again with `crowdtide learn`"


class Places(msgspec.Struct, frozen=True, array_like=True):
    """What is known of the tiles of one block, or of the members of the panel.

    visits: uint32 (3, slots), how often each slot of a kind of day has ended. baseline, forecast,
    slots (kind, slot, bytes): in the layouts of `detectors`. cells: of the panel, one a line.
    """

    visits: bytes
    baseline: bytes
    slots: list[tuple[int, int, bytes]]
    forecast: bytes = b""
    cells: bytes = b""


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """All that lasts of a deployment.

    state: version of the saved state whose layouts it uses. settings: the `settings/1` record it
    was learnt under. begin_ms, end_ms: begin of the first hop and end of the last one. blocks: by
    id, whatever the partitions were. budget, near_budget, drop_budget: runs of scores, by layer.
    owed: incidents promised and not told of.
    """

    state: int = VERSION
    settings: bytes
    settings_hash: str
    city_digest: str
    feeds: list[str]
    begin_ms: int
    end_ms: int
    hops: int
    blocks: dict[str, Places]
    panel: Places
    budget: BudgetState
    near_budget: BudgetState
    drop_budget: BudgetState = msgspec.field(default_factory=BudgetState)
    owed: float


_decoder: Final = msgspec.msgpack.Decoder(Memory)


def write_memory(path: Path, memory: Memory) -> str:
    """Write the file, whole or not at all; return its seal. Raises FeedError."""
    packed = zlib.compress(msgspec.msgpack.encode(memory), 6)
    seal = sha256(packed).hexdigest()
    with whole_file(path) as file:
        file.write(f"crowdtide {SCHEMA}\n{seal}\n".encode() + packed)
    return seal


def read_memory(path: Path) -> tuple[Memory, str]:
    """Return what a file holds, and its seal.

    Raises FeedError in one line for a file that is no memory, of another release, or damaged.
    """
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise FeedError(f"{path}: {fault.strerror or fault}") from fault
    first, _, rest = data.partition(b"\n")
    if not first.startswith(_MARK) or len(first) > _LINE_MAX:
        raise FeedError(f"{path}: is no memory of a deployment; name a file that `learn` wrote")
    if first != f"crowdtide {SCHEMA}".encode():
        schema = first.decode(errors="replace").removeprefix("crowdtide ")
        raise FeedError(f"{path}: is {schema}, this release reads {SCHEMA}; {_AGAIN}")
    seal, _, packed = rest.partition(b"\n")
    if sha256(packed).hexdigest().encode() != seal:
        raise FeedError(
            f"{path}: is damaged: it does not match its seal; copy it again, or {_AGAIN}"
        )
    try:
        memory = _decoder.decode(zlib.decompress(packed))
    except (zlib.error, msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise FeedError(f"{path}: unreadable ({fault}); {_AGAIN}") from fault
    return memory, seal.decode()


def check_memory(memory: Memory, settings: Settings, city: City, *, name: str) -> None:
    """Refuse a memory of other settings, another grid or another release. Raises FeedError.

    Partition counts may differ: nothing that is learnt depends on them.
    """
    if memory.state != VERSION:
        raise FeedError(
            f"{name}: was learnt by a release whose state is of version {memory.state}, this one"
            f" has {VERSION}; {_AGAIN}"
        )
    if memory.settings_hash != settings_hash(settings):
        other = [
            f"{key} was {was!r} and is {now!r}"
            for key, was, now in differing(settings, memory.settings)
        ]
        what = ", ".join(other) or f"hash {memory.settings_hash}"
        raise FeedError(f"{name}: was learnt under other settings ({what}); {_AGAIN}")
    if memory.city_digest != city.digest or memory.blocks.keys() != set(city.grid.block_ids):
        raise FeedError(
            f"{name}: was learnt on another grid ({memory.city_digest}, here {city.digest});"
            f" name the cells file or pack it was learnt with, or {_AGAIN}"
        )
