"""Lists of cells that came before, so that the gateway need not read and look them up again.

A feed mostly sends the same list of cells with every interval. What is remembered follows from
bytes and register alone, so no output depends on what is here and what was dropped. A list is
kept from its second coming on: a feed that leaves silent cells out sends another one every time.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Final
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geo.city import City

__all__ = ["CellLists"]

KEPT_BYTES_MAX: Final = 8 * 1024 * 1024  # of JSON, a million ids; names and places add as much
ONCE_MAX: Final = 4_096  # lists seen once; more than a nation's feed sends in one interval


class CellLists:
    """Known lists by their JSON. `names`: to be read only; `kept_bytes`: JSON bytes held.

    kept_bytes_max: beyond it the oldest list is dropped. once_max: marks of lists seen once.
    """

    def __init__(
        self, city: City, *, kept_bytes_max: int = KEPT_BYTES_MAX, once_max: int = ONCE_MAX
    ) -> None:
        self._places_of = city.cell_index
        self._cells = city.cells
        self._kept_bytes_max, self._once_max = kept_bytes_max, once_max
        self._names: dict[bytes, list[str]] = {}
        self._places: dict[bytes, NDArray[np.int32]] = {}
        # Equal marks of unequal lists only mean that one is kept a turn too early.
        self._once: dict[tuple[int, int], None] = {}
        self.kept_bytes = 0

    @property
    def names(self) -> Mapping[bytes, list[str]]:
        """The lists by their JSON, for the decoder."""
        return self._names

    def places(self, json: bytes | None, names: list[str]) -> NDArray[np.int32]:
        """Return each cell's place in the register, -1 for strangers; int32 of equal length.

        json: the bytes the names were read from; None where they are not the whole list.
        """
        known = None if json is None else self._places.get(json)
        if known is not None:
            return known
        places = np.fromiter(
            map(self._places_of.get, names, repeat(-1)), np.int32, count=len(names)
        )
        if json is not None and self._came_before(json):
            self._keep(json, names, places)
        return places

    def _came_before(self, json: bytes) -> bool:
        mark = crc32(json), len(json)
        if mark in self._once:
            del self._once[mark]
            return True
        self._once[mark] = None
        if len(self._once) > self._once_max:
            del self._once[next(iter(self._once))]
        return False

    def _keep(self, json: bytes, names: list[str], places: NDArray[np.int32]) -> None:
        if len(json) > self._kept_bytes_max:
            return
        # The register's own strings, where it has them: then a list costs pointers, not ids.
        cells = self._cells
        self._names[json] = [
            name if place < 0 else cells[place]
            for name, place in zip(names, places.tolist(), strict=True)
        ]
        self._places[json] = places
        self.kept_bytes += len(json)
        while self.kept_bytes > self._kept_bytes_max:
            oldest = next(iter(self._places))
            del self._places[oldest], self._names[oldest]
            self.kept_bytes -= len(oldest)
