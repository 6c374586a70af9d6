"""What the panel said of the newest hops, for blocks that have them still before them.

After a crash the blocks of a partition may lag behind its panel, each by another number of hops.
What the panel says of a hop needs the panel as it was then; it is gone, but what it said is six
numbers, and those are kept.
"""

from __future__ import annotations

from dataclasses import astuple, fields
from typing import Final

import numpy as np

from detectors.contract import CityNow
from stream.machine import SnapshotError

__all__ = ["HOPS", "ROW_BYTES", "CityRing"]

HOPS: Final = 2048
"""More than a week at five minutes; blocks lag by the hops of a batch, mostly one."""
_FIGURES: Final = tuple(field.name for field in fields(CityNow))
_ROW: Final = np.dtype([("hop_ms", "<i8"), ("said", "<f8", (len(_FIGURES),))])
ROW_BYTES: Final = _ROW.itemsize


class CityRing:
    """The newest 2,048 hops that the panel closed; hops come in ascending order."""

    def __init__(self) -> None:
        self._rows = np.zeros(HOPS, _ROW)
        self._count = 0

    def keep(self, hop_ms: int, said: CityNow) -> None:
        """Keep one more hop; the oldest one goes."""
        self._rows[self._count % HOPS] = (hop_ms, astuple(said))
        self._count += 1

    def at(self, hop_ms: int) -> CityNow:
        """Return what the panel said of a hop. Raises SnapshotError where that is not kept."""
        (found,) = np.nonzero(self._rows["hop_ms"][: self._count] == hop_ms)
        if not len(found):
            message = (
                f"panel: what it said of the hop that ends at {hop_ms} ms is not kept any more, and"
                f" blocks have that hop still before them; at most {HOPS} hops are kept. Restore"
                " the snapshot topic, or begin anew under a new topics.prefix"
            )
            raise SnapshotError(message)
        said = self._rows["said"][found[0]].tolist()
        return CityNow(**dict(zip(_FIGURES, said, strict=True)))

    def dump(self) -> bytes:
        """Return the kept hops, oldest first."""
        start = self._count % HOPS if self._count > HOPS else 0
        return np.roll(self._rows[: self._count], -start).tobytes()

    def load(self, data: bytes) -> None:
        """Take up what `dump` gave; ValueError if it is no whole number of hops."""
        rows = np.frombuffer(data, _ROW)
        self._rows[: len(rows)], self._count = rows, len(rows)
