"""The cells file: the only file that this room opens, read into a register or refused as a whole.

Three forms, told apart by content: GeoJSON features with `cell` (polygon, or point with
`radius_m`); CSV `cell,lon,lat,radius_m`; CSV `cell,area_m2[,row,col][,name]` for cells that are
their own tiles. UTF-8 (a byte order mark does no harm), plain or gzip. Positions are WGS 84, or
of the datum that the file declares (a column `datum`, or a member beside `features`).
"""

import gzip
import zlib
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import shapely

from geo.cells_csv import FORMS, read_csv
from geo.cells_geojson import read_geojson
from geo.fault import Fault, RegisterError
from geo.footprint import Footprints, Register
from geo.ledger import Ledger

CellsPath: TypeAlias = Path | str

# Unpacked. A nation's cells are far below it; a slip of the path or a zip bomb is above.
FILE_BYTES_MAX: Final = 256 * 1024 * 1024
# A city. Also keeps every point in the half of the globe that the plane can show.
REACH_DEG_MAX: Final = 5.0
GZIP: Final = b"\x1f\x8b"
# First bytes of what people take for a text file, and how to turn it into one.
OTHER: Final = (
    (b"PK\x03\x04", "a zip or Excel file", "unpack it, or save the sheet as CSV UTF-8"),
    (b"\x00\x00\x27\x0a", "a shapefile", "convert: ogr2ogr -t_srs EPSG:4326 -lco RFC7946=YES"),
    (b"PAR1", "a Parquet file", "write GeoJSON or CSV"),
)


def load_register(path: CellsPath) -> Register:
    """Read a cells file; raises `RegisterError` that lists all its faults at once.

    A faulty file gives nothing: a register without some of its cells would look complete.
    """
    file = str(path)
    ledger = Ledger()
    text = _text(_bytes(Path(path), file), file)
    read = read_geojson if text.lstrip().startswith(("{", "[")) else read_csv
    register = read(text, ledger)
    if register is not None and not register.cells and not ledger.faults:
        ledger.fault("", "", "has no cells", f"write GeoJSON features, or CSV {FORMS}")
    if ledger.faults or register is None:
        raise RegisterError(file, ledger.faults)
    if isinstance(register, Footprints) and (stray := _stray(register)):
        raise RegisterError(file, stray)
    return register


def _bytes(path: Path, file: str) -> bytes:
    """Read the file, unpacked if it is gzip, up to the limit."""
    try:
        with path.open("rb") as plain:
            packed = plain.read(len(GZIP)) == GZIP
        with gzip.open(path) if packed else path.open("rb") as source:
            data = source.read(FILE_BYTES_MAX + 1)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise _refusal(file, f"cannot be read ({why})", "give the path of a whole file") from error
    if len(data) > FILE_BYTES_MAX:
        says = f"has more than {FILE_BYTES_MAX} bytes"
        raise _refusal(file, says, "leave out what is not a cell, or simplify the outlines")
    return data


def _text(data: bytes, file: str) -> str:
    """Decode UTF-8."""
    for magic, kind, remedy in OTHER:
        if data.startswith(magic):
            raise _refusal(file, f"is {kind}", remedy)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        says = f"line {line} is not UTF-8 (byte {data[error.start]:#04x})"
        remedy = "save the file as UTF-8, e.g. iconv -f GBK -t UTF-8"
        raise _refusal(file, says, remedy) from error


def _refusal(file: str, says: str, write: str) -> RegisterError:
    """One fault of the whole file."""
    return RegisterError(file, [Fault(where="", field="", says=says, write=write)])


def _stray(register: Footprints) -> list[Fault]:
    """Cells too far from the others to be of one city: swapped, zero or of another city."""
    bounds = shapely.bounds(register.shapes)
    middle = np.column_stack((bounds[:, 0] + bounds[:, 2], bounds[:, 1] + bounds[:, 3])) / 2
    # One real cell stands for all: the one whose longitude and latitude are the middle ones.
    home = np.array([np.sort(axis)[len(axis) // 2] for axis in middle.T])
    away = np.abs(bounds - np.tile(home, 2))
    away[:, [0, 2]] = np.minimum(away[:, [0, 2]], np.abs(360.0 - away[:, [0, 2]]))
    return [
        Fault(
            where=f"cell {register.cells[index]!r}",
            field="lon, lat",
            says=f"lies {away[index].max():.1f} degrees from the middle of the cells",
            write=f"mend its position (swapped?); a city spans {REACH_DEG_MAX:g} degrees each way",
        )
        for index in np.flatnonzero(away.max(axis=1) > REACH_DEG_MAX)
    ]
