"""Opens and writes pack files: a pack is there as a whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geo.file_text import refusal
from geo.pack_read import pack_of
from geo.pack_write import pack_bytes
from geo.pack_zip import PackError, is_pack, seal_of

if TYPE_CHECKING:
    from geo.fault import RegisterError
    from geo.pack import Pack

__all__ = ["check_place", "is_pack_file", "read_pack", "write_pack"]

# What tells a pack from other files.
_HEAD: Final = 64
# A nation's pack is below it; what is above is a slip of the path.
PACK_BYTES_MAX: Final = 2 * 1024**3
_MODE: Final = 0o644


def is_pack_file(path: Path | str) -> bool:
    """Whether the file opens like a pack; False also if it cannot be read."""
    try:
        if not Path(path).is_file():
            return False  # A pipe would be waited for.
        with Path(path).open("rb") as source:
            return is_pack(source.read(_HEAD))
    except OSError:
        return False


def read_pack(path: Path | str) -> Pack:
    """Read a pack; raises `RegisterError` with one line if it is damaged or of another format."""
    file = str(path)
    try:
        with Path(path).open("rb") as source:
            data = source.read(PACK_BYTES_MAX + 1)
    except OSError as error:
        says = f"cannot be read ({error.strerror or error})"
        raise refusal(file, says, "give the path of a pack") from error
    if len(data) > PACK_BYTES_MAX:
        raise refusal(file, f"has more than {PACK_BYTES_MAX} bytes", "give the path of a pack")
    if not is_pack(data[:_HEAD]):
        remedy = "make one with: crowdtide geo build CITY.toml --out PACK"
        raise refusal(file, "is no city pack", remedy)
    try:
        return pack_of(data)
    except PackError as error:
        raise refusal(file, error.says, error.write) from error


def check_place(path: Path | str) -> None:
    """Look whether a pack may go there, before it is built; raises `RegisterError`.

    Only a pack or an empty file is ever replaced: a slip in a path must not cost a layer, or a
    device.
    """
    whole = Path(path)
    try:
        if whole.is_dir():
            says, write = "is a folder", f"give a file in it, e.g. {whole / 'city.pack'}"
        elif not whole.parent.is_dir():
            says, write = f"cannot be written (no folder {whole.parent})", "make the folder first"
        elif whole.exists() and not (is_pack_file(whole) or _is_empty(whole)):
            says, write = "is there and is no city pack", "give another path, or delete it first"
        else:
            return
    except OSError as error:
        raise _unwritable(path, error) from error
    raise refusal(str(path), says, write)


def _is_empty(path: Path) -> bool:
    return path.is_file() and not path.stat().st_size


def _unwritable(path: Path | str, error: OSError) -> RegisterError:
    says = f"cannot be written ({error.strerror or error})"
    return refusal(str(path), says, "give a path in a folder with room that one may write to")


def write_pack(path: Path | str, pack: Pack) -> str:
    """Write a pack in one step and return its digest; raises `RegisterError` if it cannot.

    Whoever looks sees the old file or the whole new one, also after a power cut.
    """
    check_place(path)
    whole = Path(path)
    data = pack_bytes(pack)
    try:
        _put(whole, data)
    except OSError as error:
        raise _unwritable(path, error) from error
    return seal_of(data)


def _put(whole: Path, data: bytes) -> None:
    """Write beside the place, force to the disk, then move into place."""
    handle, name = tempfile.mkstemp(prefix=f".{whole.name}.", dir=whole.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), _MODE)
            os.fsync(file.fileno())
        part.replace(whole)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(whole.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
