"""Checks of single fields while a cells file is read; every fault is kept, none stops the reading.

A faulty field gives a harmless stand-in (NaN, -1, an empty id), so that one pass finds all
faults; nothing is built from a ledger that holds one.
"""

from collections.abc import Callable
from math import isfinite, nan
from typing import Final, TypeVar

from geo.datum import DATUMS, WGS84, DatumError, in_degrees, known
from geo.fault import Fault

CELL_ID_MAX: Final = 128
# Twenty times the largest city. It bounds the memory that a file of a wrong kind can take.
CELLS_MAX: Final = 1_000_000
# Radio cells reach 35 km, or 100 km at sea; anything above is a slip of the unit.
RADIUS_M_MAX: Final = 100_000.0
AREA_M2_MAX: Final = 1e10
# Four digits of a block id x 16.
INDEX_MAX: Final = 159_999
LAT_MAX: Final = 90.0
LON_MAX: Final = 180.0
FULL_DEG: Final = 360.0
NONE: Final = -1
SHOWN_MAX: Final = 60

Number = TypeVar("Number", int, float)


class Ledger:
    """Faults found so far, and the ids seen so far with where they stood.

    pack: whether it is read for a city pack: sites may be bare points, outlines that cross
    themselves are mended, and a datum must be declared.
    """

    def __init__(
        self, *, pack: bool = False, datum: str | None = None, metres: bool = False
    ) -> None:
        """Start with nothing wrong, unless the datum is.

        datum: what the city file declares for this file, if anything. metres: whether a plane of
        surveyors (an EPSG code) will do as well as degrees.
        """
        self.faults: list[Fault] = []
        self.pack = pack
        self._metres = metres
        self._declared = datum is not None
        self._datum = self._known("", datum)
        self._seen: dict[str, str] = {}
        self._places: dict[tuple[int, int], str] = {}

    def fault(self, where: str, field: str, says: str, write: str) -> None:
        """Note one fault; arguments as in `Fault`."""
        self.faults.append(Fault(where=where, field=field, says=says, write=write))

    def too_many(self, where: str, number: int) -> bool:
        """Whether the file holds more cells than any city has; the first one too many is a fault.

        number: of this cell in the file, from 1.
        """
        if number <= CELLS_MAX:
            return False
        says = f"is one cell too many: a file holds at most {CELLS_MAX}"
        self.fault(where, "", says, "leave out the cells of other cities")
        return True

    def cell(self, where: str, value: object) -> str:
        """Check a cell id: text (or a whole number), not empty, printable, not seen before."""
        cell = str(value) if type(value) is int else value
        if not isinstance(cell, str) or not cell.strip():
            self.fault(where, "cell", "has no id", "write the cell's id as it comes in the feed")
            return ""
        if len(cell) > CELL_ID_MAX or not cell.isprintable() or cell != cell.strip():
            says = f"{cell[:CELL_ID_MAX]!r} is no usable id"
            write = f"use at most {CELL_ID_MAX} printable characters without blanks around them"
            self.fault(where, "cell", says, write)
        elif cell in self._seen:
            says = f"{cell!r} stands already in {self._seen[cell]}"
            self.fault(where, "cell", says, "keep one of the two")
        else:
            self._seen[cell] = where
        return cell

    def positive(self, where: str, field: str, value: object) -> float:
        """Check a radius or an area: finite, above 0, not absurdly large."""
        highest = RADIUS_M_MAX if field == "radius_m" else AREA_M2_MAX
        number = _number(value, float)
        if number is not None and 0 < number <= highest:
            return number
        unit = "metres" if field == "radius_m" else "square metres"
        write = f"write {unit} above 0 and at most {highest:.0f}"
        self.fault(where, field, f"{shown(value)} is not a size", write)
        return nan

    def position(self, where: str, lon: object, lat: object) -> tuple[float, float]:
        """Check degrees; a latitude beyond 90 with a small longitude looks swapped."""
        east, north = _number(lon, float), _number(lat, float)
        for field, value, number in (("lon", lon, east), ("lat", lat, north)):
            if number is None:
                says = f"{shown(value)} is not a number"
                self.fault(where, field, says, "write WGS84 degrees, e.g. 110.3594")
        if east is None or north is None:
            return nan, nan
        if abs(north) > LAT_MAX and abs(east) <= LAT_MAX and abs(north) <= LON_MAX:
            says = f"{north:g} is no latitude: lon and lat look swapped"
            self.fault(where, "lat", says, f"write lon {north:g} and lat {east:g}")
        elif abs(north) > LAT_MAX or abs(east) > LON_MAX:
            says = f"lon {east:g}, lat {north:g} lies outside -180 to 180, -90 to 90"
            self.fault(where, "lon, lat", says, "write WGS84 degrees, not metres")
        return east, north

    def angle(self, where: str, field: str, value: object) -> float:
        """Check degrees of a sector: where it looks (0 to 360), or how wide (above 0 to 360)."""
        number = _number(value, float)
        wide = field == "beam_deg"
        if number is not None and 0 <= number <= FULL_DEG and not (wide and number == 0):
            return number
        write = "write degrees above 0 to 360" if wide else "write degrees from north, 0 to 360"
        self.fault(where, field, f"{shown(value)} is no {'width' if wide else 'direction'}", write)
        return nan

    def datum(self, where: str, value: object) -> str:
        """Check a declared datum; nothing declared is WGS 84 in a plain cells file only."""
        inside = self._known(where, value)
        if inside and self._datum and inside != self._datum:
            says = f"is {inside} here and {self._datum} in the city file"
            self.fault(where, "datum", says, "keep the one that is true")
        if self.pack and value in (None, "") and not self._declared:
            write = (
                'write datum = "gcj02" (maps of China), "wgs84" (GPS) or "bd09" in the city file'
            )
            self.fault(where, "datum", "is not declared", write)
        return inside or self._datum or WGS84

    def _known(self, where: str, value: object) -> str | None:
        """Return the datum in one spelling; None if there is none, or none that will do."""
        if value in (None, ""):
            return None
        write = f"write {DATUMS}"
        if not self._metres:
            write = (
                "write wgs84, gcj02 or bd09, or convert to WGS 84, e.g. ogr2ogr -t_srs EPSG:4326"
            )
        try:
            if isinstance(value, str) and (self._metres or in_degrees(value)):
                return known(value)
            says = "is no datum" if self._metres else "is not in degrees"
        except DatumError:
            says = "is not known"
        self.fault(where, "datum", f"{shown(value)} {says}", write)
        return None

    def place(self, where: str, row: object, col: object) -> tuple[int, int]:
        """Check row and column of an own tile: both or none, whole, from 0, not taken."""
        if row in (None, "") and col in (None, ""):
            return NONE, NONE
        if row in (None, "") or col in (None, ""):
            field, other = ("row", "col") if row in (None, "") else ("col", "row")
            self.fault(where, field, f"is missing beside {other}", "write both, or neither")
            return NONE, NONE
        south, west = _number(row, int), _number(col, int)
        for field, value, number in (("row", row, south), ("col", col, west)):
            if number is None or not 0 <= number <= INDEX_MAX:
                says = f"{shown(value)} is no index"
                write = f"count rows and columns from 0 to {INDEX_MAX}, in whole numbers"
                self.fault(where, field, says, write)
        if south is None or west is None:
            return NONE, NONE
        if (south, west) in self._places:
            says = f"row {south}, col {west} is taken by {self._places[south, west]}"
            self.fault(where, "row, col", says, "give each cell a place of its own")
        self._places.setdefault((south, west), where)
        return south, west


def _number(value: object, kind: Callable[[str], Number]) -> Number | None:
    """Read a finite number from text or JSON; None if it is none (also `1_000`, true, 1,5).

    >>> _number(" 12.5", float), _number("1_000", float), _number(True, float)
    (12.5, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    try:
        number = kind(text)
    except ValueError:
        return None
    return number if "_" not in text and isfinite(number) else None


def shown(value: object) -> str:
    """Quote a value in a fault, cut to what a line can bear."""
    text = repr(value)
    return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "..."
