"""The builder's only opener of files: every input is read through it and leaves its hash behind.

Files are named as the city file names them, relative to its folder, so that a pack says the same
of its inputs wherever it was built. Faults name the path that one can open.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from geo.file_text import text_of, unpacked
from geo.register import raw_bytes

__all__ = ["FilePath", "Input", "Inputs", "name_of"]

FilePath: TypeAlias = Path | str


def name_of(path: FilePath) -> str:
    """Return the last part of a path.

    >>> name_of("cities/zhanjiang.toml")
    'zhanjiang.toml'
    """
    return Path(path).name


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One file that was read. file: as the city file names it. sha256: hex, of the file as it is.

    size_bytes: likewise, still packed if it is gzip.
    """

    file: str
    sha256: str
    size_bytes: int


class Inputs:
    """The files of one build, by name, and what was read of them."""

    def __init__(self, folder: FilePath = ".") -> None:
        """Take the folder that names are relative to."""
        self._folder = Path(folder)
        self._read: dict[str, Input] = {}

    @classmethod
    def beside(cls, path: FilePath) -> Inputs:
        """Return the inputs of the city file at this path."""
        return cls(Path(path).parent)

    def shown(self, file: str) -> str:
        """Return the path of a file as faults show it."""
        return str(self._folder / file)

    def missing(self, file: str) -> bool:
        """Tell whether there is no such file (a folder is none), or none that one may see."""
        try:
            return not (self._folder / file).is_file()
        except OSError:
            return True  # a name that is too long, or a folder that is shut

    def text(self, file: str) -> str:
        """Read a text file, plain or gzip, and keep its hash; raises `RegisterError`.

        Nothing over 256 MiB, packed or unpacked, is taken into memory.
        """
        shown = self.shown(file)
        raw = raw_bytes(self._folder / file, shown)
        data = unpacked(raw, shown)
        self._read[file] = Input(file=file, sha256=sha256(raw).hexdigest(), size_bytes=len(raw))
        del raw
        return text_of(data, shown)

    @property
    def read(self) -> tuple[Input, ...]:
        """What was read so far, sorted by name; a file that was read twice is listed once."""
        return tuple(self._read[file] for file in sorted(self._read))
