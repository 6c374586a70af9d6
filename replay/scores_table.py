"""The scores file of a backtest as Parquet: what analysts put questions to, months of a city."""

from __future__ import annotations

from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from replay.badrow import FeedError
from stream.states import STATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replay.engine import HopRow

__all__ = ["ScoresTable"]

ROWS: Final = 500_000
"""A row group is written when it has so many: 10 MB in memory, and large enough to scan fast."""
_FIGURES: Final = ("people", "expected", "spread", "score")
_COLUMNS: Final = (*_FIGURES, "level", "state")


class ScoresTable:
    """Writes one row per tile and hop, zstd; an unknown number is null, `end` a time with a zone.

    file: bytes go there as row groups come. tile_ids: in the order of the arrays.
    """

    def __init__(self, file: IO[bytes], tile_ids: Sequence[str]) -> None:
        """Write the schema. Raises FeedError without pyarrow."""
        try:
            import pyarrow as pa
            from pyarrow import parquet
        except ImportError as missing:
            message = "scores as Parquet need pyarrow: pip install crowdtide[analysis]"
            raise FeedError(message) from missing
        self._pa: Any = pa
        words = pa.dictionary(pa.int32(), pa.string())
        fields = [("end", pa.timestamp("ms", "UTC")), ("tile", words)]
        fields += [(name, pa.float32()) for name in _FIGURES]
        self._schema = pa.schema([*fields, ("level", pa.int8()), ("state", words)])
        self._writer: Any = parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._tiles, self._states = pa.array(tile_ids, pa.string()), pa.array(STATES, pa.string())
        self._rows: list[HopRow] = []

    def hop(self, row: HopRow) -> None:
        """Take one hop; write when there are enough."""
        # The engine goes on with its arrays.
        columns = {name: getattr(row, name).copy() for name in _COLUMNS}
        self._rows.append(replace(row, **columns))
        if len(self._rows) * len(self._tiles) >= ROWS:
            self._write()

    def close(self) -> None:
        """Write the rest and the footer, without which nobody can read it."""
        self._write()
        self._writer.close()

    def _write(self) -> None:
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        tiles = np.arange(len(self._tiles), dtype=np.int32)
        columns = [
            self._pa.array(np.repeat([row.hop_ms for row in rows], len(tiles)), "int64").cast(
                self._schema.field("end").type
            ),
            self._words(np.tile(tiles, len(rows)), self._tiles),
        ]
        for name in _FIGURES:
            values = np.concatenate([getattr(row, name) for row in rows]).astype(np.float32)
            columns.append(self._pa.array(values, from_pandas=True))  # NaN is null
        columns.append(self._pa.array(np.concatenate([row.level for row in rows]), "int8"))
        states = np.concatenate([row.state for row in rows]).astype(np.int32)
        columns.append(self._words(states, self._states))
        self._writer.write_table(self._pa.table(columns, schema=self._schema))

    def _words(self, at: Any, words: Any) -> Any:
        return self._pa.DictionaryArray.from_arrays(self._pa.array(at), words)
