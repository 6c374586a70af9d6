"""Records between our own stages: msgpack, columns as little-endian bytes, origin first.

`readings` carries `Batch` and `Clock` from the gateway to one block partition; `detections`
carries `Closed`, `Passed`, `Desk` and `AckClock` to the incident stage. Every record names its
origin, by which a receiver skips what it has already seen (PROTOCOL 7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
import numpy as np

from stream.common_mode import Movement

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "AckClock",
    "Batch",
    "Clock",
    "Closed",
    "Desk",
    "FeedSum",
    "Origin",
    "Passed",
    "column",
    "decode_detections",
    "decode_readings",
    "encode",
]

T = TypeVar("T", bound=np.generic)

PART_BYTES_MAX: Final = 256 * 1024


class Origin(msgspec.Struct, frozen=True, array_like=True):
    """Where a record comes from: log epoch, partition and offset of the input record, part of it.

    The topic is told by the kind of record: readings come from cell-counts, hops from readings,
    desk actions from acks.
    """

    epoch: int
    partition: int
    offset: int
    part: int

    @property
    def order(self) -> tuple[int, int, int]:
        """What tells newer from older among the records of one partition."""
        return self.epoch, self.offset, self.part


class Batch(msgspec.Struct, frozen=True, array_like=True, tag="r"):
    """Readings of one interval for one block partition, and what the gateway refused.

    feed: index into the feeds in name order. end_ms: interval end. cells: uint64, as `cell_keys`
    names them. counts: float32, -1 where withheld. rejects: reason -> readings (only on the
    partition that keeps the account of this input partition).
    """

    origin: Origin
    feed: int
    end_ms: int
    seq: int
    cells: bytes
    counts: bytes
    rejects: dict[str, int]


class Clock(msgspec.Struct, frozen=True, array_like=True, tag="t"):
    """A tick of one source partition."""

    origin: Origin
    now_ms: int


class FeedSum(msgspec.Struct, frozen=True, array_like=True):
    """What one feed gave one block partition at one hop: cells present and ever seen, home only.

    Only cells that the acting version of the coverage knows: one taken down is not missed.
    moved: how the tiles moved that the feed covers.
    """

    feed: int
    cells_present: int
    cells_known: int
    moved: Movement


class Closed(msgspec.Struct, frozen=True, array_like=True, tag="h"):
    """What one block partition saw at one hop (a part of it, cut at block boundaries).

    columns: name -> bytes of one column over candidate tiles (`CANDIDATE_COLUMNS`); empty
    where no tile is a candidate.
    blind: int32 tiles that are blind or under 80 % of usual coverage.
    peak_tiles, peaks: ended runs of the score; near_*: of the score of the neighbour layer;
    drop_*: of the score of too few people.
    tiles: how many there are. scored: those that could have alarmed (the budget's tile-weeks).
    """

    origin: Origin
    hop_ms: int
    decided_ms: int
    columns: dict[str, bytes]
    blind: bytes
    peak_tiles: bytes
    peaks: bytes
    near_peak_tiles: bytes
    near_peaks: bytes
    tiles: int
    scored: int
    feeds: list[FeedSum]
    drop_peak_tiles: bytes = b""
    drop_peaks: bytes = b""


class Passed(msgspec.Struct, frozen=True, array_like=True, tag="p"):
    """All clocks of one block partition have passed this beat (a multiple of 10 s)."""

    origin: Origin
    beat_ms: int
    first_hop_ms: int


class Desk(msgspec.Struct, frozen=True, array_like=True, tag="a"):
    """A desk action as it came from the acks topic."""

    origin: Origin
    action: bytes


class AckClock(msgspec.Struct, frozen=True, array_like=True, tag="c"):
    """A tick of the acks partition."""

    origin: Origin
    now_ms: int


_encoder: Final = msgspec.msgpack.Encoder()
_readings: Final = msgspec.msgpack.Decoder(Batch | Clock)
_detections: Final = msgspec.msgpack.Decoder(Closed | Passed | Desk | AckClock)


def encode(record: Batch | Clock | Closed | Passed | Desk | AckClock) -> bytes:
    """Return the record's bytes; equal records give equal bytes."""
    return _encoder.encode(record)


def decode_readings(value: bytes) -> Batch | Clock:
    """Return a record of the readings topic. Raises msgspec errors: only we write there."""
    record: Batch | Clock = _readings.decode(value)
    return record


def decode_detections(value: bytes) -> Closed | Passed | Desk | AckClock:
    """Return a record of the detections topic. Raises msgspec errors: only we write there."""
    record: Closed | Passed | Desk | AckClock = _detections.decode(value)
    return record


def column(data: bytes, kind: type[T]) -> NDArray[T]:
    r"""Return a read-only column of little-endian numbers.

    >>> column(b"\x01\x00\x00\x00", np.int32)
    array([1], dtype=int32)
    """
    return np.frombuffer(data, dtype=np.dtype(kind).newbyteorder("<"))
