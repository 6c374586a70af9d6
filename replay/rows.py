"""Opens a feed file of any kind and gives its rows in chunks of columns.

CSV and NDJSON, plain or gzipped, go line by line, so that one damaged row costs one row; Parquet
needs pyarrow. All three give the same chunks: Python values by column name, and where they came
from. What a value means is decided elsewhere (`columns`).
"""

from __future__ import annotations

import csv
import gzip
import zlib
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, Final

import msgspec

from replay.badrow import FeedError
from stream.records import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from replay.badrow import Tally

__all__ = ["NAMES", "Chunk", "read_rows"]

NEEDED: Final = ("start", "cell", "count")
NAMES: Final = (
    *("start", "cell", "count", "feed", "period_s"),
    *("received", "seq", "partition", "offset", "tick"),
)
"""The columns of the contract; `tick` is the clock of an archived source, with no cell."""

_CHUNK_ROWS: Final = 20_000  # large enough for columns to pay, small enough to forget soon
_KINDS: Final = (".csv", ".csv.gz", ".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz", ".parquet")
_TICK: Final = "tick/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some rows of a file as columns of equal length.

    rows: number of each row in the file, from 1 (a CSV's header is row 1).
    columns: values by name of the contract; a column that the file lacks is absent.
    typed: numbers are numbers (NDJSON); else they may be text.
    """

    rows: Sequence[int]
    columns: Mapping[str, Sequence[object]]
    typed: bool = False


def read_rows(
    path: Path, tally: Tally, *, names: Mapping[str, str], encoding: str
) -> Iterator[Chunk]:
    """Yield the rows of a file in its own order; rows of a wrong shape go to the tally.

    path: may name several by `*` (as in `2026-*.parquet`), read in the order of their names; each
    counts its own rows. names: name in the file by name of the contract. encoding: of text files,
    e.g. `gbk`.

    Raises FeedError for a file that cannot be read, is cut off, or lacks a needed column.
    """
    if "*" not in path.name or path.exists():
        yield from _read_file(path, tally, names=names, encoding=encoding)
        return
    files = sorted(path.parent.glob(path.name))
    if not files:
        message = f"{path}: no file has such a name"
        raise FeedError(message)
    for file in files:
        yield from _read_file(file, tally, names=names, encoding=encoding)


def _read_file(
    path: Path, tally: Tally, *, names: Mapping[str, str], encoding: str
) -> Iterator[Chunk]:
    kind = next((kind for kind in _KINDS if path.name.lower().endswith(kind)), None)
    if kind is None:
        message = f"{path}: unknown kind of file; known are {', '.join(_KINDS)}"
        raise FeedError(message)
    try:
        if kind == ".parquet":
            yield from _parquet(path, names)
            return
        with _open(path, encoding) as text:
            read = _csv if kind.startswith(".csv") else _ndjson
            yield from read(path, text, tally, names)
    except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
        message = f"{path}: the gzip file is damaged or cut off ({fault})"
        raise FeedError(message) from fault
    except OSError as fault:
        message = f"{path}: {fault.strerror or fault}"
        raise FeedError(message) from fault
    except (LookupError, UnicodeError) as fault:
        message = f"{path}: cannot be read with --encoding {encoding}: {fault}"
        raise FeedError(message) from fault


def _open(path: Path, encoding: str) -> IO[str]:
    """Open text so that bytes of another encoding spoil their own row only.

    A byte order mark, which spreadsheets write, is no part of the first name.
    """
    known = "utf-8-sig" if encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else encoding
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rt", encoding=known, errors="surrogateescape", newline="")
    return path.open(encoding=known, errors="surrogateescape", newline="")


def _csv(path: Path, text: IO[str], tally: Tally, names: Mapping[str, str]) -> Iterator[Chunk]:
    header = next(csv.reader(islice(text, 1)), [])
    places = _places(path, [name.strip() for name in header], names)
    row = 2
    while lines := list(islice(text, _CHUNK_ROWS)):
        numbers: Sequence[int] = range(row, row + len(lines))
        row += len(lines)
        records = _records(lines)
        if any(len(record) != len(header) for record in records):
            numbers, records = _sound(records, numbers, len(header), tally)
        if records:
            columns = list(zip(*records, strict=True))
            chosen = {name: columns[place] for name, place in places.items()}
            yield Chunk(rows=numbers, columns=chosen)


def _records(lines: list[str]) -> list[list[str]]:
    """Split lines into fields, each line by itself where a stray quote would join several."""
    try:
        records = list(csv.reader(lines))
    except csv.Error:
        records = []
    return records if len(records) == len(lines) else [_record(line) for line in lines]


def _record(line: str) -> list[str]:
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return [line]


def _sound(
    records: list[list[str]], numbers: Sequence[int], width: int, tally: Tally
) -> tuple[list[int], list[list[str]]]:
    """Return the rows as wide as the header; empty lines are nothing, others are bad."""
    kept = []
    for number, record in zip(numbers, records, strict=True):
        if len(record) == width:
            kept.append((number, record))
        elif any(field.strip() for field in record):
            what = f"{len(record)} fields where the header has {width}"
            tally.add(Reason.MALFORMED, number, what)
    return [number for number, _ in kept], [record for _, record in kept]


def _places(path: Path, header: list[str], names: Mapping[str, str]) -> dict[str, int]:
    """Return the place of each column; a file of an archive's ticks has them too."""
    known = ", ".join(header) or "none"
    for name, called in names.items():
        if called not in header and (name in NEEDED or called != name):
            message = (
                f"{path}: no column {called!r} (it has: {known});"
                " map columns with --columns start=...,cell=...,count=..."
            )
            raise FeedError(message)
        if header.count(called) > 1:
            message = f"{path}: the column {called!r} is there twice"
            raise FeedError(message)
    return {name: header.index(called) for name, called in names.items() if called in header}


def _ndjson(path: Path, text: IO[str], tally: Tally, names: Mapping[str, str]) -> Iterator[Chunk]:
    del path  # every line stands for itself: a file without readings is told by the caller
    row = 1
    while lines := list(islice(text, _CHUNK_ROWS)):
        numbers = []
        records: list[dict[str, object]] = []
        for number, line in enumerate(lines, row):
            record = _object(line, names)
            if isinstance(record, dict):
                numbers.append(number)
                records.append(record)
            elif record:
                tally.add(Reason.MALFORMED, number, record)
        row += len(lines)
        columns = {
            name: [record.get(name) for record in records]
            for name in NAMES
            if name in NEEDED or any(name in record for record in records)
        }
        yield Chunk(rows=numbers, columns=columns, typed=True)


def _object(line: str, names: Mapping[str, str]) -> dict[str, object] | str:
    """Return one line's values by name of the contract, or what is wrong ("" : an empty line)."""
    if not line.strip():
        return ""
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as fault:
        return f"not JSON: {fault}"[:200]
    if not isinstance(record, dict):
        return "not a JSON object"
    if record.get("schema") == _TICK:
        return {
            "tick": record.get("now_ms"),
            "partition": record.get("partition"),
            "offset": record.get("offset"),
        }
    values = {name: record[called] for name, called in names.items() if called in record}
    lacks = [names[name] for name in NEEDED if name not in values]
    return f"no {', '.join(lacks)}" if lacks and "tick" not in values else values


def _parquet(path: Path, names: Mapping[str, str]) -> Iterator[Chunk]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as missing:
        message = f"{path}: Parquet needs pyarrow: pip install crowdtide[analysis]"
        raise FeedError(message) from missing
    row = 1
    try:
        with parquet.ParquetFile(path) as file:
            header = list(file.schema_arrow.names)
            places = _places(path, header, names)
            wanted = [header[place] for place in places.values()]
            for batch in file.iter_batches(batch_size=_CHUNK_ROWS, columns=wanted):
                columns = {
                    name: _plain(batch.column(header[place])) for name, place in places.items()
                }
                yield Chunk(rows=range(row, row + batch.num_rows), columns=columns)
                row += batch.num_rows
    except pa.ArrowException as fault:
        message = f"{path}: {fault}".splitlines()[0]
        raise FeedError(message) from fault


def _plain(column: pa.Array) -> list[object]:
    """Return Python values: a time with a zone as epoch ms, one without as ISO 8601 text."""
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_timestamp(column.type):
        whole = column.cast(pa.timestamp("ms", column.type.tz))
        column = (
            whole.cast(pa.int64())
            if column.type.tz
            else compute.strftime(whole, format="%Y-%m-%dT%H:%M:%S")
        )
    values: list[object] = column.to_pylist()
    return values
