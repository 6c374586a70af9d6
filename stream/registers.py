"""Which cells the numbers on the readings topic mean, also after the city has other cells.

Between gateway and block stage a cell is a number: its place in the sorted register. Under a pack
with other cells the same number means another cell, and readings that were numbered before may
still be on their way. So each batch names the register that it was numbered by, every register
is kept once in the snapshot topic, and readings under an older one are numbered anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from stream.layout import home_block
from stream.machine import Entry, SnapshotError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geo.city import City

__all__ = ["Registers", "mark_of"]

PREFIX: Final = "register/"
MARK_DIGITS: Final = 12


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A register. cells: ids, one a line, in their order. home: int32, number of each one's block.

    -1: the cell touches no tile. Blocks are numbered by the grid, which never changes.
    """

    cells: bytes
    home: bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Older:
    """Cells of an older register: int32, number today (-1 = gone), and number of the home block."""

    now: NDArray[np.int32]
    home: NDArray[np.int32]


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(_Kept)


def mark_of(city: City) -> str:
    """Return what names a city's register: digits of a hash over the ids of its cells."""
    return sha256("\n".join(city.cells).encode()).hexdigest()[:MARK_DIGITS]


class Registers:
    """The register of today, and those found in the snapshot topic.

    own: mark of today's. is_saved: it is in the snapshot topic.
    """

    def __init__(self, city: City) -> None:
        self._city = city
        self.own = mark_of(city)
        self.is_saved = False
        self._found: dict[str, bytes] = {}
        self._older: dict[str, _Older] = {}

    def entry(self) -> Entry:
        """Return the record of today's register."""
        home = home_block(self._city).astype(np.int32).tobytes()
        kept = _Kept("\n".join(self._city.cells).encode(), home)
        return Entry(PREFIX + self.own, _encoder.encode(kept))

    def load(self, entries: Mapping[str, bytes]) -> None:
        """Take in the registers that the snapshot topic knows."""
        self._found = {
            key.removeprefix(PREFIX): value
            for key, value in entries.items()
            if key.startswith(PREFIX)
        }
        self._older.clear()
        self.is_saved = self.own in self._found

    def numbered_anew(
        self, mark: str, cells: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return today's numbers of cells (-1 = gone), and the blocks that keep their accounts.

        mark: of the register that numbered them. Raises SnapshotError where nobody knows it.
        """
        if mark not in self._older:
            self._older[mark] = self._read(mark)
        older = self._older[mark]
        return older.now[cells], older.home[cells]

    def _read(self, mark: str) -> _Older:
        if mark not in self._found:
            message = (
                f"readings were numbered by a register of cells ({mark}) that the snapshot topic"
                " does not know: start a worker with the cells file or pack that was used before"
                " this one until it has closed a hop, or accept their loss by quarantine"
            )
            raise SnapshotError(message)
        try:
            kept = _decoder.decode(self._found[mark])
        except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
            message = f"{PREFIX}{mark}: unreadable ({fault}); restore the snapshot topic"
            raise SnapshotError(message) from fault
        index = self._city.cell_index
        now = [index.get(cell, -1) for cell in kept.cells.decode().split("\n")]
        return _Older(now=np.array(now, np.int32), home=np.frombuffer(kept.home, np.int32))
