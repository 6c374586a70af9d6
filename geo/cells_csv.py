"""The CSV forms of a cells file: sites with their reach, or cells that are their own tiles."""

import csv
import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely

from geo.antenna import SECTOR, reach_of
from geo.datum import to_wgs84
from geo.footprint import Footprints, Register, Squares
from geo.ledger import Ledger
from geo.readonly import read_only

BARE: Final = ("cell", "lon", "lat")
DISC: Final = (*BARE, "radius_m")
OWN: Final = ("cell", "area_m2")
# Columns with a meaning; any other one is the owner's business.
KNOWN: Final = frozenset({*DISC, *SECTOR, *OWN, "datum", "row", "col", "name"})
FORMS: Final = (
    "cell,lon,lat,radius_m[,azimuth_deg,beam_deg][,datum] (discs, sectors)"
    " or cell,area_m2[,row,col][,name] (own tiles)"
)

_LINE: Final = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")

Row = dict[str, str]


def read_csv(text: str, ledger: Ledger) -> Register | None:
    """Read the cells of a CSV text; faults go to the ledger, and None if the header is unusable.

    The header tells the form. Blanks after commas and empty lines do not count.
    """
    lines = _lines(text, ledger)
    _, header = next(lines, ("", []))
    header = [column.strip() for column in header]
    if not _usable(header, ledger):
        return None
    rows = _rows(lines, header, ledger)
    if "area_m2" in header:
        return _squares(rows, ledger)
    # A datum that no row can declare is missing once, not once a row.
    return _sites(rows, ledger, every=None if "datum" in header else ledger.datum("", None))


def _lines(text: str, ledger: Ledger) -> Iterator[tuple[str, list[str]]]:
    """Lines that are not empty, with where they stand; stops at broken quoting."""
    reader = csv.reader(_split(text), strict=True, skipinitialspace=True)
    while True:
        try:
            fields = next(reader, None)
        except csv.Error as error:
            where = f"line {reader.line_num}"
            ledger.fault(where, "", f"is not CSV ({error})", "close every quote; no NUL bytes")
            return
        if fields is None:
            return
        if fields:
            yield f"line {reader.line_num}", fields


def _split(text: str) -> Iterator[str]:
    """Yield the lines of the text, whatever their ends; `splitlines` would cut at rarer marks."""
    for line in _LINE.finditer(text):
        yield line[1] + "\n"


def _usable(header: list[str], ledger: Ledger) -> bool:
    """Whether the header has the columns of exactly one form."""
    faults = len(ledger.faults)
    known = [column for column in header if column in KNOWN]
    forms = (BARE if ledger.pack else DISC, OWN)
    missing = min(([c for c in form if c not in header] for form in forms), key=len)
    if len(header) == 1 and any(mark in header[0] for mark in ";\\t|"):
        says = f"{header[0]!r} is one column"
        ledger.fault("line 1", "", says, "separate the columns by commas")
    elif missing:
        says = f"has no column {', '.join(missing)}"
        ledger.fault("line 1", "", says, f"name the columns {FORMS}")
    elif "radius_m" in header and "area_m2" in header:
        says = "has both radius_m and area_m2"
        ledger.fault("line 1", "", says, "keep one: discs or own tiles")
    for first, second in (("row", "col"), SECTOR):
        if (first in header) != (second in header):
            field, other = (second, first) if first in header else (first, second)
            says = f"has a column {other} but none {field}"
            ledger.fault("line 1", field, says, "write both columns, or neither")
    for column in sorted({column for column in known if known.count(column) > 1}):
        ledger.fault("line 1", column, "stands twice in the header", "keep one of the two")
    return len(ledger.faults) == faults


def _rows(
    lines: Iterator[tuple[str, list[str]]], header: list[str], ledger: Ledger
) -> Iterator[tuple[str, Row]]:
    """Rows as dictionaries; a row of the wrong length is a fault and left out."""
    for number, (where, fields) in enumerate(lines, start=1):
        if ledger.too_many(where, number):
            return
        if len(fields) == len(header):
            yield where, dict(zip(header, map(str.strip, fields), strict=True))
        else:
            says = f"has {len(fields)} fields, the header {len(header)}"
            ledger.fault(where, "", says, "write one field per column; quote commas")


def _sites(rows: Iterator[tuple[str, Row]], ledger: Ledger, *, every: str | None) -> Footprints:
    """Read sites, each with its own reach: discs, sectors and, for a pack, bare points.

    every: the datum of all of them; None = each row has its own.
    """
    found = []
    for where, row in rows:
        cell = ledger.cell(where, row["cell"])
        place = ledger.position(where, row["lon"], row["lat"])
        reach = reach_of(where, row, ledger)
        found.append((cell, place, reach, every or ledger.datum(where, row.get("datum"))))
    found.sort(key=lambda line: line[0])
    points = np.array([place for _, place, *_ in found]).reshape(-1, 2)
    datums = np.array([datum for *_, datum in found], np.str_)
    for datum in np.unique(datums):
        points[datums == datum] = to_wgs84(str(datum), points[datums == datum])
    reaches = np.array([reach for _, _, reach, _ in found], np.float64).reshape(-1, 3)
    radius_m, azimuth_deg, beam_deg = (read_only(column.copy()) for column in reaches.T)
    return Footprints(
        cells=tuple(cell for cell, *_ in found),
        shapes=read_only(np.asarray(shapely.points(points), dtype=np.object_)),
        radius_m=radius_m,
        azimuth_deg=azimuth_deg,
        beam_deg=beam_deg,
    )


def _squares(rows: Iterator[tuple[str, Row]], ledger: Ledger) -> Squares:
    """Read cells that are their own tiles."""
    found = []
    for where, row in rows:
        cell = ledger.cell(where, row["cell"])
        area = ledger.positive(where, "area_m2", row["area_m2"])
        south, west = ledger.place(where, row.get("row"), row.get("col"))
        found.append((cell, area, south, west, row.get("name") or None))
    found.sort(key=lambda line: line[0])
    return Squares(
        cells=tuple(line[0] for line in found),
        area_m2=read_only(np.array([line[1] for line in found], np.float64)),
        row=read_only(np.array([line[2] for line in found], np.int32)),
        col=read_only(np.array([line[3] for line in found], np.int32)),
        names=tuple(line[4] for line in found),
    )
