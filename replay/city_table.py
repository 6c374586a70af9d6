"""Writes the tables of simulated places: days of counts as a feed file, small ones as CSV.

A feed is gzipped CSV or Parquet, written a day at a time.
Missing readings have no row; withheld ones have an empty count.
"""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from replay.city_feed import CityDay

__all__ = ["FeedShape", "local_iso", "write_csv", "write_csv_feed", "write_parquet_feed"]

_HEADER: Final = "start,cell,count,period_s\n"
_LEVEL: Final = 3  # of gzip: twice as fast as the default for a fifth more bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedShape:
    """What a feed file needs to know besides the counts.

    names: cell of each column of the counts. tz: zone in which starts are written. hop_s: the
    period. floor: counts below it are withheld; 0 = none.
    """

    names: tuple[str, ...]
    tz: str
    hop_s: int
    floor: int = 0


def local_iso(epoch_ms: float, tz: str) -> str:
    """Local time with its offset, to the second.

    >>> local_iso(1667049300000, "Asia/Seoul")
    '2022-10-29T22:15:00+09:00'
    """
    return datetime.fromtimestamp(epoch_ms // 1_000, UTC).astimezone(ZoneInfo(tz)).isoformat()


def write_csv(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """Write a table of texts, its head among the rows; return its path."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def write_csv_feed(path: Path, days: Iterable[CityDay], shape: FeedShape) -> None:
    """Write gzipped CSV; the same counts are the same bytes with the same zlib."""
    names = [f",{name}," for name in shape.names]
    tail = f",{shape.hop_s}\n"
    with (
        path.open("wb") as raw,
        # No name and no time in the header: the same rows are the same bytes tomorrow.
        gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as packed,
    ):
        packed.write(_HEADER.encode())
        for day in days:
            stamps = [local_iso(start_ms, shape.tz) for start_ms in day.start_ms.tolist()]
            for stamp, row in zip(stamps, day.counts, strict=True):
                there = np.flatnonzero(~np.isnan(row))
                whole = row[there].astype(np.int64).tolist()
                text = [
                    f"{stamp}{names[tile]}{'' if count < shape.floor else count}{tail}"
                    for tile, count in zip(there.tolist(), whole, strict=True)
                ]
                packed.write("".join(text).encode())


def write_parquet_feed(path: Path, days: Iterable[CityDay], shape: FeedShape) -> None:
    """Write Parquet, a row group a day; starts are epoch ms."""
    import pyarrow as pa
    from pyarrow import parquet

    names = pa.array(shape.names)
    schema = pa.schema(
        [
            ("start", pa.int64()),
            ("cell", pa.dictionary(pa.int32(), pa.string())),
            ("count", pa.float64()),
            ("period_s", pa.int32()),
        ]
    )
    with parquet.ParquetWriter(path, schema) as writer:
        for day in days:
            hop, tile = np.nonzero(~np.isnan(day.counts))
            count = day.counts[hop, tile].astype(np.float64)
            columns = [
                pa.array(day.start_ms[hop]),
                pa.DictionaryArray.from_arrays(pa.array(tile.astype(np.int32)), names),
                pa.array(count, mask=count < shape.floor),
                pa.array(np.full(len(count), shape.hop_s, np.int32)),
            ]
            writer.write_table(pa.table(columns, schema=schema))
