"""The scores file of a backtest: what every tile showed at every hop, as CSV (DESIGN 12)."""

from __future__ import annotations

import csv
import io
from math import isnan
from typing import IO, TYPE_CHECKING, Final

from replay.times import iso
from stream.states import STATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from replay.engine import HopRow

__all__ = ["Scores"]

HEADER: Final = ("end", "tile", "people", "expected", "spread", "score", "level", "state")


class Scores:
    """Writes one row per tile and hop; an unknown number is an empty field.

    file: bytes go there as hops come. tile_ids: in the order of the arrays.
    """

    def __init__(self, file: IO[bytes], tile_ids: Sequence[str], *, begun: bool = False) -> None:
        """Write the header, unless a file that was begun goes on."""
        self._file = file
        self._tile_ids = tile_ids
        if not begun:
            self._write([HEADER])

    def hop(self, row: HopRow) -> None:
        """Write one hop."""
        end = iso(row.hop_ms)
        numbers = [_texts(column) for column in (row.people, row.expected, row.spread, row.score)]
        levels = row.level.tolist()
        states = [STATES[state] for state in row.state.tolist()]
        ends = [end] * len(levels)
        self._write(list(zip(ends, self._tile_ids, *numbers, levels, states, strict=True)))

    def _write(self, rows: Sequence[Sequence[object]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        self._file.write(text.getvalue().encode())


def _texts(column: NDArray[np.float32]) -> list[str]:
    """Return numbers to 7 significant digits, all that a float32 holds; NaN as nothing."""
    return ["" if isnan(number) else f"{number:.7g}" for number in column.tolist()]
