"""The quarantine log: marks of records that crash workers, and orders to skip a record.

A worker whose machine raises on a record leaves a `crash/1` mark here before it ends. Marks are
in Kafka, not in a local file, so that they follow the partition to whichever worker takes it
next. After three marks for one offset by one version of the code, workers stay up but hold that
partition and say so, until an operator orders the skip (`quarantine/1`) or a new version comes
(PROTOCOL 18).
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.topics import Topic

__all__ = ["CRASHES_MAX", "Crash", "Quarantine", "Skip", "code_version", "crash_mark", "key_of"]

CRASHES_MAX: Final = 3


class Crash(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="crash/1"):
    """A record crashed a worker. topic: without prefix. code: version of the package."""

    topic: str
    partition: int
    offset: int
    worker: str
    code: str
    fault: str


class Skip(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="quarantine/1"):
    """An order to pass over a record. by: who ordered it. why: for whoever reads the log."""

    topic: str
    partition: int
    offset: int
    by: str
    why: str


_decoder: Final = msgspec.json.Decoder(Crash | Skip)


def code_version() -> str:
    """Return the version of the installed package; marks of other versions do not count."""
    try:
        return version("crowdtide")
    except PackageNotFoundError:
        return "source"


def key_of(topic: Topic | str, partition: int, offset: int) -> bytes:
    """Return the key of a record's marks and skips.

    >>> key_of("readings.v1", 2, 17)
    b'readings.v1/2/17'
    """
    return f"{topic}/{partition}/{offset}".encode()


def crash_mark(topic: Topic, partition: int, offset: int, *, worker: str, fault: str) -> bytes:
    """Return the mark to leave before a worker ends because of a record."""
    return msgspec.json.encode(
        Crash(
            topic=str(topic),
            partition=partition,
            offset=offset,
            worker=worker,
            code=code_version(),
            fault=fault[:1000],
        )
    )


class Quarantine:
    """What the quarantine log says, read once at every loading of state."""

    def __init__(self, values: Iterable[bytes | None]) -> None:
        """Take the values of the log in order; what is neither mark nor skip is passed over."""
        code = code_version()
        self._skips: dict[tuple[str, int], set[int]] = {}
        self._crashes: dict[tuple[str, int], dict[int, int]] = {}
        for value in values:
            try:
                entry = _decoder.decode(value or b"")
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue
            place = (entry.topic, entry.partition)
            if isinstance(entry, Skip):
                self._skips.setdefault(place, set()).add(entry.offset)
            elif entry.code == code:
                marks = self._crashes.setdefault(place, {})
                marks[entry.offset] = marks.get(entry.offset, 0) + 1

    def skips(self, topic: Topic, partition: int) -> frozenset[int]:
        """Return the offsets to pass over."""
        return frozenset(self._skips.get((str(topic), partition), ()))

    def parked_at(self, topic: Topic, partition: int) -> int | None:
        """Return the lowest offset that crashed workers too often and has no skip, or None."""
        skips = self._skips.get((str(topic), partition), set())
        marks = self._crashes.get((str(topic), partition), {})
        stuck = [o for o, n in marks.items() if n >= CRASHES_MAX and o not in skips]
        return min(stuck, default=None)
