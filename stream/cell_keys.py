"""What cells are called between gateway and blocks: by a number that follows from the id alone.

Readings wait in a topic while a worker stops and comes back with next week's pack. There every
cell may have another place, so a place says nothing to whoever reads it later; a key does.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.readonly import read_only

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.city import City

__all__ = ["KEEPS_ACCOUNT", "CellKeys", "keys_of"]

KEEPS_ACCOUNT: Final = np.uint64(1 << 63)
"""Set where the block partition that is written to keeps the account of the cell."""


LISTS_KEPT: Final = 256  # of at most 256 KB each, mostly of 60; what is kept decides nothing


class CellKeys:
    """Keys of a city's cells, uint64 (cells,) below `KEEPS_ACCOUNT`; made by `keys_of`."""

    def __init__(self, cells: tuple[str, ...]) -> None:
        digests = b"".join([sha256(cell.encode()).digest()[:8] for cell in cells])
        self.keys = np.frombuffer(digests, "<u8") & ~KEEPS_ACCOUNT
        self._order = np.argsort(self.keys).astype(np.int32)
        self._sorted = self.keys[self._order]
        self._kept = lru_cache(maxsize=LISTS_KEPT)(self._look_up)
        # Of a million cells, the largest city there may be, two agree once in 20 million cities.
        assert np.all(self._sorted[1:] > self._sorted[:-1]), "two cells have one key"

    def places(self, named: bytes) -> NDArray[np.int32]:
        """Return each cell's place in the city, -1 where it has no such cell; read-only.

        named: keys as they are on the wire. A feed mostly sends the same list with every
        interval, so the answers to the newest lists are kept.

        >>> keys = CellKeys(("a", "b", "c"))
        >>> named = np.append(keys.keys[[2, 0]], np.uint64(7)) | KEEPS_ACCOUNT
        >>> keys.places(named.tobytes()).tolist()
        [2, 0, -1]
        """
        return self._kept(named)

    def _look_up(self, named: bytes) -> NDArray[np.int32]:
        keys = np.frombuffer(named, np.uint64) & ~KEEPS_ACCOUNT
        at = np.minimum(np.searchsorted(self._sorted, keys), len(self._sorted) - 1)
        return read_only(np.where(self._sorted[at] == keys, self._order[at], np.int32(-1)))


@lru_cache(maxsize=1)
def keys_of(city: City) -> CellKeys:
    """Return the keys of a city's cells; made once for all stages of a worker."""
    return CellKeys(city.cells)
