"""The cells file: the only file that this room opens, read into a register or refused as a whole.

Three forms, told apart by content: GeoJSON features with `cell` (polygon, or point with
`radius_m`, and `azimuth_deg` and `beam_deg` where it is a sector); CSV `cell,lon,lat,radius_m`
with the same two columns more; CSV `cell,area_m2[,row,col][,name]` for cells that are their own
tiles. UTF-8 (a byte order mark does no harm), plain or gzip. Positions are WGS 84, or of the
datum that the file declares (a column `datum`, or a member beside `features`).
"""

from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import shapely

from geo.cells_csv import FORMS, read_csv
from geo.cells_geojson import read_geojson
from geo.fault import Fault, RegisterError
from geo.file_text import FILE_BYTES_MAX, refusal, text_of, unpacked
from geo.footprint import Footprints, Register
from geo.ledger import Ledger

CellsPath: TypeAlias = Path | str

# A city. Also keeps every point in the half of the globe that the plane can show.
REACH_DEG_MAX: Final = 5.0


def load_register(
    path: CellsPath, *, datum: str | None = None, bare_points: bool = False
) -> Register:
    """Read a cells file; raises `RegisterError` that lists all its faults at once.

    A faulty file gives nothing: a register without some of its cells would look complete.
    datum, bare_points: as in `register_of`.
    """
    file = str(path)
    text = text_of(unpacked(raw_bytes(Path(path), file), file), file)
    return register_of(text, file=file, datum=datum, bare_points=bare_points)


def register_of(
    text: str, *, file: str, datum: str | None = None, bare_points: bool = False
) -> Register:
    """Read the text of a cells file; raises `RegisterError`.

    datum: what is declared for the file from outside; None = nothing, then the file itself may.
    bare_points: read it as a city pack does, which can hold sites without a radius: a datum must
    be declared, here or in the file, and outlines that cross themselves are mended and reported.
    """
    ledger = Ledger(pack=bare_points, datum=datum)
    read = read_geojson if text.lstrip().startswith(("{", "[")) else read_csv
    register = read(text, ledger)
    if register is not None and not register.cells and not ledger.faults:
        ledger.fault("", "", "has no cells", f"write GeoJSON features, or CSV {FORMS}")
    if ledger.faults or register is None:
        raise RegisterError(file, ledger.faults)
    if isinstance(register, Footprints) and (stray := _stray(register)):
        raise RegisterError(file, stray)
    return register


def raw_bytes(path: Path, file: str) -> bytes:
    """Read a file as it is, up to one byte over the limit; raises `RegisterError`."""
    try:
        with path.open("rb") as source:
            return source.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        says = f"cannot be read ({error.strerror or error})"
        raise refusal(file, says, "give the path of a whole file") from error


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
