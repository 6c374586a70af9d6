"""The container of a pack: an uncompressed zip in memory, the same bytes for the same members.

Fixed times, fixed order, and a seal at the very end (the zip's comment): the sha256 of every
byte before it, so that a flipped byte anywhere is seen. Any zip tool opens it.
"""

from __future__ import annotations

import zipfile
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIRST", "PackError", "is_pack", "seal_of", "unzipped", "zipped"]

FIRST: Final = "pack.json"
"""The first member: its name in the first bytes of the file tells a pack from any other zip."""

# Local file header of a zip: signature, 26 bytes, then the name.
_MAGIC: Final = b"PK\x03\x04"
_NAME_AT: Final = 30
_HEX: Final = 64
# The first moment that a zip can name.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_MODE: Final = 0o100644 << 16


class PackError(ValueError):
    """A pack that cannot be used. says: what is wrong. write: what to do instead."""

    def __init__(self, says: str, write: str) -> None:
        """Keep both halves of the sentence."""
        super().__init__(f"{says}; {write}")
        self.says, self.write = says, write


def is_pack(head: bytes) -> bool:
    """Tell a pack by its first bytes (64 are enough); an Excel file is a zip, too, but no pack."""
    named = head[_NAME_AT : _NAME_AT + len(FIRST)] == FIRST.encode()
    return head.startswith(_MAGIC) and named


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Make the container; members in their order, `FIRST` first."""
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as box:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _NO_TIME)
            info.create_system, info.external_attr = _UNIX, _MODE
            box.writestr(info, data)
        box.comment = b"0" * _HEX
    body = held.getvalue()[:-_HEX]
    return body + sha256(body).hexdigest().encode()


def seal_of(data: bytes) -> str:
    """Return the seal of a container, 64 hex digits. Raises PackError if it is broken."""
    seal = data[-_HEX:]
    if sha256(memoryview(data)[:-_HEX]).hexdigest().encode() != seal:
        says = f"is damaged: its {len(data)} bytes do not match their seal"
        raise PackError(says, "copy it again, or build it again")
    return seal.decode()


def unzipped(data: bytes) -> dict[str, bytes]:
    """Return the members of a container. Raises PackError."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as box:
            return {info.filename: box.read(info) for info in box.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise PackError(f"is damaged ({error})", "copy it again, or build it again") from error
