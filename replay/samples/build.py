"""Makes the samples anew from their sources, so that every number in them can be traced.

    python -m replay.samples.build DATA [OUT]

DATA holds the folders `milan` and `calit2` with the files that `README.md` names; OUT is this
folder if not given. The same sources give the same rows; compressed bytes may differ with the
zlib at hand, as no two versions promise the same.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from replay.samples import FOLDER
from replay.samples.maker import made

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = ["build", "main"]

Row = tuple[str, ...]

# Milan has no clock change in November, so local time is one fixed offset.
CET: Final = timezone(timedelta(hours=1))
# CalIt2 names no zone and no clock change: its naive clock is written as if it were UTC, so that
# slots of the day stay what they are.
NAIVE: Final = timezone(timedelta(0))

MILAN_PERIOD_S: Final = 600
CALIT2_PERIOD_S: Final = 1_800

# The grid: 100 columns of squares 235 m wide, numbered from 1 row by row from the south-west.
MILAN_COLUMNS: Final = 100
SQUARE_AREA_M2: Final = 235 * 235
STADIUM: Final = "san-siro"
STADIUM_SQUARE: Final = 5_738
SQUARE_DIGITS: Final = 4  # A twentieth of a percent: far below the scatter, half the file.

# From kick-off: two halves, the break and what is added; good to five minutes.
MATCH: Final = timedelta(minutes=110)
# A match is felt hours before and after; an alert within this span belongs to it.
AROUND_MATCH: Final = timedelta(hours=3)

DOOR: Final = "main-door"
DOOR_AREA_M2: Final = 10_000  # Nominal: the size of the hall is not known.
DOOR_SLOT: Final = timedelta(seconds=CALIT2_PERIOD_S)


def build(data: Path, out: Path) -> list[Path]:
    """Write all samples into `out` and return their paths in the order written.

    Raises OSError if a source is not there, KeyError or ValueError if it is not what it was.
    """
    return [*_stadium(data / "milan", out), *_milan(data / "milan", out), *_door(data, out)]


def _stadium(milan: Path, out: Path) -> Iterator[Path]:
    """Write the stadium's two signals, cell, matches and labels: all of it is CC0."""
    rows = _table(milan / "san_siro_2013-11.csv.gz")
    for signal in ("calls_sms", "internet"):
        yield _feed(
            out / f"san_siro_{signal}.csv.gz",
            ("start", "cell", "count", "period_s"),
            [
                (_stamp(row["time_corrected"], CET), STADIUM, row[signal], str(MILAN_PERIOD_S))
                for row in rows
            ],
        )
    yield _cells(out / "san_siro.cells.csv", [_stadium_cell()])
    matches = _table(milan / "san_siro_matches_2013-11.csv")
    kickoffs = [f"{match['date']} {match['kickoff_local']}:00" for match in matches]
    yield _csv(
        out / "san_siro.matches.csv",
        ("name", "kickoff", "final_whistle", "attendance"),
        [
            (match["match"], _stamp(at, CET), _stamp(at, CET, MATCH), match["attendance"])
            for match, at in zip(matches, kickoffs, strict=True)
        ],
    )
    yield _labels(
        out / "san_siro.labels.csv",
        [
            (_stamp(at, CET, -AROUND_MATCH), _stamp(at, CET, AROUND_MATCH), match["match"])
            for match, at in zip(matches, kickoffs, strict=True)
        ],
        STADIUM,
    )


def _milan(milan: Path, out: Path) -> Iterator[Path]:
    """Write the demo's feed, stadium and squares, and its cells: under the ODbL as a whole."""
    rows = [
        (_stamp(row["time_corrected"], CET), 0, row["calls_sms"])
        for row in _table(milan / "san_siro_2013-11.csv.gz")
    ]
    squares: set[str] = set()
    for source in ("grid25_2013-11.csv.gz", "squares3_2013-11.csv.gz"):
        for row in _table(milan / source):
            start = _stamp(row.pop("time_local"), CET)
            squares |= row.keys()
            rows += [(start, int(square), _rounded(value)) for square, value in row.items()]
    period = str(MILAN_PERIOD_S)
    yield _feed(
        out / "milan.csv.gz",
        ("feed", "start", "cell", "count", "period_s"),
        [
            ("squares", start, str(square), value, period)
            if square
            else ("stadium", start, STADIUM, value, period)
            for start, square, value in sorted(rows)
        ],
    )
    named = [_square_cell(square, str(square), f"Square {square}") for square in map(int, squares)]
    yield _cells(out / "milan.cells.csv", [_stadium_cell(), *sorted(named)])


def _door(data: Path, out: Path) -> Iterator[Path]:
    """Write the door counts of CalIt2 with their events: CC BY."""
    counts = _table(data / "calit2" / "counts.csv.gz")
    yield _feed(
        out / "calit2.csv.gz",
        ("start", "cell", "count", "period_s"),
        [
            (_stamp(row["time_local"], NAIVE), DOOR, row["flow_in"], str(CALIT2_PERIOD_S))
            for row in counts
        ],
    )
    yield _csv(
        out / "calit2.cells.csv",
        ("cell", "area_m2", "name"),
        [(DOOR, str(DOOR_AREA_M2), "CalIt2 main door")],
    )
    # The last slot belongs to the event; one more slot on each side is the grace of a slot.
    yield _labels(
        out / "calit2.labels.csv",
        [
            (
                _stamp(event["first_slot"], NAIVE, -DOOR_SLOT),
                _stamp(event["last_slot"], NAIVE, 2 * DOOR_SLOT),
                f"event {event['event_id']}",
            )
            for event in _table(data / "calit2" / "events.csv")
        ],
        DOOR,
    )


def _stadium_cell() -> Row:
    return _square_cell(STADIUM_SQUARE, STADIUM, "San Siro stadium")


def _square_cell(square: int, cell: str, name: str) -> Row:
    row, column = divmod(square - 1, MILAN_COLUMNS)
    return cell, str(SQUARE_AREA_M2), str(row), str(column), name


def _stamp(local: str, zone: timezone, later: timedelta = timedelta(0)) -> str:
    """Return a naive local time, moved by `later`, as ISO 8601 with its offset.

    >>> _stamp("2013-11-23 20:45:00", CET, -AROUND_MATCH)
    '2013-11-23T17:45:00+01:00'
    """
    return (datetime.fromisoformat(local).replace(tzinfo=zone) + later).isoformat()


def _rounded(value: str) -> str:
    """Return a number to four significant digits, without an exponent.

    >>> [_rounded(value) for value in ("107.037", "8044.07", "12345.6", "0.07935")]
    ['107', '8044', '12350', '0.07935']
    """
    return format(Decimal(f"{float(value):.{SQUARE_DIGITS}g}"), "f")


def _table(path: Path) -> list[dict[str, str]]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
            return list(csv.DictReader(text))
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _text(header: Row, rows: Iterable[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _csv(path: Path, header: Row, rows: Iterable[Row]) -> Path:
    path.write_bytes(_text(header, rows))
    return path


def _cells(path: Path, cells: Sequence[Row]) -> Path:
    return _csv(path, ("cell", "area_m2", "row", "col", "name"), cells)


def _labels(path: Path, spans: Sequence[Row], cell: str) -> Path:
    return _csv(path, ("start", "end", "name", "cell"), [(*span, cell) for span in spans])


def _feed(path: Path, header: Row, rows: Iterable[Row]) -> Path:
    # No name and no time in the gzip header: the same rows are the same bytes tomorrow.
    path.write_bytes(gzip.compress(_text(header, rows), compresslevel=9, mtime=0))
    return path


def main(arguments: Sequence[str]) -> int:
    """Build from the folder given; see `made`."""
    return made(arguments, build, folder=FOLDER, module="replay.samples.build")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
