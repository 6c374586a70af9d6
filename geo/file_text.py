"""What the bytes of a geometry file must be before anyone reads them: UTF-8 text, of bounded size.

Pure: whoever opens the file gives the bytes. What people take for a text file (a shapefile, a
sheet, a database) is told apart by its first bytes and answered with how to turn it into one.
"""

import zlib
from typing import Final

from geo.fault import Fault, RegisterError

__all__ = ["FILE_BYTES_MAX", "refusal", "text_of", "unpacked"]

FILE_BYTES_MAX: Final = 256 * 1024 * 1024
"""Unpacked. A nation's cells are far below it; a slip of the path or a zip bomb is above."""

_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31  # zlib's number for the largest window inside a gzip header
_CONVERT: Final = "convert: ogr2ogr -f GeoJSON -t_srs EPSG:4326 -lco RFC7946=YES"
_UTF16: Final = "save it as UTF-8, e.g. iconv -f UTF-16 -t UTF-8"
# First bytes, what they are, and how to turn it into text.
_OTHER: Final = (
    (b"PK\x03\x04", "a zip or Excel file", "unpack it, or save the sheet as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file", "save the sheet as CSV UTF-8"),
    (b"\x00\x00\x27\x0a", "a shapefile", _CONVERT),
    (b"PAR1", "a Parquet file", "write GeoJSON or CSV"),
    (b"SQLite format 3", "a GeoPackage or another database", _CONVERT),
    (b"fgb\x03", "a FlatGeobuf file", _CONVERT),
    (b"<", "XML (KML, GML?)", _CONVERT),
    (b"\xff\xfe", "text in UTF-16", _UTF16),
    (b"\xfe\xff", "text in UTF-16", _UTF16),
)


def refusal(file: str, says: str, write: str) -> RegisterError:
    """Make the error of one fault of the whole file."""
    return RegisterError(file, [Fault(where="", field="", says=says, write=write)])


def unpacked(raw: bytes, file: str) -> bytes:
    """Return the bytes themselves, or what gzip packed in them; raises `RegisterError`.

    Never makes more than `FILE_BYTES_MAX` bytes and one: a small file may unpack to terabytes.
    """
    data = _unzipped(raw, file) if raw.startswith(_GZIP) else raw
    if len(data) > FILE_BYTES_MAX:
        says = f"has more than {FILE_BYTES_MAX} bytes"
        raise refusal(file, says, "leave out what is not needed, or simplify the outlines")
    return data


def _unzipped(raw: bytes, file: str) -> bytes:
    """Unpack the members of a gzip file one after the other, up to one byte over the limit."""
    made: list[bytes] = []
    room = FILE_BYTES_MAX + 1
    while raw and room:
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            made.append(member.decompress(raw, room))
        except zlib.error as error:
            raise refusal(
                file, f"cannot be read ({error})", "give the path of a whole file"
            ) from error
        room -= len(made[-1])
        if room and not member.eof:
            says = "cannot be read (Compressed file ended before its end)"
            raise refusal(file, says, "give the path of a whole file")
        # Some writers fill the last block with zeros.
        raw = member.unused_data.lstrip(b"\0")
    return b"".join(made)


def text_of(data: bytes, file: str) -> str:
    """Decode UTF-8, a byte order mark left out; raises `RegisterError` for what is no such text."""
    for magic, kind, remedy in _OTHER:
        if data.startswith(magic):
            raise refusal(file, f"is {kind}", remedy)
    if (nul := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, nul) + 1
        says = f"line {line} has a NUL byte: this is no text"
        raise refusal(file, says, "save it as CSV or GeoJSON in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        says = f"line {line} is not UTF-8 (byte {data[error.start]:#04x})"
        remedy = "save the file as UTF-8, e.g. iconv -f GBK -t UTF-8"
        raise refusal(file, says, remedy) from error
